"""Seats: which are in force, and which two of them count as two people. Pure, as every decision is.

Nobody can prove that two seats are two persons. What the roll knows is who invited whom, so it takes seats that go back to one
invitation for one person: they are no two pairs of eyes. And a new seat does nothing until a lead of another line gave their
word for it. The one exception is stated in the log: the first lead of an organisation that is only beginning (`founding`) is in
force at once, since nobody is there to confirm it.

An organisation's seats are its own to give: one of the two words, who invited and who confirms, is that of a lead of its own.
Where no lead of it says one (there is none, or none answers any more) the registrar gives notice, in the log, and puts the seat
in force when the notice is over and the organisation gave no sign of life.
"""

from collections.abc import Callable, Iterable
from datetime import date

import msgspec

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.organisation.events import SeatAnnounced, SeatConfirmed
from openroll.register.organisation.refusals import (
    NotAllowed,
    NoticeRuns,
    OneLine,
    OrganisationLives,
    SeatConfirmedAlready,
    SeatGone,
    SeatWaiting,
    SecondEyesNeeded,
)
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat
from openroll.register.refusal import Refusal
from openroll.rules.calendar import moved_by

NOTICE_DAYS = 14
"""Days that a notice runs at least, of a new seat or of a succession, whatever the rule or a setting of the roll says.

Whoever keeps the machine sets the settings: a day would be no time in which an operator is heard of.
"""


def notice_until(today: date, waits: date) -> date:
    """The last day of a notice that begins today; `waits` is the day until which an operator's word is awaited."""
    return max(waits, moved_by(today, NOTICE_DAYS))


class Member(msgspec.Struct, frozen=True):
    """A seat with what counts of it.

    `chain` begins with the seat itself and goes on with who invited it, who invited that one, and so on; it ends with the
    registrar's founding seat or with whoever keeps the machine. `founders` are the founding seats in it, and its
    organisation's number 0: the word of a program's token.
    """

    seat: Seat
    role: str
    sits: bool
    in_force: bool
    chain: tuple[Seat, ...]
    founders: frozenset[Seat] = frozenset()

    @property
    def line(self) -> Seat:
        """Where its chain of invitations ends."""
        return self.chain[-1]

    @property
    def lead(self) -> bool:
        """Whether it lets others in and out."""
        return self.role.endswith("-lead")


class Notice(msgspec.Struct, frozen=True):
    """A notice of a new seat: who gave it, its last day, and the day on which the organisation gave a sign of life since."""

    by: Member
    until: date
    heard: date | None = None


class Confirming(msgspec.Struct, frozen=True):
    """Before a seat is confirmed: the seat, who invited to it (None: not known), and the notice that was given of it.

    `until` is the last day of a notice that is given today. `led` says that a lead in force speaks for the organisation: one who
    signed in within the days of a notice, as far as the roll knows.
    """

    new: Member
    inviter: Member | None
    until: date
    notice: Notice | None = None
    led: bool = False

    @property
    def of_a_program(self) -> bool:
        """Whether a program's token was the word by which the seat was offered: number 0 of its organisation."""
        return self.inviter is not None and self.inviter.seat.number == 0 and self.inviter.seat != KEEPER


class SeatRecord(msgspec.Struct, frozen=True):
    """A seat by itself, as its facts leave it: its role, who invited to it, and whether somebody sits there and may act."""

    role: str
    invited_by: Seat | None
    founding: bool
    sits: bool
    in_force: bool


KEEPERS = Member(KEEPER, "registrar-lead", True, True, (KEEPER,), frozenset({KEEPER}))
"""Whoever keeps the machine, as a member."""


def is_of_a_program(seat: Seat) -> bool:
    """Whether a seat is the word of its organisation itself, as a program's token says it."""
    return seat.number == 0 and seat != KEEPER


def member_from(seat: Seat, find: Callable[[Seat], SeatRecord | None]) -> Member:
    """A seat with its chain of invitations; `find` gives each seat of it by itself. `sits` is false where there is none."""
    if seat == KEEPER:
        return KEEPERS
    own = find(seat)
    if own is None:
        return Member(seat, "", False, False, (seat,))
    chain, founders, record = [seat], set[Seat](), own
    passed = {seat}  # whoever keeps a log may have written a chain of any length, or a ring
    while True:
        at = chain[-1]
        if record.founding:
            founders.add(at)
        above = None if record.founding and at.organisation == REGISTRAR else record.invited_by
        if above is None or above in passed:
            break
        chain.append(above)
        passed.add(above)
        if is_of_a_program(above):
            founders.add(above)  # the organisation itself, to which all whom its own word let in go back
            chain.append(KEEPER)  # who showed its token: no line of invitations of its own
        found = None if above == KEEPER else find(above)
        if found is None:
            break
        record = found
    return Member(seat, own.role, own.sits, own.in_force, tuple(chain), frozenset(founders))


