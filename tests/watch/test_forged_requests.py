"""Whatever a decider of requests refuses, and somebody writes into the log all the same, the monitor names."""

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta
from random import Random
from typing import Any

import msgspec
import pytest

from openroll.register.decision import Refused
from openroll.register.event import Event
from openroll.register.kinds import decided, refusals_of
from openroll.register.organisation.events import (
    OperatorAdmitted,
    OrganisationAdmitted,
    PersonJoined,
    PersonLeft,
)
from openroll.register.organisation.lives import heir_of
from openroll.register.organisation.seats import Member
from openroll.register.request import commands, events
from openroll.register.request.decide import caught_up
from openroll.register.request.kinds import KINDS
from openroll.register.request.made import fact_of
from openroll.register.roll.events import RollOpened
from openroll.rules.procedure import procedure
from openroll.watch.audit.bodies import Bodies
from openroll.watch.audit.entries import CivilDays
from openroll.watch.audit.request_rules import RequestRules
from openroll.watch.audit.seatings import SeatTaken
from openroll.watch.audit.state import State
from tests.register import asked
from tests.register.test_request_acts import FRIEND, SEATS, WAITS, WAYS, Make, World

HIDDEN = {
    "envelope-unfit": "what is in an envelope",
    "not-sealed-to": "whose keys it is sealed to",
    "no-envelope-key": "whose keys it is sealed to",
    "complaint-word-wrong": "the word of the notice",
    "use-lapsed": "the rule's text",
    "purpose-unknown": "the rule's text",
    "text-names-somebody": "what a program takes for a name",
    "text-unfit": "what a program takes for a name",
}
"""What is refused for a reason that no entry of the log shows. docs/requests.md says so too."""
OF: dict[str, Any] = {"by": "registrar/1", "rule": "law@1"}
GONE, WAITING = "police/7", "police/6"
LEAD = "police/1"


def joined(seat: str, role: str, by: str = "") -> Event:
    """Somebody took a seat: the first of a line, or one whom another seat let in."""
    of = {"organisation": seat.partition("/")[0], "by": seat, "rule": OF["rule"]}
    return PersonJoined(**of, seat=seat, role=role, invited_by=by, founding=not by)


def opened(*, demonstration: bool) -> Event:
    """The opening of a roll of today."""
    title = {"zh": "x", "en": "x"}
    said: dict[str, Any] = {"roll": "r", "title": title, "languages": ("en",), "registrar": title, "jurisdiction": "x"}
    return RollOpened(**said, rule=OF["rule"], demonstration=demonstration, safeguards=())


def known() -> Iterable[Event]:
    """The entries by which everybody is there whom the walks seat."""
    yield opened(demonstration=True)
    yield joined("registrar/1", "registrar-lead")
    for name, kind in (*asked.BODIES.items(), ("west", "operator")):
        if kind == "operator":
            yield OperatorAdmitted(operator=name, title={"zh": name, "en": name}, kind="access-operator", **OF)
        else:
            yield OrganisationAdmitted(organisation=name, kind=kind, title={"zh": name, "en": name}, **OF)
    for one in SEATS:
        if one != FRIEND:
            yield joined(str(one.seat), one.role)
    yield joined(LEAD, "officer-lead")
    yield joined(GONE, "officer")
    yield PersonLeft(organisation="police", seat=GONE, **OF)
    yield joined(WAITING, "officer", LEAD)
    of = {name: getattr(asked.USE, name) for name in commands.RegisterUse.__struct_fields__}
    yield events.UseRegistered(**of, organisation="police", use=1, by=LEAD, rule="law@1")


def seated() -> list[Event]:
    """As `known`, with a lead of each operator: they publish its keys and tell, and say who succeeds it."""
    return [*known(), joined("east/1", "operator-lead"), joined("west/1", "operator-lead")]


def befriend(bodies: Bodies) -> None:
    """Who asked let somebody in who decides, which no roll takes any more. Before the filing that would bind the two bodies."""
    friend, by = str(FRIEND.seat), str(FRIEND.chain[1])
    bodies.seats[friend] = SeatTaken(FRIEND.role, by, confirmed_by=OF["by"])
    bodies.links.append(("court", "police"))


