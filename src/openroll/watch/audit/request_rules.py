"""The rule that a log's entries on requests keep: each follows from those before it, by the procedure that the filing named.

Whatever official acts are left out of the log (an approval before an answer, a call back, time that was over), the
next entry of the same request does not follow from those that are there. Numbers are given once; one that no entry has was
drawn for a request that was refused.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import msgspec

from openroll.register.event import Event
from openroll.register.events import EVENTS
from openroll.register.organisation.seats import may_act
from openroll.register.procedure import missed
from openroll.register.request.events import (
    PersonTold,
    RequestApproved,
    RequestConfirmed,
    RequestEvent,
    RequestFiled,
    RequestNarrowed,
    RequestOpened,
    RequestProduced,
    RequestSeconded,
    TimePassed,
)
from openroll.register.request.state import ACTS, Request, evolve
from openroll.register.request.turns import may_take
from openroll.rules.procedure import lasts
from openroll.rules.validate_requests import unnameable
from openroll.watch.audit.request_decisions import filing_refused, step_refused
from openroll.watch.audit.roll_acts import RollActs, may_not_in, unreckoned
from openroll.watch.audit.seatings import organisation_in
from openroll.watch.facts import UNRECKONED, read_entry

NAMES = frozenset(name for name, kind in EVENTS.items() if issubclass(kind, RequestEvent))
"""The kinds of entries on requests."""


ANY_TIME = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_READ_AGAIN = ("authority", "reviewer")
Approvals = dict[str, list[tuple[int, datetime]]]
"""What an officer was approved by one reviewer within the procedure's time: by both seats, the requests and when."""


@dataclass
class RequestRules(RollActs):
    """Follows every request through the log's entries in order. `whole` says that none before were left out.

    `bodies` are the organisations, seats and uses of the same entries, None where not all of them were read; `readers` says of
    requests that ended which bodies may still take what is sealed to them. `unfollowed` are requests that nobody here can follow,
    each with the procedure that this version does not have, empty where the filing was named as one that no roll writes: what
    depends on those alone is not judged. `unknown` are such procedures, as far as entries were met that go by them. `by_rule` is
    the procedure of each rule: a rule names one. `over` are those that ended and whose person was
    told: they are told anew where the notice was lost; `over_whole` says that all of them are there.
    """

    going: dict[int, Request] = field(default_factory=dict)
    last: int = 0
    whole: bool = True
    approvals: Approvals = field(default_factory=dict)
    readers: dict[int, list[str]] = field(default_factory=dict)
    unfollowed: dict[int, str] = field(default_factory=dict)
    by_rule: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    over: dict[int, Request] = field(default_factory=dict)
    over_whole: bool = True

    def take(self, kind: str, act: str, between: tuple[datetime, datetime] = ANY_TIME) -> str:
        """Follow the next entry by its text. One that does not read is as if it were not there: who reads entries names it."""
        fact = read_entry(kind, act or None).fact
        return "" if fact is None else self.follow(fact, between)

    def follow(self, fact: Event, between: tuple[datetime, datetime] = ANY_TIME) -> str:
        """The next fact: what of it does not follow from those before, as a sentence's end; empty for nothing.

        `between` are the moments in which the entry's day may have been: what is done, is done on the day that it stands under.
        """
        unopened = self.unopened(fact)
        return "; and ".join(filter(None, (unopened, self._judged(fact, between))))

    def _judged(self, fact: Event, between: tuple[datetime, datetime]) -> str:
        try:
            said = self.taken(fact, _day(between))
            if said or not isinstance(fact, RequestEvent):
                return said
            return self._follows(fact) or _dated_otherwise(fact, between)
        except UNRECKONED as error:
            return unreckoned(error)

    def _follows(self, fact: RequestEvent) -> str:
        """What of a fact does not follow from those before it."""
        if isinstance(fact, RequestFiled):
            return self._filed(fact)
        if fact.request in self.unfollowed:
            self.unknown |= {self.unfollowed[fact.request]} - {""}
            return ""
        request = self.going.get(fact.request)
        if request is None and isinstance(fact, PersonTold):
            request = self.over.get(fact.request)
            if request is None and not self.over_whole and fact.request <= self.last:
                self.whole = False  # it ended before this was followed: what follows from it is not known here
        if request is None and isinstance(fact, RequestOpened) and fact.request <= self.last:
            return self._opened_again(fact)
        if request is None:
            return f"request {fact.request} was never filed, or had ended" if self.whole else ""
        return self._goes_on(request, fact)

    def _goes_on(self, request: Request, fact: RequestEvent) -> str:
        """What of a fact does not follow from how its request stands. What nobody does who may changes nothing of it."""
        if self.bodies is not None and (said := may_not_in(request, fact, self.bodies)):
            return said
        said = _unfit(request, fact) or self._paired(request, fact) or self._refused(request, fact)
        try:
            after = evolve(request, fact)
        except ValueError as error:
            return said or str(error)
        self.going[fact.request] = after
        self.over.pop(fact.request, None)
        if after.ended:
            del self.going[fact.request]
            if after.complaint:
                self.over[fact.request] = msgspec.structs.replace(after, envelopes=(), taken={})
            self.readers[fact.request] = [one for one in _READ_AGAIN if may_take(after, one)]
            self.readers[fact.request] = [getattr(after, one) for one in self.readers[fact.request]]
        return said

    def _opened_again(self, fact: RequestOpened) -> str:
        """Of a request that has ended, who asked and who reviewed may see it again, and it stands in the log."""
        readers = self.readers.get(fact.request)
        if readers is None:
            return ""  # it ended before this was followed
        own = organisation_in(fact.by)
        right = own == fact.organisation and own in readers
        if right and self.bodies is not None:
            by = self.bodies.alone(fact.by)
            right = by is not None and may_act(by) is None
        return "" if right else f"{fact.by} may take nothing of it any more"

    def _refused(self, request: Request, fact: RequestEvent) -> str:
        """Why no decider makes a fact, if so."""
        if isinstance(fact, TimePassed):
            return ""
        seen = isinstance(fact, RequestProduced) and fact.later not in self.unfollowed
        if (
            isinstance(fact, RequestProduced)
            and seen
            and self.bodies is not None
            and self._produces(fact) != fact.request
        ):
            return f"request {fact.later} does not ask for what it kept"
        counted = self.approvals.get(f"{request.officer} {fact.by}", ())
        pair = len([one for one in counted if one[0] != fact.request])
        return step_refused(fact, request, self.bodies, pair)

    def _produces(self, fact: RequestProduced) -> int | None:
        later = self.going.get(fact.later)
        return None if later is None else later.earlier

    def _paired(self, request: Request, fact: RequestEvent) -> str:
        """Why an approval is one more than its officer and its approver may have within the procedure's time, if so."""
        if not isinstance(fact, RequestApproved | RequestNarrowed):
            return ""
        pair, since = f"{request.officer} {fact.by}", fact.at - lasts(request.by.pair_time)
        before = [one for one in self.approvals.get(pair, []) if one[1] > since and one[0] != fact.request]
        self.approvals[pair] = [*before, (fact.request, fact.at)]
        most, days = request.by.pair, lasts(request.by.pair_time).days
        if len(before) < most:
            return ""
        return f"{fact.by} approves more than {most} requests of {request.officer} within {days} days"

    def _filed(self, fact: RequestFiled) -> str:
        """What of a filing does not follow. What nobody files who may, or a second of a number that goes on, changes nothing: who
        keeps the log would make the honest one of that number, and every act after it, look like somebody else's."""
        if self.bodies is not None and (said := may_not_in(fact, fact, self.bodies)):
            return said
        said = "" if fact.request > self.last else f"request {fact.request} is filed behind request {self.last}"
        if said and (fact.request in self.going or fact.request in self.unfollowed):
            return said
        if organisation_in(fact.by) != fact.authority or fact.reviewer in (fact.authority, fact.operator):
            said = said or "who asks, who decides and who is asked are not those that may"
        self.last = max(self.last, fact.request)
        try:
            said = said or self._goes_by(fact)
        except KeyError:
            self.unfollowed[fact.request] = fact.procedure
            self.unknown.add(fact.procedure)
            return said
        earlier = None if fact.earlier is None else self.going.get(fact.earlier)
        began = self.whole and fact.earlier not in self.unfollowed  # else what it names may have begun unseen
        try:
            said = said or filing_refused(fact, earlier, self.bodies, seen=fact.earlier is None or began)
            self.going[fact.request] = evolve(None, fact)
        except UNRECKONED:
            self.unfollowed[fact.request] = ""
            return said or "its procedure has no such beginning"
        return said

    def _goes_by(self, fact: RequestFiled) -> str:
        """Why no rule names the procedure that a filing goes by, if so. Raises KeyError: nobody here has it."""
        wrong = unnameable(fact.procedure)
        if wrong:
            return f"it goes by the procedure {fact.procedure}, which no rule can name ({wrong})"
        named = self.by_rule.setdefault(fact.rule, fact.procedure)
        return (
            "" if named == fact.procedure else f"under {fact.rule} requests go by {named}, and it by {fact.procedure}"
        )