def joined_to(organisations: Iterable[str], links: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The organisations that chains of invitations join to any of these: who let whom in, through however many others.

    The registrar lets in the first of everybody, so what comes from it alone joins nobody.
    """
    pairs, first = list(links), set(organisations)
    found = set(first)
    while more := {one for pair in pairs if found & set(pair) for one in pair} - found:
        found |= more
    return frozenset(found - first - {REGISTRAR})


def may_act(member: Member) -> Refusal | None:
    """Why a seat may do nothing official, if so."""
    if not member.sits:
        return SeatGone(seat=str(member.seat))
    if member.in_force:
        return None
    by = member.chain[1] if len(member.chain) > 1 else member.seat
    return SeatWaiting(
        seat=str(member.seat), unspoken="" if is_let_in_by_own(member.seat, by) else member.seat.organisation
    )


def is_let_in_by_own(seat: Seat, by: Seat) -> bool:
    """Whether somebody of its organisation invited to a seat: a token of programs says nothing of who reads."""
    return by.organisation == seat.organisation and not is_of_a_program(by)


def of_one_line(first: Member, second: Member) -> bool:
    """Whether two seats go back to one invitation, through however many others."""
    return first.line == second.line


def of_one_chain(first: Member, second: Member) -> bool:
    """Whether one of two seats invited the other, or both were let in by a third one, through however many others.

    That both go back to a founding seat, to their organisation's own word or to whoever keeps the machine does not count: in a
    small organisation all do.
    """
    if first.seat in second.chain or second.seat in first.chain:
        return True
    return not (set(first.chain) & set(second.chain)) <= (first.founders | second.founders | {KEEPER})


def second_eyes(first: Member, second: Member) -> Refusal | None:
    """Why `second` is no second pair of eyes for what `first` did, if so."""
    refusal = not_two(first, second)
    # What somebody said is taken up while they still may say it: with their seat it ended.
    return may_act(first) if refusal is None else refusal


def not_two(first: Member, second: Member) -> Refusal | None:
    """Why `second` may not act, or may be the same person as `first`."""
    refusal = may_act(second)
    if refusal is not None:
        return refusal
    if first.seat == second.seat:
        return SecondEyesNeeded()
    if of_one_line(first, second):
        return OneLine(first=str(first.seat), second=str(second.seat), line=str(first.line))
    return None


def confirm(state: Confirming, by: Member, rule: str, today: date) -> Decision:
    """Give one's word for a new seat: a lead of its organisation or of the registrar, of another line of invitations.

    Where neither who invited nor who confirms is of the organisation itself, it is notice that is given, and then the seat is put
    in force `unasked`. So it is, at once, where a program of it spoke alone: a token can be made by whoever keeps the machine.
    """
    refusal = _not_to_confirm(state, by) or not_two(state.new, by)
    if refusal is not None:
        return Refused(refusal, rule)
    seat = state.new.seat
    confirmed = SeatConfirmed(organisation=seat.organisation, seat=str(seat), by=str(by.seat), rule=rule)
    if is_own_word(state, by):
        alone = by.seat.organisation != seat.organisation and state.of_a_program
        return Accepted((msgspec.structs.replace(confirmed, unasked=alone),))
    notice = state.notice
    if notice is None or (notice.heard is None and may_act(notice.by) is not None):
        of = {"organisation": seat.organisation, "seat": str(seat), "by": str(by.seat), "rule": rule}
        return Accepted((SeatAnnounced(**of, until=state.until),))
    if notice.heard is not None:
        return Refused(OrganisationLives(organisation=seat.organisation, on=notice.heard), rule)
    if today <= notice.until:
        return Refused(NoticeRuns(until=notice.until), rule)
    return Accepted((msgspec.structs.replace(confirmed, unasked=True),))


def is_own_word(state: Confirming, by: Member) -> bool:
    """Whether who invited to a seat, or who confirms it, is of the seat's own organisation. Programs speak where no lead does."""
    own = state.new.seat.organisation
    if by.seat.organisation == own:
        return True
    return (
        state.inviter is not None and state.inviter.seat.organisation == own and not (state.of_a_program and state.led)
    )


def _not_to_confirm(state: Confirming, by: Member) -> Refusal | None:
    new = state.new
    if not new.sits:
        return SeatGone(seat=str(new.seat))
    if new.in_force:
        return SeatConfirmedAlready(seat=str(new.seat))
    if not by.lead or by.seat.organisation not in (new.seat.organisation, REGISTRAR) or by.seat == KEEPER:
        return NotAllowed(role=by.role, act="confirm")
    # The invitation was somebody's word: it is taken up while they still may say it.
    return None if state.inviter is None else may_act(state.inviter)
