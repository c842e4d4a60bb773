"""Sites of organisations beyond what a copy knows: each fact stands whole in its entry, so each is a fact again.

Of a natural person's site an entry holds kind, day and commitment: its operator files it again, under another number.
"""

from psycopg import Connection

from openroll.register.site import events
from openroll.service.recovery.replayed import Replayed
from openroll.store import sites


def _is_new(connection: Connection, fact: events.SiteFiled) -> bool:
    return sites.one(connection, fact.site) is None


def _stands(connection: Connection, fact: events.SiteEvent) -> bool:
    row = sites.one(connection, fact.site)
    return row is not None and not row.private and row.ended is None


SITES: dict[str, Replayed] = {
    events.SiteFiled.name: Replayed(_is_new),
    **{one.name: Replayed(_stands) for one in (events.SiteChanged, events.SiteChecked, events.SiteEnded)},
}
"""How each act on an organisation's site is a fact again."""
