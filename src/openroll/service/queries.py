"""What people may see: the roll's figures and head, an operator's and a subscriber's own record."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice

import msgspec
from psycopg import Connection

from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.event import Event
from openroll.register.events import event_of
from openroll.register.organisation.roles import REGISTRAR, office_of
from openroll.register.subscription.decide import Subscription, evolve
from openroll.register.subscription.filing_code import NotACode, code_of, codes_of, number_of
from openroll.register.subscription.handle import OLD
from openroll.register.subscription.refusals import CodeWrong, HandleChanged, SubscriptionUnknown
from openroll.rules import DutyState
from openroll.rules.language import Text
from openroll.service.filing.projections import answered
from openroll.service.governance.figures import daily
from openroll.service.governance.kept_days import duties_of
from openroll.service.log.receipts import published
from openroll.service.roll import Roll
from openroll.store import events, log, operators, subscriptions
from openroll.store.events import EventRow
from openroll.store.operators import OperatorRow
from openroll.store.regular_work import LAPSE, begun

_CODES_TOGETHER = 1_000
"""Filing codes of a list that are made together: a third of the work of one by one."""


class Happening(msgspec.Struct, frozen=True):
    """One fact of a record's history; `detail` is the organisation that something was told to or that the record goes to, or a
    reason.

    `role` is `subscriber`, or the kind of organisation that acted. `organisation` acted where an organisation did, through
    `seat` where that is said. `holder` tells of a subscriber's act that nobody else can have done: by the passkey, or with a code
    that no operator was given. `commitment` is that of the fact's entry in the log, in base64: by it a receipt is known to be of
    this fact, and of no earlier record under the same handle.
    """

    version: int
    name: str
    day: date
    role: str
    detail: str = ""
    organisation: str = ""
    seat: str = ""
    holder: bool = False
    commitment: str = ""


class Answering(msgspec.Struct, frozen=True):
    """An operator that answers, or answered, for a record: from the day `since` to the day `until`, None for up to today."""

    operator: str
    since: date
    until: date | None = None


class Record(msgspec.Struct, frozen=True):
    """A subscription with its history and its duties under the roll's rule today.

    `waits_until` is the last day on which a filing made alone waits for its operator's word; None when it does not wait.
    `operators` are those that answered for it, one after the other; the last is the one that does.
    """

    number: int
    code: str
    state: Subscription
    history: tuple[Happening, ...]
    duties: tuple[DutyState, ...]
    waits_until: date | None = None
    operators: tuple[Answering, ...] = ()


class OperatorFigure(msgspec.Struct, frozen=True):
    """An operator and how many living subscriptions it files, as last counted (service/governance/figures.py).

    One that is in the roll no more has the day since when, and its successor where it has one.
    """

    name: str
    title: Text
    count: int
    ended: date | None = None
    heir: str | None = None


class Figures(msgspec.Struct, frozen=True):
    """The public figures: events by name (recountable from the log), living subscriptions by district, kind, operator.

    What is living was counted on `day` and is rounded down to multiples of `least`. Filings made alone that wait for their
    operator's word are counted apart, in `unconfirmed` by operator, and nowhere else.
    """

    day: date
    least: int
    living: int

    by_event: dict[str, int]
    by_district: dict[str, int]
    by_kind: dict[str, int]
    operators: tuple[OperatorFigure, ...]
    unconfirmed: dict[str, int] = {}


class LogHead(msgspec.Struct, frozen=True):
    """The log as last published; `root` in hexadecimal."""

    size: int
    root: str
    checkpoint: str


def figures(roll: Roll) -> Figures:
    """What is public: the log's tallies, and the newest daily count of what is living."""
    with roll.database.transaction("registrar") as connection:
        tallies = log.tallies(connection)
        living = daily(connection, roll)
        named = subscriptions.operators(connection)
    by_event: Counter[str] = Counter()
    for _, name, count in tallies:
        by_event[name] += count
    listed = tuple(
        OperatorFigure(name, title, living.operators.get(name, 0), ended, heir) for name, title, ended, heir in named
    )
    return Figures(
        living.day,
        living.least,
        living.living,
        dict(by_event),
        living.districts,
        living.kinds,
        listed,
        living.unconfirmed,
    )


MOST_ACTS = 30
"""Official acts on one page."""


def official_acts(roll: Roll, most: int = MOST_ACTS) -> list[EventRow]:
    """The newest official acts: they stand in the log whole, so they may be shown whole."""
    with roll.database.transaction("registrar") as connection:
        return [act for _, act in events.official(connection, most)]


NEWEST = 2**63 - 1
"""Before which number of an official act the newest are."""


def page_of_acts(roll: Roll, before: int = NEWEST) -> tuple[list[EventRow], int | None]:
    """A page of official acts before a number, the newest first; and before what the next page is, if there is one."""
    with roll.database.transaction("registrar") as connection:
        found = events.official(connection, MOST_ACTS + 1, before)
    shown = found[:MOST_ACTS]
    return [act for _, act in shown], shown[-1][0] if len(found) > len(shown) else None


def log_head(roll: Roll) -> LogHead | None:
    """The newest published checkpoint; None before the first."""
    newest = published(roll)
    if newest is None:
        return None
    return LogHead(newest[1].size, newest[1].root.hex(), newest[0].decode())


