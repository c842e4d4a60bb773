"""Filings of many requests in one commit: a queue, and one thread that takes whatever waits.

While one group commits the next gathers, so groups grow with the load by themselves. Where several file at once a group waits a
moment for those that the last one answered (`GATHER`): without that they take turns, a small group and a large one.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue

import psycopg
from psycopg import Connection

from openroll.disk_room import is_full
from openroll.register.decision import Refused
from openroll.register.file_refusals import DiskFull
from openroll.register.refusals import DatabaseBusy, TooBusy
from openroll.service.filing.one_journey import OneJourney
from openroll.service.filing.submit import CommitUnknown, Failed, Outcome, Submission
from openroll.service.roll import NotNow, Roll
from openroll.store.waiting import WAITED_OUT

MOST_TOGETHER = 256
MOST_WAITING = 4_096
GATHER = 0.001
"""Seconds that a group waits at most for as many filings as the group before it had: who was answered soon files again.

Less than a commit takes. A filing that comes alone never waits: the group before it was of one.
"""

_Waiting = tuple[Submission, "Callable[[Outcome], None] | asyncio.Future[Outcome]"]
_Settled = tuple["asyncio.Future[Outcome]", Outcome]


class GroupCommit:
    """Takes submissions from any thread and answers each, once it is durable or refused.

    A whole group is handed over to an event loop at once, however many filings are in it.
    """

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._before = 1
        """How many filings the last group had."""
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="filings", daemon=True)
        self._thread.start()

    def submit(self, submission: Submission, answer: Callable[[Outcome], None]) -> None:
        """Put a filing in the queue; `answer` is called with its outcome from the writing thread."""
        if self._queue.qsize() < MOST_WAITING:
            self._queue.put((submission, answer))
        else:
            answer(Refused(TooBusy()))

    async def submit_from_loop(self, submission: Submission) -> Outcome:
        """Put a filing in the queue and wait for its outcome, from an event loop."""
        if self._queue.qsize() >= MOST_WAITING:
            return Refused(TooBusy())
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.put((submission, future))
        return await future

    def submit_and_wait(self, submission: Submission) -> Outcome:
        """Take one filing and wait for its outcome: for pages and commands, which come one at a time."""
        future: Future[Outcome] = Future()
        self.submit(submission, future.set_result)
        return future.result()

    def close(self) -> None:
        """Finish what waits, then stop."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        connection: Connection | None = None
        way = OneJourney(self._roll)
        while (group := self._gather()) is not None:
            try:
                connection = connection if connection and not connection.closed else self._connect()
                outcomes = way.take(connection, [one for one, _ in group], self._roll.clock())
            except NotNow as error:
                outcomes = [error.refused] * len(group)
            except WAITED_OUT:
                outcomes = [Refused(DatabaseBusy())] * len(group)
            except Exception as error:
                if connection is not None:
                    connection.close()
                # What broke off elsewhere than in the commit was rolled back: nothing was taken.
                unknown = isinstance(error, CommitUnknown)
                outcomes = (
                    [Refused(DiskFull())] * len(group)
                    if is_full(error) and not unknown
                    else [Failed(type(error).__name__, unknown=unknown)] * len(group)
                )
            _answer(group, outcomes)
        if connection is not None:
            connection.close()

    def _connect(self) -> psycopg.Connection:
        connection = self._roll.database.open_runtime("openroll-filings", role="application")
        connection.autocommit = True  # so that `with connection.transaction()` begins and commits, and nothing lingers
        return connection

    def _gather(self) -> list[_Waiting] | None:
        """Wait for one filing, then take all that came meanwhile. None when it is time to stop."""
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        until = time.monotonic() + GATHER
        while len(group) < MOST_TOGETHER:
            try:
                left = until - time.monotonic() if len(group) < self._before else 0.0
                waiting = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except Empty:
                break
            if waiting is None:
                self._queue.put(None)
                break
            group.append(waiting)
        self._before = len(group)
        return group


def _answer(group: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
    """Hand outcomes over: to each event loop that waits for any, in one go."""
    loops: dict[asyncio.AbstractEventLoop, list[_Settled]] = {}
    for (_, answer), outcome in zip(group, outcomes, strict=True):
        if isinstance(answer, asyncio.Future):
            loops.setdefault(answer.get_loop(), []).append((answer, outcome))
        else:
            answer(outcome)
    for loop, settled in loops.items():
        with suppress(RuntimeError):  # the loop is closed, and whoever asked is gone with it
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: Sequence[_Settled]) -> None:
    for future, outcome in settled:
        if not future.cancelled():
            future.set_result(outcome)
