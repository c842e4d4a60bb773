"""An act as its log has it, held field by field against what was sent: what an act stands as is the log's word.

Whoever keeps the database can write another act than the one that was sent, under the same seat, before the log takes it: then
every receipt proves the other one, and nobody but who acted knows that it is none of theirs.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from openroll.register.event import Event
from openroll.register.official import Under
from openroll.register.organisation.roles import Seat, seat_of
from openroll.register.organisation.seats import Member
from openroll.register.request.commands import Complain, OpenRequest, Step
from openroll.register.request.events import RequestComplained, RequestEvent, RequestOpened, TimePassed
from openroll.register.request.made import fact_of
from openroll.register.request.sealed import digest_of
from openroll.register.request.state import ProcedureGone, Request, fold
from openroll.tlog import KeyHistory, Policy, parse_proof
from openroll.watch.facts import UNRECKONED
from openroll.watch.requests.proved import Fact, Unproved, event_proved

OF_THE_ROLL = ("at", "by", "rule")
"""What a roll says of an act, and nobody sends: when it was taken, from which seat, under which rule."""


class Logged(NamedTuple):
    """An act as the log has it: where its entry stands, the receipt, and the fact."""

    position: int
    receipt: str
    fact: Event


class Before(NamedTuple):
    """What there was before an act was sent: how many entries the log had (`size`, of a head that is proved), and the facts of
    its request as they were served after that. An entry that is to be the act's stands at that place, or behind it: an older one
    is of an older act, whatever the roll left out of what it gave."""

    size: int
    facts: tuple[Fact, ...] = ()


class ReadBack(NamedTuple):
    """What the log has since an act was sent: the `act` as it was sent, where it is there, else None; all the facts `since`, and
    what the log should have (`meant`), had it been taken when and from whom the first of them was. `size`: the log's before."""

    act: Logged | None
    since: tuple[Logged, ...]
    meant: Event | None = None
    size: int = 0

    @property
    def passed(self) -> int:
        """How many steps' times were over before."""
        return sum(isinstance(one.fact, TimePassed) for one in self.since)


def since(served: Sequence[Fact], before: Before) -> tuple[Fact, ...]:
    """The facts that came after those of before. Raises Unproved: those are not what they were."""
    was = before.facts
    if [(one.name, one.body) for one in served[: len(was)]] != [(one.name, one.body) for one in was]:
        raise Unproved("what it gave before this was sent it gives otherwise now")
    return tuple(served[len(was) :])


def is_there(served: Sequence[Fact], before: Before) -> bool:
    """Whether all has its place in the log, with anything but passed time behind what the log had. Raises Unproved as `since`,
    Malformed."""
    return is_placed(served) and bool(fresh(served, before))


def fresh(served: Sequence[Fact], before: Before) -> list[Fact]:
    """The acts since, but entries of before. Raises as `is_there`."""
    acts = [one for one in since(served, before) if one.name != TimePassed.name]
    return [one for one in acts if not one.receipt or _claimed(one) >= before.size]


def _claimed(fact: Fact) -> int:
    """Where a receipt says that its entry stands, not proved yet. Raises Malformed."""
    return parse_proof(fact.receipt.encode()).index


def is_placed(served: Sequence[Fact]) -> bool:
    """Whether each fact has its place in the log."""
    return all(one.receipt for one in served)


def logged(fact: Fact, keys: KeyHistory, policy: Policy | None = None) -> Logged:
    """A fact with its proof. Raises Unproved."""
    event = event_proved(fact, keys, policy)
    return Logged(parse_proof(fact.receipt.encode()).index, fact.receipt, event)


def in_request(
    command: Step,
    served: Sequence[Fact],
    before: Before,
    keys: KeyHistory,
    policy: Policy | None = None,
    *,
    seat: str = "",
) -> ReadBack:
    """An act in a request, read back from its facts, each proved. `seat`: from which the roll said that it took it.

    That a seat takes envelopes stands there once in a step: the entry of before is that act too. Raises Unproved.
    """
    since(served, before)
    all_facts = [logged(one, keys, policy) for one in served]
    if any(getattr(one.fact, "request", command.request) != command.request for one in all_facts):
        raise Unproved(f"asked for request {command.request}, it gives facts of another")
    later, meant = tuple(all_facts[len(before.facts) :]), None
    for place, one in enumerate(later, len(before.facts)):
        if not isinstance(one.fact, RequestEvent) or isinstance(one.fact, TimePassed):
            continue
        fact = _meant(command, one.fact, [each.fact for each in all_facts[:place]], seat)
        if fact == one.fact and one.position >= before.size:
            return ReadBack(one, later, fact, before.size)
        meant = meant or fact
    taken = _of_before(all_facts, len(before.facts), seat) if seat and isinstance(command, OpenRequest) else None
    return ReadBack(taken, later, meant, before.size)


def _meant(command: Step, taken: RequestEvent, before: Sequence[Event], by: str) -> RequestEvent:
    """The fact that a command makes after these facts, taken when and under which rule that one was; `by` whom, if said."""
    if isinstance(command, Complain):
        return RequestComplained(
            request=command.request, at=taken.at, by="", rule=taken.rule, envelope=digest_of(command.envelope)
        )
    seat = seat_of(by or taken.by) or Seat("", 0)
    member = Member(seat, "", sits=True, in_force=True, chain=(seat,))
    return fact_of(command, _request(before), member, Under(taken.rule, taken.at.date(), taken.at))


def _request(facts: Sequence[Event]) -> Request:
    """The request that facts lead to. Raises Unproved."""
    try:
        request = fold([one for one in facts if isinstance(one, RequestEvent)])
    except ProcedureGone as error:
        raise Unproved(str(error)) from error
    except UNRECKONED as error:
        raise Unproved(f"its facts do not follow from each other: {error}") from error
    if request is None:
        raise Unproved("what it gives are not the facts of one request, from its filing on")
    return request


def _of_before(every: Sequence[Logged], before: int, seat: str) -> Logged | None:
    """The taking of a seat, among facts that are proved, by which it had all the envelopes that there were in the step that the
    request stood in, since the first so many facts; None where there is none: then a new one had to be made."""
    facts = [one.fact for one in every]
    for size in range(max(before, 1), len(every) + 1):
        try:
            request = _request(facts[:size])
        except Unproved:
            return None  # what came since cannot be: there is no such step
        if request.has_taken(seat):
            return next((one for one in reversed(every[:size]) if _is_taking(one.fact, seat)), None)
    return None


def _is_taking(fact: Event, seat: str) -> bool:
    of = seat.rpartition("/")[0]
    return isinstance(fact, RequestOpened) and (fact.by, fact.organisation) == (seat, of)


def of_entry(sent: Event, receipt: str, size: int, keys: KeyHistory, policy: Policy | None = None) -> ReadBack:
    """An act that is one entry, read back by its receipt: what was `sent`, with what its roll adds to it as the log has that.

    A seat that it names is held, and that it stands behind the `size` that the log had before. Raises Unproved.
    """
    one = logged(Fact(sent.name, date.min, "", receipt), keys, policy)
    names = [name for name in (*OF_THE_ROLL, "procedure") if hasattr(sent, name) and hasattr(one.fact, name)]
    taken = {name: getattr(one.fact, name) for name in names if name != "by" or not getattr(sent, name)}
    meant = msgspec.structs.replace(sent, **taken)
    return ReadBack(one if meant == one.fact and one.position >= size else None, (one,), meant, size)
