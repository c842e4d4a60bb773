"""What is asked of the city model is worked out once, one question at a time, and never more of them than may wait."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openroll.service.simulation import (
    FORGOTTEN,
    KEPT,
    MOST_WAITING,
    Answered,
    AnswerPage,
    Busy,
    ChartMissing,
    Failed,
    NoSense,
    Plot,
    ProcessDied,
    Question,
    Simulation,
    SimulationLimits,
    Working,
    hold_fixed,
    runs_of,
)
from openroll.service.simulation import question as questions
from openroll.service.simulation.messages import (
    AnyMessage,
    AnyRequest,
    Broken,
    Draw,
    Drawn,
    Finished,
    Inconsistent,
    Measured,
    Progress,
)
from openroll.whatif import load_city

NOTICE = "cn-cq-2006-notice"
PAGE = Measured({"en": AnswerPage((), {}, (Plot("filed", "", "", (), ()),))})


def asked(number: int) -> Question:
    """One of many questions."""
    return Question("village", (NOTICE,), moved=(("filing.heed", number / 100),))


class FakeProcess:
    """In place of the process of the city model: answers when a test lets it, or dies as often as a test wants."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.draws = threading.Event()
        self.draws.set()
        self.closed = threading.Event()
        self.seen: list[Question] = []
        self.drawn: list[Draw] = []
        self.ends = 0
        self.deaths = 0
        self.says: list[AnyMessage] = []
        """What it says instead of an answer."""

    def ask(self, request: AnyRequest) -> Iterator[AnyMessage]:
        """Everything that is said to a request."""
        if isinstance(request, Draw):
            self.drawn.append(request)
            self._wait(self.draws)
            yield Drawn(f"<svg {request.dark}>")
            yield Finished()
            return
        self.seen.append(request.question)
        yield Progress(0.5)
        self._wait(self.go)
        if self.deaths:
            self.deaths -= 1
            raise ProcessDied("a test wanted it")
        if self.says:
            yield self.says.pop()
            return
        yield PAGE
        yield Finished()

    def _wait(self, event: threading.Event) -> None:
        while not event.wait(0.01):
            if self.closed.is_set():
                raise ProcessDied("closed")

    def end(self) -> None:
        """Count how often it was let go."""
        self.ends += 1

    def close(self) -> None:
        """Stop in the middle of an answer."""
        self.closed.set()


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def bench() -> FakeProcess:
    """In place of the process."""
    return FakeProcess()


@pytest.fixture
def clock() -> Clock:
    """A clock that a test moves."""
    return Clock()


@pytest.fixture
def model(clock: Clock, bench: FakeProcess) -> Iterator[Simulation]:
    """What is tested."""
    made = Simulation(bench, monotonic=clock)
    yield made
    made.close()


def answer(model: Simulation, question: Question, patience: float = 30.0) -> Any:
    """Ask as a page does."""
    return asyncio.run(model.answer(question, patience))


