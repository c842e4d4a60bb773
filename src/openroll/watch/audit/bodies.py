"""Organisations, their seats and registered uses as a log's entries leave them: what acts on requests are held against."""

from datetime import UTC, date, datetime

import msgspec

from openroll.register.decision import Accepted, Decision
from openroll.register.event import Event
from openroll.register.official import Under
from openroll.register.organisation import events as lives
from openroll.register.organisation.lives import heir_of
from openroll.register.organisation.roles import REGISTRAR, Seat, seat_of
from openroll.register.organisation.seats import Member, SeatRecord, joined_to, member_from, not_two
from openroll.register.refusals import TextNamesSomebody
from openroll.register.request.commands import EndUse, RegisterUse
from openroll.register.request.events import UseEnded, UseRegistered
from openroll.register.request.rights import end_use, register_use
from openroll.register.request.state import Registering, Use

NAMES = frozenset(
    kind.name
    for kind in (
        lives.OperatorAdmitted1,
        lives.OperatorAdmitted,
        lives.OrganisationAdmitted1,
        lives.OrganisationAdmitted,
        lives.OperatorSucceeded,
        lives.OperatorLeft,
        lives.PersonJoined,
        lives.SeatConfirmed,
        lives.PersonLeft,
        UseRegistered,
        UseEnded,
    )
)
"""The kinds of entries that are followed here."""
BEFORE = "before"
"""Whose word put a seat in force that is of before seats were confirmed."""


_ANY_TIME = datetime.min.replace(tzinfo=UTC)  # no moment matters to who registers what


class SeatTaken(msgspec.Struct):
    """A seat that somebody took: `confirmed_by` is empty while it waits for a word, `left` says that nobody sits there now."""

    role: str
    invited_by: str = ""
    founding: bool = False
    confirmed_by: str = ""
    left: bool = False