def last_said(facts: Sequence[Event], *, friends: bool = False) -> str:
    """What a monitor says of the last of these entries; of those before it, nothing. `friends` are made after the first."""
    bodies, said = Bodies(), ""
    rules = RequestRules(bodies=bodies)
    for fact in (*known(), *facts):
        assert said == "", (fact, said)
        said = rules.take(fact.name, fact.body())
        if friends and fact is facts[0]:
            befriend(bodies)
    return said


class Forging(World):
    """A request in which every act that is refused is written into a log all the same, and looked at."""

    def __init__(self, *way: str) -> None:
        super().__init__(*way)
        self.named: set[str] = set()

    def _try(self, make: Make, by: Member) -> None:
        self.forge(make(self.now), by)
        super()._try(make, by)

    def forge(self, command: commands.Step, by: Member) -> None:
        """Write what is refused. That two seats are one person by what no invitation shows is not to be seen."""
        under = asked.under(self.now)
        approver = next((one for one in SEATS if str(one.seat) == self.request.approved_by), None)
        unread = bool(self.request.complaint) and not self.request.ended
        decision = decided(command, asked.matter(self.request, approver=approver, unread=unread), by, under)
        if not isinstance(decision, Refused) or decision.refusal.code in HIDDEN or self._declines(command):
            return
        passed, request = caught_up(self.request, str(by.seat), under)
        forged = [*self.facts, *passed, fact_of(command, request, by, under)]
        assert last_said(forged, friends=True) != "", (decision.refusal, forged[-1])
        self.named.add(decision.refusal.code)

    def _declines(self, command: commands.Step) -> bool:
        """Whether an operator says that it preserves nothing: it once could, and no entry shows when it was written."""
        declining = self.request.by.move(self.request.standing.step, "decline", "operator") is not None
        return declining and isinstance(command, commands.Answer) and not command.fields


@pytest.fixture(scope="module")
def walked() -> set[str]:
    """The codes of all that was refused on requests, each lived through at random; the monitor named each."""
    chance, named = Random(28), set[str]()
    for number in range(45):
        world = Forging(*WAYS[number % len(WAYS)])
        for _ in range(16):
            wait = chance.choice((*WAITS[:3] * 4, *WAITS))
            world.tries(chance.random() < 0.8, chance.randrange(200), chance.randrange(36), wait)
            world.forge(
                commands.PostponeTelling(request=1, until=world.now + timedelta(days=1), why=" "), asked.REVIEWER
            )
            world.forge(commands.ReturnIncomplete(request=1, missing=("weather",)), asked.REVIEWER)
        named |= world.named
    return named


def filed(**changed: Any) -> events.RequestFiled:
    """A filing as its decider makes it, but for what is changed."""
    (fact,) = World("ordinary", "now", "request-1").facts
    assert isinstance(fact, events.RequestFiled)
    return msgspec.structs.replace(fact, **changed)


FILINGS: dict[str, dict[str, Any]] = {
    "seat-gone": {"by": GONE},
    "seat-waiting": {"by": WAITING},
    "not-allowed": {"authority": "court", "by": "court/2", "reviewer": "third"},
    "request-incomplete": {"case_digest": "none"},
    "word-of-list": {"urgency": "soon"},
    "operator-unknown": {"operator": "south"},
    "reviewer-not-apart": {"reviewer": "east"},
    "use-unknown": {"use": 9},
    "no seat": {"by": "police/02"},
    "of fields": {"fields": asked.FIELDS * 2},
    "beyond-use": {"fields": (*asked.FIELDS, "birth")},
    "nothing-preserved": {"desired": "produce", "earlier": 1},
}
"""A filing that is refused by each code, or that its decider would have made otherwise."""


@pytest.mark.parametrize("code", FILINGS)
def test_a_filing_that_is_refused_is_named(code: str) -> None:
    """Whoever writes it without asking: a use that is not registered, a body that is none, a seat that left."""
    assert last_said([filed()]) == ""
    changed = FILINGS[code]
    wrong = filed(**changed)
    said = last_said([wrong])
    assert code in said or "are not those that may" in said, said


