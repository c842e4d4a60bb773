"""The rolls' own files in backups: keys, ratchet, marks of numbers, ended logs; in each base, and sealed anew as they change.

    FOLDER/<history>/rolls-20261130T150545.627724Z-00000000032ADC90-3f0c9a61d2b84e75.tar.gz.age

A base backup holds them as they were when it was made. A roll that is opened behind it, a key that is begun, a log that begins
anew are in the database's log and nowhere in the base. So each round of the log looks at them, seals all of them where they are
others than before, and only then writes its mark, which names them by their fingerprint: a mark without them is a hole.
"""

import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from openroll.archive import Box, Broken, Item, Keys, Sealing, open_box, write_box
from openroll.durable import PRIVATE, make_private, open_to_write
from openroll.service.log.ratchet import Ratchet
from openroll.service.numbers import Marks, NumbersDamaged, merged
from openroll.service.recovery.backups import FilesTaken, files_name, files_taken
from openroll.store.wal import Mark

FORM = "openroll-backup/1"
NUMBERS, RATCHET = "numbers", "ratchet"
_LEFT_OUT = ("public", "lock", "uploads")
_REFUSALS = "refusals.log"
"""Of a roll's home: what is written anew from the database, what means nothing on another machine, and what operators sent.

A file that was sent may be a list with names in it, by mistake: it lies here for some days at most, and in no copy at all.
"""
_MOVES = (RATCHET, NUMBERS, "held")
"""What changes as the roll goes on, and is as good from the last base: it alone makes no new seal."""
_WHOSE = Path("keys") / "log.pub"
_PIECE = 1 << 20
_NOT_OTHERS = 0o755
"""What others may at most do with what is brought back: never write."""


class FilesChanged(Exception):
    """A log began anew while a copy was made: database and files are not of one moment. The next round is."""


class RollFiles:
    """The rolls' files beside one position of the log.

    Made before that position is known, it holds the ratchets of then: one that was newer than its database would refuse to go on.
    All else is read after it, so that a key which the database names by then is there.
    """

    def __init__(self, home: Path, only: str | None = None) -> None:
        self._home, self._only = home, only
        self._logs, self._ratchets = self._each(_WHOSE), self._each(Path(RATCHET))

    def put(self, box: Box) -> list[str]:
        """Put the files into a box; the names of their rolls. Raises FilesChanged."""
        for roll in rolls_of(self._home, self._only):
            for within, path in files_of(roll):
                if within == Path(RATCHET):
                    continue
                name = f"rolls/{roll.name}/{within}"
                with suppress(FileNotFoundError), path.open("rb") as file:  # it went meanwhile
                    status = os.fstat(file.fileno())
                    box.copy(name, file, status.st_size, status.st_mode & 0o777)
        for name, ratchet in self._ratchets.items():
            at = f"rolls/{name}/{RATCHET}"
            box.copy(at, io.BytesIO(ratchet), len(ratchet), PRIVATE)
        if any(self._logs.get(name, now) != now for name, now in self._each(_WHOSE).items()):
            raise FilesChanged("a roll's log began anew while its files were copied: begin the copy again")
        return [roll.name for roll in rolls_of(self._home, self._only)]

    def seal(self, history: Path, sealing: Sealing, mark: Mark) -> str:
        """Have them in a history's folder as they are at a mark; their fingerprint. Raises FilesChanged or CannotSeal."""
        now, before = fingerprint(self._home), files_taken(history)
        if before and before[-1].fingerprint == now:
            return now
        path = history / f"{files_name(mark.at, mark.lsn, now)}{sealing.suffix}"
        with write_box(path, sealing, FORM, mark.at.timestamp()) as box:
            rolls = self.put(box)
            if fingerprint(self._home) != now:
                raise FilesChanged("a roll's keys changed while they were copied: begin the copy again")
            box.finish({"kind": "rolls", "at": mark.at, "lsn": mark.lsn, "rolls": rolls})
        return now

    def _each(self, within: Path) -> dict[str, bytes]:
        found = {}
        for roll in rolls_of(self._home, self._only):
            with suppress(FileNotFoundError, NotADirectoryError):
                found[roll.name] = (roll / within).read_bytes()
        return found


def rolls_of(home: Path, only: str | None = None) -> list[Path]:
    """The folders of the rolls in a home, or of one of them."""
    every = sorted((home / "rolls").glob("*")) if only is None else [home / "rolls" / only]
    return [path for path in every if path.is_dir()]


