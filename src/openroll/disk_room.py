"""Reserve disk space: bytes are claimed before they are written, and a reserve stays free, however many write at once.

What is asked for is allocated at once (posix_fallocate), so that it counts for whoever asks next; asking and allocating happen
under one lock a folder, which holds between threads and processes. Where a file system cannot allocate, writers can break
the reserve by what they write between two looks.
"""

import errno
import fcntl
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

RESERVE = 1 << 30
"""Bytes that stay free of a disk, for the database, the log and filings one by one."""
_CANNOT = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)


class NoRoom(OSError):
    """The disk has no room for this, or only the reserve."""

    def __init__(self) -> None:
        super().__init__(errno.ENOSPC, os.strerror(errno.ENOSPC))


def is_full(error: BaseException) -> bool:
    """Whether an error, or what it came of, says that a disk has no room: ours, or the database's (SQLSTATE 53100)."""
    seen: set[int] = set()
    chained: BaseException | None = error
    while chained is not None and id(chained) not in seen:
        seen.add(id(chained))
        full = isinstance(chained, OSError) and chained.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or getattr(chained, "sqlstate", None) == "53100":
            return True
        chained = chained.__cause__ or chained.__context__
    return False


def free_bytes(folder: Path) -> int:
    """What may still be written to the disk of a folder by who is not root."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def say_full(error: OSError) -> str:
    """What somebody at a command does about a disk that is full, in a sentence: which, and how much of it is free."""
    if not error.filename:
        return "a disk has no room for what is written. Make some (`df` shows where), and give the same command again"
    there = next(one for one in (Path(error.filename), *Path(error.filename).absolute().parents) if one.exists())
    return (
        f"{error.filename} does not fit on its disk, which has {free_bytes(there):,} bytes left. Make room there or name a"
        " folder on another disk, and give the same command again"
    )


class Room(msgspec.Struct, frozen=True):
    """The disk of a folder, which all who write there name alike; `reserve` bytes of it stay free."""

    folder: Path
    reserve: int = RESERVE

    def has(self, size: int) -> bool:
        """Whether so many bytes can be written now, and the reserve stays free. Somebody else may take them meanwhile."""
        return free_bytes(self.folder) - size >= self.reserve

    def take(self, file: BinaryIO, size: int) -> None:
        """Take the disk for the next `size` bytes that will be written to an open file. Raises NoRoom."""
        if size <= 0:
            return
        with self._alone():
            if not self.has(size):
                raise NoRoom
            try:
                os.posix_fallocate(file.fileno(), file.tell(), size)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise NoRoom from error
                if error.errno not in _CANNOT:
                    raise

    def write(self, file: BinaryIO, data: bytes) -> None:
        """Write to an open file what there is room for. Raises NoRoom, and then nothing of it is written."""
        self.take(file, len(data))
        file.write(data)

    def nameless(self) -> BinaryIO:
        """A new file without a name (O_TMPFILE): nobody finds it, and nothing is left when the process ends, killed or not."""
        return cast(BinaryIO, tempfile.TemporaryFile(dir=self.folder))

    @contextmanager
    def writing(self, file: BinaryIO) -> Iterator[BinaryIO]:
        """What writes to an open file and takes room for it, a megabyte at a time. Raises NoRoom, however it came out."""
        raw = _Taking(self, file)
        writer = io.BufferedWriter(raw, 1 << 20)
        try:
            yield cast(BinaryIO, writer)
            writer.flush()
        except Exception as error:
            if raw.full:
                raise NoRoom from error
            raise
        finally:
            raw.full = True  # what waits in the buffer is given up
            with suppress(OSError):
                writer.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


class _Taking(io.RawIOBase):
    """A file that takes room for what is written to it. It is no file of the system: nobody writes around it."""

    def __init__(self, room: Room, file: BinaryIO) -> None:
        self._room, self._file = room, file
        self.full = False

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: Any, /) -> int:
        """Write what there is room for. Raises NoRoom."""
        lot = bytes(data)
        if self.full:
            raise NoRoom
        try:
            self._room.write(self._file, lot)
        except NoRoom:
            self.full = True
            raise
        self._file.flush()
        return len(lot)
