"""What a rule would do to a city, measured for whoever asks: each question once, one at a time, beside everything else.

A question is small and its answer is the same for everyone, so answers are kept, a bounded number of them. Nobody can make
the server spend more than this: the cities and rules are those that ship, the runs are few, one question is measured at a time,
few wait, and one that nobody waits for any more is dropped. Nothing here touches the roll or its database.

The model and the libraries it stands on take seconds and 160 MB to load, so they come with the first question, in its thread.
"""

import asyncio
import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

import msgspec

from openroll.fault_trace import fault_trace
from openroll.rules import RuleFaults, load
from openroll.traffic import Places, networks

if TYPE_CHECKING:
    from openroll.whatif import City, Outcome

SEED = 1
KEPT = 10
"""Answers kept: some 6 MB each for a city of forty districts under three rules."""
MOST_WAITING = 12
"""Questions at once, the one being measured among them."""
MOST_EACH = (1, 2)
"""Of these from one network (an address, or a /64), and from the wider ones around it: nobody holds all places."""
FORGOTTEN = 60.0
"""Seconds after which a question that waits its turn, and that nobody asked for again, is dropped."""
MOST_RULES = 3
LEAST_RUNS, MOST_RUNS = 12, 60
DAYS_WORTH = 200_000
"""Days that all runs of a question may take together, over its rules and districts, before they are as few as may be."""


