"""Filings of many requests in one commit: a queue, and one thread that takes whatever waits.

Nobody waits for a group to fill. While one group commits the next gathers, so groups grow with the load by themselves.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

import psycopg
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.refusals import TooBusy
from openroll.service.filing.submit import CommitUnknown, Failed, Outcome, Submission, take
from openroll.service.roll import NotNow, Roll

MOST_TOGETHER = 256
MOST_WAITING = 4_096

_Waiting = tuple[Submission, Callable[[Outcome], None]]


class Grouping:
    """Takes submissions from any thread and answers each through a callback, once it is durable or refused."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._work, name="filings", daemon=True)
        self._thread.start()

    def submit(self, submission: Submission, answer: Callable[[Outcome], None]) -> None:
        """Put a filing in the queue; `answer` is called with its outcome from the writing thread."""
        try:
            self._queue.put_nowait((submission, answer))
        except queue.Full:
            answer(Refused(TooBusy()))

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
        while (group := self._gather()) is not None:
            try:
                connection = connection if connection and not connection.closed else self._connect()
                outcomes = take(connection, [one for one, _ in group], self._roll, self._roll.clock())
            except NotNow as error:
                outcomes = [error.refused] * len(group)
            except Exception as error:
                if connection is not None:
                    connection.close()
                # What broke off elsewhere than in the commit was rolled back: nothing was taken.
                outcomes = [Failed(type(error).__name__, unknown=isinstance(error, CommitUnknown))] * len(group)
            for (_, answer), outcome in zip(group, outcomes, strict=True):
                answer(outcome)
        if connection is not None:
            connection.close()

    def _connect(self) -> psycopg.Connection:
        connection = self._roll.database.open_runtime("openroll-filings")
        connection.autocommit = True  # so that `with connection.transaction()` begins and commits, and nothing lingers
        return connection

    def _gather(self) -> list[_Waiting] | None:
        """Wait for one filing, then take all that came meanwhile. None when it is time to stop."""
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while len(group) < MOST_TOGETHER:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                self._queue.put(None)
                break
            group.append(waiting)
        return group