def by_code(roll: Roll, code: str) -> Record | Refused:
    """The record that a filing code opens, for whoever holds the code."""
    try:
        number = number_of(code, roll.keys.code_key)
    except NotACode:
        return Refused(CodeWrong(sought=""))
    record = _record(roll, number, Actor("subscriber"))
    if isinstance(record, Record) and record.state.code in (0, number):
        return record
    # Not a record's own number, or a record that was given a fresh code: whose fresh code is it?
    with roll.database.own() as connection:
        owner = subscriptions.number_of_code(connection, number)
    return Refused(SubscriptionUnknown(sought="")) if owner is None else _record(roll, owner, Actor("subscriber"))


def by_number(roll: Roll, number: int) -> Record | Refused:
    """The record of somebody whose session opens it."""
    return _record(roll, number, Actor("subscriber"))


def code_to_tell(roll: Roll, number: int) -> str:
    """A record's filing code as it is now, for its operator; empty where the record was filed alone, and taken afterwards."""
    with roll.database.transaction("subscriber", record=number) as connection:
        found = subscriptions.code_to_tell(connection, number)
    return "" if found is None else code_of(found, roll.keys.code_key)


def by_handle(roll: Roll, operator: str, handle: str) -> Record | Refused:
    """An operator's own record by its handle; its code is empty where it is its holder's alone."""
    if not OLD.fullmatch(handle):
        return Refused(SubscriptionUnknown(sought=handle))
    with roll.database.transaction("operator", organisation=operator) as connection:
        number = subscriptions.numbers_of(connection, operator, [handle]).get(handle)
    if number is None:
        return Refused(SubscriptionUnknown(sought=handle))
    record = _record(roll, number, Actor("operator", operator))
    return record if isinstance(record, Refused) else msgspec.structs.replace(record, code=code_to_tell(roll, number))


def own_by_handle(roll: Roll, operator: str, handle: str) -> Record | Refused:
    """The same, for that operator itself: it is told since when a record has another handle. Nobody else is."""
    found = by_handle(roll, operator, handle)
    if isinstance(found, Record) or not OLD.fullmatch(handle):
        return found
    with roll.database.transaction("operator", organisation=operator) as connection:
        day = subscriptions.left_handles(connection, operator, [handle]).changed(handle)
    return found if day is None else Refused(HandleChanged(handle=handle, on=day))


def codes(roll: Roll, operator: str) -> Iterator[tuple[str, str]]:
    """The filing codes of an operator's own subscriptions by its handles, for the operator to hand to its subscribers."""
    with roll.database.transaction("operator", organisation=operator) as connection:
        every = subscriptions.all_handles(connection, operator)
        while some := list(islice(every, _CODES_TOGETHER)):
            yield from zip(
                [handle for handle, _ in some],
                codes_of([number for _, number in some], roll.keys.code_key),
                strict=True,
            )


def _record(roll: Roll, number: int, actor: Actor) -> Record | Refused:
    with roll.database.transaction(actor.role, organisation=actor.organisation, record=number) as connection:
        return record_in(connection, roll, number)


def record_in(connection: Connection, roll: Roll, number: int) -> Record | Refused:
    """A record as the role of a transaction sees it."""
    state: Subscription | None = None
    history: list[Happening] = []
    turns: list[Answering] = []
    succeeded = operators.asked_succeeded(connection)
    for row in events.of_streams(connection, [number]):
        fact = event_of(row.name, row.body)
        before, state = state, evolve(state, fact, row.day)
        history.append(_happening(row, fact, before))
        if state is not None and (before is None or before.operator != state.operator):
            turns = [*_up_to(turns, row.day), Answering(state.operator, row.day)]
    if state is None:
        return Refused(SubscriptionUnknown(sought=""))
    lives = {one.name: one for one in operators.rows_of(succeeded)}
    heirs = {name: one.heir for name, one in lives.items() if one.heir}
    turns, state = _succeeded(turns, lives), answered(state, heirs) or state
    since = begun(connection, LAPSE) if state.waits else None
    today = roll.day(roll.clock())
    return Record(
        number,
        code_of(state.code or number, roll.keys.code_key),
        state,
        tuple(history),
        duties_of(state, roll.versions, today),
        roll.waits_until(state.filed, since) if state.waits else None,
        tuple(turns),
    )


def _succeeded(turns: list[Answering], lives: Mapping[str, OperatorRow]) -> list[Answering]:
    """Operators one after the other, with those that succeeded the last."""
    while turns and (last := lives.get(turns[-1].operator)) is not None and last.heir and last.ended:
        day = max(last.ended, turns[-1].since)
        turns = [*_up_to(turns, day), Answering(last.heir, day)]
    return turns


def _up_to(turns: list[Answering], day: date) -> list[Answering]:
    """Operators one after the other, the last of which answered until a day."""
    return [*turns[:-1], *(msgspec.structs.replace(one, until=day) for one in turns[-1:])]


def _happening(row: EventRow, fact: Event, before: Subscription | None) -> Happening:
    detail = str(getattr(fact, "to", "") or getattr(fact, "why", "") or getattr(fact, "gaining", ""))
    # An operator has the codes of what it filed, and the fresh code of what it released: with these it could be anyone.
    alone = before is None or before.held or (not before.handle and not before.code)
    office = office_of(row.role)
    # On a record that goes to another operator, that one may be who acted.
    own = (row.actor_organisation or row.organisation) if row.role == "operator" else ""
    organisation = own if office in ("operator", "subscriber", REGISTRAR) else row.actor_organisation or ""
    seat = str(getattr(fact, "clerk", "")) if row.role == "operator" else ""
    holder = row.role == "subscriber" and alone
    commitment = b64encode(row.commitment).decode()
    return Happening(row.version, row.name, row.day, office, detail, organisation, seat, holder, commitment)
