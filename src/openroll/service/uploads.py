"""Files sent by a page: taken one after another behind it, so that a tab may be closed, and a process may even die.

The file waits on disk and its progress in the database. Whoever starts again takes up what was in hand: taking a file twice
does its work once (service/batch.py). It ends in a message that stays until somebody has looked.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import msgspec

from openroll.fault_trace import fault_trace
from openroll.register.decision import Refused
from openroll.register.organisations import Seat
from openroll.register.refusals import UploadUnknown
from openroll.service.batch import FileRefused, take_file
from openroll.service.reconcile import reconcile
from openroll.service.roll import Roll, RollIsHeld
from openroll.service.standing import new_numbers
from openroll.sheet import Fault
from openroll.store import uploads
from openroll.store.uploads import UploadRow

KEPT_FOR = timedelta(days=7)
"""A refused file waits so long for somebody to mend it."""
MOST_SHOWN = 1_000


class Verdicts(msgspec.Struct, frozen=True):
    """What an upload came to: the refusal's code and parameters, if any, and the first faults."""

    code: str = ""
    params: dict[str, object] = {}
    faults: tuple[Fault, ...] = ()


def folder(roll: Roll) -> Path:
    """Where files wait."""
    path = roll.home / "uploads"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def file_of(roll: Roll, number: int) -> Path:
    """Where the file of an upload waits."""
    return folder(roll) / str(number)


def spool(roll: Roll, sent: BinaryIO) -> Path:
    """Put what was sent on disk, whole and durably, before anyone is told that it is here."""
    path = folder(roll) / f"sent-{roll.salts(12).hex()}"
    with path.open("xb") as file:
        shutil.copyfileobj(sent, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
    return path


def begin(roll: Roll, by: Seat, sent: Path, name: str, purpose: str = "file") -> UploadRow:
    """Enter a file that was sent: it is moved to where it waits. Raises RollIsHeld, and then it is not kept."""
    try:
        roll.check_held()
    except RollIsHeld:
        sent.unlink(missing_ok=True)
        raise
    number = new_numbers(roll, "upload").start
    with roll.database.own() as connection:
        row = uploads.begin(
            connection, number, by.organisation, by.number, purpose, name[:200], sent.stat().st_size, roll.clock()
        )
        sent.replace(file_of(roll, row.id))
    return row


def find(roll: Roll, operator: str, number: int, *, looked: bool = True) -> UploadRow | Refused:
    """One of an operator's own uploads. Somebody who `looked` has read its message; a page that asks how far it is has not."""
    with roll.database.own() as connection:
        row = uploads.upload(connection, operator, number)
        if row is not None and looked:
            uploads.was_seen(connection, number, roll.clock())
    return row if row is not None else Refused(UploadUnknown())


def history(roll: Roll, operator: str) -> list[UploadRow]:
    """An operator's newest uploads."""
    with roll.database.own() as connection:
        return uploads.uploads(connection, operator)


def verdicts(row: UploadRow) -> Verdicts:
    """What an upload came to."""
    return msgspec.json.decode(row.result, type=Verdicts) if row.result else Verdicts()


Work = Callable[[Roll, UploadRow, Path, Callable[[str, int, int], None]], UploadRow]


def take(roll: Roll, row: UploadRow, path: Path, progress: Callable[[str, int, int], None]) -> UploadRow:
    """File what was uploaded; the upload as it ended."""
    result = take_file(roll, row.operator, path, size=row.size, progress=progress)
    now = roll.clock()
    if isinstance(result, FileRefused):
        return _refused(row, result, now)
    return row._replace(state="done", ended=now, rows=result.rows, stored=result.stored, digest=result.digest)


class Compared(msgspec.Struct, frozen=True):
    """What a comparison came to: counts, and the first rows of what differs as CSV."""

    same: int
    only_list: int
    only_roll: int
    differs: int
    ended: int
    csv: str


def compare(roll: Roll, row: UploadRow, path: Path, progress: Callable[[str, int, int], None]) -> UploadRow:
    """Compare what was uploaded with the roll; the upload as it ended. Nothing is changed."""
    result = reconcile(roll, row.operator, path, progress=progress)
    now = roll.clock()
    if isinstance(result, FileRefused):
        return _refused(row, result, now)
    said = Compared(result.same, result.only_list, result.only_roll, result.differs, result.ended, result.csv())
    return row._replace(state="done", ended=now, rows=result.listed, result=msgspec.json.encode(said).decode())


def _refused(row: UploadRow, result: FileRefused, now: datetime) -> UploadRow:
    refusal = result.refused.refusal
    said = Verdicts(refusal.code, refusal.params, result.faults[:MOST_SHOWN])
    text = msgspec.json.encode(said).decode()
    return row._replace(state="refused", ended=now, fault_count=result.fault_count, result=text)


WORKS: dict[str, Work] = {"file": take, "compare": compare}
"""What is done with files sent by a page, by purpose."""


class Uploading:
    """A thread that takes what waits, one file at a time. `works` says how each purpose is done."""

    LOOK_EVERY = 5.0
    SAY_EVERY = 0.3

    def __init__(
        self, roll: Roll, works: dict[str, Work], *, done: Callable[[UploadRow], None] = lambda _: None
    ) -> None:
        self._roll = roll
        self._works = works
        self._done = done
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="uploads", daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """There is something to take."""
        self._wake.set()

    def close(self) -> None:
        """Stop after the file in hand, at once if there is none."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=2)

    def _work(self) -> None:
        with self._roll.database.open_runtime("openroll-uploads", role="application") as connection:
            uploads.wait_again(connection)
        while not self._stop.is_set():
            while not self._stop.is_set() and self._one():
                pass
            self._wake.wait(self.LOOK_EVERY)
            self._wake.clear()

    def _one(self) -> bool:
        with self._roll.database.open_runtime("openroll-uploads", role="application") as connection:
            connection.autocommit = True
            row = uploads.next_waiting(connection)
            if row is None:
                return False
            last = [0.0]

            def progress(doing: str, done: int, whole: int) -> None:
                if time.monotonic() - last[0] > self.SAY_EVERY:
                    last[0] = time.monotonic()
                    uploads.moved(connection, row.id, doing, done, whole)

            path = file_of(self._roll, row.id)
            try:
                ended = self._works[row.purpose](self._roll, row, path, progress)
            except Exception as error:
                logging.getLogger("openroll").error("upload %s failed: %s", row.id, fault_trace(error))
                said = Verdicts("upload-unknown", {}, ())
                ended = row._replace(
                    state="failed",
                    ended=self._roll.clock(),
                    doing=type(error).__name__,
                    result=msgspec.json.encode(said).decode(),
                )
            uploads.ended(connection, ended)
            if ended.state == "done":
                path.unlink(missing_ok=True)
        self._done(ended)
        return True