class Bodies(msgspec.Struct):
    """The organisations in force with their kinds, every seat and use that there ever was, and who succeeded which operator.

    `links` are pairs of organisations of which somebody of the second let somebody of the first in.
    """

    kinds: dict[str, str] = {}
    seats: dict[str, SeatTaken] = {}
    uses: dict[int, Use] = {}
    heirs: dict[str, str] = {}
    links: list[tuple[str, str]] = []

    def take(self, fact: Event) -> str:
        """Keep what an entry changes; why no decider makes it, as a sentence's end, and then nothing is changed by it.

        What is once there is written no second time, and what ended does not end again: else whoever keeps the log could register
        a use, or seat somebody, anew for one entry.
        """
        match fact:
            case lives.OperatorAdmitted() | lives.OperatorAdmitted1():
                return self._admitted(fact.operator, "operator")
            case lives.OrganisationAdmitted() | lives.OrganisationAdmitted1():
                return self._admitted(fact.organisation, fact.kind)
            case lives.OperatorSucceeded():
                self.heirs[fact.operator] = fact.heir
                self._ends(fact.operator)
            case lives.OperatorLeft():
                self._ends(fact.operator)
            case UseRegistered():
                return self._registered(fact)
            case UseEnded():
                return self._use_ended(fact)
            case _:
                return self._seated(fact)
        return ""

    def _admitted(self, name: str, kind: str) -> str:
        """Who is there already is admitted again where the database forgot them, and as what they were.

        In rolls of before names were one space for all, an operator and another organisation may share one.
        """
        before = self.kinds.get(name, kind)
        if before != kind and "operator" not in (before, kind):
            return f"{name!r} was admitted as another kind of organisation"
        self.kinds[name] = kind
        return ""

    def _registered(self, fact: UseRegistered) -> str:
        said = f"use {fact.use} is registered already" if fact.use in self.uses else self._may_not_register(fact)
        if not said:
            self.uses[fact.use] = _use(fact)
        return said

    def _use_ended(self, fact: UseEnded) -> str:
        by, use = self.member(fact.by), self.uses.get(fact.use)
        if by is None:
            return f"{fact.by!r} is no seat"
        said = _refused(end_use(EndUse(use=fact.use, why=fact.why), use, by, Under(fact.rule, date.min, _ANY_TIME)))
        if use is not None and not said:
            self.uses[fact.use] = msgspec.structs.replace(use, ended=True)
        return said

    def _seated(self, fact: Event) -> str:
        match fact:
            case lives.PersonJoined():
                if fact.seat in self.seats:
                    return f"seat {fact.seat} was taken before, and a number is given once"
                before = "" if fact.founding or fact.invited_by else BEFORE
                self.seats[fact.seat] = SeatTaken(fact.role, fact.invited_by, fact.founding, before)
                self._joined(fact.seat, fact.invited_by)
            case lives.SeatConfirmed():
                if said := self._may_not_confirm(fact):
                    return said
                self.seats[fact.seat].confirmed_by = fact.by
                self._joined(fact.seat, fact.by)
            case lives.PersonLeft():
                if fact.seat not in self.seats or self.seats[fact.seat].left:
                    return f"nobody sits in seat {fact.seat}"
                self.seats[fact.seat].left = True
        return ""

    def _may_not_confirm(self, fact: lives.SeatConfirmed) -> str:
        """Why nobody's word puts this seat in force so: it was in force, or who gave it is no lead, or no second pair of eyes."""
        new, by = self.member(fact.seat), self.member(fact.by)
        if new is None or by is None:
            return f"{fact.seat if new is None else fact.by!r} is no seat"
        if not new.sits or new.in_force:
            return f"seat {fact.seat} does not wait for a word"
        if not by.lead or by.seat.organisation not in (new.seat.organisation, REGISTRAR):
            return f"{fact.by} is no lead whose word it takes"
        return "" if (refusal := not_two(new, by)) is None else f"its decider refuses it: {refusal.code}"

    def _ends(self, operator: str) -> None:
        self.kinds.pop(operator, None)
        for name, seat in self.seats.items():
            seat.left = seat.left or organisation_in(name) == operator

    def member(self, name: str) -> Member | None:
        """A seat with its chain of invitations; None for what names none."""
        seat = seat_of(name)
        return None if seat is None else member_from(seat, self._record)

    def _record(self, seat: Seat) -> SeatRecord | None:
        found = self.seats.get(str(seat))
        if found is None:
            return None
        in_force = found.founding or bool(found.confirmed_by)
        return SeatRecord(found.role, seat_of(found.invited_by), found.founding, not found.left, in_force)

    def heir(self, operator: str) -> str:
        """Who answers for what is or was an operator's."""
        return heir_of(operator, self.heirs)

    def bound_to(self, *organisations: str) -> frozenset[str]:
        """The organisations that chains of invitations join to any of these."""
        return joined_to(organisations, self.links)

    def _joined(self, seat: str, by: str) -> None:
        own, other = organisation_in(seat), organisation_in(by)
        if other not in ("", REGISTRAR, BEFORE, own) and (own, other) not in self.links:
            self.links.append((own, other))

    def _may_not_register(self, fact: UseRegistered) -> str:
        """Why nobody registers a use so; its fields and purposes are those of a rule, whose text no entry has."""
        by = self.member(fact.by)
        if by is None or by.seat.organisation != fact.organisation:
            return f"{fact.by} is no seat of {fact.organisation}"
        of = {name: getattr(fact, name) for name in RegisterUse.__struct_fields__}
        state = Registering(self.kinds.get(fact.organisation, ""), frozenset(fact.fields), fact.purpose + 1)
        return _refused(register_use(RegisterUse(**of), state, by, Under(fact.rule, date.min, _ANY_TIME)))


def _refused(decision: Decision) -> str:
    """Why a decider refuses; not for words as they read to a program, which may change with its version."""
    refusal = None if isinstance(decision, Accepted) else decision.refusal
    return (
        "" if refusal is None or isinstance(refusal, TextNamesSomebody) else f"its decider refuses it: {refusal.code}"
    )


def organisation_in(seat: str) -> str:
    """The organisation of a seat."""
    return seat.rpartition("/")[0]


def _use(fact: UseRegistered) -> Use:
    return Use(
        organisation=fact.organisation,
        number=fact.use,
        purpose=fact.purpose,
        basis=fact.basis,
        fields=fact.fields,
        supervisor=fact.supervisor,
        supervised_at=fact.supervised_at,
        office=fact.office,
        rule=fact.rule,
    )