def files_of(roll: Path) -> Iterator[tuple[Path, Path]]:
    """What a backup takes of a roll's folder, each by its path within; also what lies behind a link to another folder."""
    seen = set[str]()
    for top, folders, names in os.walk(roll, followlinks=True):
        here = os.path.realpath(top)
        if here in seen:
            folders.clear()
            continue
        seen.add(here)
        folders.sort()
        if Path(top) == roll:
            folders[:] = [name for name in folders if name not in _LEFT_OUT]
        for name in sorted(names):
            path = Path(top) / name
            within = path.relative_to(roll)
            left_out = within.parts[0] in _LEFT_OUT or name.startswith(_REFUSALS)
            if path.is_file() and not left_out and path.suffix not in (".new", ".lock"):
                yield within, path


def fingerprint(home: Path) -> str:
    """What tells the rolls' files from other ones: each by its path, its bytes, and those of a log that ended by their number."""
    digest = hashlib.sha256()
    for roll in rolls_of(home):
        digest.update(f"{roll.name}/\n".encode())
        for within, path in files_of(roll):
            if str(within) in _MOVES:
                continue
            with suppress(FileNotFoundError):
                ended = within.parts[0] == "ended" and path.parent.name != "keys"
                told = str(path.stat().st_size) if ended else hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{roll.name}/{within} {told}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def write_item(item: Item, path: Path) -> None:
    """Write a box's item to the disk, with its mode, whatever the umask; nobody else reads it before it is whole.

    A folder that the box does not list is for its owner alone.
    """
    if item.folder:
        make_private(path)
        path.chmod(item.mode & _NOT_OTHERS)
        return
    make_private(path.parent)
    with open_to_write(path, PRIVATE, os.O_EXCL) as file:
        shutil.copyfileobj(item.data, file, _PIECE)
        os.fchmod(file.fileno(), item.mode & _NOT_OTHERS)


def add_later(rolls: Path, later: Iterable[FilesTaken], keys: Keys, until: datetime | None = None) -> tuple[str, ...]:
    """Bring the rolls' files of a base backup up to what was sealed after it, in order; `until` an instant, if it is given.

    What was sealed first after the instant has the keys that may have been begun before it, and those alone are taken of it.
    What is in it instead of what was there by the instant is given back: which of the two the database had by then is not known.
    Raises CannotUnseal or Broken.
    """
    work = rolls.with_name(f"{rolls.name}.later")
    for one in later:
        late = until is not None and one.at > until
        shutil.rmtree(work, ignore_errors=True)
        try:
            _unpack(one.path, keys, work)
            unsure = [each for roll in sorted(work.iterdir()) for each in _overlay(roll, rolls / roll.name, late=late)]
        finally:
            shutil.rmtree(work, ignore_errors=True)
        if late:
            return tuple(unsure)
    return ()


def _unpack(path: Path, keys: Keys, into: Path) -> None:
    make_private(into)
    with open_box(path, keys, FORM) as box:
        for item in box:
            top, _, within = item.path.partition("/")
            if top != "rolls" or "/" not in within:
                raise Broken(f"{item.path} has no place among the rolls' files")
            write_item(item, into / within)


def _overlay(new: Path, old: Path, *, late: bool) -> list[str]:
    """Put one roll's later files over what is there; what they would have put in its place, where they are `late`."""
    if late:  # the database is of before
        for name in (RATCHET, NUMBERS):
            (new / name).unlink(missing_ok=True)
    if not old.exists():
        make_private(old.parent)
        new.rename(old)
        return []
    if _of_another_log(new, old):
        if late:
            return [f"{old.name}/{_WHOSE}"]
        shutil.rmtree(old)
        new.rename(old)
        return []
    unsure = []
    for path in sorted(each for each in new.rglob("*") if each.is_file()):
        within = path.relative_to(new)
        there = old / within
        if within == Path(NUMBERS) and there.exists():
            merge_numbers(path, there)
        elif late and there.exists():
            unsure += [f"{old.name}/{within}"] * (path.read_bytes() != there.read_bytes())
        elif not there.exists() or within != Path(RATCHET) or further(path, there):
            make_private(there.parent)
            shutil.copy2(path, there)
    return unsure


def _of_another_log(new: Path, old: Path) -> bool:
    logs = [one / _WHOSE for one in (new, old)]
    return all(one.exists() for one in logs) and logs[0].read_bytes() != logs[1].read_bytes()


def merge_numbers(new: Path, old: Path) -> None:
    """Of two files of marks, each mark that has come further. One that cannot be read counts for nothing: `log resume` leaps."""
    marks = Marks(old)
    with marks.locked(), suppress(NumbersDamaged):
        marks.put(merged(marks.read(), Marks(new).read()))


def further(new: Path, old: Path) -> bool:
    """Whether one ratchet has come further than another."""
    return Ratchet(new).read().size > Ratchet(old).read().size


def without_keys(named: Iterable[str], rolls: Path) -> str:
    """Of rolls by their names those that have no keys in a folder of rolls, for a sentence; empty where each has its own."""
    return ", ".join(sorted(name for name in named if not (rolls / name / _WHOSE).exists()))
