"""The table of looks at sites: which are due, and what the roll knows of each by its own looks. It holds no word of any site."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg import Connection

from openroll.store.sites import COLUMNS as OF_SITE
from openroll.store.sites import SiteRow


class LookRow(NamedTuple):
    """What is known of a site by looks (migration 0041 says what each column is)."""

    number: int
    due: datetime
    state: str
    since: datetime
    gap: timedelta
    run: int
    quiet: datetime | None
    answered: datetime | None
    looked: datetime | None
    missed: datetime | None
    misses: int


_COLUMNS = ", ".join(LookRow._fields)
_BOTH = ", ".join([*(f"l.{name}" for name in LookRow._fields), *(f"s.{name}" for name in SiteRow._fields)])


def begin(connection: Connection, number: int, due: datetime) -> None:
    """Have a site looked at from a moment on, and what was found of its proofs of control forgotten; sooner where it waits."""
    connection.execute(
        f"insert into site_look ({_COLUMNS}) values (%s, %s, 'live', %s, '0', 0, null, null, null, null, 0)"
        " on conflict (number) do update set due = least(site_look.due, excluded.due), missed = null, misses = 0",
        (number, due, due),
    )


def end(connection: Connection, number: int) -> None:
    """Look at a site no more."""
    connection.execute("delete from site_look where number = %s", (number,))


def mend(connection: Connection, now: datetime) -> None:
    """Have every organisation's site that stands looked at, and no other: after a copy came back, say."""
    connection.execute(
        f"insert into site_look ({_COLUMNS}) select number, %(now)s, 'live', %(now)s, '0', 0, null, null, null, null, 0"
        " from site s where not private and ended is null and not exists"
        " (select from site_look l where l.number = s.number)",
        {"now": now},
    )
    connection.execute(
        "delete from site_look l where not exists (select from site s where s.number = l.number and s.ended is null)"
    )


def due(connection: Connection, now: datetime, most: int) -> list[tuple[LookRow, SiteRow]]:
    """The sites that are due, the longest due first, with what is filed of each."""
    rows = connection.execute(
        f"select {_BOTH} from site_look l join site s using (number) where l.due <= %s order by l.due, s.stream limit %s",
        (now, most),
    )
    at = len(LookRow._fields)
    return [(LookRow._make(row[:at]), SiteRow._make(row[at:])) for row in rows]


def answered_lately(connection: Connection, but: Sequence[int], most: int) -> list[SiteRow]:
    """The sites that answered last, but for some: whoever reaches none of them either reaches nobody."""
    columns = ", ".join(f"s.{name}" for name in OF_SITE.split(", "))
    rows = connection.execute(
        f"select {columns} from site_look l join site s using (number) where answered is not null and run = 0"
        " and l.number <> all(%s::bigint[]) order by answered desc limit %s",
        (list(but), most),
    )
    return [SiteRow._make(row) for row in rows]


def hold(connection: Connection, number: int) -> LookRow | None:
    """What is known of a site, held against change until the transaction ends."""
    row = connection.execute(f"select {_COLUMNS} from site_look where number = %s for update", (number,)).fetchone()
    return None if row is None else LookRow._make(row)


def put(connection: Connection, rows: Sequence[tuple[LookRow, int]]) -> None:
    """Have these stand for what is known of their sites, each as long as its site is of this version: else it is seen anew."""
    names = [name for name in LookRow._fields if name != "number"]
    query = (
        f"update site_look l set {', '.join(f'{name} = %({name})s' for name in names)} from site s"
        " where l.number = %(number)s and s.number = l.number and s.version = %(version)s"
    )
    with connection.cursor() as cursor:
        cursor.executemany(query, [row._asdict() | {"version": version} for row, version in rows])


def put_off(connection: Connection, numbers: Sequence[int], due: datetime) -> None:
    """Have sites that were not come to wait until then."""
    connection.execute("update site_look set due = %s where number = any(%s)", (due, list(numbers)))


def looked_at(connection: Connection, numbers: Sequence[int]) -> dict[int, datetime]:
    """When the roll looked at these sites last: without those at which it did not yet, or does no more."""
    some = "select number, looked from site_look where number = any(%s) and looked is not null"
    return dict(connection.execute(some, (list(numbers),)).fetchall()) if numbers else {}
