"""Organisations and seats as decisions need them: their records and kinds, and seats with their chains of invitations."""

from collections.abc import Sequence
from datetime import date

import msgspec
from psycopg import Connection

from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.events import SeatAnnounced
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat, seat_of
from openroll.register.organisation.seats import (
    Confirming,
    Member,
    Notice,
    SeatRecord,
    confirm,
    is_let_in_by_own,
    is_of_a_program,
    may_act,
    member_from,
    notice_until,
)
from openroll.register.roll.decide import ROLL_STREAM
from openroll.register.subscription.porting import offered_until
from openroll.rules import Rule, digest, words_digest
from openroll.service.roll import Roll
from openroll.store import operators, people, signs_of_life
from openroll.store import roll as rolls
from openroll.store import rule_versions as rows
from openroll.store.people import PersonRow


class Waiting(msgspec.Struct, frozen=True):
    """A new seat that waits: who invited it, and the seats that may give their word for it today.

    `may_announce` are those of them whose word begins a notice. Of one that was given `until` is the last day, and `heard` the
    day of the organisation's sign of life since, which makes it void.
    """

    seat: Seat
    role: str
    label: str
    invited_by: str
    may_confirm: tuple[Seat, ...]
    may_announce: tuple[Seat, ...] = ()
    until: date | None = None
    heard: date | None = None


def record_of(connection: Connection, organisation: str, *, ended: bool = False) -> int | None:
    """The record an organisation's events stand on: its own, or the roll's for the registrar; None for an unknown one.

    With `ended` also that of an operator that is in the roll no more.
    """
    if organisation == REGISTRAR:
        return ROLL_STREAM
    found = people.organisations(connection, ended=ended)
    return next((one.number for one in found if one.name == organisation), None)


def kind_of(connection: Connection, organisation: str) -> str | None:
    """The kind of an organisation; None for an unknown one."""
    if organisation == REGISTRAR:
        return REGISTRAR
    return next((one.kind for one in people.organisations(connection) if one.name == organisation), None)


def member(connection: Connection, seat: Seat) -> Member:
    """A seat with its chain of invitations, held against change until the transaction ends; `sits` is false for a seat without
    anybody."""
    return member_from(seat, lambda at: _record(people.seat(connection, at.organisation, at.number, hold=at == seat)))


def _record(row: PersonRow | None) -> SeatRecord | None:
    if row is None:
        return None
    in_force = row.founding or row.confirmed_by is not None
    return SeatRecord(row.role, seat_of(row.invited_by), row.founding, row.left_at is None, in_force)


def confirming(connection: Connection, roll: Roll, seat: Seat, today: date) -> Confirming:
    """A seat as it is decided on whether somebody's word puts it in force."""
    new = member(connection, seat)
    inviter = _inviter(connection, roll, new.chain[1]) if len(new.chain) > 1 else None
    until = noticed_until(roll, today)
    led = is_led(connection, roll, seat.organisation, today)
    return Confirming(new, inviter, until, _notice(connection, seat, today), led)


def is_led(connection: Connection, roll: Roll, organisation: str, today: date) -> bool:
    """Whether a lead in force speaks for an organisation: by a provider, or by a passkey used within the days of a notice."""
    return people.is_led(connection, organisation, today - (noticed_until(roll, today) - today))


def noticed_until(roll: Roll, today: date) -> date:
    """The last day of a notice that begins today, by the rule and the roll's settings."""
    return notice_until(today, offered_until(roll.setting(today).terms))


def let_in_by_own(row: PersonRow) -> bool:
    """Whether somebody of its organisation invited to a seat: a token of programs says nothing of who reads."""
    by = seat_of(row.invited_by)
    return by is not None and is_let_in_by_own(Seat(row.organisation, row.seat), by)


def _inviter(connection: Connection, roll: Roll, seat: Seat) -> Member:
    """Who invited; the organisation itself, as number 0, where a token was its word: as long as one of its programs' lets in."""
    if not is_of_a_program(seat):
        return member(connection, seat)
    speaks = any(not one.seat for one in rolls.tokens(connection, seat.organisation, roll.clock()))
    return Member(seat, "operator", speaks, True, (seat, KEEPER))


