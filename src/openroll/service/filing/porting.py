"""Porting a subscription to another operator: offered or asked for, agreed or withdrawn; one transaction each.

The record stands with the one operator until the transaction in which the other has it. What goes along is everything that is
kept under its number: facts, receipts, filing code, passkeys, what was told. What stays behind is the losing operator's handle:
the gaining one has its own, made with its own key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

import msgspec
import psycopg
from psycopg import Connection

from openroll.register.command import Actor, Command
from openroll.register.decision import Refused
from openroll.register.events import event_of
from openroll.register.kinds import decider_of
from openroll.register.organisation.refusals import OperatorUnknown, TokenUnknown
from openroll.register.organisation.roles import Seat
from openroll.register.refusals import DatabaseBusy, TooManyLookUps
from openroll.register.subscription.commands import AgreePort, AskPort, OfferPort, WithdrawPort
from openroll.register.subscription.decide import Subscription, evolve
from openroll.register.subscription.events import PortOffered, SubscriptionPorted
from openroll.register.subscription.filing_code import NotACode, number_of, number_of_reference, reference_of
from openroll.register.subscription.refusals import CodeWrong, SubscriptionUnknown
from openroll.service.acts import append
from openroll.service.event_rows import event_row
from openroll.service.filing.pace import Pace
from openroll.service.filing.projections import show, states_of
from openroll.service.filing.submit import Taken
from openroll.service.filing.unconfirmed import place_for_a_word
from openroll.service.identity import throttle
from openroll.service.identity.seats import acting, is_gone
from openroll.service.identity.telling import tell_of_port
from openroll.service.queries import Record, by_code
from openroll.service.roll import Roll
from openroll.store import events, operators, subscriptions
from openroll.store import roll as rolls

MOST = 1_000
"""Records shown at once that are to go to another operator."""
_TRIES = 3
Make = Callable[[Connection, Subscription | None, int], Command]


@dataclass(frozen=True)
class Party:
    """Who acts for an operator: a clerk's `seat`, or a program by its `token` (its hash); neither is whoever keeps the machine.

    `source` is the address that it comes from, against which what is guessed counts; empty for whoever keeps the machine.
    `link` is where its subscriber opens a record, for the mail that tells of a port.
    """

    operator: str
    seat: Seat | None = None
    token: bytes = b""
    source: str = ""
    link: str = ""

    @property
    def clerk(self) -> str:
        """The seat as an event names it."""
        return "" if self.seat is None else str(self.seat)


class Porting(msgspec.Struct, frozen=True):
    """A record that is to go from one operator to another, as either of the two sees it.

    `mine` says whether the one that looks began it, so that the other has to agree. `handle` is the losing operator's, and
    empty for the gaining one. `void` says that the seat which began it has ended: nobody agrees to it any more.
    """

    reference: str
    losing: str
    gaining: str
    asked: bool
    until: date
    mine: bool
    handle: str
    kind: str
    access: str
    district: str
    connected: date
    void: bool = False


def waiting(roll: Roll, operator: str) -> list[Porting]:
    """The records that are to leave an operator or to come to it, until the last day of each, the soonest over first."""
    with roll.database.own() as connection:
        rows = subscriptions.ports(connection, operator, roll.day(roll.clock()), MOST)
        void = _void(connection, [row.number for row in rows])
    return [
        Porting(
            reference_of(row.number, roll.keys.code_key),
            row.losing,
            row.gaining,
            row.asked,
            row.until,
            (row.gaining == operator) == row.asked,
            (row.handle or "") if row.losing == operator else "",
            row.kind,
            row.access,
            row.district,
            row.connected,
            row.number in void,
        )
        for row in rows
    ]


def _void(connection: Connection, numbers: list[int]) -> set[int]:
    """Of records that are on their way, those of which the seat that offered or asked has ended."""
    clerks = {}
    for row in events.of_streams(connection, numbers):
        if row.name == PortOffered.name:
            clerks[row.stream] = str(getattr(event_of(row.name, row.body), "clerk", ""))
    gone = {clerk: is_gone(connection, clerk) for clerk in set(clerks.values())}
    return {number for number, clerk in clerks.items() if gone[clerk]}


def offer(roll: Roll, by: Party, number: int, to: str) -> Taken | Refused:
    """Offer one of an operator's own records to another operator."""

    def made(connection: Connection, _: Subscription | None, __: int) -> Command:
        # Held, so that what comes to the gaining operator's heir comes to it with all the rest.
        return OfferPort(to=to, known=operators.is_in_force(connection, to, hold=True), clerk=by.clerk)

    return _taken(roll, by, number, made)


def ask(roll: Roll, by: Party, code: str, handle: str) -> Taken | Refused:
    """Ask for another operator's record, by the filing code that its subscriber gave, to have it under a handle of one's own."""
    try:
        number_of(code, roll.keys.code_key)
    except NotACode:
        return Refused(CodeWrong(sought=""))
    found = _of_code(roll, by, code)
    if isinstance(found, Refused):
        return found

    def made(connection: Connection, _: Subscription | None, __: int) -> Command:
        return AskPort(handle=handle, clerk=by.clerk, **_had(connection, by.operator, handle, found.number))

    return _taken(roll, by, found.number, made)


