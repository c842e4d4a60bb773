"""The acts on a roll and its bodies followed through a log's entries, so that of each act it is known whether whoever did it may.

What somebody does who may not changes nothing: a body that was never admitted, a seat that nobody sits in, a succession that
cannot be.
"""

from dataclasses import dataclass, field
from datetime import date

from openroll.register.event import Event
from openroll.register.organisation.refusals import OperatorUnknown
from openroll.register.organisation.seats import may_act
from openroll.register.request.events import RequestComplained, RequestEvent, RequestFiled, TimePassed
from openroll.register.request.refusals import ReviewerNotApart
from openroll.register.request.state import Request
from openroll.register.request.whose import is_of_its_party
from openroll.register.roll.events import (
    LogBegun,
    RollOpened,
    RollOpened1,
    RollOpened2,
    RulePublished,
    RulePublished1,
)
from openroll.watch.audit.bodies import NAMES as BODIES
from openroll.watch.audit.bodies import Bodies
from openroll.watch.audit.request_decisions import refused_as
from openroll.watch.audit.seatings import organisation_in
from openroll.watch.facts import UNRECKONED


@dataclass
class RollActs:
    """Follows the acts on a roll, its rules, bodies, seats, keys and uses through the log's entries in order.

    `bodies` are None where not all of the entries were read. `rules` are the rules of the roll with the first day of each; while
    its opening was not read there are none, and under which rule an act is, is not judged. `from_first` says that the log's first
    entry was read: then an act that stands before the opening is named.
    """

    bodies: Bodies | None = None
    rules: dict[str, date] = field(default_factory=dict)
    from_first: bool = False

    def judge(self, fact: Event, day: date) -> str:
        """Follow the next fact, of an entry of this day; why whoever did it may not, as a sentence's end, and then it changes
        nothing. Of an act in a request only what it says of the roll is followed: see `may_not_in`."""
        self.unopened(fact)
        try:
            return "" if isinstance(fact, RequestEvent) else self.taken(fact, day)
        except UNRECKONED as error:
            return unreckoned(error)

    def taken(self, fact: Event, day: date) -> str:
        """As `judge`, without looking whether the roll was opened. Raises what is UNRECKONED."""
        if said := self._under_no_rule(fact, day):
            return said
        if self.bodies is not None and fact.name in BODIES and (said := self.bodies.take(fact, day)):
            return said
        self._in_force(fact)
        return ""

    def unopened(self, fact: Event) -> str:
        """Whether an act stands in a log that no entry opens. That is said once, and its rule taken for the roll's first."""
        opens = isinstance(fact, RollOpened | RollOpened1 | RollOpened2 | LogBegun)
        rule: str | None = getattr(fact, "rule", None)
        if opens or not self.from_first or self.rules or rule is None:
            return ""
        self.rules[rule] = date.min
        if self.bodies is not None:
            self.bodies.begin()
        return f"no entry before it opens the roll: {rule!r}, which it names, is taken for the roll's first rule"

    def _under_no_rule(self, fact: Event, day: date) -> str:
        """Whether an act is under a rule that was never in force by its day, or opens what is open."""
        rule: str | None = getattr(fact, "rule", None)
        opens = isinstance(fact, RollOpened | RollOpened1 | RollOpened2)
        if opens and self.rules:
            return "the roll was opened before"
        if not opens and self.rules and rule is not None and self.rules.get(rule, date.max) > day:
            return f"it is under the rule {rule!r}, which no entry before it opens or publishes for its day"
        return ""

    def _in_force(self, fact: Event) -> None:
        """Keep the rule that an entry opens or publishes."""
        if isinstance(fact, RollOpened | RollOpened1 | RollOpened2):
            self.rules[fact.rule] = date.min
        elif self.rules and isinstance(fact, RulePublished | RulePublished1):
            self.rules[fact.published] = min(fact.starts, self.rules.get(fact.published, date.max))


def unreckoned(error: Exception) -> str:
    """What is said of a fact that reads and raises what is UNRECKONED."""
    return f"it cannot be reckoned with beside those before it, and no roll writes it ({type(error).__name__})"


def may_not_in(filed: Request | RequestFiled, fact: RequestEvent, bodies: Bodies) -> str:
    """Why whoever did this in a request that was `filed` so may not, as a sentence's end; whether it follows is another question.

    That time passed is nobody's word, and a complaint the person's, who has no seat.
    """
    if isinstance(fact, TimePassed) or (isinstance(fact, RequestComplained) and not fact.by):
        return ""
    if said := may_not_act(fact.by, bodies):
        return said
    if isinstance(fact, RequestFiled):
        return _may_not_file(fact, bodies)
    # Operators have heirs, who act for them, and nobody else then.
    if not is_of_its_party(fact, filed, (bodies.heir(filed.operator),)):
        return f"{fact.by} is not of the body whose act it is"
    return ""


def may_not_act(name: str, bodies: Bodies) -> str:
    """Why a seat may do nothing official, as a sentence's end: there is none of this name, nobody sits there, or it waits."""
    by = bodies.alone(name)
    if by is None:
        return f"{name!r} is no seat"
    return "" if (refusal := may_act(by)) is None else refused_as(refusal)


def _may_not_file(fact: RequestFiled, bodies: Bodies) -> str:
    if organisation_in(fact.by) != fact.authority:
        return f"{fact.by} is no seat of {fact.authority}"
    if fact.operator not in bodies.kinds:
        return refused_as(OperatorUnknown(operator=fact.operator))
    deciding = filter(None, (fact.reviewer, fact.objector))
    absent = next((one for one in deciding if one not in bodies.kinds), None)
    return "" if absent is None else refused_as(ReviewerNotApart(organisation=absent))