def _day(between: tuple[datetime, datetime]) -> date:
    """The day that lies between two moments, in whatever zone it was."""
    begins, ends = between
    return (begins + (ends - begins) / 2).date()


def _dated_otherwise(fact: RequestEvent, between: tuple[datetime, datetime]) -> str:
    """Whether a fact says another moment than its entry's day: times are reckoned by it. That a time was over is said later."""
    begins, ends = between
    if fact.at < ends and (isinstance(fact, TimePassed) or begins <= fact.at):
        return ""
    return f"it says to be of {fact.at:%Y-%m-%d %H:%M} UTC, which is not of the day that it stands under"


def _by_another(request: Request, fact: RequestEvent) -> bool:
    """Whether a fact is the act of another body than the one whose it is. Operators have heirs, who act for them."""
    _, party = ACTS.get(type(fact), ("", ""))
    bodies = {"authority": request.authority, "reviewer": request.reviewer, "objector": request.objector}
    return party in bodies and organisation_in(fact.by) != bodies[party]


def _one_person(request: Request, fact: RequestEvent) -> bool:
    """Whether the second of two people is the first."""
    if isinstance(fact, RequestConfirmed):
        return fact.by == request.officer
    return isinstance(fact, RequestSeconded) and fact.by == request.approved_by


def _unfit(request: Request, fact: RequestEvent) -> str:
    """Why a fact cannot come now, beside what its step takes."""
    standing = request.standing
    if isinstance(fact, TimePassed):
        then = missed(request.by, standing, fact.at)
        right = then is not None and (fact.step, fact.to, fact.at) == (standing.step, then.step, standing.due)
        return "" if right else f"the time of its step {standing.step!r} was not over so"
    if missed(request.by, standing, fact.at) is not None:
        return f"the time of its step {standing.step!r} was over, and nothing says so"
    if _by_another(request, fact):
        return f"{fact.by} is not of the body whose act it is"
    if _one_person(request, fact):
        return f"{fact.by} is both of the two people it takes"
    return ""
