"""State is only ever what the facts make it: rebuild every projection from the events, and compare or replace."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import msgspec
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from openroll.register.events import event_of
from openroll.register.organisation.events import OperatorAdmitted, OrganisationAdmitted
from openroll.register.subscription.decide import Subscription, evolve
from openroll.service.filing.submit import projected
from openroll.service.roll import Roll
from openroll.store import events
from openroll.store.events import EventRow

_SUBSCRIPTION = (
    "number, operator, handle, kind, access, district, connected, filed, changed, ended, held, standing, version, code"
)
_OPERATOR = "name, number, title, kind, admitted"
_ORGANISATION = "name, number, kind, title, admitted"
_TALLY = "day, name, count"


class Difference(msgspec.Struct, frozen=True):
    """The first row in which a projection and the facts disagree. `kept` or `rebuilt` is None where the row is missing."""

    table: str
    key: str
    kept: str | None
    rebuilt: str | None


class Rebuilt(msgspec.Struct, frozen=True):
    """How many facts were read, how many rows they made, and where the kept projections first differ, if anywhere.

    `derived` counts the facts that tell something under salts which can be computed from a backup of before `derived_until`.
    """

    events: int
    rows: int
    differences: tuple[Difference, ...]
    derived: int = 0
    derived_until: datetime | None = None


def rebuild(roll: Roll, *, replace: bool, progress: Callable[[int], None] = lambda _: None) -> Rebuilt:
    """Fold every fact anew. With `replace` the projections become what the facts say; otherwise they are compared.

    One transaction, seeing one moment of the roll: filings may go on meanwhile when only comparing.
    """
    with roll.database.open_runtime("openroll-rebuild", role="application") as connection:
        if replace:
            connection.execute("lock table subscription, operator, organisation, tally in share row exclusive mode")
        else:
            connection.execute("set transaction isolation level repeatable read")
        _make_tables(connection)
        count = _fold_all(connection, progress)
        _rebuild_tally(connection)
        tables = (
            ("subscription", "number", _SUBSCRIPTION),
            ("operator", "name", _OPERATOR),
            ("organisation", "name", _ORGANISATION),
            ("tally", "day", _TALLY),
        )
        differences = tuple(
            found for table, key, columns in tables if (found := _difference(connection, table, key, columns))
        )
        rows = connection.execute("select count(*) from rebuilt_subscription").fetchone()
        derived, until = events.with_derived_salts(connection) or (0, None)
        if replace:
            for table, key, columns in tables:
                _replace(connection, table, key, columns)
        connection.commit()
    return Rebuilt(count, int(rows[0]) if rows else 0, differences, derived, until)


def _make_tables(connection: Connection) -> None:
    for table in ("subscription", "operator", "organisation", "tally"):
        connection.execute(
            sql.SQL("create temporary table {} (like {} including defaults) on commit drop").format(
                sql.Identifier(f"rebuilt_{table}"), sql.Identifier(table)
            )
        )


def _fold_all(connection: Connection, progress: Callable[[int], None]) -> int:
    count = 0

    def counted() -> Iterator[EventRow]:
        nonlocal count
        for row in events.every(connection):
            count += 1
            if count % 10_000 == 0:
                progress(count)
            yield row

    _copy_folded(connection, counted())
    progress(count)
    return count


def _copy_folded(connection: Connection, rows: Iterator[EventRow]) -> None:
    """Facts come in order of record and version, so one record's state is all that is held at a time."""
    lot: list[tuple[object, ...]] = []
    state: Subscription | None = None
    stream = -1
    for row in rows:
        if row.stream != stream:
            _keep(connection, lot, stream, state)
            state, stream = None, row.stream
        fact = event_of(row.name, row.body)
        if isinstance(fact, OperatorAdmitted):
            _keep_operator(connection, row.stream, fact, row.day)
        if isinstance(fact, OrganisationAdmitted):
            _keep_organisation(connection, row.stream, fact, row.day)
        state = evolve(state, fact, row.day)
    _keep(connection, lot, stream, state)
    _copy(connection, lot)


def _keep(connection: Connection, lot: list[tuple[object, ...]], stream: int, state: Subscription | None) -> None:
    if state is not None:
        lot.append(tuple(projected(stream, state)))
    if len(lot) >= 10_000:
        _copy(connection, lot)
        lot.clear()


def _copy(connection: Connection, lot: list[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy rebuilt_subscription ({_SUBSCRIPTION}) from stdin") as copy:
        for row in lot:
            copy.write_row(row)


def _keep_operator(connection: Connection, number: int, fact: OperatorAdmitted, day: date) -> None:
    connection.execute(
        f"insert into rebuilt_operator ({_OPERATOR}) values (%s, %s, %s, %s, %s)",
        (fact.operator, number, Jsonb(fact.title), fact.kind, day),
    )


def _keep_organisation(connection: Connection, number: int, fact: OrganisationAdmitted, day: date) -> None:
    connection.execute(
        f"insert into rebuilt_organisation ({_ORGANISATION}) values (%s, %s, %s, %s, %s)",
        (fact.organisation, number, fact.kind, Jsonb(fact.title), day),
    )


def _rebuild_tally(connection: Connection) -> None:
    """The figures count what has a place in the log: placed events, and entries whose facts a backup did not bring back."""
    connection.execute(
        "insert into rebuilt_tally (day, name, count) select day, name, count(*) from (select e.day, e.name from placed p"
        " join event e on e.id >= p.event and e.id < p.event + p.count union all select day, name from lost) counted"
        " group by 1, 2"
    )


def _difference(connection: Connection, table: str, key: str, columns: str) -> Difference | None:
    kept, rebuilt = f"select {columns} from {table}", f"select {columns} from rebuilt_{table}"
    row = connection.execute(
        f"select side, {key}::text, row::text from ("
        f" select 'kept' as side, {key}, only_kept as row from ({kept} except all {rebuilt}) only_kept"
        f" union all select 'rebuilt', {key}, only_rebuilt from ({rebuilt} except all {kept}) only_rebuilt"
        f") differing order by {key}, side limit 2"
    ).fetchall()
    if not row:
        return None
    sides = {side: text for side, found, text in row if found == row[0][1]}
    return Difference(table, row[0][1], sides.get("kept"), sides.get("rebuilt"))


def _replace(connection: Connection, table: str, key: str, columns: str) -> None:
    """Put right only the rows that differ; what the facts do not hold (which file a row came by) stays where it can."""
    names = [name.strip() for name in columns.split(",")]
    keys = {"tally": "day, name"}.get(table, key)
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys.split(", "))
    connection.execute(f"delete from {table} where ({keys}) not in (select {keys} from rebuilt_{table})")
    connection.execute(
        f"insert into {table} ({columns}) select {columns} from rebuilt_{table}"
        f" on conflict ({keys}) do update set {updates}"
    )
