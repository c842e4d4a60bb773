"""A month of requests in every state, before the day on which a demonstration's clock begins: each act at its own time.

The stories are data; `openroll.compose.demo_bodies` does what they say, through the service. Times are days.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from openroll.compose.demo_bodies import Bodies, Matter, Operator, has, operator_of
from openroll.compose.demo_filing import disclosures_of, handle_key
from openroll.disclosure.notice import notice_secret
from openroll.durable import make_private
from openroll.places import Demonstration
from openroll.register.request import commands, events
from openroll.register.request.state import evolve
from openroll.register.request.words import GIVING
from openroll.service.requests import shown as requests_shown
from openroll.service.requests.clock import pass_due
from openroll.service.requests.shown import Shown
from openroll.service.roll import Roll
from openroll.sheet.pack import Kept

BEFORE = timedelta(days=36)
"""How long before the demonstration's day its roll is opened: a month, and the time that a request takes."""
_LOOKS = timedelta(hours=12)
Acts = tuple[tuple[float, str], ...]
_NAMED, _WHERE = ("name",), ("name", "address")


class Story(NamedTuple):
    """A request: so many days before the demonstration's day, of an operator (its place), about a record (its place there).

    `acts` are told with the days after the filing. `earlier` is the place of the story whose preserved data is asked for.
    """

    name: str
    begins: float
    operator: int
    record: int
    acts: Acts
    fields: tuple[str, ...] = _NAMED
    urgency: str = "ordinary"
    desired: str = "now"
    earlier: str = ""


def _later(acts: Acts, days: float) -> Acts:
    return tuple((after + days, act) for after, act in acts)


_REVIEWED: Acts = ((0.2, "read"), (1, "approve"))
_ANSWERED: Acts = (*_REVIEWED, (1.5, "take"), (2, "answer"), (2.2, "receive"))
_CALLED: Acts = ((0.02, "call back"), (0.04, "confirm"), (0.06, "take"), (0.1, "answer"), (0.12, "receive"))
_QUESTION: Acts = ((0.4, "read"), (1, "ask back"), (2, "answer back"))
_PRESERVED: Acts = ((0.5, "take"), (1, "preserve"))
_DECIDED: Acts = (*_REVIEWED, (1.5, "take"))

STORIES = (
    Story("told", 33, 0, 0, (*_ANSWERED, (3, "tell"), (5, "complain"))),
    Story("narrowed", 31, 0, 1, ((0.3, "read"), (2, "narrow"), (3, "take"), (4, "answer"), (5, "receive"), (6, "tell")), _WHERE),
    Story("refused", 30, 1, 0, ((0.5, "read"), (2, "refuse"), (3, "take"), (4, "tell"))),
    Story("partly", 28, 0, -1, ((0.5, "return"), (1.8, "complete"), *_later(_ANSWERED, 2), (6, "tell")), (*_WHERE, "phone")),
    Story("not held", 27, 1, 1, (*_QUESTION, *_later(_DECIDED, 3), (5, "not-held"), (6, "nobody"))),
    Story("to be produced", 26, 2, 0, (*_PRESERVED, (1.5, "read"), (3, "approve"), (15, "tell")), _WHERE, desired="preserve"),
    Story("abandoned", 24, 1, 2, ((0.6, "return"), (12, "take"), (13, "tell"))),
    Story("objected", 22, 0, 2, (*_DECIDED, (3, "immunity"), (4, "tell"))),
    Story("impossible", 21, 2, 1, (*_DECIDED, (3, "impossible"), (4, "tell"))),
    Story("no decision", 20, 2, 2, ((11, "take"), (12, "tell"))),
    Story("withdrawn", 19, 0, 3, ((0.7, "read"), (1, "withdraw"), (2, "take"), (3, "tell"))),
    Story("emergency", 18, 0, 0, (*_CALLED, (1, "read"), (2, "approve"), (3, "tell")), _WHERE, "emergency"),
    Story("late operator", 16, 2, 3, _REVIEWED),
    Story("annulled", 15, 1, 3, (*_CALLED, (1, "read"), (2, "no emergency"), (4, "tell")), _NAMED, "emergency"),
    Story("put off", 14, 0, 4, (*_REVIEWED, (1.2, "postpone"), (1.5, "take"), (2, "answer"), (2.2, "receive"))),
    Story("not confirmed", 13, 2, 4, ((0.02, "call back"), (1, "take"), (2, "tell")), _NAMED, "emergency"),
    Story("produced", 12, 2, 0, (*_ANSWERED, (3, "tell")), _WHERE, desired="produce", earlier="to be produced"),
    Story("longer", 11, 1, 4, ((1, "read"), (3, "extend"))),
    Story("told late", 10, 1, 5, ((0.5, "read"), (1, "refuse"))),
    Story("kept", 9, 0, 5, (*_PRESERVED, (1.5, "read"), (2, "approve")), _WHERE, desired="preserve"),
    Story("told again", 8, 0, 0, (*_ANSWERED, (3, "tell")), _WHERE),
    Story("to tell", 6, 2, 5, (*_ANSWERED[:3], (4, "answer"), (4.2, "receive"))),
    Story("with the operator", 5, 1, 6, ((1, "read"), (2, "approve"))),
    Story("asked back", 4, 0, 6, ((1, "read"), (2, "ask back"))),
    Story("incomplete", 3, 2, 6, ((1, "return"),)),
    Story("preserved", 2, 1, 7, _PRESERVED, _WHERE, desired="preserve"),
    Story("under review", 1, 0, 7, ((0.5, "read"),)),
    Story("to confirm", 0.1, 1, 0, ((0.02, "call back"),), _NAMED, "emergency"),
)  # fmt: skip
"""Every state but those that take longer than a month. The first person is asked about three times."""

