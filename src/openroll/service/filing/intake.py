"""Files on their way in: how many an operator sends at once, and the disk that what is half-sent may fill.

Nothing of a file is read before it has its place here, and no part of it is written that would break a bound or the reserve.
For one event loop; asking how much of a disk is free takes microseconds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec
import psycopg

from openroll.disk_room import RESERVE, Room
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
    reserve_bytes: int = RESERVE
    """What stays free of the disk, for the database, the log and filings one by one."""


INTAKE_LIMITS = IntakeLimits()


RECHECK = 3.0
"""Seconds between two questions whether who sends a file may still do so."""


class NotLetInAnyMore(Exception):
    """Who was sending a file may send none any more: the session or the token has ended. What came of it is given up."""


@asynccontextmanager
async def while_let_in(still: Callable[[], Awaitable[bool]], every: float = RECHECK) -> AsyncIterator[None]:
    """Have what is done here go on only as long as `still` says so. Raises NotLetInAnyMore.

    A question that fails ends nothing: whoever writes asks again.
    """
    ended = False
    try:
        async with asyncio.timeout(None) as scope:

            async def watch() -> None:
                nonlocal ended
                while not ended:
                    await asyncio.sleep(every)
                    with suppress(psycopg.Error, TimeoutError):
                        ended = not await still()
                scope.reschedule(0.0)

            watching = asyncio.create_task(watch())
            try:
                yield
            finally:
                watching.cancel()
    except TimeoutError:
        if ended:
            raise NotLetInAnyMore from None
        raise


class Sending:
    """One file on its way to a disk: what it has taken of its operator's share and of everyone's."""

    def __init__(self, share: Places, operator: str, room: Room, limits: IntakeLimits) -> None:
        self._share, self._names, self._room, self._limits = share, (operator,), room, limits
        self._taken = 0

    def nameless(self) -> BinaryIO:
        """A new file without a name on that disk. Raises OSError."""
        return self._room.nameless()

    def write(self, file: BinaryIO, data: bytes) -> Refused | None:
        """Write the next part, once there is room for it within the share and beside the reserve, or say why not."""
        if not self._share.take(self._names, len(data)):
            crowded = self._share.would_crowd(len(data))
            return Refused(TooBusy() if crowded else FilesInHand(wait=WAIT))
        self._taken += len(data)
        try:
            self._room.write(file, data)
        except OSError:
            return Refused(DiskFull())
        return None

    def end(self) -> None:
        """Nothing of it is on its way any more."""
        self._share.leave(self._names, self._taken)
        self._taken = 0


class Intake:
    """The files that come in to a serving process."""

    def __init__(self, home: Path, limits: IntakeLimits = INTAKE_LIMITS) -> None:
        self._room = Room(home, limits.reserve_bytes)
        self.limits = limits
        self._share = Places((limits.each_bytes,), limits.all_bytes)
        self._pages = Places((limits.page_files,), limits.page_files_all)

    @contextmanager
    def by_program(self, operator: str, announced: int = 0) -> Iterator[Sending | Refused]:
        """A file that a program sends, which has its place already. One that announces more than there is room for is refused."""
        with self._sending(operator, announced) as sending:
            yield sending

    @contextmanager
    def by_page(self, operator: str, announced: int = 0) -> Iterator[Sending | Refused]:
        """A file that a page sends: it takes a place, and waits without a name until its form is whole."""
        with self._pages.held((operator,)) as taken:
            if not taken:
                yield Refused(TooBusy() if self._pages.crowded else FilesInHand(wait=WAIT))
                return
            with self._sending(operator, announced) as sending:
                yield sending

    @contextmanager
    def _sending(self, operator: str, announced: int) -> Iterator[Sending | Refused]:
        if not self._room.has(max(announced, 0)):
            yield Refused(DiskFull())
            return
        sending = Sending(self._share, operator, self._room, self.limits)
        try:
            yield sending
        finally:
            sending.end()