def agree(roll: Roll, by: Party, reference: str, handle: str = "") -> Taken | Refused:
    """Agree to what the other operator offered or asked. The gaining one says its handle, where it did not when it asked."""

    def made(connection: Connection, state: Subscription | None, number: int) -> Command:
        offered = None if state is None else state.port
        gaining = by.operator if offered is None else offered.gaining
        wanted = handle if offered is None or not offered.asked else offered.handle
        # Held, so that the record is not given to an operator that ends at this moment.
        known = operators.is_in_force(connection, gaining, hold=True)
        gone = offered is not None and is_gone(connection, offered.clerk)
        had = _had(connection, gaining, wanted, number)
        return AgreePort(handle=handle, known=known, clerk=by.clerk, gone=gone, **had)

    return _of_reference(roll, by, reference, made)


def withdraw(roll: Roll, by: Party, reference: str, why: str = "") -> Taken | Refused:
    """Take back what one offered or asked, or decline what the other did."""
    return _of_reference(roll, by, reference, lambda *_: WithdrawPort(why=why, clerk=by.clerk))


class _Had(TypedDict):
    """Whether an operator calls a record by a handle, and on which day another one than this left it, and how."""

    taken: bool
    left: date | None
    changed: bool


def _had(connection: Connection, operator: str, handle: str, number: int) -> _Had:
    taken = bool(subscriptions.numbers_of(connection, operator, [handle]))
    by = subscriptions.left_handles(connection, operator, [handle]).by(handle, number)
    return {"taken": taken, "left": by and by.day, "changed": by is not None and by.changed}


def _of_code(roll: Roll, by: Party, code: str) -> Record | Refused:
    """The record that a code opens. Codes that open nothing count, as where a clerk looks one up."""
    goes = None
    if by.source:
        target = by.clerk or f"a program of {by.operator}"
        goes = throttle.take(roll, throttle.ASKING_BY_CODE, source=by.source, target=target, organisation=by.operator)
    if isinstance(goes, throttle.Wait):
        return Refused(TooManyLookUps(wait=goes.minutes))
    found = by_code(roll, code)
    if isinstance(found, Record) and goes is not None:
        throttle.give_back(roll, goes)
    return found


def _of_reference(roll: Roll, by: Party, reference: str, make: Make) -> Taken | Refused:
    """Act on the record of a reference. References under which nothing is to come or to go count."""
    try:
        number = number_of_reference("".join(reference.split()), roll.keys.code_key)
    except NotACode:
        return Refused(SubscriptionUnknown(sought=reference))
    goes = place_for_a_word(roll, by.operator, by.source) if by.source else None
    if isinstance(goes, Refused):
        return goes
    outcome = _taken(roll, by, number, make)
    missed = isinstance(outcome, Refused) and isinstance(outcome.refusal, SubscriptionUnknown)
    if goes is not None and not missed:
        throttle.give_back(roll, goes)
    return outcome


def _taken(roll: Roll, by: Party, number: int, make: Make) -> Taken | Refused:
    for _ in range(_TRIES):
        try:
            with roll.database.own() as connection:
                return _decided(connection, roll, by, number, make)
        except psycopg.errors.UniqueViolation:
            continue  # somebody was quicker on this record, or with this handle: it is decided anew
    return Refused(DatabaseBusy())


def _decided(connection: Connection, roll: Roll, by: Party, number: int, make: Make) -> Taken | Refused:
    now = roll.clock()
    if (refused := _may_not(connection, by, now)) is not None:
        return refused
    version = events.version_of(connection, number)
    state = states_of(connection, [number]).get(number)
    day, actor, command = roll.day(now), Actor("operator", by.operator), make(connection, state, number)
    another_s = state is None or state.operator != by.operator
    pace = Pace(connection, roll, now, [number], actor, another_s=another_s)
    if (refused := pace.too_many(command, number)) is not None:
        return refused
    decision = decider_of(type(command))(command, state, actor, roll.setting(day))
    if isinstance(decision, Refused):
        return decision
    fact = decision.events[0]
    after = evolve(state, fact, day)
    assert after is not None  # noqa: S101 - nothing here erases
    of = {"stream": number, "version": version + 1}
    append(connection, roll, [event_row(roll, now, fact, **of, actor=actor, owner=after.operator)])
    show(connection, {number: after})
    if isinstance(fact, SubscriptionPorted):
        tell_of_port(connection, roll, number, rolls.operators(connection)[after.operator], by.link)
    return Taken(number, version + 1)


def _may_not(connection: Connection, by: Party, now: datetime) -> Refused | None:
    """Why somebody does not act for an operator, if so: a seat that is gone, a token that ended, an operator that did."""
    if by.seat is not None and (refused := acting(connection, by.seat)) is not None:
        return refused
    if by.token and rolls.organisations_of(connection, [by.token], now, hold=True).get(by.token) != by.operator:
        return Refused(TokenUnknown())
    known = operators.is_in_force(connection, by.operator, hold=True)
    return None if known else Refused(OperatorUnknown(operator=by.operator))