STATES = (
    *("filed", "incomplete", "preserved", "under-review", "asked-back", "approved", "narrowed", "refused", "with-operator"),
    *("answered", "partly", "not-held", "objected", "impossible", "withdrawn", "annulled", "telling-delayed", "told"),
    "closed",
)  # fmt: skip
"""The states of requests that the register can know: what is drafted is with the officer alone."""


def _step(command: type[commands.Step], by: str, **given: object) -> Callable[[Bodies, Matter], None]:
    def act(bodies: Bodies, matter: Matter) -> None:
        seat = {"officer": bodies.officer, "judge": bodies.judge, "clerk": bodies.clerk(matter)}[by]
        bodies.does(command(request=matter.number, **given), seat)

    return act


def _approve(bodies: Bodies, matter: Matter) -> None:
    fields = bodies.now(matter).request.fields
    approve = commands.Approve(request=matter.number, fields=fields, why=bodies.shown.requests.why)
    bodies.does(approve, bodies.judge)


def _complete(bodies: Bodies, matter: Matter) -> None:
    to = (bodies.authority, bodies.reviewer, matter.operator.name)
    envelope = bodies.sealed(matter, matter.ask, "complete", bodies.authority, to)
    bodies.does(commands.CompleteRequest(request=matter.number, envelope=envelope), bodies.officer)


def _confirm(bodies: Bodies, matter: Matter) -> None:
    second = bodies.seat(bodies.authority, "officer", " who confirms")
    bodies.does(commands.ConfirmEmergency(request=matter.number), second)


def _postpone(bodies: Bodies, matter: Matter) -> None:
    until, why = bodies.roll.clock() + timedelta(days=40), bodies.shown.requests.waits
    bodies.does(commands.PostponeTelling(request=matter.number, until=until, why=why), bodies.judge)


def _extend(bodies: Bodies, matter: Matter) -> None:
    due, why = bodies.now(matter).due, bodies.shown.requests.waits
    assert due is not None  # noqa: S101 - a request under review has its time
    bodies.does(commands.ExtendTime(request=matter.number, until=due + timedelta(days=8), why=why), bodies.judge)


def _call_back(bodies: Bodies, matter: Matter) -> None:
    called = commands.CallBack(request=matter.number, number=bodies.shown.requests.office)
    bodies.does(called, bodies.clerk(matter))


ACTS: Mapping[str, Callable[[Bodies, Matter], None]] = {
    "read": lambda bodies, matter: bodies.read(matter, bodies.judge),
    "take": lambda bodies, matter: bodies.read(matter, bodies.clerk(matter)),
    "return": _step(commands.ReturnIncomplete, "judge", missing=("grounds",)),
    "complete": _complete,
    "ask back": lambda bodies, matter: bodies.between(matter, back=False),
    "answer back": lambda bodies, matter: bodies.between(matter, back=True),
    "approve": _approve,
    "narrow": _step(commands.Approve, "judge", fields=_NAMED),
    "refuse": _step(commands.Refuse, "judge", reason="not-specific"),
    "no emergency": _step(commands.Refuse, "judge", reason="no-emergency"),
    "call back": _call_back,
    "confirm": _confirm,
    "postpone": _postpone,
    "extend": _extend,
    "withdraw": _step(commands.WithdrawRequest, "officer"),
    "preserve": _step(commands.Preserve, "clerk"),
    "answer": Bodies.answer,
    "receive": Bodies.receive,
    "not-held": _step(commands.Answer, "clerk", outcome="not-held"),
    "impossible": _step(commands.Answer, "clerk", outcome="impossible"),
    "immunity": _step(commands.Answer, "clerk", outcome="immunity"),
    "tell": Bodies.tell,
    "nobody": _step(commands.TellNobody, "clerk"),
    "complain": Bodies.complain,
}


