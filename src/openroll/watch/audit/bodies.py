"""Organisations, their seats and registered uses as a log's entries leave them: what acts on requests are held against."""

from datetime import date

import msgspec

from openroll.register.event import Event
from openroll.register.organisation import events as lives
from openroll.register.organisation.commands import AdmitOperator, AdmitOrganisation
from openroll.register.organisation.decide import admit, admit_operator
from openroll.register.organisation.seats import KEEPERS
from openroll.register.request.commands import EndUse, RegisterUse
from openroll.register.request.events import KeyEnded, KeyPublished, UseEnded, UseRegistered
from openroll.register.request.rights import end_use, register_use
from openroll.register.request.state import Registering, Use
from openroll.register.roll.events import LogRestored, RollOpened, RollOpened1, RollOpened2
from openroll.watch.audit import official_acts, rule_acts, successions
from openroll.watch.audit.body_keys import BodyKeys
from openroll.watch.audit.seatings import ANY_DAY, refused, under

_OWN = frozenset(
    kind.name
    for kind in (
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
NAMES = _OWN | official_acts.NAMES | rule_acts.NAMES | successions.NAMES
"""The kinds of entries that are followed here."""


class Bodies(BodyKeys):
    """The organisations in force with their kinds, every seat and use that there ever was, and who succeeded which operator.

    `forgot` says that the database once forgot what stands in the log: then who was admitted may be admitted again. `besides`
    says what else it is that shares its name with an operator.
    """

    besides: dict[str, str] = msgspec.field(default_factory=dict)
    uses: dict[int, Use] = msgspec.field(default_factory=dict)
    forgot: bool = False

    def take(self, fact: Event, day: date = ANY_DAY) -> str:
        """Keep what an entry of a day changes; why no decider makes it, as a sentence's end, and then it changes nothing.

        What is once there is written no second time, and what ended does not end again: else whoever keeps the log could register
        a use, or seat somebody, anew for one entry.
        """
        return official_acts.may_not(fact, self) or self._taken(fact, day)

    def _taken(self, fact: Event, day: date) -> str:
        match fact:
            case lives.OperatorAdmitted() | lives.OperatorAdmitted1():
                return self._operator(fact if isinstance(fact, lives.OperatorAdmitted) else fact.as_now())
            case lives.OrganisationAdmitted() | lives.OrganisationAdmitted1():
                return self._organisation(fact if isinstance(fact, lives.OrganisationAdmitted) else fact.as_now())
            case lives.OperatorLeft():
                return self._left(fact)
            case UseRegistered():
                return self._registered(fact)
            case UseEnded():
                return self._use_ended(fact)
            case RollOpened() | RollOpened1() | RollOpened2():
                self.begin()
            case LogRestored() if fact.lost:
                self.forgot = True
                self.forget_takings_up()
                self.forget_offers()
                self.forget_keys()
            case KeyPublished() | KeyEnded():
                return self.take_key(fact)
        return self.take_rule(fact, day) or self.take_succession(fact, day) or self.take_seat(fact, day)

    def begin(self) -> None:
        """From here on it is known what was proposed, offered and published: the roll's opening is read, or stands nowhere."""
        self.keys = {} if self.keys is None else self.keys
        self.proposals = {} if self.proposals is None else self.proposals
        self.offers = {} if self.offers is None else self.offers

    def _operator(self, fact: lives.OperatorAdmitted) -> str:
        command = AdmitOperator(operator=fact.operator, title=fact.title, kind=fact.kind)
        said = refused(admit_operator(command, self._names(fact.operator, "operator"), KEEPERS, under(fact.rule)))
        return said or self._admitted(fact.operator, "operator")

    def _organisation(self, fact: lives.OrganisationAdmitted) -> str:
        command = AdmitOrganisation(organisation=fact.organisation, kind=fact.kind, title=fact.title)
        said = refused(admit(command, self._names(fact.organisation, fact.kind), KEEPERS, under(fact.rule)))
        return said or self._admitted(fact.organisation, fact.kind)

    def _admitted(self, name: str, kind: str) -> str:
        before = self.kinds.get(name, kind)
        if before != kind and kind == "operator":
            self.besides[name] = before
        self.kinds[name] = kind
        return ""

    def _names(self, name: str, kind: str) -> frozenset[str]:
        """This name, where it is taken. Who is there is admitted again where the database forgot them, as what they were.

        In a roll that the first versions opened, an operator and one other organisation may share a name.
        """
        besides = self.besides.get(name, kind)
        before = self.kinds.get(name)
        if before == kind and self.forgot:
            return frozenset()
        shared = before is not None and before != kind and "operator" in (before, kind)
        if shared and not self.confirms and kind in ("operator", besides):
            return frozenset()
        return frozenset({name} if before is not None or name in self.ended else ())

    def _registered(self, fact: UseRegistered) -> str:
        said = f"use {fact.use} is registered already" if fact.use in self.uses else self._may_not_register(fact)
        if not said:
            self.uses[fact.use] = _use(fact)
        return said

    def _use_ended(self, fact: UseEnded) -> str:
        by, use = self.alone(fact.by), self.uses.get(fact.use)
        if by is None:
            return f"{fact.by!r} is no seat"
        said = refused(end_use(EndUse(use=fact.use, why=fact.why), use, by, under(fact.rule)))
        if use is not None and not said and fact.organisation != use.organisation:
            said = f"use {fact.use} is none of {fact.organisation}"
        if use is not None and not said:
            self.uses[fact.use] = msgspec.structs.replace(use, ended=True)
        return said

    def _left(self, fact: lives.OperatorLeft) -> str:
        if self.kinds.get(fact.operator) != "operator":
            return f"{fact.operator!r} is no operator"
        said = self.may_not_lead(fact.by, fact.operator)
        if not said:
            self.ends(fact.operator)
        return said

    def _may_not_register(self, fact: UseRegistered) -> str:
        """Why nobody registers a use so; its fields and purposes are those of a rule, whose text no entry has."""
        by = self.alone(fact.by)
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
