"""Questions to the city model: each answered once, one at a time, by a process of its own beside everything else.

A question is small and its answer is the same for everyone, so answers are kept, a bounded number of them. Nobody can make
the server spend more than this: the cities and rules are those that ship, the runs are few, one question is measured at a time,
few wait, and one that nobody waits for any more is dropped. Nothing here touches the roll or its database.
"""

import asyncio
import functools
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from typing import Protocol

import msgspec

from openroll.fault_trace import fault_trace
from openroll.rules.language import PRESET_LANGUAGES
from openroll.service.simulation.messages import (
    AnswerPage,
    AnyMessage,
    AnyRequest,
    Broken,
    Draw,
    Drawn,
    Inconsistent,
    Measure,
    Measured,
    Progress,
)
from openroll.service.simulation.process import LIMITS, ProcessDied, SimulationLimits
from openroll.service.simulation.question import Question
from openroll.traffic import Places, networks

KEPT = 10
"""Answers kept: some 1.5 MB each, most of it charts."""
MOST_WAITING = 12
"""Questions at once, the one being measured among them."""
MOST_EACH = (1, 2)
"""Of these from one network (an address, or a /64), and from the wider ones around it: nobody holds all places."""
FORGOTTEN = 60.0
"""Seconds after which a question that waits its turn, and that nobody asked for again, is dropped."""
_GIVEN_UP_KEPT = 100


class Simulator(Protocol):
    """Who answers: `SimulationProcess`, or what a test puts in its place."""

    def ask(self, request: AnyRequest) -> Iterator[AnyMessage]:
        """Everything that is said to a request. Raises ProcessDied."""

    def end(self) -> None:
        """Nothing is asked for a while: let go of memory."""

    def close(self) -> None:
        """Stop for good, in the middle of an answer if need be."""


class ChartMissing(Exception):
    """A chart of an answer is not drawn yet, or could not be."""


ChartKey = tuple[str, str, bool]
"""Language, name, dark."""


class Answered:
    """What came of a question: its page in each language, and its charts, drawn when they are first asked for."""

    def __init__(
        self, question: Question, pages: Mapping[str, AnswerPage], want: Callable[["Answered", ChartKey], None]
    ) -> None:
        self.question, self.pages = question, pages
        self._want = want
        # In the order in which they are drawn where nobody asks: what most people see comes first.
        self.charts: dict[ChartKey, Future[bytes]] = {
            (lang, plot.name, dark): Future()
            for dark in (False, True)
            for lang, one in pages.items()
            for plot in one.plots
        }

    async def chart(self, key: ChartKey, patience: float) -> bytes | None:
        """A chart as SVG; None when the answer has no such chart. Raises ChartMissing after so many seconds."""
        future = self.charts.get(key)
        if future is None:
            return None
        if not future.done():
            self._want(self, key)
        waited = asyncio.wrap_future(future)
        waited.add_done_callback(lambda one: one.cancelled() or one.exception())  # looked at when nobody waits, too
        await asyncio.wait([waited], timeout=patience)
        if not future.done() or future.exception() is not None:
            raise ChartMissing
        return future.result()


class Working(msgspec.Struct, frozen=True):
    """A question that is not answered yet: how much of it is done, from 0 to 1, and how many are before it."""

    done: float
    ahead: int


class Busy(msgspec.Struct, frozen=True):
    """As many questions wait as may, or as many of this source's (`own`): this one was not taken."""

    own: bool = False


class Failed(msgspec.Struct, frozen=True):
    """The city model could not answer this; asked again before `wait` seconds have passed, it is not tried again."""

    wait: int


class NoSense(ValueError):
    """The values that were fixed make no sense beside the city's others."""


class _Job:
    def __init__(self, question: Question, source: tuple[str, ...], now: float) -> None:
        self.question = question
        self.source = source
        self.asked = now
        self.done = 0.0
        self.future: Future[Answered | Failed] = Future()


