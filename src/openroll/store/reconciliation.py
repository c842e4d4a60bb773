"""Compare an operator's own list with the roll in SQL: a temporary table, and what differs.

The current role sees its own subscriptions only; the operator's name is asked for all the same.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from psycopg import Connection

COLUMNS = "row, handle, kind, access, district, connected, digests"
_BESIDE = "listed l join subscription s on s.operator = %s and s.handle = l.handle"
_ONLY_ROLL = (
    "subscription s where s.operator = %s and s.ended is null and s.handle is not null"
    " and not exists (select from listed l where l.handle = s.handle)"
)
_ONLY_LIST = "listed l where not exists (select from subscription s where s.operator = %s and s.handle = l.handle)"
_PUBLIC = "(l.kind, l.access, l.district, l.connected)"
_HELD = "(s.kind, s.access, s.district, s.connected)"


class Different(NamedTuple):
    """A listed row whose public columns are not those of the roll, each pair as (list, roll)."""

    row: int
    handle: str
    kind: tuple[str, str]
    access: tuple[str, str]
    district: tuple[str, str]
    connected: tuple[date, date]


class Alike(NamedTuple):
    """A listed row whose public columns are those of a living record; `digests` are the list's, with spaces between."""

    row: int
    handle: str
    digests: str
    number: int


def make(connection: Connection) -> None:
    """Make the temporary table, which goes with the transaction. No role but the current one sees it."""
    connection.execute(
        "create temporary table listed (row bigint, handle text, kind text, access text, district text,"
        " connected date, digests text) on commit drop"
    )


def ready(connection: Connection) -> None:
    """After the rows are in: let the planner know how many, and let nothing be written from here on."""
    connection.execute("create unique index on listed (handle)")
    connection.execute("analyze listed")
    connection.execute("set transaction read only")


def only_list(connection: Connection, operator: str, most: int) -> tuple[int, list[str]]:
    """Listed handles that are not in the roll: how many, and the first of them in the list's order."""
    return _counted(connection, _ONLY_LIST, "l.handle", "l.row", operator, most)


def only_roll(connection: Connection, operator: str, most: int) -> tuple[int, list[str]]:
    """Living handles of the roll that are not listed: how many, and the first of them as they were filed."""
    return _counted(connection, _ONLY_ROLL, "s.handle", "s.number", operator, most)


def _counted(
    connection: Connection, source: str, column: str, order: str, operator: str, most: int
) -> tuple[int, list[str]]:
    count = connection.execute(f"select count(*) from {source}", (operator,)).fetchone()
    rows = connection.execute(f"select {column} from {source} order by {order} limit %s", (operator, most))
    return int(count[0]) if count else 0, [handle for (handle,) in rows]


def ended(connection: Connection, operator: str, most: int) -> tuple[int, list[tuple[str, date]]]:
    """Listed handles whose record has ended, with the day: how many, and the first of them in the list's order."""
    where = f"{_BESIDE} where s.ended is not null"
    count = connection.execute(f"select count(*) from {where}", (operator,)).fetchone()
    rows = connection.execute(f"select l.handle, s.ended from {where} order by l.row limit %s", (operator, most))
    return int(count[0]) if count else 0, rows.fetchall()


def without_handle(connection: Connection, operator: str) -> int:
    """How many living records of the operator have no handle: their subscribers filed them."""
    row = connection.execute(
        "select count(*) from subscription where operator = %s and handle is null and ended is null", (operator,)
    ).fetchone()
    return int(row[0]) if row else 0


def different(connection: Connection, operator: str, most: int) -> tuple[int, list[Different]]:
    """Listed rows whose public columns differ from a living record: how many, and the first in the list's order."""
    where = f"{_BESIDE} where s.ended is null and {_PUBLIC} <> {_HELD}"
    count = connection.execute(f"select count(*) from {where}", (operator,)).fetchone()
    rows = connection.execute(
        "select l.row, l.handle, l.kind, s.kind, l.access, s.access, l.district, s.district, l.connected, s.connected"
        f" from {where} order by l.row limit %s",
        (operator, most),
    )
    found = [
        Different(row, handle, (one[0], one[1]), (one[2], one[3]), (one[4], one[5]), (one[6], one[7]))
        for row, handle, *one in rows
    ]
    return int(count[0]) if count else 0, found


def alike(connection: Connection, operator: str, size: int) -> Iterator[list[Alike]]:
    """Listed rows whose public columns are those of a living record, `size` at a time in the order of their records."""
    with connection.cursor(name="alike") as cursor:
        cursor.execute(
            f"select l.row, l.handle, l.digests, s.number from {_BESIDE} where s.ended is null and {_PUBLIC} = {_HELD}"
            " order by s.number",
            (operator,),
        )
        while rows := cursor.fetchmany(size):
            yield list(map(Alike._make, rows))
