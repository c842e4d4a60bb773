"""Whatever officials try on a request, in whatever order and by whom, what may not happen does not: real decisions, in memory."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.register import asked

from openroll.register.decision import Accepted, Refused
from openroll.register.kinds import decided
from openroll.register.organisation.seats import KEEPERS, Member
from openroll.register.request import commands, events
from openroll.register.request.decide import caught_up
from openroll.register.request.state import ACTS as ACTS_OF_FACTS
from openroll.register.request.state import Request, evolve, fold
from openroll.register.request.turns import late_steps, telling_steps
from openroll.register.request.words import GIVING
from openroll.rules.procedure import lasts, procedure, procedures

LONGEST = timedelta(days=3 * 365)
"""By then whatever was asked is over, whoever did nothing."""
FRIEND = asked.seated("court", 8, "reviewer", by=asked.OFFICER.seat)
"""One whom the officer let in."""
STRANGER = asked.seated("west", 2, "clerk")
SEATS: tuple[Member, ...] = (*asked.SEATS, FRIEND, STRANGER)
PERSON = {str(seat.seat): str(one.seat) for one, twin in asked.TWINS.items() for seat in (one, twin)}
"""Who sits in a seat, as the roll knows."""
BODY = {"police": "authority", "court": "reviewer", "east": "operator", "third": "objector"}
MORE = (*asked.FIELDS, "birth")
_ASKED = ("police", "court", "east", "third")
_ANSWER = asked.sealed(b"it is Li", ("police",), "east")


Make = Callable[[datetime], commands.Step]


def _then(days: float, make: Callable[[datetime], commands.Step]) -> Make:
    return lambda now: make(now + timedelta(days=days))


def _approved(*fields: str) -> Make:
    return lambda _: commands.Approve(request=1, fields=fields)


def _answered(outcome: str, *fields: str) -> Make:
    envelope = _ANSWER if fields else b""
    return lambda _: commands.Answer(request=1, outcome=outcome, fields=fields, envelope=envelope)


_PUT_OFF = tuple(
    _then(days, lambda until: commands.PostponeTelling(request=1, until=until, why="it goes on"))
    for days in (1, 60, 91)
)
_EXTENDED = tuple(
    _then(days, lambda until: commands.ExtendTime(request=1, until=until, why="long")) for days in (9, 15, 40)
)
_APPROVED = (_approved(*MORE[:1]), _approved(*MORE[:2]), _approved(*MORE))
_TOLD = commands.Tell(request=1, notice=asked.notice(), bucket=7, complaint=asked.COMPLAINT)
_BY_WORD = msgspec.structs.replace(_TOLD, by_word=True)
ACTS: dict[str, tuple[Make, ...]] = {
    "open": (lambda _: commands.OpenRequest(request=1),),
    "return": (lambda _: commands.ReturnIncomplete(request=1, missing=("port",)),),
    "complete": tuple(
        (lambda _, to=to: commands.CompleteRequest(request=1, envelope=asked.sealed(b"443", to)))  # type: ignore[misc] # a default binds it now
        for to in (_ASKED, _ASKED[:3])
    ),
    "ask-back": (lambda _: commands.AskBack(request=1, envelope=asked.sealed(b"why?", ("police", "court"), "court")),),
    "answer-back": (lambda _: commands.AnswerBack(request=1, envelope=asked.sealed(b"so", ("police", "court"))),),
    "call-back": (
        lambda _: commands.CallBack(request=1, number=asked.OFFICE),
        lambda _: commands.CallBack(request=1, number="+86 23 9999 9999"),
    ),
    "confirm": (lambda _: commands.ConfirmEmergency(request=1),),
    "approve": _APPROVED,
    "narrow": _APPROVED,
    "second": (lambda _: commands.SecondApproval(request=1),),
    "refuse": (lambda _: commands.Refuse(request=1, reason="no-grounds"),),
    "object": (lambda _: commands.Object(request=1, ground="privilege"),),
    "let-pass": (lambda _: commands.LetPass(request=1),),
    "postpone": _PUT_OFF,
    "extend": _EXTENDED,
    "withdraw": (lambda _: commands.WithdrawRequest(request=1),),
    "produce": (lambda _: commands.Produce(request=1, later=2),),
    "preserve": (lambda _: commands.Preserve(request=1),),
    "answer": (
        _answered("given", *MORE[:2]),
        _answered("given", *MORE[:1]),
        _answered("partly", *MORE[:1]),
        _answered("given", *MORE),
        _answered("not-held"),
    ),
    "tell": (lambda _: _TOLD, lambda _: _BY_WORD),
    "nobody": (lambda _: commands.TellNobody(request=1),),
}
"""How each act of the procedures is tried, rightly and wrongly."""
EVERY = tuple(dict.fromkeys(make for makes in ACTS.values() for make in makes))
WAITS = (
    timedelta(),
    timedelta(minutes=5),
    timedelta(hours=7),
    timedelta(days=2),
    timedelta(days=9),
    timedelta(days=70),
)
BEGINNINGS = (("ordinary", "now"), ("emergency", "now"), ("ordinary", "preserve"))
WAYS = tuple((*begun, name) for name in procedures() for begun in BEGINNINGS)


class World:
    """One request as its facts leave it, and everything that was done and refused."""

    def __init__(self, urgency: str, desired: str, by: str) -> None:
        objector = "third" if by == "request-objection-1" else ""
        readers = ("police", "court", "east", *filter(None, (objector,)))
        envelope = asked.sealed(b"who is a-1?", readers)
        command = asked.whole(urgency=urgency, desired=desired, objector=objector, envelope=envelope)
        filed = decided(command, asked.asking(by), asked.OFFICER, asked.under())
        assert isinstance(filed, Accepted), filed
        self.now, self.facts = asked.NOW, list(filed.events)
        request = fold(self.facts)  # type: ignore[arg-type] # they are facts of a request
        assert request is not None
        self.request: Request = request

    def tries(self, guided: bool, one: int, who: int, wait: timedelta) -> None:
        """Somebody tries something after a while; `guided` what the step takes, from a seat of whom it takes it from."""
        self.now += wait
        step = caught_up(self.request, "", asked.under(self.now))[1].standing.step
        moves = [move for move in self.request.by.step(step).moves if move.act in ACTS]
        if guided and moves:
            move = moves[one % len(moves)]
            makes = ACTS[move.act]
            seats = [seat for seat in SEATS if BODY.get(seat.seat.organisation) == move.by]
            self._try(makes[one // len(moves) % len(makes)], seats[who % len(seats)])
        else:
            self._try(EVERY[one % len(EVERY)], SEATS[who % len(SEATS)])

    def _try(self, make: Make, by: Member) -> None:
        approver = next((one for one in SEATS if str(one.seat) == self.request.approved_by), None)
        state = asked.matter(self.request, same=asked.same_as(by), approver=approver)
        decision = decided(make(self.now), state, by, asked.under(self.now))
        if isinstance(decision, Refused):
            return
        assert by is not STRANGER
        for fact in decision.events:
            before = self.request
            self.facts.append(fact)
            self.request = evolve(before, fact)  # type: ignore[arg-type] # it is a fact of a request
            self._holds(before, fact)

    def of(self, *kinds: type[events.RequestEvent]) -> list[events.RequestEvent]:
        """The facts of some kinds."""
        return [fact for fact in self.facts if isinstance(fact, kinds)]

    def _holds(self, before: Request, fact: object) -> None:
        """What may never be otherwise, after one more fact."""
        now = self.request
        spoke_for = {(PERSON.get(seat, seat), party) for party, seat in now.words}
        assert len({person for person, _ in spoke_for}) == len(spoke_for), "one person for two parties"
        assert set(now.approved or ()) <= set(now.fields)
        if before.approved is not None:
            assert set(now.approved or ()) <= set(before.approved), "widened after it was reviewed"
        assert not (before.annulled and not now.annulled)
        assert now.ended or now.standing.due is not None, "a step without an end"
        if now.postponed is not None:
            assert now.postponed <= now.filed + lasts(now.by.postpone)
        if isinstance(fact, events.RequestAnswered) and fact.outcome in GIVING:
            assert set(fact.fields) <= set(before.approved or ())
            assert not before.annulled
            assert len(self.of(events.RequestAnswered)) == 1, "answered twice"
            self._was_agreed()
        if isinstance(
            fact, events.RequestApproved | events.RequestNarrowed | events.RequestSeconded | events.TellingPostponed
        ):
            assert fact.by.startswith("court/")
            assert fact.by != str(FRIEND.seat), "one person in two seats"
        if isinstance(fact, events.PersonTold):
            assert before.postponed is None or fact.at >= before.postponed
        if isinstance(fact, events.NobodyTold):
            assert not before.given, "somebody was given out, and not told"
            assert before.answered in ("not-held", "unclear"), "it tells what is held, and nobody decided that it may"
            assert before.approved is not None, "nobody decided on it"
            assert not before.held

    def _was_agreed(self) -> None:
        """Something is given out only after who has to say yes did, or in an emergency that was called back and confirmed."""
        if self.request.urgency == "emergency":
            (confirmed,) = self.of(events.RequestConfirmed)
            assert confirmed.by != self.request.officer
            assert self.facts.index(confirmed) > self.facts.index(self.of(events.RequestCalledBack)[0])
            return
        (approved,) = self.of(events.RequestApproved, events.RequestNarrowed)
        name = self.request.procedure.partition("@")[0]
        if name == "request-two-1":
            assert [fact.by for fact in self.of(events.RequestSeconded)] not in ([], [approved.by])
        if name == "request-objection-1":
            window = [fact for fact in self.of(events.TimePassed) if getattr(fact, "step", "") == "objection-window"]
            assert window or self.of(events.RequestPassed)
        assert not self.of(events.RequestObjected, events.RequestRefused, events.RequestAnnulled)

    def ends(self) -> None:
        """Left alone it ends; and whoever it is about was told of it, or it stands in public that they were not."""
        passed, request = caught_up(self.request, "registrar/0", asked.under(asked.NOW + LONGEST))
        assert request.ended
        gone = [fact for fact in (*self.facts, *passed) if isinstance(fact, events.TimePassed)]
        steps = [self.request.standing.step, *(fact.to for fact in gone)]
        told = self.of(events.PersonTold, events.NobodyTold)
        assert told or set(steps) & late_steps(request.by), "hidden from the person"
        assert told or set(steps) & telling_steps(request.by)
        assert fold([*self.facts, *passed]) == request  # type: ignore[list-item] # they are facts of a request
        decision = decided(
            commands.PassTime(request=1), asked.matter(self.request), KEEPERS, asked.under(asked.NOW + LONGEST)
        )
        assert isinstance(decision, Accepted) is bool(passed)


Try = tuple[bool, int, int, timedelta]
TRIES = st.lists(
    st.tuples(
        st.sampled_from((True, True, True, False)), st.integers(0, 199), st.integers(0, 35), st.sampled_from(WAITS)
    ),
    min_size=5,
    max_size=40,
)


def walked(way: tuple[str, str, str], tries: list[Try]) -> World:
    """A request after somebody tried all of this, one after the other."""
    world = World(*way)
    for guided, one, who, wait in tries:
        world.tries(guided, one, who, wait)
    world.ends()
    return world


@pytest.mark.parametrize("way", WAYS, ids=["-".join(way) for way in WAYS])
@settings(max_examples=60, deadline=None)
@given(tries=TRIES)
def test_no_sequence_of_acts_does_what_may_not_be_done(way: tuple[str, str, str], tries: list[Try]) -> None:
    """Nothing is given out without its yes, widened, replayed, done by one person in two seats, hidden, or put off for ever."""
    walked(way, tries)


def test_such_sequences_come_everywhere() -> None:
    """The walks above reach every step of every procedure that ships, and answers, tellings and complaints in them."""
    chance = Random(12)
    steps, kinds = set(), set()
    for number in range(1200):
        way = WAYS[number % len(WAYS)]
        tries = [
            (
                chance.random() < 0.8,
                chance.randrange(200),
                chance.randrange(36),
                chance.choice((*WAITS[:3] * 4, *WAITS)),
            )
            for _ in range(30)
        ]
        world = walked(way, tries)
        request = fold(world.facts[:1])  # type: ignore[arg-type] # they are facts of a request
        for fact in world.facts[1:]:
            assert request is not None
            steps.add(request.standing.step)
            request = evolve(request, fact)  # type: ignore[arg-type] # it is a fact of a request
        kinds |= {type(fact) for fact in world.facts}
    every = {step.id for name in procedures() for step in procedure(name).steps if not step.end}
    assert every - steps == set()
    assert set(ACTS_OF_FACTS) - kinds == set()
