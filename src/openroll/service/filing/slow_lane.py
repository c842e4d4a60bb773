"""Filings that need what somebody else's transaction holds wait here, apart from all the others.

An operator that is being succeeded is held for as long as that takes, a record by whoever writes it. A thread that takes the
filings of all would wait for it with all of them. So it waits for next to nothing: what is held goes over to here, and what
comes later and needs the same as well, until that is free. Here they are tried again and again, those of one operator together,
and each operator in its turn. Whose patience is over is refused as `database-busy`, to be sent again under the same key.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from openroll.register.decision import Refused
from openroll.register.refusals import DatabaseBusy
from openroll.service.filing.submit import Failed, Outcome, Submission
from openroll.service.filing.writer import Writer
from openroll.service.roll import Roll

PATIENCE = 10.0
"""Seconds that a filing waits for what others hold; a sender's own patience is commonly 30."""
MOST_OF_ONE = 1_024
MOST_IN_ALL = 4_096
"""So many wait here, of one whose things are held and in all: those beyond are refused at once, and take up no room."""
MOST_AT_ONCE = 256

Waiting = tuple[Submission, "Callable[[Outcome], None] | asyncio.Future[Outcome]"]
"""A filing, and who waits for its outcome."""
Key = tuple[str, object]
_Settled = tuple["asyncio.Future[Outcome]", Outcome]


def key_of(submission: Submission) -> Key:
    """Whose things a filing needs, as far as it says so itself: those with the same key are likely to wait for the same."""
    actor = submission.actor
    if actor is None:
        return ("program", submission.token)
    if actor.role == "operator":
        return ("operator", actor.organisation)
    if submission.number is not None:
        return ("record", submission.number)
    return ("operator", getattr(submission.command, "operator", ""))


def is_blocked(outcome: Outcome) -> bool:
    """Whether somebody else holds what a filing needs."""
    return isinstance(outcome, Failed) and outcome.blocked


def answer_all(group: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
    """Hand outcomes over: to each event loop that waits for any, in one go."""
    loops: dict[asyncio.AbstractEventLoop, list[_Settled]] = {}
    for (_, asker), outcome in zip(group, outcomes, strict=True):
        if isinstance(asker, asyncio.Future):
            loops.setdefault(asker.get_loop(), []).append((asker, outcome))
        else:
            asker(outcome)
    for loop, settled in loops.items():
        with suppress(RuntimeError):  # the loop is closed, and whoever asked is gone with it
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: Sequence[_Settled]) -> None:
    for future, outcome in settled:
        if not future.cancelled():
            future.set_result(outcome)


class _Queue:
    """What waits under one key. `held` says that what comes later waits here too; `size` is how many are tried at once."""

    def __init__(self) -> None:
        self.waiting: deque[_Late] = deque()
        self.held = True
        self.size = MOST_AT_ONCE


class _Late(NamedTuple):
    until: float
    waiting: Waiting


class SlowLane:
    """A thread with a connection of its own, for what is held by others."""

    def __init__(self, roll: Roll, patience: float = PATIENCE, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._writer = Writer(roll, "openroll-filings-held")
        self._patience, self._monotonic = patience, monotonic
        self._changed = threading.Condition()
        self._queues: dict[Key, _Queue] = {}
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="filings-held", daemon=True)
        self._thread.start()

    def let_by(self, group: list[Waiting]) -> list[Waiting]:
        """Those of a group of whom it is not known that what they need is held; the others wait here from now on."""
        if not self._queues:
            return group
        with self._changed:
            held = {key for key, queue in self._queues.items() if queue.held}
        late = [one for one in group if key_of(one[0]) in held]
        self.put(late)
        return [one for one in group if key_of(one[0]) not in held] if late else group

    def put(self, group: Iterable[Waiting]) -> None:
        """Have filings wait here, because what they need is held."""
        until, beyond = self._monotonic() + self._patience, []
        with self._changed:
            room = MOST_IN_ALL - sum(len(queue.waiting) for queue in self._queues.values())
            for one in group:
                queue = self._queues.setdefault(key_of(one[0]), _Queue())
                queue.held = True
                if room <= 0 or len(queue.waiting) >= MOST_OF_ONE:
                    beyond.append(one)
                else:
                    queue.waiting.append(_Late(until, one))
                    room -= 1
            self._changed.notify()
        answer_all(beyond, [Refused(DatabaseBusy())] * len(beyond))

    def close(self) -> None:
        """Finish what waits, as far as its patience goes, then stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while (turn := self._next()) is not None:
            key, tried = turn
            outcomes = self._writer.take([late.waiting[0] for late in tried])
            done = [
                (late.waiting, outcome)
                for late, outcome in zip(tried, outcomes, strict=True)
                if not is_blocked(outcome)
            ]
            left = [late for late, outcome in zip(tried, outcomes, strict=True) if is_blocked(outcome)]
            self._put_back(key, left, some_done=bool(done))
            answer_all([one for one, _ in done], [outcome for _, outcome in done])
        self._writer.close()

    def _put_back(self, key: Key, left: Sequence[_Late], *, some_done: bool) -> None:
        """What is still held goes behind the others of its key, and fewer are tried at once, so that it holds up none of them."""
        with self._changed:
            queue = self._queues[key]
            queue.waiting.extend(left)
            queue.size = min(2 * queue.size, MOST_AT_ONCE) if some_done else max(queue.size // 2, 1)
            if some_done:
                queue.held = False
            if not queue.waiting:
                del self._queues[key]

    def _next(self) -> tuple[Key, list[_Late]] | None:
        """The filings that are tried next: the keys take turns. None when it is time to stop."""
        while True:
            self._refuse_late()
            with self._changed:
                if self._queues:
                    key = next(iter(self._queues))
                    queue = self._queues[key] = self._queues.pop(key)
                    return key, [queue.waiting.popleft() for _ in range(min(queue.size, len(queue.waiting)))]
                if self._closing:
                    return None
                self._changed.wait()

    def _refuse_late(self) -> None:
        now, over = self._monotonic(), []
        with self._changed:
            for key, queue in list(self._queues.items()):
                over += [late.waiting for late in queue.waiting if late.until <= now]
                queue.waiting = deque(late for late in queue.waiting if late.until > now)
                if not queue.waiting:
                    del self._queues[key]
        answer_all(over, [Refused(DatabaseBusy())] * len(over))
