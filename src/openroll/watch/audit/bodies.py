"""Organisations, their seats and registered uses as a log's entries leave them: what acts on requests are held against."""

from datetime import UTC, date, datetime

import msgspec

from openroll.register.decision import Accepted
from openroll.register.event import Event
from openroll.register.official import Under
from openroll.register.organisation import events as lives
from openroll.register.organisation.lives import heir_of
from openroll.register.organisation.roles import REGISTRAR, Seat, seat_of
from openroll.register.organisation.seats import Member, SeatRecord, joined_to, member_from
from openroll.register.refusals import TextNamesSomebody
from openroll.register.request.commands import RegisterUse
from openroll.register.request.events import UseEnded, UseRegistered
from openroll.register.request.rights import register_use
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

    def take(self, fact: Event) -> None:
        """Keep what an entry changes."""
        match fact:
            case lives.OperatorAdmitted() | lives.OperatorAdmitted1():
                self.kinds[fact.operator] = "operator"
            case lives.OrganisationAdmitted() | lives.OrganisationAdmitted1():
                self.kinds[fact.organisation] = fact.kind
            case lives.OperatorSucceeded():
                self.heirs[fact.operator] = fact.heir
                self._ends(fact.operator)
            case lives.OperatorLeft():
                self._ends(fact.operator)
            case UseRegistered() if self._may_register(fact):
                self.uses[fact.use] = _use(fact)
            case UseEnded() if fact.use in self.uses:
                self.uses[fact.use] = msgspec.structs.replace(self.uses[fact.use], ended=True)
            case _:
                self._seated(fact)

    def _seated(self, fact: Event) -> None:
        match fact:
            case lives.PersonJoined():
                before = "" if fact.founding or fact.invited_by else BEFORE
                self.seats[fact.seat] = SeatTaken(fact.role, fact.invited_by, fact.founding, before)
                self._joined(fact.seat, fact.invited_by)
            case lives.SeatConfirmed() if fact.seat in self.seats:
                self.seats[fact.seat].confirmed_by = fact.by
                self._joined(fact.seat, fact.by)
            case lives.PersonLeft() if fact.seat in self.seats:
                self.seats[fact.seat].left = True

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

    def _may_register(self, fact: UseRegistered) -> bool:
        """Whether a use was registered by whoever may; its fields and purposes are those of a rule, whose text no entry has."""
        by = self.member(fact.by)
        if by is None or by.seat.organisation != fact.organisation:
            return False
        of = {name: getattr(fact, name) for name in RegisterUse.__struct_fields__}
        state = Registering(self.kinds.get(fact.organisation, ""), frozenset(fact.fields), fact.purpose + 1)
        decision = register_use(RegisterUse(**of), state, by, Under(fact.rule, date.min, _ANY_TIME))
        return isinstance(decision, Accepted) or isinstance(decision.refusal, TextNamesSomebody)


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