def _notice(connection: Connection, seat: Seat, today: date) -> Notice | None:
    """The notice that was given of a seat. What its organisation filed since is a sign of life, looked for when it is over."""
    row = people.seat(connection, seat.organisation, seat.number)
    by = seat_of(row.announced_by or "") if row is not None else None
    if row is None or by is None or row.announced is None or row.announced_until is None:
        return None
    heard = signs_of_life.heard(connection, seat.organisation, seat.number)
    if heard is None and row.announced_until < today:
        heard = operators.filed_since(connection, seat.organisation, row.announced)
    return Notice(member(connection, by), row.announced_until, heard)


def readers_of(connection: Connection, rule: Rule) -> tuple[Member, ...]:
    """Who signed that they read exactly these words, the first first, each held against change until the transaction ends."""
    found = rows.readings_of(connection, digest(rule), words_digest(rule))
    return tuple(member(connection, Seat(row.organisation, row.seat)) for row in found)


def new_readers(connection: Connection, roll: Roll, rule: Rule, starts: date) -> tuple[Member, ...] | None:
    """Who has read the words of a rule that is proposed; None where nobody has to: it has none, or is the rule of that day.

    The latter is published with another jurisdiction, and no word of it is new.
    """
    if not words_digest(rule) or digest(roll.rule_on(starts).rule) == digest(rule):
        return None
    return readers_of(connection, rule)


def acting(connection: Connection, seat: Seat) -> Refused | None:
    """Why a seat may do nothing official, if so. Every official act of a seat asks this in its own transaction."""
    refusal = may_act(member(connection, seat))
    return None if refusal is None else Refused(refusal)


def is_gone(connection: Connection, text: str) -> bool:
    """Whether a seat, as events name it, said something that is not to be taken up any more: it may not act today.

    Of an operator that was succeeded the seats ended with it, and what they said is its heir's. A program has no seat.
    """
    seat = seat_of(text)
    if seat is None or may_act(member(connection, seat)) is None:
        return False
    row = people.seat(connection, seat.organisation, seat.number)
    left_at = None if row is None else row.left_at
    return left_at is None or not operators.was_succeeded_at(connection, seat.organisation, left_at)


def waiting(roll: Roll, organisation: str = "") -> list[Waiting]:
    """The seats that wait for another's word, in one organisation or in all, each with who may give it."""
    today = roll.day(roll.clock())
    with roll.database.own() as connection:
        rows = people.waiting(connection, organisation)
        if not rows:
            return []
        # Nobody else's lead may give their word (`confirm`), and the leads of every organisation are hundreds.
        near = {REGISTRAR, *(row.organisation for row in rows)}
        leads = [member(connection, Seat(*one)) for one in people.leads_in_force(connection) if one[0] in near]
        return [
            _waiting(confirming(connection, roll, Seat(row.organisation, row.seat), today), row, leads, today)
            for row in rows
        ]


def _waiting(state: Confirming, row: PersonRow, leads: Sequence[Member], today: date) -> Waiting:
    """How a seat waits, as each lead's word is decided on."""
    said = [(one.seat, confirm(state, one, "", today)) for one in leads]
    words = [(seat, decision.events[0]) for seat, decision in said if isinstance(decision, Accepted)]
    return Waiting(
        state.new.seat,
        row.role,
        row.label,
        row.invited_by,
        tuple(seat for seat, _ in words),
        tuple(seat for seat, fact in words if isinstance(fact, SeatAnnounced)),
        None if state.notice is None else state.notice.until,
        None if state.notice is None else state.notice.heard,
    )


def founding(roll: Roll) -> list[Seat]:
    """The registrar's founding seats: in force without another's word."""
    with roll.database.own() as connection:
        return [Seat(REGISTRAR, number) for number in people.founding(connection, REGISTRAR)]
