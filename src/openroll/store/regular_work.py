"""Table of recurring work: since which day it is done in this roll."""

from datetime import date

from psycopg import Connection

LAPSE = "lapse"
"""Filings that nobody confirmed fall away."""


def begun(connection: Connection, name: str, today: date | None = None) -> date | None:
    """The day since which a piece of work is done; with `today` it begins then if it never did. None before the first."""
    if today is not None:
        connection.execute("insert into regular_work values (%b, %b) on conflict do nothing", (name, today))
    row = connection.execute("select begun from regular_work where name = %b", (name,)).fetchone()
    return None if row is None else row[0]
