"""What is asked of the city model is worked out once, one question at a time, and never more of them than may wait."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openroll.service import simulation
from openroll.service.simulation import (
    FORGOTTEN,
    KEPT,
    MOST_WAITING,
    Answered,
    Busy,
    Measuring,
    NoSense,
    Question,
    Working,
    held,
    runs_of,
)
from openroll.whatif import load_city

NOTICE = "cn-cq-2006-notice"


def asked(number: int) -> Question:
    """One of many questions."""
    return Question("village", (NOTICE,), moved=(("filing.heed", number / 100),))


class Bench:
    """Measures as fast or as slow as a test wants, and says what it was asked to measure."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.seen: list[Question] = []

    def measure(self, job: Any, tell: Callable[[Any, float], None]) -> Any:
        """In place of the model."""
        self.seen.append(job.question)
        tell(job, 0.5)
        while not self.go.wait(0.01):
            tell(job, 0.5)
        return object()


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """In place of the model."""
    made = Bench()
    monkeypatch.setattr(simulation, "_measured", made.measure)
    return made


@pytest.fixture
def clock() -> Clock:
    """A clock that a test moves."""
    return Clock()


@pytest.fixture
def model(clock: Clock) -> Iterator[Measuring]:
    """What is tested."""
    made = Measuring(clock)
    yield made
    made.close()


def answer(model: Measuring, question: Question, patience: float = 30.0) -> Any:
    """Ask as a page does."""
    return asyncio.run(model.answer(question, patience))


def until(true: Callable[[], Any]) -> None:
    """Wait for another thread."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)  # waits for a real thread
    raise AssertionError("it never came")


def test_a_question_is_worked_out_once(model: Measuring, bench: Bench) -> None:
    """Who asks what was answered before gets the same answer, and nothing is worked out again."""
    bench.go.set()
    first, second = answer(model, asked(1)), answer(model, asked(1))
    assert isinstance(first, Answered)
    assert second is first
    assert bench.seen == [asked(1)]


def test_who_does_not_wait_is_told_how_far_it_is(model: Measuring, bench: Bench) -> None:
    """A question that takes longer than one waits for says how much is done, and how many are before it."""
    model.ask(asked(1))
    until(lambda: model.standing(asked(1)) == Working(0.5, 0))
    assert answer(model, asked(2), patience=0) == Working(0.0, 1)
    assert model.standing(asked(3)) is None
    bench.go.set()
    assert isinstance(answer(model, asked(2)), Answered)


def test_questions_do_not_pile_up(model: Measuring, bench: Bench) -> None:
    """When as many wait as may, one more is turned away; who asks for one of those that wait is not."""
    for number in range(MOST_WAITING):
        model.ask(asked(number))
    assert answer(model, asked(99), patience=0) == Busy()
    assert isinstance(answer(model, asked(0), patience=0), Working)
    assert isinstance(answer(model, asked(MOST_WAITING - 1), patience=0), Working)
    bench.go.set()
    assert isinstance(answer(model, asked(MOST_WAITING - 1)), Answered)
    assert asked(99) not in bench.seen


def test_nobody_alone_holds_all_places(model: Measuring, bench: Bench) -> None:
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


def test_a_question_nobody_waits_for_is_dropped(model: Measuring, bench: Bench, clock: Clock) -> None:
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


def test_few_answers_are_kept_and_the_first_always(model: Measuring, bench: Bench) -> None:
    """The oldest answers go, but for the one of the question that is shown to who asks nothing."""
    bench.go.set()
    model.first = asked(0)
    for number in range(KEPT + 3):
        answer(model, asked(number))
    kept = [number for number in range(KEPT + 3) if model.standing(asked(number)) is not None]
    assert kept == [0, *range(3, KEPT + 3)]


def test_a_fault_is_told_to_who_asked_and_to_nobody_else(model: Measuring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that fails does not stop the next."""

    def fail(job: Any, tell: Callable[[Any, float], None]) -> Any:
        tell(job, 0.0)
        if job.question == asked(1):
            raise ZeroDivisionError
        return object()

    monkeypatch.setattr(simulation, "_measured", fail)
    with pytest.raises(ZeroDivisionError):
        answer(model, asked(1))
    assert isinstance(answer(model, asked(2)), Answered)


def test_closing_stops_in_the_middle(bench: Bench) -> None:
    """A server that stops does not wait for an answer nobody will read."""
    model = Measuring()
    model.ask(asked(1))
    until(lambda: bench.seen)
    model.close()
    assert not bench.go.is_set()


def test_the_model_itself_answers(model: Measuring) -> None:
    """A question is put to the model: what is held is held in every run, and values that cannot be are told apart."""
    found = answer(model, Question("village", (NOTICE,), "asymmetric", (("filing.heed", 0.9),)))
    assert isinstance(found, Answered)
    city = found.outcome.city
    assert (city.liability, city.assumptions.filing.heed.range) == ("asymmetric", (0.9, 0.9))
    assert "filing.heed" not in found.outcome.drawn.columns
    assert found.outcome.runs == runs_of(city, 1)
    assert city.assumptions.filing.lull == load_city("village").assumptions.filing.lull
    with pytest.raises(NoSense):
        answer(
            model,
            Question("village", (NOTICE,), moved=(("officials.length_half", 1.0), ("officials.length_short", 1.0))),
        )


def test_runs_are_bounded() -> None:
    """However large a city is, and however small, the runs are few and enough to see a band."""
    for name in ("village", "chongqing-2006", "philippines-2022"):
        for rules in (1, 2, 3):
            assert simulation.LEAST_RUNS <= runs_of(load_city(name), rules) <= simulation.MOST_RUNS
    assert runs_of(load_city("village"), 3) == simulation.MOST_RUNS
    assert held(load_city("village"), Question("village", (NOTICE,))) == load_city("village")
