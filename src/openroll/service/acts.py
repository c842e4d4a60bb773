"""The one writer: everything that happens in a roll goes through here, one by one or a million at a time.

`act` takes an official act: it loads what the decision needs, has it decided (pure, in `register`), appends the events and
brings the projections up to date, all in the transaction of its caller, which puts mails and work beside them. Filings come in
groups and files, so they are loaded and decided together (`filing/submit.py`, `filing/bulk.py`) and written by `append` and
`copy_in`. Nothing else writes an event.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from psycopg import Connection

from openroll.register.command import Actor, Command
from openroll.register.decision import Accepted, Refused
from openroll.register.event import Event
from openroll.register.kinds import decided
from openroll.register.official import Under
from openroll.register.organisation.events import PersonJoined
from openroll.register.organisation.roles import KEEPER, KEEPERS_ROLE, Seat
from openroll.register.organisation.seats import Member
from openroll.register.request.events import RequestComplained
from openroll.register.roll.decide import ROLL_STREAM
from openroll.service.event_rows import NAMES_RECORD, event_columns, event_row, naming_record
from openroll.service.identity.seats import member
from openroll.service.log.log_entry import is_too_long
from openroll.service.projections import PROJECTIONS, WAYS
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.service.way import NEW, Asked, Done, Record
from openroll.store import events, files
from openroll.store.connect import note_written
from openroll.store.events import EventRow
from openroll.store.numbers import RECORD

if TYPE_CHECKING:
    import polars as pl


class Acted(Accepted, frozen=True):
    """An official act that was taken: its events, the record they stand on, and the number that was drawn for it (0: none)."""

    number: int = 0
    fresh: int = 0


def act(
    connection: Connection,
    roll: Roll,
    command: Command,
    by: Seat = KEEPER,
    *,
    now: datetime | None = None,
    dry_run: bool = False,
) -> Acted | Refused:
    """Decide on an official act of a seat and, where it is taken, write its events and what they change.

    Within the caller's transaction, under the application's own role: what is refused has written nothing, and whatever the
    caller writes beside it is there with the act or not at all. `dry_run` only decides. Raises NotNow.
    """
    asked = Asked(command, by, now or roll.clock())
    way = WAYS[type(command)]
    record = way.record(connection, asked)
    # Before anything is read: two acts on one record are decided one after the other.
    version = events.version_of(connection, max(record.number or 0, ROLL_STREAM))
    who = member(connection, by)
    day = roll.day(asked.now)
    under = Under(roll.rule_on(day).name, day, asked.now)
    state, fresh = way.load(connection, roll, asked), 0
    decision = decided(command, state, who, under)
    if isinstance(decision, Refused) or dry_run:
        return decision if isinstance(decision, Refused) else Acted(decision.events)
    if record.number is None:
        raise RuntimeError(f"{type(command).__name__} was taken on a record that is not there")
    if record.number == NEW:
        record, version = Record(new_numbers(roll, RECORD).start, record.owner), 0
    if way.counter is not None:
        fresh = new_numbers(roll, way.counter(state)).start
    elif way.naming is not None:
        fresh = way.naming(connection, roll, record.number or 0)
    if fresh:
        state = msgspec.structs.replace(state, fresh=fresh)
        decision = decided(command, state, who, under)
        assert isinstance(decision, Accepted)  # noqa: S101 - a number makes no act refused; the type checker cannot see it
    done = Done(command, record.number or 0, version, asked.now, day, by, fresh)
    return Acted(_written(connection, roll, done, decision.events, record.owner, who), done.number, fresh)


def _written(
    connection: Connection, roll: Roll, done: Done, facts: tuple[Event, ...], owner: str, who: Member
) -> tuple[Event, ...]:
    """Append the events of an act and bring the tables that are made from them to what they say."""
    first = done.version + 1
    rows = [
        event_row(roll, done.now, fact, stream=done.number, version=at, actor=_actor(who, fact), owner=owner)
        for at, fact in enumerate(facts, first)
    ]
    append(connection, roll, rows)
    for at, fact in enumerate(facts, first):
        project(connection, replace(done, version=at), fact)
    return facts


def _actor(who: Member, fact: Event) -> Actor:
    """Who acted, as what they are: by their own role, for their own organisation."""
    if isinstance(fact, RequestComplained):  # whoever was told complains as nobody's
        return Actor("subscriber")
    if isinstance(fact, PersonJoined):  # whoever joins acts as the seat they take
        return Actor(fact.role, fact.organisation)
    return Actor(KEEPERS_ROLE if who.seat == KEEPER else who.role, who.seat.organisation)


def project(connection: Connection, done: Done, fact: Event) -> None:
    """Bring the tables made from events to what an official act says."""
    way = PROJECTIONS[type(fact)]
    if not isinstance(way, str):
        way(connection, done, fact)


def append(connection: Connection, roll: Roll, rows: Sequence[EventRow]) -> None:
    """Append events of one moment that were decided (step 4 of the life of a filing).

    Raises psycopg.errors.UniqueViolation where somebody was quicker on the same record, and NotNow while the roll is held.
    What is decided in `decided` fits into the log; whatever did not would keep out everything behind it, so it ends here."""
    roll.writes_at(rows[0].at)  # once for all of them
    rows = _naming_records(connection, rows)
    beyond = next((row.name for row in rows if is_too_long(row.name, row.body)), None)
    if beyond is not None:
        raise ValueError(f"{beyond} is longer than an entry of the log can be: its decider took what it may not")
    note_written(connection)
    events.append(connection, rows)


def _naming_records(connection: Connection, rows: Sequence[EventRow]) -> Sequence[EventRow]:
    """Rows of which those that say what stands on a record name it, so that no receipt of theirs passes for another record's."""
    naming = [row for row in rows if row.name in NAMES_RECORD]
    if not naming:
        return rows
    salts = {row.stream: row.salt for row in rows if row.version == 1}
    before = {row.stream for row in naming} - salts.keys()
    if before:
        salts |= events.filing_salts(connection, sorted(before))
    return [naming_record(row, salts[row.stream]) if row.name in NAMES_RECORD else row for row in rows]


def copy_in(
    connection: Connection,
    roll: Roll,
    now: datetime,
    name: str,
    operator: str,
    numbers: "pl.Series",
    bodies: "pl.Series",
) -> None:
    """Append the first events of many new records of an operator (step 4, for a file), all of one kind."""
    note_written(connection)
    files.copy_in(connection, "event", *event_columns(roll, now, name, operator, numbers, bodies))


def bring_back(connection: Connection, row: EventRow) -> None:
    """Append an event that happened already, as a handover proves it: it was decided then, and is not decided again."""
    note_written(connection)
    events.append(connection, [row])