class Question(msgspec.Struct, frozen=True):
    """What is asked: a city that ships, rules that ship, whether the giver of a bribe goes free, and what is held fixed.

    `liability` is empty where it is as the city's file has it. `moved` holds assumptions by path, as `filing.heed`, in order.
    """

    city: str
    rules: tuple[str, ...]
    liability: Literal["", "symmetric", "asymmetric"] = ""
    moved: tuple[tuple[str, float], ...] = ()

    @property
    def query(self) -> str:
        """The question as the end of an address, always the same for the same question."""
        pairs = [("city", self.city), *(("rule", rule) for rule in self.rules)]
        pairs += [("liability", self.liability)] if self.liability else []
        return urlencode([*pairs, *((path, f"{value:.12g}") for path, value in self.moved)])

    @property
    def digest(self) -> str:
        """A name for the question."""
        return hashlib.sha256(self.query.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Answered:
    """What came of a question. `made` holds what a face made of it, such as charts, and goes when it goes."""

    question: Question
    outcome: "Outcome"
    made: dict[Any, Any] = field(default_factory=dict, compare=False)


class Working(msgspec.Struct, frozen=True):
    """A question that is not answered yet: how much of it is done, from 0 to 1, and how many are before it."""

    done: float
    ahead: int


class Busy(msgspec.Struct, frozen=True):
    """As many questions wait as may, or as many of this source's (`own`): this one was not taken."""

    own: bool = False


class NoSense(ValueError):
    """The values that were fixed make no sense beside the city's others."""


class _Job:
    def __init__(self, question: Question, source: tuple[str, ...], now: float) -> None:
        self.question = question
        self.source = source
        self.asked = now
        self.done = 0.0
        self.future: Future[Answered] = Future()


class Measuring:
    """One a process. Its thread begins with the first question and ends with `close`."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._kept: OrderedDict[str, Answered] = OrderedDict()
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._places = Places(MOST_EACH, MOST_WAITING)
        self._loaded: Future[None] = Future()
        self._thread: threading.Thread | None = None
        self._closed = False
        self.first: Question | None = None
        """The question that is answered where none is asked; its answer is never thrown away."""

    async def ready(self) -> None:
        """The model is loaded: cities and assumptions can be read without keeping anyone waiting."""
        with self._changed:
            self._begin()
        await asyncio.shield(asyncio.wrap_future(self._loaded))

    async def answer(self, question: Question, patience: float, source: str | None = None) -> Answered | Working | Busy:
        """What came of it, or how far it is after so many seconds. Raises NoSense for values that do not go together.

        `source` is the address it is asked from; without one only the places in all count.
        """
        asked = self._ask(question, source)
        if not isinstance(asked, Future):
            return asked
        waited = asyncio.wrap_future(asked)
        waited.add_done_callback(
            lambda one: one.cancelled() or one.exception()
        )  # looked at even when nobody waits any more
        await asyncio.wait([waited], timeout=patience)
        return asked.result() if asked.done() and not asked.cancelled() else self.standing(question) or Working(0.0, 0)

    def ask(self, question: Question) -> None:
        """Have a question answered for whoever comes later."""
        self._ask(question)

    def standing(self, question: Question) -> Answered | Working | None:
        """How a question stands; asking so keeps it in its place. None when it is not among them."""
        with self._changed:
            if (kept := self._found(question)) is not None:
                return kept
            job = self._jobs.get(question.digest)
            if job is None:
                return None
            job.asked = self._monotonic()
            return Working(job.done, list(self._jobs).index(question.digest))

    def close(self) -> None:
        """Stop, in the middle of a question if need be."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _ask(self, question: Question, source: str | None = None) -> Answered | Future[Answered] | Busy:
        with self._changed:
            if (kept := self._found(question)) is not None:
                return kept
            if question.digest not in self._jobs:
                asker = () if source is None else networks(source)
                if not self._places.take(asker):
                    return Busy(own=not self._places.crowded)
                self._jobs[question.digest] = _Job(question, asker, self._monotonic())
                self._begin()
                self._changed.notify()
            job = self._jobs[question.digest]
            job.asked = self._monotonic()
            return job.future

    def _found(self, question: Question) -> Answered | None:
        kept = self._kept.get(question.digest)
        if kept is not None:
            self._kept.move_to_end(question.digest)
        return kept

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="measuring", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        import openroll.whatif  # noqa: F401, PLC0415 - see the head of this file

        self._loaded.set_result(None)
        while (job := self._next()) is not None:
            try:
                outcome = _measured(job, self._tell)
            except _Stopped:
                return
            except Exception as error:
                if not isinstance(error, NoSense):
                    logging.getLogger("openroll").error(
                        "measuring %s failed: %s", job.question.city, fault_trace(error)
                    )
                with self._changed:
                    self._leave(job)
                job.future.set_exception(error)
                continue
            self._keep(job, outcome)

    def _next(self) -> _Job | None:
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._jobs or self._closed)
                if self._closed:
                    return None
                job = next(iter(self._jobs.values()))
                if self._monotonic() - job.asked <= FORGOTTEN:
                    return job
                job.future.cancel()
                self._leave(job)

    def _tell(self, job: _Job, done: float) -> None:
        if self._closed:
            raise _Stopped
        job.done = done

    def _leave(self, job: _Job) -> None:
        del self._jobs[job.question.digest]
        self._places.leave(job.source)

    def _keep(self, job: _Job, outcome: "Outcome") -> None:
        answered = Answered(job.question, outcome)
        with self._changed:
            self._kept[job.question.digest] = answered
            self._leave(job)
            spare = [digest for digest in self._kept if self.first is None or digest != self.first.digest]
            if len(spare) > KEPT:
                del self._kept[spare[0]]
        job.future.set_result(answered)


class _Stopped(Exception):
    """The process ends."""


def _measured(job: _Job, tell: Callable[[_Job, float], None]) -> "Outcome":
    from openroll.whatif import load_city, run  # noqa: PLC0415 - as above

    question = job.question
    rules = [load(rule) for rule in question.rules]
    try:
        city = held(load_city(question.city), question)
        runs = runs_of(city, len(rules))
        return run(rules, city, runs=runs, seed=SEED, told=lambda done: tell(job, done))
    except RuleFaults as error:
        raise NoSense from error


def runs_of(city: "City", rules: int) -> int:
    """How often a city is put through each rule: as often as it takes little time, within bounds."""
    return min(max(DAYS_WORTH // (len(city.districts) * city.days * rules), LEAST_RUNS), MOST_RUNS)


def held(city: "City", question: Question) -> "City":
    """A city with what the question holds fixed. What is drawn for the rest stays the same (`whatif.sample`).

    Raises RuleFaults for values that make no sense beside the others.
    """
    from openroll.whatif.overrides import changed  # noqa: PLC0415 - as above

    made = changed(city, dict(question.moved))
    return msgspec.structs.replace(made, liability=question.liability or city.liability)