def odd() -> dict[str, list[Event]]:
    """What no walk does: acts by no officer, of no request, before its time, twice, and once more than a pair may."""
    asks, at = filed(), asked.NOW + timedelta(hours=1)
    of: dict[str, Any] = {"request": 1, "at": at, "rule": "law@1"}
    withdrawn = events.RequestWithdrawn(why="", by="police/2", **of)
    approved = events.RequestApproved(fields=asks.fields, why="", by="court/2", **of)
    answered = events.RequestAnswered(outcome="not-held", fields=(), envelope="", by="east/2", **of)
    told = events.PersonTold(notice="a" * 64, bucket=1, complaint="b" * 64, by="east/2", **of)
    complained = events.RequestComplained(envelope="", by="", **of)
    many: list[Event] = [
        msgspec.structs.replace(one, request=number)
        for number in range(1, procedure("request-1").pair + 2)
        for one in (asks, approved)
    ]
    passed = events.TimePassed(step="under-review", to="to-tell", by="east/2", **of)
    return {
        "not-allowed": [asks, msgspec.structs.replace(withdrawn, by="east/2")],
        "seat-gone": [asks, msgspec.structs.replace(withdrawn, by=GONE)],
        "seat-waiting": [asks, msgspec.structs.replace(withdrawn, by=WAITING)],
        "request-unknown": [withdrawn],
        "time-not-over": [asks, passed],
        "pair-too-often": many,
        "complained-already": [asks, approved, answered, told, complained, complained],
        "fields-beyond": [
            asks,
            approved,
            msgspec.structs.replace(answered, outcome="given", fields=(), envelope="c" * 64),
        ],
        "signature-unfit": [
            asks,
            approved,
            events.RequestSigned(
                organisation="court", decision="another", key="a" * 32, signature="AA", by="court/2", **of
            ),
        ],
        "request-incomplete": [asks, approved, answered, msgspec.structs.replace(told, complaint="no digest")],
    }


@pytest.mark.parametrize("code", odd())
def test_an_act_that_is_refused_is_named(code: str) -> None:
    """Each is the last of entries of which nothing is said."""
    assert last_said(odd()[code]) != ""


def test_every_refusal_of_requests_is_named_or_said_to_be_hidden(walked: set[str]) -> None:
    """Of each code that a decider of requests may answer, a forged act is named above; or no entry of the log shows why."""
    every = {
        refusal.code
        for kind in KINDS
        if issubclass(kind.event, events.RequestEvent)
        for command in kind.deciders
        for refusal in refusals_of(command)
    }
    assert every - (walked | set(FILINGS) | set(odd())) == set(HIDDEN)


def test_what_ended_is_opened_by_its_own_alone() -> None:
    """Whoever asked takes it again after the end; nobody else, and no seat that left."""
    world = World("ordinary", "now", "request-1")
    world.now += timedelta(days=3 * 365)
    passed, request = caught_up(world.request, "registrar/0", asked.under(world.now))
    assert request.ended
    of: dict[str, Any] = {"request": 1, "at": world.now, "rule": "law@1"}
    for by, right in (("police/2", True), ("east/2", False), ("west/2", False), (GONE, False)):
        opened = events.RequestOpened(organisation=by.partition("/")[0], by=by, **of)
        assert (last_said([*world.facts, *passed, opened]) == "") is right


def test_a_moment_of_another_day_is_named() -> None:
    """Times are reckoned by the moment that a fact says, so it is of the day under which its entry stands."""
    days, rules = CivilDays(UTC).within("2006-11-29"), RequestRules(bodies=Bodies())
    for fact in known():
        assert rules.take(fact.name, fact.body(), days) == ""
    asks = filed()
    assert asks.at == asked.NOW
    assert "2006-11-28 00:00 UTC, which is not of the day" in rules.take(asks.name, asks.body(), days)
    over = events.TimePassed(
        request=1, at=asked.NOW + timedelta(days=10), by="", rule="law@1", step="under-review", to="to-tell"
    )
    assert rules.take(over.name, over.body(), CivilDays(UTC).within("2006-12-24")) == ""


def test_what_is_followed_is_kept_between_visits() -> None:
    """A monitor's state holds organisations, seats and uses as they were left."""
    bodies = Bodies()
    for fact in known():
        bodies.take(fact)
    befriend(bodies)
    assert bodies.bound_to("police", "east") == {"court"}
    assert msgspec.json.decode(msgspec.json.encode(State(bodies=bodies)), type=State).bodies == bodies


def test_operators_that_succeed_each_other_in_a_ring_end_no_audit() -> None:
    """The deciders take no ring; a walk along one that somebody wrote into a log comes to an end."""
    ring = {"east": "west", "west": "east"}
    assert heir_of("east", ring) in ring
    assert heir_of("north", {"north": "south"}) == "south"
