"""Table of addresses that were asked whether they may be written to, by keyed hash: when, and which of them want no mails."""

from collections.abc import Collection
from datetime import datetime

from psycopg import Connection


def ask(connection: Connection, address: bytes, now: datetime, before: datetime) -> bool:
    """Have an address be asked now; whether it may be: not where it was since `before`, nor where it wants no mails."""
    done = connection.execute(
        "insert into asked_address (address, asked) values (%b, %b) on conflict (address) do update"
        " set asked = excluded.asked where not asked_address.stopped and asked_address.asked < %b",
        (address, now, before),
    )
    return done.rowcount > 0


def answered(connection: Connection, address: bytes) -> None:
    """The address said yes: nothing is kept of it here, and it may be asked again, of another record."""
    connection.execute("delete from asked_address where address = %b", (address,))


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