class Simulation:
    """One a server. Its thread begins with the first question and ends with `close`."""

    def __init__(
        self,
        simulator: Simulator,
        limits: SimulationLimits = LIMITS,
        languages: tuple[str, ...] = PRESET_LANGUAGES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._simulator, self._limits, self._languages, self._monotonic = simulator, limits, languages, monotonic
        self._changed = threading.Condition()
        self._kept: OrderedDict[str, Answered] = OrderedDict()
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._wanted: deque[tuple[Answered, ChartKey]] = deque()
        self._ahead: deque[tuple[Answered, ChartKey]] = deque()
        self._given_up: OrderedDict[str, float] = OrderedDict()
        self._deaths, self._rests_until = 0, 0.0
        self._places = Places(MOST_EACH, MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._closed = False
        self.first: Question | None = None
        """The question that is answered where none is asked: its answer is never thrown away, its charts are drawn ahead."""

    async def answer(
        self, question: Question, patience: float, source: str | None = None
    ) -> Answered | Working | Busy | Failed:
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

    def standing(self, question: Question) -> Answered | Working | Failed | None:
        """How a question stands; asking so keeps it in its place. None when it is not among them."""
        with self._changed:
            if (known := self._known(question)) is not None:
                return known
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
        self._simulator.close()
        if self._thread is not None:
            self._thread.join()

    def _ask(
        self, question: Question, source: str | None = None
    ) -> Answered | Failed | Future[Answered | Failed] | Busy:
        with self._changed:
            if (known := self._known(question)) is not None:
                return known
            if question.digest not in self._jobs:
                asker = () if source is None else networks(source)
                if not self._places.take(asker):
                    return Busy(own=not self._places.crowded)
                self._jobs[question.digest] = _Job(question, asker, self._monotonic())
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="simulation", daemon=True)
                    self._thread.start()
                self._changed.notify()
            job = self._jobs[question.digest]
            job.asked = self._monotonic()
            return job.future

    def _known(self, question: Question) -> Answered | Failed | None:
        kept = self._kept.get(question.digest)
        if kept is not None:
            self._kept.move_to_end(question.digest)
            return kept
        wait = max(self._given_up.get(question.digest, 0.0), self._rests_until) - self._monotonic()
        return Failed(int(wait) + 1) if wait > 0 else None

    def _want(self, answered: Answered, key: ChartKey) -> None:
        with self._changed:
            if (answered, key) not in self._wanted:
                self._wanted.append((answered, key))
                self._changed.notify()

    def _work(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception as error:
                logging.getLogger("openroll").error("a question to the city model failed: %s", fault_trace(error))
        self._simulator.end()

    def _next(self) -> Callable[[], None] | None:
        """What is done next: charts that somebody waits for, then questions, then charts ahead; None when the server ends."""
        with self._changed:
            while True:
                while not self._changed.wait_for(self._has_work, self._limits.idle_seconds):
                    self._simulator.end()
                if self._closed:
                    return None
                if not self._wanted and not self._jobs:
                    return functools.partial(self._draw, *self._ahead.popleft())
                if self._wanted:
                    return functools.partial(self._draw, *self._wanted.popleft())
                job = next(iter(self._jobs.values()))
                if self._monotonic() - job.asked <= FORGOTTEN:
                    return functools.partial(self._answer, job)
                job.future.cancel()
                self._leave(job)

    def _has_work(self) -> bool:
        return bool(self._closed or self._wanted or self._jobs or self._ahead)

    def _answer(self, job: _Job) -> None:
        """Answer one question, or say why there is no answer."""
        try:
            said = self._ask_process(Measure(job.question, self._languages), job)
        except NoSense as error:
            with self._changed:
                self._leave(job)
            job.future.set_exception(error)
            return
        if isinstance(said, Measured):
            self._keep(job, Answered(job.question, said.pages, self._want))
            return
        with self._changed:
            self._given_up[job.question.digest] = self._monotonic() + self._limits.rest_seconds
            while len(self._given_up) > _GIVEN_UP_KEPT:
                self._given_up.popitem(last=False)
            self._leave(job)
        job.future.set_result(Failed(int(self._limits.rest_seconds)))

    def _draw(self, answered: Answered, key: ChartKey) -> None:
        """Draw one chart, unless that was done meanwhile. An answer whose chart cannot be drawn is not kept."""
        future = answered.charts[key]
        if future.done():
            return
        said = self._ask_process(Draw(answered.question, *key), None)
        if isinstance(said, Drawn):
            future.set_result(said.svg.encode())
            return
        with self._changed:
            self._kept.pop(answered.question.digest, None)
        future.set_exception(ChartMissing())

    def _ask_process(self, request: AnyRequest, job: _Job | None) -> Measured | Drawn | None:
        """What the process says, tried as often as it may die of it; None where it has no answer. Raises NoSense."""
        for _ in range(self._limits.tries):
            said: Measured | Drawn | None = None
            try:
                for message in self._simulator.ask(request):
                    if isinstance(message, Inconsistent):
                        raise NoSense
                    if isinstance(message, Broken):
                        logging.getLogger("openroll").error("a question to the city model failed: %s", message.where)
                        return None
                    if isinstance(message, Progress) and job is not None:
                        job.done = message.done
                    elif isinstance(message, Measured | Drawn):
                        said = message
            except ProcessDied as error:
                if self._died(error):
                    return None
            else:
                self._deaths = 0
                return said
        return None

    def _died(self, error: ProcessDied) -> bool:
        """Count a death of the process. Returns whether there is no sense in trying again."""
        if self._closed:
            return True
        logging.getLogger("openroll").error("the process of the city model ended over a question: %s", error)
        self._deaths += 1
        if self._deaths < self._limits.deaths:
            return False
        with self._changed:
            self._deaths = 0
            self._rests_until = self._monotonic() + self._limits.rest_seconds
        return True

    def _leave(self, job: _Job) -> None:
        if self._jobs.get(job.question.digest) is job:
            del self._jobs[job.question.digest]
            self._places.leave(job.source)

    def _keep(self, job: _Job, answered: Answered) -> None:
        with self._changed:
            self._kept[job.question.digest] = answered
            self._leave(job)
            spare = [digest for digest in self._kept if self.first is None or digest != self.first.digest]
            if len(spare) > KEPT:
                del self._kept[spare[0]]
            if job.question == self.first:
                self._ahead.extend((answered, key) for key in answered.charts)
        job.future.set_result(answered)
