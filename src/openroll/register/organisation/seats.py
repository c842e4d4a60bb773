"""Seats: which are in force, and which two of them count as two people. Pure, as every decision is.

Nobody can prove that two seats are two persons. What the roll knows is who invited whom, so it takes seats that go back to one
invitation for one person: they are no two pairs of eyes. And a new seat does nothing until a lead of another line gave their
word for it. The one exception is stated in the log: the first lead of an organisation (`founding`) is in force at once, since
nobody is there to confirm it.
"""

import msgspec

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.organisation.events import SeatConfirmed
from openroll.register.organisation.refusals import (
    NotAllowed,
    OneLine,
    SeatConfirmedAlready,
    SeatGone,
    SeatWaiting,
    SecondEyesNeeded,
)
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat
from openroll.register.refusal import Refusal


class Member(msgspec.Struct, frozen=True):
    """A seat with what counts of it.

    `chain` begins with the seat itself and goes on with who invited it, who invited that one, and so on; it ends with the
    registrar's founding seat or with whoever keeps the machine. `founders` are the founding seats in it.
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


KEEPERS = Member(KEEPER, "registrar-lead", True, True, (KEEPER,), frozenset({KEEPER}))
"""Whoever keeps the machine, as a member."""


def may_act(member: Member) -> Refusal | None:
    """Why a seat may do nothing official, if so."""
    if not member.sits:
        return SeatGone(seat=str(member.seat))
    return None if member.in_force else SeatWaiting(seat=str(member.seat))


def of_one_line(first: Member, second: Member) -> bool:
    """Whether two seats go back to one invitation, through however many others."""
    return first.line == second.line


def of_one_chain(first: Member, second: Member) -> bool:
    """Whether one of two seats invited the other, or both were let in by a third one, through however many others.

    That both go back to a founding seat or to whoever keeps the machine does not count: in a small organisation all do.
    """
    if first.seat in second.chain or second.seat in first.chain:
        return True
    return not (set(first.chain) & set(second.chain)) <= (first.founders | second.founders | {KEEPER})


def second_eyes(first: Member, second: Member) -> Refusal | None:
    """Why `second` is no second pair of eyes for what `first` did, if so."""
    refusal = may_act(second)
    if refusal is not None:
        return refusal
    if first.seat == second.seat:
        return SecondEyesNeeded()
    if of_one_line(first, second):
        return OneLine(first=str(first.seat), second=str(second.seat), line=str(first.line))
    return None


def confirm(new: Member, by: Member, rule: str) -> Decision:
    """Give one's word for a new seat: a lead of its organisation or of the registrar, of another line of invitations."""
    refusal = _not_to_confirm(new, by) or second_eyes(new, by)
    if refusal is not None:
        return Refused(refusal, rule)
    organisation = new.seat.organisation
    return Accepted((SeatConfirmed(organisation=organisation, seat=str(new.seat), by=str(by.seat), rule=rule),))


def _not_to_confirm(new: Member, by: Member) -> Refusal | None:
    if not new.sits:
        return SeatGone(seat=str(new.seat))
    if new.in_force:
        return SeatConfirmedAlready(seat=str(new.seat))
    if not by.lead or by.seat.organisation not in (new.seat.organisation, REGISTRAR) or by.seat == KEEPER:
        return NotAllowed(role=by.role, act="confirm")
    return None
