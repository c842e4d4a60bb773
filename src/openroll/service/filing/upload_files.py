"""The files of uploads on disk: `uploads/N` for upload N, and beside it, while it is kept, what its verdicts quote of it.

Nothing readable of a file is anywhere else. Both go together: at once when the file is taken or cannot be put right, else after
its time; whatever lies there without an upload, or for longer than it may, a sweep takes away. The folder is in no backup.
"""

import fcntl
import os
import re
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import msgspec
from psycopg import Connection

from openroll.disk_room import Room
from openroll.service.roll import Roll
from openroll.store import uploads
from openroll.store.uploads import UploadRow

MIB = 1 << 20


class UploadLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one operator may have here, and for how long. Bounds on a file itself are in sheet/limits.py."""

    waiting: int = 20
    """Files of an operator that wait or are in hand."""
    kept_megabytes: int = 4_096
    """All files of an operator on the disk: those that wait, and those kept to be put right."""
    kept_for: timedelta = timedelta(days=3)
    """A refused file waits so long to be put right on its page; what a comparison found is shown as long."""
    lanes: int = 3
    """Files taken at a time, each of another operator."""
    tries: int = 2
    """How often a file is taken in hand before it is given up."""


UPLOAD_LIMITS = UploadLimits()
_NAME = re.compile(r"([0-9]{1,18})(\.quoted)?")


def folder(roll: Roll) -> Path:
    """Where files wait: open to nobody else."""
    path = roll.home / "uploads"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def file_of(roll: Roll, number: int) -> Path:
    """Where the file of an upload waits."""
    return folder(roll) / str(number)


def quoted_of(roll: Roll, number: int) -> Path:
    """Where that lies which the page of an upload quotes: faulty cells, or what a comparison found."""
    return folder(roll) / f"{number}.quoted"


def write(path: Path, sent: BinaryIO, size: int, room: Room) -> BinaryIO:
    """Put what was sent on the disk, durably. The file comes back open and locked: no sweep takes it until it is closed.

    Room for its `size` is taken first. Raises NoRoom where there is none, and OSError for what else the disk says.
    """
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        room.take(file, size)
        sent.seek(0)
        shutil.copyfileobj(sent, file, MIB)
        file.flush()
        os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        file.close()
        raise
    return file


def quote(roll: Roll, number: int, text: bytes) -> None:
    """Keep what the page of an upload quotes for as long as its file is kept. Not durable: it can be had again."""
    path = quoted_of(roll, number)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)


def quoted(roll: Roll, number: int) -> bytes:
    """What the page of an upload quotes; nothing once it is gone."""
    with suppress(FileNotFoundError):
        return quoted_of(roll, number).read_bytes()
    return b""


def remove(roll: Roll, row: UploadRow) -> None:
    """Take from the disk what `row` says is not kept: its file, and unless it was compared what is quoted of it."""
    file_of(roll, row.id).unlink(missing_ok=True)
    if not (row.purpose == "compare" and row.state == "done"):
        quoted_of(roll, row.id).unlink(missing_ok=True)


def sweep(roll: Roll, limits: UploadLimits = UPLOAD_LIMITS) -> int:
    """Hold the disk and the table together, and both to their time; how many files went.

    Files without an upload go (a process died between the two), files of uploads whose time is over or that are said to be
    gone go, and uploads whose file is missing say so.
    """
    now, went = roll.clock(), 0
    paths = {path: _NAME.fullmatch(path.name) for path in folder(roll).iterdir()}
    with roll.database.own() as connection:
        numbers = {int(found[1]) for found in paths.values() if found}
        rows = {row.id: row for row in uploads.on_disk(connection, numbers)}
        for row in rows.values():
            _settle(connection, roll, row, now, limits)
    for path, found in paths.items():
        known = rows.get(int(found[1])) if found else None
        if _stays(known, now, limits, quote=bool(found and found[2])):
            continue
        went += _take_away(path, roll, known, int(found[1]) if found else None)
    return went


def _settle(connection: Connection, roll: Roll, row: UploadRow, now: datetime, limits: UploadLimits) -> None:
    """Say of an upload that has ended since when its file is gone, if it is."""
    if row.gone is not None or row.ended is None:
        return
    if now - row.ended >= limits.kept_for:
        uploads.gone(connection, row.id, now, "time")
    elif not file_of(roll, row.id).exists():
        uploads.gone(connection, row.id, now, "lost")


def _stays(row: UploadRow | None, now: datetime, limits: UploadLimits, *, quote: bool) -> bool:
    if row is None:
        return False
    in_time = row.ended is None or now - row.ended < limits.kept_for
    compared = row.purpose == "compare" and row.state == "done"
    return in_time and (row.gone is None or (quote and compared))


def _take_away(path: Path, roll: Roll, known: UploadRow | None, number: int | None) -> int:
    """Remove a file, unless it is being written, or was entered since the table was read; 1 when it went."""
    with suppress(OSError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if known is None and number is not None:
            with roll.database.own() as connection:
                if any(row.id == number for row in uploads.on_disk(connection, {number})):
                    return 0
        path.unlink(missing_ok=True)
        return 1
    return 0
