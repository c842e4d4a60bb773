"""`openroll backup follow`: the write-ahead log taken every so many seconds, through outages, and how old the last copy is.

Nobody watches whoever follows: that it ended, or waits in vain, would be found out on the day the disk dies. So each folder of
backups has a note in the home of rolls, and `openroll status` and `/metrics` say when a copy is older than was promised.
"""

import fcntl
import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import psycopg

from openroll.archive import CannotSeal, Sealing
from openroll.durable import PRIVATE, make_private, open_to_write, write_durably
from openroll.service.recovery.backup import TROUBLES, Busy, House, Progress, Tell, back_up, slot_of, take_log
from openroll.service.roll import Roll

ENDURED = (*TROUBLES, Busy, CannotSeal, OSError, psycopg.Error)
"""What a round may end in, and the next one is begun all the same: the server is away, the disk full, `make` at work."""
GRACE = timedelta(minutes=1)
"""Beyond the promised seconds: a round takes some itself."""


class Copy(msgspec.Struct, frozen=True):
    """When something was last taken into a folder of backups.

    `every` are the seconds within which `follow` promised to take it, until `openroll backup stop`; None where nobody did.
    """

    folder: str
    at: datetime
    every: float | None = None

    @property
    def late_after(self) -> timedelta | None:
        """How old it is when somebody should look: beyond what was promised, as a round takes some time itself."""
        if self.every is None:
            return None
        return max(timedelta(seconds=3 * self.every), timedelta(seconds=self.every) + GRACE)

    def late(self, now: datetime) -> bool:
        """Whether it is older than was promised, by so much that somebody should look."""
        return self.late_after is not None and now - self.at > self.late_after


class OldestCopy(NamedTuple):
    """Seconds since something was taken, and whether that is longer ago than was promised."""

    age: float
    late: bool


def follow(  # noqa: PLR0913 - what to back up and how often, and for the tests the time and the end
    house: House,
    folder: Path,
    sealing: Sealing,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    keep: int = 0,
    every: float = 60.0,
    pause: Callable[[float], None] = time.sleep,
    restart: Callable[[], object] = lambda: None,
    waits: Callable[[Exception | None], None] = lambda _: None,
    tell: Tell = lambda _: None,
    rounds: int | None = None,
    progress: Progress = lambda *_: None,
) -> None:
    """Take the log every so many seconds, `rounds` times or without end; a base backup first where there is none to follow.

    At most the last `every` seconds are lost with the machine. The first round raises as `back_up` does. A later one is waited
    out: `waits` is told why, once a cause, and None when it goes on. Before each try `restart` may start the server.
    """
    trouble: Exception | None = None
    with _following(house.home, folder):
        for number in itertools.count() if rounds is None else range(rounds):
            if number:
                pause(every)
            try:
                if trouble is not None:
                    restart()
                _take(house, folder, sealing, keep, tell, progress)
                note_copy(house.home, folder, clock(), every=every if rounds is None else None)
            except ENDURED as error:
                if not number:
                    raise
                if repr(error) != repr(trouble):
                    waits(error)
                trouble = error
            else:
                if trouble is not None:
                    waits(None)
                trouble = None


def _take(house: House, folder: Path, sealing: Sealing, keep: int, tell: Tell, progress: Progress) -> None:
    if take_log(house, folder, sealing, tell) is None:
        back_up(house, folder, sealing, keep=keep, progress=progress, tell=tell)


def note_copy(home: Path, folder: Path, at: datetime, *, every: float | None = None) -> None:
    """Note that something was taken into a folder just now. What `follow` promised of it before stays promised."""
    path = _note(home, folder)
    if every is None and (before := _read(path)) is not None:
        every = before.every
    make_private(path.parent)
    write_durably(path, msgspec.json.encode(Copy(str(folder.resolve()), at, every)), PRIVATE)


def forget_copy(home: Path, folder: Path) -> None:
    """Promise nothing of a folder any more, and say nothing of it."""
    _note(home, folder).unlink(missing_ok=True)


def copies(roll: Roll) -> list[Copy]:
    """The folders that this home of rolls is backed up into, each with its last copy; but for what `damaged_notes` names."""
    return [copy for one in _notes(roll) if (copy := _read(one)) is not None]


def damaged_notes(roll: Roll) -> list[Path]:
    """Notes of folders of backups that cannot be read: what was taken there, and when, is not known."""
    return [one for one in _notes(roll) if _read(one) is None]


def _notes(roll: Roll) -> list[Path]:
    return sorted(_spool(_home(roll)).glob("*.copy"))


def _read(path: Path) -> Copy | None:
    """A note; None where there is none, or none that can be read: whoever follows writes it anew with the next round."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Copy)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def oldest_copy(roll: Roll) -> OldestCopy | None:
    """How old the last copy is in the folder where it is oldest, of those that are followed."""
    now, followed = roll.clock(), [one for one in copies(roll) if one.every is not None]
    ages = [(now - one.at).total_seconds() for one in followed]
    damaged = damaged_notes(roll)
    ages += [max(now.timestamp() - one.stat().st_mtime, 0.0) for one in damaged]
    return OldestCopy(max(ages), bool(damaged) or any(one.late(now) for one in followed)) if ages else None


def is_followed(roll: Roll, folder: str) -> bool:
    """Whether a process follows into a folder at this moment."""
    path = _lock(_home(roll), Path(folder))
    if not path.exists():
        return False
    with path.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _home(roll: Roll) -> Path:
    return roll.home.parents[1]


def _spool(home: Path) -> Path:
    return home / "spool"


def _note(home: Path, folder: Path) -> Path:
    return _spool(home) / f"{slot_of(folder)}.copy"


def _lock(home: Path, folder: Path) -> Path:
    return _spool(home) / f"{slot_of(folder)}.follow.lock"


@contextmanager
def _following(home: Path, folder: Path) -> Iterator[None]:
    """Be seen to follow, until this process ends however it ends."""
    make_private(_spool(home))
    with open_to_write(_lock(home, folder), PRIVATE, os.O_APPEND) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