def until(true: Callable[[], Any]) -> None:
    """Wait for another thread."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)  # waits for a real thread
    raise AssertionError("it never came")


def test_a_question_is_worked_out_once(model: Simulation, bench: FakeProcess) -> None:
    """Who asks what was answered before gets the same answer, and nothing is worked out again."""
    bench.go.set()
    first, second = answer(model, asked(1)), answer(model, asked(1))
    assert isinstance(first, Answered)
    assert second is first
    assert bench.seen == [asked(1)]


def test_who_does_not_wait_is_told_how_far_it_is(model: Simulation, bench: FakeProcess) -> None:
    """A question that takes longer than one waits for says how much is done, and how many are before it."""
    model.ask(asked(1))
    until(lambda: model.standing(asked(1)) == Working(0.5, 0))
    assert answer(model, asked(2), patience=0) == Working(0.0, 1)
    assert model.standing(asked(3)) is None
    bench.go.set()
    assert isinstance(answer(model, asked(2)), Answered)


def test_questions_do_not_pile_up(model: Simulation, bench: FakeProcess) -> None:
    """When as many wait as may, one more is turned away; who asks for one of those that wait is not."""
    for number in range(MOST_WAITING):
        model.ask(asked(number))
    assert answer(model, asked(99), patience=0) == Busy()
    assert isinstance(answer(model, asked(0), patience=0), Working)
    assert isinstance(answer(model, asked(MOST_WAITING - 1), patience=0), Working)
    bench.go.set()
    assert isinstance(answer(model, asked(MOST_WAITING - 1)), Answered)
    assert asked(99) not in bench.seen


def test_nobody_alone_holds_all_places(model: Simulation, bench: FakeProcess) -> None:
    """One address has a question at once and its network two, however many it asks; another visitor's is taken."""

    def ask(number: int, source: str) -> Any:
        return asyncio.run(model.answer(asked(number), 0, source))

    assert isinstance(ask(0, "2001:db8::1"), Working)
    assert [ask(n, "2001:db8::2") for n in range(1, 20)] == [Busy(own=True)] * 19
    assert isinstance(ask(20, "2001:db8:0:1::1"), Working)
    assert [ask(n, f"2001:db8:0:{n:x}::1") for n in range(21, 40)] == [Busy(own=True)] * 19
    assert isinstance(ask(0, "2001:db8:0:9::1"), Working), "who asks the same takes no place"
    for n in range(40, 50):
        assert isinstance(ask(n, f"203.0.{n}.1"), Working)
    assert ask(60, "198.51.100.1") == Busy()
    bench.go.set()
    assert isinstance(asyncio.run(model.answer(asked(49), 30.0, "203.0.49.1")), Answered)
    assert isinstance(asyncio.run(model.answer(asked(61), 30.0, "2001:db8::1")), Answered), "its place is free again"


def test_a_question_nobody_waits_for_is_dropped(model: Simulation, bench: FakeProcess, clock: Clock) -> None:
    """Who asked and went away costs nothing once their turn comes; who asks again keeps it."""
    for number in range(3):
        model.ask(asked(number))
    until(lambda: bench.seen)
    clock.now = FORGOTTEN
    model.standing(asked(2))
    clock.now += 1
    bench.go.set()
    assert isinstance(answer(model, asked(2)), Answered)
    assert bench.seen == [asked(0), asked(2)]


def test_few_answers_are_kept_and_the_first_always(model: Simulation, bench: FakeProcess) -> None:
    """The oldest answers go, but for the one of the question that is shown to who asks nothing."""
    bench.go.set()
    model.first = asked(0)
    for number in range(KEPT + 3):
        answer(model, asked(number))
    kept = [number for number in range(KEPT + 3) if model.standing(asked(number)) is not None]
    assert kept == [0, *range(3, KEPT + 3)]


