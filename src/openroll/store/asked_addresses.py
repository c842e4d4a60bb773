"""Table of addresses that want no mails, and of mails that asked one whether it may be written to: by keyed hash, and when."""

from collections.abc import Collection, Sequence
from datetime import datetime

from psycopg import Connection, Rollback


def ask(connection: Connection, allowances: Sequence[Sequence[bytes]], now: datetime, before: datetime) -> bool:
    """Have an address be asked now; whether it may be: one row of each allowance is taken, or none of any.

    An allowance is the rows of so many mails; one is free that was not taken after `before`.
    """
    with connection.transaction() as tried:
        for rows in allowances:
            if not any(_take(connection, row, now, before) for row in rows):
                raise Rollback(tried)
        return True
    return False


def _take(connection: Connection, row: bytes, now: datetime, before: datetime) -> bool:
    done = connection.execute(
        "insert into asked_address (address, asked) values (%b, %b) on conflict (address) do update"
        " set asked = excluded.asked where not asked_address.stopped and asked_address.asked <= %b",
        (row, now, before),
    )
    return done.rowcount > 0


def asked(connection: Connection, rows: Collection[bytes], since: datetime) -> datetime | None:
    """When the last of these rows was taken, by a mail that asked; None where none was after an instant."""
    found = connection.execute(
        "select max(asked) from asked_address where not stopped and asked > %b and address = any(%b::bytea[])",
        (since, list(rows)),
    ).fetchone()
    return None if found is None else found[0]


def answered(connection: Connection, rows: Collection[bytes], answer: bytes, now: datetime) -> None:
    """The address said something: these rows go, and the row `answer` says when that was."""
    connection.execute("delete from asked_address where address = any(%b::bytea[])", (list(rows),))
    connection.execute(
        "insert into asked_address (address, asked) values (%b, %b) on conflict (address) do update"
        " set asked = excluded.asked",
        (answer, now),
    )


def stop(connection: Connection, address: bytes, now: datetime) -> None:
    """The address wants no mails any more."""
    connection.execute(
        "insert into asked_address (address, asked, stopped) values (%b, %b, true) on conflict (address) do update"
        " set stopped = true",
        (address, now),
    )


def stopped(connection: Connection, addresses: Collection[bytes]) -> set[bytes]:
    """Which of these addresses want no mails."""
    rows = connection.execute(
        "select address from asked_address where stopped and address = any(%b::bytea[])", (list(addresses),)
    )
    return {bytes(address) for (address,) in rows}


def forget(connection: Connection, before: datetime) -> int:
    """Forget which addresses were asked before an instant, but for those that want no mails; how many."""
    return connection.execute("delete from asked_address where not stopped and asked < %b", (before,)).rowcount
