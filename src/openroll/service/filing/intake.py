"""Files on their way in: how many an operator sends at once, and the disk that what is half-sent may fill.

Nothing of a file is read before it has its place here, and no part of it is written that would break a bound or the reserve.
For one event loop; asking how much of a disk is free takes microseconds.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from openroll.register.decision import Refused
from openroll.register.file_refusals import DiskFull, FilesInHand
from openroll.register.refusals import TooBusy
from openroll.traffic import Places

GIB = 1 << 30
WAIT = 30
"""Seconds after which whoever found no place, or no room within its share, may try again."""


class IntakeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What files on their way in may hold."""

    page_files: int = 4
    """Files of one operator that come in by its pages at once: it has several clerks."""
    page_files_all: int = 64
    each_bytes: int = 6 * GIB
    """On the disk for one operator, by program and by page together: three files of the largest size."""
    all_bytes: int = 32 * GIB
    """On the disk for everyone."""
    reserve_bytes: int = 1 * GIB
    """What stays free of the disk, for the database, the log and filings one by one."""


INTAKE_LIMITS = IntakeLimits()


def free_bytes(folder: Path) -> int:
    """What may still be written to the disk of a folder by who is not root."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def has_room(folder: Path, size: int, limits: IntakeLimits = INTAKE_LIMITS) -> bool:
    """Whether so many bytes can be written to the disk of a folder, and the reserve stays free."""
    return free_bytes(folder) - size >= limits.reserve_bytes


class Sending:
    """One file on its way to a folder: what it has taken of its operator's share and of everyone's."""

    def __init__(self, share: Places, operator: str, folder: Path, limits: IntakeLimits) -> None:
        self._share, self._names, self._folder, self._limits = share, (operator,), folder, limits
        self._taken = 0

    def part(self, size: int) -> Refused | None:
        """Take room for the next part before it is written, or say why there is none."""
        if not has_room(self._folder, size, self._limits):
            return Refused(DiskFull())
        if not self._share.take(self._names, size):
            crowded = self._share.would_crowd(size)
            return Refused(TooBusy() if crowded else FilesInHand(wait=WAIT))
        self._taken += size
        return None

    def end(self) -> None:
        """Nothing of it is on its way any more."""
        self._share.leave(self._names, self._taken)
        self._taken = 0


class Intake:
    """The files that come in to a serving process."""

    def __init__(self, home: Path, limits: IntakeLimits = INTAKE_LIMITS) -> None:
        self._home = home
        self.limits = limits
        self._share = Places((limits.each_bytes,), limits.all_bytes)
        self._pages = Places((limits.page_files,), limits.page_files_all)

    @contextmanager
    def by_program(self, operator: str, announced: int = 0) -> Iterator[Sending | Refused]:
        """A file that a program sends, which has its place already. One that announces more than there is room for is refused."""
        with self._sending(operator, self._home, announced) as sending:
            yield sending

    @contextmanager
    def by_page(self, operator: str, announced: int = 0) -> Iterator[Sending | Refused]:
        """A file that a page sends: it takes a place, and waits in the temporary folder until its form is whole."""
        with self._pages.held((operator,)) as taken:
            if not taken:
                yield Refused(TooBusy() if self._pages.crowded else FilesInHand(wait=WAIT))
                return
            with self._sending(operator, Path(tempfile.gettempdir()), announced) as sending:
                yield sending

    @contextmanager
    def _sending(self, operator: str, folder: Path, announced: int) -> Iterator[Sending | Refused]:
        if not has_room(folder, max(announced, 0), self.limits):
            yield Refused(DiskFull())
            return
        sending = Sending(self._share, operator, folder, self.limits)
        try:
            yield sending
        finally:
            sending.end()