def test_a_fault_is_told_to_who_asked_and_to_nobody_else(
    model: Simulation, bench: FakeProcess, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A question that meets a fault of ours is noted, not tried again for a while, and does not stop the next."""
    bench.go.set()
    bench.says = [Broken("builtins.ZeroDivisionError")]
    assert answer(model, asked(1)) == Failed(300)
    assert "builtins.ZeroDivisionError" in caplog.text
    assert answer(model, asked(1)) == Failed(301)
    assert isinstance(answer(model, asked(2)), Answered)
    clock.now += 301
    assert isinstance(answer(model, asked(1)), Answered)
    assert bench.seen == [asked(1), asked(2), asked(1)]


def test_values_that_cannot_be_are_told_apart(model: Simulation, bench: FakeProcess) -> None:
    """What the process calls inconsistent is a mistake of who asked, not of ours."""
    bench.go.set()
    bench.says = [Inconsistent()]
    with pytest.raises(NoSense):
        answer(model, asked(1))


def test_a_process_that_dies_is_started_again_and_given_up_after_two_tries(
    model: Simulation, bench: FakeProcess
) -> None:
    """One death costs whoever asked nothing but time; after two the question is given up, and the next is answered."""
    bench.go.set()
    bench.deaths = 1
    assert isinstance(answer(model, asked(1)), Answered)
    bench.deaths = 2
    assert answer(model, asked(2)) == Failed(300)
    assert isinstance(answer(model, asked(3)), Answered)
    assert bench.seen == [asked(1), asked(1), asked(2), asked(2), asked(3)]


def test_a_process_that_always_dies_is_left_alone_for_a_while(
    model: Simulation, bench: FakeProcess, clock: Clock
) -> None:
    """After six deaths without an answer between them no question is put to it; later it is tried again."""
    bench.go.set()
    bench.deaths = 6
    for number in range(3):
        assert isinstance(answer(model, asked(number)), Failed)
    assert answer(model, asked(9)) == Failed(301)
    assert len(bench.seen) == 6
    clock.now += 301
    assert isinstance(answer(model, asked(9)), Answered)


def test_a_process_that_idles_is_ended(bench: FakeProcess) -> None:
    """When nobody asks for a while, the process goes, and the next question is answered by another."""
    model = Simulation(bench, SimulationLimits(idle_seconds=0.01))
    bench.go.set()
    assert isinstance(answer(model, asked(1)), Answered)
    until(lambda: bench.ends)
    assert isinstance(answer(model, asked(2)), Answered)
    model.close()


def test_charts_are_drawn_when_they_are_asked_for(model: Simulation, bench: FakeProcess) -> None:
    """The page is there before its charts; who asks for one waits for it; none is drawn twice."""
    bench.go.set()
    bench.draws.clear()
    found = answer(model, asked(1))
    assert isinstance(found, Answered)
    assert asyncio.run(found.chart(("en", "nothing", False), 30)) is None
    assert bench.drawn == []
    with pytest.raises(ChartMissing):
        asyncio.run(found.chart(("en", "filed", True), 0))
    bench.draws.set()
    for dark in (False, True, False, True):
        assert asyncio.run(found.chart(("en", "filed", dark), 30)) == f"<svg {dark}>".encode()
    assert [one.dark for one in bench.drawn] == [True, False]


def test_the_charts_of_the_first_question_are_drawn_ahead(model: Simulation, bench: FakeProcess) -> None:
    """Who asks nothing sees charts that are there; whoever waits for an answer comes before them."""
    bench.go.set()
    model.first = asked(0)
    answer(model, asked(0))
    until(lambda: [one.dark for one in bench.drawn] == [False, True])
    assert isinstance(answer(model, asked(1)), Answered)
    assert len(bench.drawn) == 2


def test_an_answer_whose_chart_is_lost_is_not_kept(model: Simulation, bench: FakeProcess) -> None:
    """Who waits for a chart that never comes is told so, and the question is worked out anew for whoever asks again."""
    bench.go.set()
    bench.draws.clear()
    found = answer(model, asked(1))
    assert isinstance(found, Answered)
    bench.closed.set()  # it dies while it draws, twice
    with pytest.raises(ChartMissing):
        asyncio.run(found.chart(("en", "filed", True), 30))
    assert model.standing(asked(1)) is None


def test_closing_stops_in_the_middle(bench: FakeProcess) -> None:
    """A server that stops does not wait for an answer nobody will read."""
    model = Simulation(bench)
    model.ask(asked(1))
    until(lambda: bench.seen)
    model.close()
    assert not bench.go.is_set()


def test_runs_are_bounded() -> None:
    """However large a city is, and however small, the runs are few and enough to see a band."""
    for name in ("village", "chongqing-2006", "philippines-2022"):
        for rules in (1, 2, 3):
            assert questions.LEAST_RUNS <= runs_of(load_city(name), rules) <= questions.MOST_RUNS
    assert runs_of(load_city("village"), 3) == questions.MOST_RUNS
    assert hold_fixed(load_city("village"), Question("village", (NOTICE,))) == load_city("village")
    held = hold_fixed(load_city("village"), Question("village", (NOTICE,), "asymmetric", (("filing.heed", 0.9),)))
    assert (held.liability, held.assumptions.filing.heed.range) == ("asymmetric", (0.9, 0.9))
    assert held.assumptions.filing.lull == load_city("village").assumptions.filing.lull
