"""The rule that a log's entries on requests keep: each follows from those before it, by the procedure that the filing named.

Whatever official acts are left out of the log (an approval before an answer, a call back, time that was over), the
next entry of the same request does not follow from those that are there. Numbers are given once; one that no entry has was
drawn for a request that was refused.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from openroll.register.event import Event
from openroll.register.events import EVENTS
from openroll.register.organisation.seats import may_act
from openroll.register.procedure import missed
from openroll.register.request.events import (
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
from openroll.register.request.state import ACTS, ProcedureGone, Request, evolve
from openroll.register.request.turns import may_take
from openroll.rules.procedure import lasts
from openroll.watch.audit.bodies import NAMES as BODIES
from openroll.watch.audit.bodies import Bodies, organisation_in
from openroll.watch.audit.request_decisions import filing_refused, step_refused

NAMES = frozenset(name for name, kind in EVENTS.items() if issubclass(kind, RequestEvent))
"""The kinds of entries on requests."""


ANY_TIME = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
UNRECKONED = (ArithmeticError, LookupError, TypeError, ValueError)
"""What reckoning with a hostile entry may raise (a moment of the year 9999 or without a zone, times that are no times).

Whoever keeps the log wrote it, so it ends no audit: it is named as what no decider makes."""
_READ_AGAIN = ("authority", "reviewer")
Approvals = dict[str, list[tuple[int, datetime]]]
"""What an officer was approved by one reviewer within the procedure's time: by both seats, the requests and when."""


@dataclass
class RequestRules:
    """Follows every request through the log's entries in order. `whole` says that none before were left out.

    `bodies` are the organisations, seats and uses of the same entries, None where not all of them were read; `readers` says of
    requests that ended which bodies may still take what is sealed to them.
    """

    going: dict[int, Request] = field(default_factory=dict)
    last: int = 0
    whole: bool = True
    approvals: Approvals = field(default_factory=dict)
    bodies: Bodies | None = None
    readers: dict[int, list[str]] = field(default_factory=dict)

    def take(self, kind: str, act: str, between: tuple[datetime, datetime] = ANY_TIME) -> str:
        """The next entry: what of it does not follow from those before, as a sentence's end; empty for nothing.

        `between` are the moments in which the entry's day may have been: what is done, is done on the day that it stands under.
        """
        try:
            return self._taken(kind, act, between)
        except UNRECKONED as error:
            named = type(error).__name__
            return f"it has a moment, a number or a name that cannot be reckoned with, and no roll writes ({named})"

    def _taken(self, kind: str, act: str, between: tuple[datetime, datetime]) -> str:
        known = _read(kind, act) if self.bodies is not None and kind in BODIES else None
        if self.bodies is not None and known is not None and (said := self.bodies.take(known)):
            return said
        fact = fact_in(kind, act)
        if fact is None:
            return ""
        return self._follows(fact) or _dated_otherwise(fact, between)

    def _follows(self, fact: RequestEvent) -> str:
        """What of a fact does not follow from those before it."""
        if isinstance(fact, RequestFiled):
            return self._filed(fact)
        request = self.going.get(fact.request)
        if request is None and isinstance(fact, RequestOpened) and fact.request <= self.last:
            return self._opened_again(fact)
        if request is None:
            return f"request {fact.request} was never filed, or had ended" if self.whole else ""
        said = _unfit(request, fact) or self._paired(request, fact) or self._refused(request, fact)
        try:
            after = evolve(request, fact)
        except ValueError as error:
            return said or str(error)
        self.going[fact.request] = after
        if after.ended:
            del self.going[fact.request]
            self.readers[fact.request] = [one for one in _READ_AGAIN if may_take(after, one)]
            self.readers[fact.request] = [getattr(after, one) for one in self.readers[fact.request]]
        return said

    def _opened_again(self, fact: RequestOpened) -> str:
        """Of a request that has ended, who asked and who reviewed may see it again, and it stands in the log."""
        readers = self.readers.get(fact.request)
        if readers is None:
            return ""  # it ended before this was followed
        own = organisation_in(fact.by)
        by = None if self.bodies is None else self.bodies.member(fact.by)
        right = own == fact.organisation and own in readers
        return "" if right and (by is None or may_act(by) is None) else f"{fact.by} may take nothing of it any more"

    def _refused(self, request: Request, fact: RequestEvent) -> str:
        """Why no decider makes a fact, if so."""
        if isinstance(fact, TimePassed):
            return ""
        if isinstance(fact, RequestProduced) and self.bodies is not None and self._produces(fact) != fact.request:
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
        said = "" if fact.request > self.last else f"request {fact.request} is filed behind request {self.last}"
        if organisation_in(fact.by) != fact.authority or fact.reviewer in (fact.authority, fact.operator):
            said = said or "who asks, who decides and who is asked are not those that may"
        self.last = max(self.last, fact.request)
        earlier = None if fact.earlier is None else self.going.get(fact.earlier)
        try:
            if self.whole or fact.earlier is None:  # else what it names may have begun before
                said = said or filing_refused(fact, earlier, self.bodies)
            self.going[fact.request] = evolve(None, fact)
        except ProcedureGone:
            self.whole = False  # what follows from it is not known here
        except KeyError:
            return said or "its procedure has no such beginning"
        return said


def fact_in(kind: str, act: str) -> RequestEvent | None:
    """The fact of a request in an entry's text; None for any other entry, and for a text that does not read."""
    fact = _read(kind, act) if kind in NAMES else None
    return fact if isinstance(fact, RequestEvent) else None


def _read(kind: str, act: str) -> Event | None:
    try:
        fact: Event = msgspec.json.decode(act, type=EVENTS[kind])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return fact


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
