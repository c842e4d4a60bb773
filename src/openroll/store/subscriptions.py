"""The projection of subscriptions: one row a record, written in the transaction of its facts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from psycopg import Connection

COLUMNS = "number, operator, handle, kind, access, district, connected, filed, changed, ended, held, version, code"


class SubscriptionRow(NamedTuple):
    """The public part of a record as the roll shows it. `handle` is None for who filed without an operator's file.

    `code` is the number behind the record's filing code where it is not the record's own.
    """

    number: int
    operator: str
    handle: str | None
    kind: str
    access: str
    district: str
    connected: date
    filed: date
    changed: date | None
    ended: date | None
    held: bool
    version: int
    code: int | None = None


def put(connection: Connection, rows: Sequence[SubscriptionRow]) -> None:
    """Write rows as they now stand (step 5 of the life of a filing).

    Raises UniqueViolation when a handle was taken by somebody quicker."""
    connection.execute(
        f"insert into subscription ({COLUMNS}) select * from unnest(%b::bigint[], %b::text[], %b::text[], %b::text[],"
        " %b::text[], %b::text[], %b::date[], %b::date[], %b::date[], %b::date[], %b::bool[], %b::int[], %b::bigint[])"
        " on conflict (number) do update set kind = excluded.kind, access = excluded.access,"
        " district = excluded.district, connected = excluded.connected, changed = excluded.changed,"
        " ended = excluded.ended, held = excluded.held, version = excluded.version,"
        " code = excluded.code",
        [list(column) for column in zip(*rows, strict=True)],
    )


def moved_on(connection: Connection, number: int, version: int) -> None:
    """A fact was added that changes nothing but the record's version."""
    connection.execute("update subscription set version = %s where number = %s", (version, number))


def remove(connection: Connection, number: int) -> None:
    """Take an erased record out of the projection, and the keys its forms came under."""
    connection.execute("delete from subscription where number = %b", (number,))
    connection.execute("delete from idempotency where number = %b", (number,))


def numbers_of(connection: Connection, operator: str, handles: Sequence[str]) -> Mapping[str, int]:
    """The record numbers of those of these handles that the operator has filed."""
    rows = connection.execute(
        "select handle, number from subscription where operator = %b and handle = any(%b::text[])",
        (operator, list(handles)),
    )
    return dict(rows.fetchall())


def handles_known(connection: Connection, operator: str, handles: Sequence[str], except_file: int) -> set[str]:
    """Those of these handles that are filed, other than by the operator's file now being taken."""
    rows = connection.execute(
        "select s.handle from unnest(%b::text[]) as asked(handle) join subscription s on s.operator = %b"
        " and s.handle = asked.handle where s.file is distinct from %b",
        (list(handles), operator, except_file),
    )
    return {handle for (handle,) in rows}


def get(connection: Connection, number: int) -> SubscriptionRow | None:
    """One record's public part, when the current role may see it."""
    row = connection.execute(f"select {COLUMNS} from subscription where number = %b", (number,)).fetchone()
    return None if row is None else SubscriptionRow._make(row)


def number_of_code(connection: Connection, code: int) -> int | None:
    """The record that the number behind a fresh filing code opens; None where none was made of it.

    Sets `openroll.code` until the transaction ends: row-level security shows the one row that has it.
    """
    connection.execute("select set_config('openroll.code', %s, true)", (str(code),))
    row = connection.execute("select number from subscription where code = %b::bigint", (code,)).fetchone()
    return None if row is None else int(row[0])


def all_handles(connection: Connection, operator: str) -> Iterator[tuple[str, int]]:
    """The operator's own handles with the numbers behind their filing codes, in the order of the records, streamed."""
    with connection.cursor(name="all_handles") as cursor:
        cursor.itersize = 10_000
        cursor.execute(
            "select handle, coalesce(code, number) from subscription where operator = %s and handle is not null order by number",
            (operator,),
        )
        yield from cursor


def has_any(connection: Connection, operator: str, except_file: int) -> bool:
    """Whether the operator has filed anything other than by this file."""
    row = connection.execute(
        "select exists (select from subscription where operator = %b and file is distinct from %b)",
        (operator, except_file),
    ).fetchone()
    return bool(row and row[0])


def by_district(connection: Connection) -> list[tuple[str, str, int]]:
    """Living subscriptions counted by district and kind: (district, kind, count)."""
    return connection.execute(
        "select district, kind, count(*) from subscription where ended is null group by 1, 2 order by 1, 2"
    ).fetchall()


def by_operator(connection: Connection) -> list[tuple[str, str, str, int]]:
    """Operators with their living subscriptions: (name, title_zh, title_en, count)."""
    return connection.execute(
        "select o.name, o.title_zh, o.title_en, count(s.number) from operator o"
        " left join subscription s on s.operator = o.name and s.ended is null group by 1, 2, 3 order by 1"
    ).fetchall()
