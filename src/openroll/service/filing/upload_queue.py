"""Taking the files that pages sent, as work of the background worker: never two of one operator, each operator in its turn.

One row of work an operator: it takes the oldest file that waits, and is due again behind the other operators while more do.
Whatever breaks, the queue goes on: a file whose reader dies is refused, one that breaks off is tried again and then given up and
said so, a database that went away is waited for, and what a dead process had in hand is taken up again. Taking a file twice does
its work once (service/filing/bulk.py).
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

import psycopg
from psycopg import Connection
from psycopg.errors import LockNotAvailable

from openroll.fault_trace import fault_trace
from openroll.register.file_refusals import UploadGivenUp, UploadLost
from openroll.service import work
from openroll.service.filing import upload_files
from openroll.service.filing.upload_files import UPLOAD_LIMITS, UploadLimits, file_of
from openroll.service.filing.uploads import UPLOAD, Interrupted, Work, failed
from openroll.service.roll import Roll
from openroll.service.work import Again, Done, Kind, Later, Result
from openroll.store import uploads
from openroll.store.uploads import UploadRow
from openroll.store.work import WorkRow

_log = logging.getLogger("openroll")


class _Stopping(Exception):
    """The worker is being closed: what is in hand is put back, for whoever goes on."""


class UploadTaking:
    """Takes one operator's next file. `works` says how each purpose is done; `done` is told of each upload that ended."""

    SAY_EVERY = 0.3
    """Seconds between words of progress."""

    def __init__(
        self,
        roll: Roll,
        works: Mapping[str, Work],
        *,
        done: Callable[[UploadRow], None] = lambda _: None,
        stopping: Callable[[], bool] = lambda: False,
        limits: UploadLimits = UPLOAD_LIMITS,
    ) -> None:
        self._roll, self._works, self._done, self._stopping, self._limits = roll, works, done, stopping, limits
        self._broken_off: set[int] = set()
        """Uploads whose database went away: that was no try of the file."""
        self._noting = threading.Lock()

    @property
    def kind(self) -> Kind:
        """Uploads as a kind of work."""
        return Kind(self._take_next, UPLOAD, (timedelta(seconds=1), *work.WAITS), lanes=self._limits.lanes)

    def _take_next(self, row: WorkRow) -> Result:
        """Take the oldest file of the operator that the row names, if one waits."""
        with self._roll.database.open_runtime("openroll-uploads", role="application") as connection:
            connection.autocommit = True
            with self._noting:
                try:
                    upload = uploads.take_next(connection, row.key, self._roll.clock(), self._broken_off)
                except LockNotAvailable as error:
                    return Later(_said(error), counted=False)
                if upload is None:
                    return Done()
                self._broken_off.discard(upload.id)
            try:
                ended = self._ended(connection, upload)
                if ended is not None:
                    self._end(connection, ended)
            except (psycopg.Error, Interrupted) as error:
                with self._noting:
                    self._broken_off.add(upload.id)
                return Later(_said(error), counted=False)
            more = uploads.waits(connection, row.key)
        if ended is not None:
            self._done(ended)
        return Again() if more else Done()

    def _end(self, connection: Connection, ended: UploadRow) -> None:
        """Write down how it ended, then take its file away where it is not kept: a crash between the two is swept."""
        uploads.ended(connection, ended)
        if ended.gone is not None:
            upload_files.remove(self._roll, ended)

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
            uploads.wait_again(connection, row.id, counted=False)
            return None
        except Exception as error:
            _log.error("upload %s broke off at try %s: %s", row.id, row.tries, _said(error))
            if self._database_away(error):
                raise
            if row.tries >= self._limits.tries:
                return failed(row, UploadGivenUp(tries=row.tries), now)
            uploads.wait_again(connection, row.id)
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
            if self._stopping():
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
