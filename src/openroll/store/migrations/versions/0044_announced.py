"""What was announced of a site for a day to come stands beside what is so until then, and no more in its place."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

from openroll.register.events import event_of
from openroll.register.site.record import Site, evolve, written
from openroll.register.site.search import search_words

revision = "0044"
down_revision = "0042"
_ANNOUNCED = (
    "select distinct stream from event where name in ('site.changed/1', 'private-site.changed/1') and body <> ''"
    " and (body::json ->> 'on')::date > day"
)
_SAID = (
    "update site set sponsor = %s, domains = %s, services = %s, digests = %s, control = %s, changed = %s, announced = %s"
    " where number = %s"
)


def upgrade() -> None:
    """Add the columns in the schema on the search path, and what was announced in them. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    as_facts_say(connection)


def as_facts_say(connection: psycopg.Connection) -> None:
    """Have sites of which something was announced be as their facts say."""
    for (stream,) in connection.execute(_ANNOUNCED).fetchall():
        facts = connection.execute("select name, body, day from event where stream = %s order by version", (stream,))
        site: Site | None = None
        for name, body, day in facts.fetchall():
            site = evolve(site, event_of(name, body), day)
        if site is not None:
            said = (site.sponsor, list(site.domains), site.services, list(site.digests), site.control, site.changed)
            announced = [written(one) for one in site.announced]
            connection.execute(_SAID, (*said, announced, site.number))
            if not site.private:
                of = [(site.sponsor, site.domains), *((one.sponsor, one.domains) for one in site.announced)]
                words = {word for sponsor, domains in of for word in search_words(sponsor, domains)}
                connection.execute("delete from site_word where number = %s", (site.number,))
                connection.execute(
                    "insert into site_word (number, word) select %s, unnest(%s::text[])", (site.number, sorted(words))
                )
