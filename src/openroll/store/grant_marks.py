"""Table of what became of grants: by their digest, when one was taken back or first shown, and until when that is remembered."""

from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from openroll.store.connect import note_written


class Mark(NamedTuple):
    """When a grant was taken back, and when it was first shown; None for never."""

    taken_back: datetime | None = None
    shown: datetime | None = None


def mark(connection: Connection, number: bytes) -> Mark:
    """What became of a grant so far; nothing of one that nobody spoke of."""
    row = connection.execute("select taken_back, shown from grant_mark where number = %b", (number,)).fetchone()
    return Mark() if row is None else Mark(*row)


def take_back(connection: Connection, number: bytes, now: datetime, until: datetime) -> None:
    """A grant is taken back, from the first time that somebody said so on."""
    note_written(connection)
    connection.execute(
        "insert into grant_mark (number, taken_back, until) values (%b, %b, %b) on conflict (number) do update"
        " set taken_back = coalesce(grant_mark.taken_back, excluded.taken_back),"
        " until = greatest(grant_mark.until, excluded.until)",
        (number, now, until),
    )


def show(connection: Connection, number: bytes, now: datetime, until: datetime) -> bool:
    """A grant was shown; whether this is the first time. Of two at one moment one is the first."""
    note_written(connection)
    done = connection.execute(
        "insert into grant_mark (number, shown, until) values (%b, %b, %b) on conflict (number) do update"
        " set shown = excluded.shown, until = greatest(grant_mark.until, excluded.until) where grant_mark.shown is null",
        (number, now, until),
    )
    return done.rowcount > 0


def forget(connection: Connection, now: datetime) -> int:
    """Forget what need not be remembered any more; how many."""
    return connection.execute(
        "delete from grant_mark where number in"
        " (select number from grant_mark where until < %b limit 1000 for update skip locked)",
        (now,),
    ).rowcount
