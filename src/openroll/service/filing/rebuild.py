"""State is only ever what the facts make it: make every projection again from the events, and compare or replace.

Which tables that are, and which not and why, is one list: `service/filing/replays.py`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import msgspec
from psycopg import Connection

from openroll.register.event import Event
from openroll.register.events import event_of
from openroll.register.organisation.lives import heir_of
from openroll.register.site.events import SiteEvent
from openroll.register.subscription.decide import Subscription, evolve
from openroll.service.filing.projections import projected
from openroll.service.filing.replays import TABLES, Apart, Folded, Recounted, Row, Rows
from openroll.service.roll import Roll
from openroll.service.sites.projections import row_after, words_of
from openroll.store import events, operators, projections, requests, sites
from openroll.store.events import EventRow
from openroll.store.placed_facts import count_passed_by
from openroll.store.projections import Difference
from openroll.store.sites import SiteRow
from openroll.watch.facts import UNRECKONED

__all__ = ["Difference", "FactUnfit", "Rebuilt", "not_covered", "rebuild"]
_LOT = 10_000


class FactUnfit(Exception):
    """A fact in the database is none that a roll writes. The message is a sentence without its stop."""


class Rebuilt(msgspec.Struct, frozen=True):
    """How many facts were read, how many records they made, and which rows of which tables differ (at most MOST_NAMED a table).

    `passed_by` counts the facts that no round of the log will give a place, where it was only compared.
    `derived` counts the facts that tell something under salts which can be computed from a backup of before `derived_until`.
    """

    events: int
    rows: int
    differences: tuple[Difference, ...]
    derived: int = 0
    derived_until: datetime | None = None
    passed_by: int = 0

    @property
    def left(self) -> tuple[Difference, ...]:
        """The differences that `rebuild` cannot mend, as events do not tell those tables whole."""
        mended = {one.table for one in projections.PROJECTIONS if one.mended}
        return tuple(one for one in self.differences if one.table not in mended)


def not_covered() -> dict[str, str]:
    """The tables that are not made from events, each with the reason."""
    return {table: how.why for table, how in TABLES.items() if isinstance(how, Apart)}


def rebuild(roll: Roll, *, replace: bool, progress: Callable[[int], None] = lambda _: None) -> Rebuilt:
    """Fold every fact again. With `replace` the projections become what the facts say; otherwise they are compared.

    One transaction, seeing one moment of the roll: filings may go on meanwhile when only comparing. Replacing is the owner's:
    rows are put right that no act could bring (an operator that left files nothing, and its ended records are there).
    Raises FactUnfit, and changes nothing then.
    """
    database = roll.database
    opened = (
        database.open("openroll-rebuild") if replace else database.open_runtime("openroll-rebuild", role="application")
    )
    with opened as connection:
        if replace:
            projections.hold_still(connection)
        else:
            projections.one_moment(connection)
        projections.make_tables(connection)
        count = _fold_all(connection, progress)
        for how in TABLES.values():
            if isinstance(how, Recounted):
                how.recount(connection)
        differences = tuple(row for table in projections.differences(connection) for row in table)
        rows = projections.count_rows(connection)
        derived, until = events.with_derived_salts(connection) or (0, None)
        passed_by = 0 if replace else count_passed_by(connection)
        if replace:
            projections.mend(connection)
        connection.commit()
    return Rebuilt(count, rows, differences, derived, until, passed_by)


def _fold_all(connection: Connection, progress: Callable[[int], None]) -> int:
    count = 0

    def counted() -> Iterator[EventRow]:
        nonlocal count
        for row in events.every(connection):
            count += 1
            if count % _LOT == 0:
                progress(count)
            yield row

    acts: dict[str, Rows] = defaultdict(dict)
    lots: dict[str, list[tuple[object, ...]]] = {"subscription": [], "site": [], "site_word": []}
    for stream, state in _fold(counted(), acts):
        if isinstance(state, SiteRow):
            table, row = "site", tuple(_listed(value) for value in state)
            lots["site_word"] += [(state.number, word) for word in words_of(state)]
        else:
            table, row = "subscription", tuple(projected(stream, state))
        lots[table].append(row)
        for name in (table, "site_word"):
            if len(lots[name]) >= _LOT:
                projections.fill(connection, name, lots[name])
                lots[name].clear()
    for table, lot in lots.items():
        projections.fill(connection, table, lot)
    for table, rows in acts.items():
        _fill(connection, table, list(rows.values()))
    _follow(connection, acts["operator"])
    progress(count)
    return count


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _fold(rows: Iterator[EventRow], acts: dict[str, Rows]) -> Iterator[tuple[int, Subscription | SiteRow]]:
    """Facts come in order of record and version, so one record's state is all that is held at a time, beside what official
    acts make, which is little."""
    folded = {table: how for table, how in TABLES.items() if isinstance(how, Folded)}
    crossing = tuple(kind for how in folded.values() for kind in how.in_time)
    later: list[tuple[EventRow, Event]] = []
    state: Subscription | SiteRow | None = None
    stream = -1
    for row in rows:
        if row.stream != stream:
            if state is not None:
                yield stream, state
            state, stream = None, row.stream
        with _naming(row):
            fact = event_of(row.name, row.body)
            if fact.official:
                for table, how in folded.items():
                    if not how.in_time:
                        how.replay(acts[table], fact, row)
                if isinstance(fact, crossing):
                    later.append((row, fact))
            state = _evolved(state, fact, row)
    if state is not None:
        yield stream, state
    _fold_in_time(folded, later, acts)


def _evolved(state: Subscription | SiteRow | None, fact: Event, row: EventRow) -> Subscription | SiteRow | None:
    """A record after one of its facts: a subscription, or a site."""
    if isinstance(fact, SiteEvent):
        return row_after(state if isinstance(state, SiteRow) else None, fact, row)
    return state if isinstance(state, SiteRow) else evolve(state, fact, row.day)


def _fold_in_time(folded: Mapping[str, Folded], facts: list[tuple[EventRow, Event]], acts: dict[str, Rows]) -> None:
    """Fold what different records say of one row, in the order in which it happened."""
    for row, fact in sorted(facts, key=lambda one: one[0].at):
        for table, how in folded.items():
            if isinstance(fact, how.in_time):
                with _naming(row):
                    how.replay(acts[table], fact, row)


@contextmanager
def _naming(row: EventRow) -> Iterator[None]:
    """Say which fact it is that no version of Openroll wrote so: somebody's hand was in the database, or it is damaged."""
    try:
        yield
    except (msgspec.MsgspecError, *UNRECKONED) as error:
        what = f"fact {row.version} of record {row.stream} ({row.name}, of {row.day}) cannot be reckoned with: {error}"
        raise FactUnfit(what) from error


def _follow(connection: Connection, rows: Rows) -> None:
    """Records are those of whoever succeeded their operator, and of who succeeded that one."""
    heirs = {str(row["name"]): str(row["heir"]) for row in rows.values() if row.get("heir")}
    for name in heirs:
        operators.follow(connection, "rebuilt_subscription", name, heir_of(name, heirs))
        requests.follow(connection, "rebuilt_request", name, heir_of(name, heirs))
        sites.follow(connection, "rebuilt_site", name, heir_of(name, heirs))


def _fill(connection: Connection, table: str, rows: list[Row]) -> None:
    names = projections.columns(connection, table)
    projections.fill(connection, table, [[row.get(name) for name in names] for row in rows])
