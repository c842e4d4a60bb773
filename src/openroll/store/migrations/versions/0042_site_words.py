"""Sites of organisations are found by the words of their names and domains."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

from openroll.register.site.search import search_words

revision = "0042"
down_revision = "0041"
_SOME = "select number, sponsor, domains from site where not private and number > %s order by number limit %s"
_LOT = 10_000


def upgrade() -> None:
    """Make the table in the schema on the search path, and the words of the sites there are. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    words_of_all(connection)


def words_of_all(connection: psycopg.Connection) -> None:
    """Have the words of the sites there are, in an empty table."""
    after = 0
    while rows := connection.execute(_SOME, (after, _LOT)).fetchall():
        words = [(number, word) for number, of, domains in rows for word in search_words(of, tuple(domains))]
        with connection.cursor() as cursor, cursor.copy("copy site_word (number, word) from stdin") as copy:
            for row in words:
                copy.write_row(row)
        after = rows[-1][0]
