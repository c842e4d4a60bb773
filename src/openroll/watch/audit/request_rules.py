"""The rule that a log's entries on requests keep: each follows from those before it, by the procedure that the filing named.

Whatever official acts are left out of the log (an approval before an answer, a call back, time that was over), the
next entry of the same request does not follow from those that are there. Numbers are given once; one that no entry has was
drawn for a request that was refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from openroll.register.event import Event
from openroll.register.events import EVENTS
from openroll.register.procedure import missed
from openroll.register.request.events import (
    NobodyTold,
    RequestAnswered,
    RequestApproved,
    RequestCalledBack,
    RequestComplained,
    RequestConfirmed,
    RequestEvent,
    RequestFiled,
    RequestNarrowed,
    RequestOpened,
    RequestSeconded,
    TellingPostponed,
    TimeExtended,
    TimePassed,
)
from openroll.register.request.state import ACTS, ProcedureGone, Request, evolve
from openroll.register.request.turns import is_held, may_take
from openroll.rules.procedure import lasts

NAMES = frozenset(name for name, kind in EVENTS.items() if issubclass(kind, RequestEvent))
"""The kinds of entries on requests."""


Approvals = dict[str, list[tuple[int, datetime]]]
"""What an officer was approved by one reviewer within the procedure's time: by both seats, the requests and when."""


@dataclass
class RequestRules:
    """Follows every request through the log's entries in order. `whole` says that none before were left out."""

    going: dict[int, Request] = field(default_factory=dict)
    last: int = 0
    whole: bool = True
    approvals: Approvals = field(default_factory=dict)

    def take(self, kind: str, act: str) -> str:
        """The next entry: what of it does not follow from those before, as a sentence's end; empty for nothing."""
        fact = fact_in(kind, act)
        if fact is None:
            return ""
        if isinstance(fact, RequestFiled):
            return self._filed(fact)
        request = self.going.get(fact.request)
        if request is None and isinstance(fact, RequestOpened) and fact.request <= self.last:
            return ""  # of one that has ended: who asked and who reviewed may see it again, and it stands in the log
        if request is None:
            return f"request {fact.request} was never filed, or had ended" if self.whole else ""
        said = _unfit(request, fact) or self._paired(request, fact)
        try:
            after = evolve(request, fact)
        except ValueError as error:
            return said or str(error)
        self.going[fact.request] = after
        if after.ended:
            del self.going[fact.request]
        return said

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
        try:
            self.going[fact.request] = evolve(None, fact)
        except ProcedureGone:
            self.whole = False  # what follows from it is not known here
        return said


def fact_in(kind: str, act: str) -> RequestEvent | None:
    """The fact of a request in an entry's text; None for any other entry, and for a text that does not read."""
    if kind not in NAMES:
        return None
    try:
        fact: Event = msgspec.json.decode(act, type=EVENTS[kind])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return fact if isinstance(fact, RequestEvent) else None


_STAYS: Mapping[type[RequestEvent], tuple[str, tuple[str, ...]]] = {
    RequestOpened: ("open", ("authority", "reviewer", "operator", "objector")),
    RequestCalledBack: ("call-back", ("reviewer", "operator")),
    TellingPostponed: ("postpone", ("reviewer",)),
    TimeExtended: ("extend", ("reviewer",)),
    RequestComplained: ("complain", ("person",)),
}
"""Acts that lead to no other step, and whose they can be."""


def _taken_here(request: Request, fact: RequestEvent) -> bool:
    """Whether the step that a request is in takes an act that leads nowhere; whoever took over from a body acts as it."""
    if type(fact) not in _STAYS:
        return True
    act, parties = _STAYS[type(fact)]
    own = request.party(organisation_in(fact.by))
    if not own and not {"operator", "person"} & set(parties):
        return False
    if act == "open" and own and may_take(request, own):
        return True
    return any(request.by.move(request.standing.step, act, party) for party in ((own,) if own else parties))


def organisation_in(seat: str) -> str:
    """The organisation of a seat."""
    return seat.rpartition("/")[0]


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
    if not _taken_here(request, fact):
        return f"its step {standing.step!r} does not take it"
    if _by_another(request, fact):
        return f"{fact.by} is not of the body whose act it is"
    if _one_person(request, fact):
        return f"{fact.by} is both of the two people it takes"
    if isinstance(fact, RequestConfirmed) and not request.called_back:
        return "nobody called back before the emergency was confirmed"
    if isinstance(fact, RequestApproved | RequestNarrowed) and not set(fact.fields) <= set(request.fields):
        return "fields are approved that were not asked for"
    if isinstance(fact, RequestAnswered) and not set(fact.fields) <= set(request.approved or ()):
        return "fields are given that were not approved"
    if isinstance(fact, NobodyTold) and is_held(request):
        return "nobody is to be told, though the operator said that it holds the record"
    return ""
