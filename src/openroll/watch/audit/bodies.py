"""Organisations, their seats and registered uses as a log's entries leave them: what acts on requests are held against."""

from datetime import date

import msgspec

from openroll.register.event import Event
from openroll.register.organisation import events as lives
from openroll.register.organisation.lives import heir_of
from openroll.register.request.commands import EndUse, RegisterUse
from openroll.register.request.events import UseEnded, UseRegistered
from openroll.register.request.rights import end_use, register_use
from openroll.register.request.state import Registering, Use
from openroll.register.roll.events import LogRestored, RollOpened, RollOpened1, RollOpened2
from openroll.watch.audit.seatings import ANY_DAY, Seatings, refused, under

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
        lives.SeatAnnounced,
        lives.SeatConfirmed,
        lives.PersonLeft,
        UseRegistered,
        UseEnded,
        RollOpened,
        RollOpened1,
        RollOpened2,
        LogRestored,
    )
)
"""The kinds of entries that are followed here."""


class Bodies(Seatings):
    """The organisations in force with their kinds, every seat and use that there ever was, and who succeeded which operator."""

    uses: dict[int, Use] = msgspec.field(default_factory=dict)
    heirs: dict[str, str] = msgspec.field(default_factory=dict)

    def take(self, fact: Event, day: date = ANY_DAY) -> str:
        """Keep what an entry of a day changes; why no decider makes it, as a sentence's end, and then it changes nothing.

        What is once there is written no second time, and what ended does not end again: else whoever keeps the log could register
        a use, or seat somebody, anew for one entry.
        """
        match fact:
            case lives.OperatorAdmitted() | lives.OperatorAdmitted1():
                return self._admitted(fact.operator, "operator")
            case lives.OrganisationAdmitted() | lives.OrganisationAdmitted1():
                return self._admitted(fact.organisation, fact.kind)
            case lives.OperatorSucceeded():
                return self._succeeded(fact)
            case lives.OperatorLeft():
                return self._left(fact)
            case UseRegistered():
                return self._registered(fact)
            case UseEnded():
                return self._use_ended(fact)
            case _:
                return self.take_seat(fact, day)

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
        said = refused(end_use(EndUse(use=fact.use, why=fact.why), use, by, under(fact.rule)))
        if use is not None and not said:
            self.uses[fact.use] = msgspec.structs.replace(use, ended=True)
        return said

    def _succeeded(self, fact: lives.OperatorSucceeded) -> str:
        said = self.may_not_succeed(fact)
        if not said:
            self.heirs[fact.operator] = fact.heir
            self.ends(fact.operator)
        return said

    def _left(self, fact: lives.OperatorLeft) -> str:
        if self.kinds.get(fact.operator) != "operator":
            return f"{fact.operator!r} is no operator"
        said = self.may_not_lead(fact.by, fact.operator)
        if not said:
            self.ends(fact.operator)
        return said

    def heir(self, operator: str) -> str:
        """Who answers for what is or was an operator's."""
        return heir_of(operator, self.heirs)

    def _may_not_register(self, fact: UseRegistered) -> str:
        """Why nobody registers a use so; its fields and purposes are those of a rule, whose text no entry has."""
        by = self.member(fact.by)
        if by is None or by.seat.organisation != fact.organisation:
            return f"{fact.by} is no seat of {fact.organisation}"
        of = {name: getattr(fact, name) for name in RegisterUse.__struct_fields__}
        state = Registering(self.kinds.get(fact.organisation, ""), frozenset(fact.fields), fact.purpose + 1)
        return refused(register_use(RegisterUse(**of), state, by, under(fact.rule)))


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
