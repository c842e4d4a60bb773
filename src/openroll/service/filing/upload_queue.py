"""The queue of files sent by pages: some are taken at a time, never two of one operator, each operator in its turn.

Whatever breaks, the queue goes on: a file whose reader dies is refused, one that breaks off is tried again and then given up and
said so, a database that went away is waited for, and work that a dead process had in hand is taken up again. Taking a file
twice does its work once (service/filing/bulk.py).
"""

import logging
import threading
import time
from collections.abc import Callable

import psycopg
from psycopg import Connection

from openroll.fault_trace import fault_trace
from openroll.register.file_refusals import UploadGivenUp, UploadLost
from openroll.service.filing import upload_files
from openroll.service.filing.upload_files import UPLOAD_LIMITS, UploadLimits, file_of
from openroll.service.filing.uploads import Interrupted, Work, failed
from openroll.service.roll import Roll
from openroll.store import uploads
from openroll.store.uploads import UploadRow

_log = logging.getLogger("openroll")


class _Stopping(Exception):
    """The queue is being closed: what is in hand is put back, for whoever opens it again."""


class Uploading:
    """Threads that take what waits. `works` says how each purpose is done; `done` is told of each upload that ended."""

    LOOK_EVERY = 5.0
    SWEEP_EVERY = 60.0
    SAY_EVERY = 0.3
    AGAIN_AFTER = 1.0
    """Seconds: between looks for what another process entered, between sweeps, between words of progress, after a trouble."""

    def __init__(
        self,
        roll: Roll,
        works: dict[str, Work],
        *,
        done: Callable[[UploadRow], None] = lambda _: None,
        limits: UploadLimits = UPLOAD_LIMITS,
    ) -> None:
        self.trouble = ""
        self._roll, self._works, self._done, self._limits = roll, works, done, limits
        self._bell = threading.Condition()
        self._rung = 0
        self._stop = threading.Event()
        self._choosing = threading.Lock()
        self._broken_off: set[int] | None = None
        """What waits for its database to be put back; None before the first look, when all is left over by a dead process."""
        self._swept = float("-inf")
        self._threads = [
            threading.Thread(target=self._work, args=(lane == 0,), name=f"uploads-{lane}", daemon=True)
            for lane in range(limits.lanes)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is something to take."""
        with self._bell:
            self._rung += 1
            self._bell.notify_all()

    def close(self) -> None:
        """Stop; what is in hand is put back, and goes on where it was when the queue is opened again."""
        self._stop.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout=5)

    def _work(self, first: bool) -> None:
        """One lane. Only the first looks by itself and sweeps; the others come when the bell rings."""
        heard = 0
        while not self._stop.is_set():
            try:
                if first:
                    self._sweep()
                if self._one():
                    continue
                self.trouble = ""
            except Exception as error:  # a queue that ended would leave every file waiting for ever
                self.trouble = type(error).__name__
                _log.warning("uploads go on by themselves after %s", _said(error))
                self._stop.wait(self.AGAIN_AFTER)
                continue
            heard = self._listen(heard, self.LOOK_EVERY if first else self.SWEEP_EVERY)

    def _listen(self, heard: int, seconds: float) -> int:
        """Wait for the bell, at most so long; how often it has rung by then."""
        with self._bell:
            self._bell.wait_for(lambda: self._stop.is_set() or self._rung != heard, seconds)
            return self._rung

    def _sweep(self) -> None:
        if time.monotonic() - self._swept >= self.SWEEP_EVERY:
            upload_files.sweep(self._roll, self._limits)
            self._swept = time.monotonic()

    def _one(self) -> bool:
        """Take one upload, if one waits whose turn it is."""
        with self._roll.database.open_runtime("openroll-uploads", role="application") as connection:
            connection.autocommit = True
            row = self._next(connection)
            if row is None:
                return False
            ended = self._ended(connection, row)
            if ended is not None:
                self._end(connection, ended)
        if ended is not None:
            self._done(ended)
        self.wake()  # the operator's next may be taken now, by any lane
        return True

    def _next(self, connection: Connection) -> UploadRow | None:
        with self._choosing:
            left = self._broken_off
            uploads.wait_again(connection, left, left or ())
            self._broken_off = set()
            return uploads.next_waiting(connection, self._roll.clock())

    def _end(self, connection: Connection, ended: UploadRow) -> None:
        """Write down how it ended, then take its file away where it is not kept: a crash between the two is swept."""
        try:
            uploads.ended(connection, ended)
        except psycopg.Error:
            self._put_back_later(ended.id)
            raise
        if ended.gone is not None:
            upload_files.remove(self._roll, ended)

    def _put_back_later(self, number: int) -> None:
        with self._choosing:
            self._broken_off = {number} | (self._broken_off or set())

    def _ended(self, connection: Connection, row: UploadRow) -> UploadRow | None:
        """The upload as it ended; None when it was put back to be tried again."""
        path = file_of(self._roll, row.id)
        now = self._roll.clock()
        if row.tries > self._limits.tries:
            return failed(row, UploadGivenUp(tries=self._limits.tries), now)
        if not path.exists():
            return failed(row, UploadLost(), now)
        try:
            return self._works[row.purpose](self._roll, row, path, self._progress(connection, row))
        except _Stopping:
            uploads.wait_again(connection, {row.id}, {row.id})
            return None
        except Exception as error:
            _log.error("upload %s broke off at try %s: %s", row.id, row.tries, _said(error))
            if self._database_away(error):
                self._put_back_later(row.id)
                raise
            if row.tries >= self._limits.tries:
                return failed(row, UploadGivenUp(tries=row.tries), now)
            uploads.wait_again(connection, {row.id})
            return None

    def _database_away(self, error: Exception) -> bool:
        """Whether it was the database that went away, and nothing else: then this was no try of the file."""
        if not isinstance(error, Interrupted | psycopg.OperationalError | psycopg.InterfaceError):
            return False
        try:
            self._roll.database.open_runtime("openroll-uploads", role="application").close()
        except psycopg.OperationalError:
            return True
        return False

    def _progress(self, connection: Connection, row: UploadRow) -> Callable[[str, int, int], None]:
        last = [0.0]

        def progress(doing: str, done: int, whole: int) -> None:
            if self._stop.is_set():
                raise _Stopping
            if time.monotonic() - last[0] > self.SAY_EVERY:
                last[0] = time.monotonic()
                uploads.moved(connection, row.id, doing, done, whole)

        return progress


def _said(error: Exception) -> str:
    """An error for the log, without its message, which may repeat what stood in a file."""
    what = (
        error.strerror if isinstance(error, OSError) else error.refusal.code if isinstance(error, Interrupted) else ""
    )
    return (f"({what}) " if what else "") + fault_trace(error)