TOLD_OF_ONE = sum((one.operator, one.record) == (0, 0) and (3, "tell") in one.acts for one in STORIES)
"""Notices to the first person."""


class SetClock:
    """A clock that is set by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time that was set."""
        return self.now


def bodies_of(roll: Roll, shown: Demonstration, folder: Path) -> Bodies:
    """The bodies of a roll whose operators filed their `early` lists; their keys go into a folder within theirs."""
    keys = folder / "keys"
    make_private(keys)
    operators = [_operator(folder, one.operator) for one in shown.operators]
    return Bodies(roll, shown, operators, keys)


def asked_about(shown: Demonstration, folder: Path) -> bytes:
    """The notice secret of the first person, by the files of their operator."""
    operator = _operator(folder, shown.operators[0].operator)
    return notice_secret(operator.key, operator.told[0].handle)


def _operator(folder: Path, name: str) -> Operator:
    return operator_of(name, handle_key(folder, name), disclosures_of(folder, name, early=True))


def live(bodies: Bodies, clock: SetClock, until: datetime) -> None:
    """Have the month happen, act by act; the roll's clock is `clock`, and stands shortly before `until` at the end."""
    bodies.roll.database.keep_connections()
    try:
        bodies.begin()
        _live(bodies, clock, until)
    finally:
        bodies.roll.database.drop_connections()


def _live(bodies: Bodies, clock: SetClock, until: datetime) -> None:
    matters: dict[str, Matter] = {}
    for at, story, act in _in_time(until):
        while clock.now + _LOOKS < at:
            clock.now += _LOOKS
            pass_due(bodies.roll)  # as the clock of a served roll does each minute
        clock.now = at
        if act == "file":
            matters[story.name] = _file(bodies, story, matters)
        else:
            ACTS[act](bodies, matters[story.name])


def _in_time(until: datetime) -> Iterator[tuple[datetime, Story, str]]:
    days = [
        (until + timedelta(days=after - story.begins, minutes=-10), place, story, act)
        for place, story in enumerate(STORIES)
        for after, act in ((0.0, "file"), *story.acts)
    ]
    return ((at, story, act) for at, _, story, act in sorted(days, key=lambda one: one[:2]))


def _file(bodies: Bodies, story: Story, matters: Mapping[str, Matter]) -> Matter:
    operator = bodies.operators[story.operator % len(bodies.operators)]
    record = _record(operator.told, story)
    matter = Matter(0, bodies.drafted(record), operator, record, {})
    earlier = matters[story.earlier].number if story.earlier else None
    bodies.file(matter, story.fields, story.urgency, story.desired, earlier)
    return matter


def _record(told: Sequence[Kept], story: Story) -> Kept:
    """The record that a story is about; for one that is answered in part, one that lacks a field that is asked for."""
    if story.record < 0:
        return next(one for one in told[1:] if not has(one, story.fields[-1]))
    return told[story.record % len(told)]


def states_in(roll: Roll) -> frozenset[str]:
    """The states that the requests of a roll are in or have been in, by the names of STATES and of steps."""
    found: set[str] = set()
    before = None
    while page := requests_shown.public(roll, before=before):
        before = page[-1].number
        for one in page:
            found |= _states(one)
    return frozenset(found)


def _states(one: Shown) -> set[str]:
    found, request = {"filed", one.status}, None
    for fact, _ in one.history:
        request = evolve(request, fact)
        found.add(request.standing.step)
        match fact:
            case events.RequestApproved() | events.RequestNarrowed() | events.TellingPostponed():
                found.add(_NAMES[type(fact)])
            case events.RequestAnswered():
                found |= {fact.outcome} | ({"answered"} if fact.outcome in GIVING else set())
    assert request is not None  # noqa: S101 - its first fact is its filing
    return found | {request.outcome} | ({"objected"} if request.outcome in _OBJECTED else set())


_NAMES: Mapping[type[object], str] = {
    events.RequestApproved: "approved",
    events.RequestNarrowed: "narrowed",
    events.TellingPostponed: "telling-delayed",
}
_OBJECTED = ("immunity", "conflict-of-law")
"""Outcomes by which an operator objects."""
