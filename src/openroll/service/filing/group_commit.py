"""Filings of many requests in one commit: a queue, and one thread that takes whatever waits.

While one group commits the next gathers, so groups grow with the load by themselves. Where several file at once a group waits a
moment for those that the last one answered (`GATHER`): without that they take turns, a small group and a large one. What somebody
else's transaction holds is waited for elsewhere (slow_lane.py): the filings of all do not wait for what one of them needs.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from openroll.register.decision import Refused
from openroll.register.refusals import TooBusy
from openroll.service.filing.slow_lane import PATIENCE, SlowLane, Waiting, answer_all, is_blocked, key_of
from openroll.service.filing.submit import Outcome, Submission
from openroll.service.filing.writer import Writer
from openroll.service.roll import Roll

MOST_TOGETHER = 256
MOST_WAITING = 4_096
GATHER = 0.001
"""Seconds that a group waits at most for as many filings as the group before it had: who was answered soon files again.

Less than a commit takes. A filing that comes alone never waits: the group before it was of one.
"""

MOST_WAITS = 16
"""So often at most a group waits for what others hold, until it is known whose that is: 8 halvings tell one of 256, 16 a few."""


class GroupCommit:
    """Takes submissions from any thread and answers each, once it is durable or refused.

    A whole group is handed over to an event loop at once, however many filings are in it.
    """

    def __init__(self, roll: Roll, *, patience: float = PATIENCE) -> None:
        """`patience` is for how many seconds a filing waits for what others hold."""
        self._roll = roll
        self._before = 1
        """How many filings the last group had."""
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._slow = SlowLane(roll, patience)
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
        self._slow.close()

    def _work(self) -> None:
        writer = Writer(self._roll, "openroll-filings")
        while (group := self._gather()) is not None:
            self._take(writer, self._slow.let_by(group))
        writer.close()

    def _take(self, writer: Writer, group: list[Waiting]) -> None:
        """Take a group. What somebody else holds is left to the slow lane, whoever sent it, and the rest does not wait for it."""
        parts, waits = [group], 0
        while parts:
            part = parts.pop()
            outcomes = writer.take([one for one, _ in part]) if part else []
            done = [pair for pair in zip(part, outcomes, strict=True) if not is_blocked(pair[1])]
            answer_all([one for one, _ in done], [outcome for _, outcome in done])
            blocked = [one for one, outcome in zip(part, outcomes, strict=True) if is_blocked(outcome)]
            if not blocked:
                continue  # putting nothing there would wake its thread for every group
            waits += 1
            keys = list(dict.fromkeys(key_of(one) for one, _ in blocked))
            if len(keys) <= 1 or waits >= MOST_WAITS:
                self._slow.put(blocked)
                continue
            first = set(keys[: len(keys) // 2])
            parts.append([one for one in blocked if key_of(one[0]) not in first])
            parts.append([one for one in blocked if key_of(one[0]) in first])

    def _gather(self) -> list[Waiting] | None:
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
