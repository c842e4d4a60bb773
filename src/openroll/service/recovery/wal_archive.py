"""The write-ahead log taken into a folder of backups, in rounds; and the proof that what comes is of the history that was taken.

    server --pg_receivewal--> SPOOL/0000...12.partial --sealed--> FOLDER/<history>/wal-0000...12.partial.gz.age

A folder that says "everything up to now" must hold one unbroken log of one history. Names and positions do not show that: a
database that went back to an older copy writes other bytes in the same segments. So of the newest piece that was taken the
SHA-256 is noted. In the next round that piece is received again from its beginning and held against it: there is a mark in it
that no other history has. What cannot be shown to go on (note or spool are lost, the server let log go, another timeline)
begins another history, in a folder of its own, with a base backup.
"""

import fcntl
import gzip
import hashlib
import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from psycopg import Connection

from openroll.archive import Sealing, sealed
from openroll.durable import PRIVATE, make_private, open_to_write, write_durably
from openroll.service.recovery.backups import (
    History,
    cluster_of,
    every_segment,
    histories,
    history_name,
    mark_name,
    newest_mark,
    next_number,
)
from openroll.service.recovery.dump_words import find, finished, give_up
from openroll.store import wal
from openroll.store.postgres_tools import Server

_PIECE = 1 << 20
_TRIES = 3
_SEGMENT = re.compile(r"[0-9A-F]{24}(?:\.partial)?")
_TO_SEAL = re.compile(r"[0-9A-F]{24}(?:\.partial)?|[0-9A-F]{8}\.history")
_PARTIAL = ".partial"


class Discontinued(Exception):
    """It cannot be shown that the server's log goes on from what was taken; the sentence says why."""


class FolderGone(Exception):
    """Nothing of what was taken is in the folder of backups: not mounted, or emptied; the sentence says what to do."""


class FolderTaken(Exception):
    """Another home takes the log of the same database into the folder by now; the sentence says what to do."""


class Piece(msgspec.Struct, frozen=True):
    """A segment as far as it was taken: its name, so many bytes from its beginning, their SHA-256, and whether it is whole."""

    name: str
    size: int
    sha256: str
    whole: bool


class Continuity(msgspec.Struct, frozen=True):
    """What the next round has to go on from: the history's folder, the position of its mark, and the newest piece.

    `segment` is how many bytes a whole segment has, and one that is under way too, filled up with zeros.
    """

    history: str
    lsn: int
    newest: Piece
    segment: int


class WalArchive:
    """The log of one server in one folder of backups; whoever has it holds the folder's lock.

    `tell` is given what its keeper should know, a sentence each.
    """

    def __init__(
        self, folder: Path, spool: Path, slot: str, sealing: Sealing, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._folder, self._spool, self._slot, self._sealing, self._tell = folder, spool, slot, sealing, tell
        self._note = _note(spool)
        self._history = ""
        self._before: Continuity | None = None

    @property
    def history(self) -> Path:
        """The folder of the history that is taken; known after `settle` or `begin`."""
        return self._folder / self._history

    def settle(self) -> None:
        """Seal what a round that broke off left in the spool: it may be all that is left of what was acknowledged.

        No server is asked. Raises Discontinued where it is not known what was taken, FolderGone and FolderTaken.
        """
        before = self._read_note()
        if not (self._folder / before.history).is_dir():
            raise FolderGone(
                f"nothing of what was taken before is in {self._folder}: is it mounted? Where it was emptied, or is another disk"
                f" now, say `openroll backup stop --to {shlex.quote(str(self._folder))}` first; a new base is made then"
            )
        self._set_aside_short(before.segment)
        self._check(before)
        self._check_folder(before)
        self._before, self._history = before, before.history
        newest = max(self._segments(), key=lambda one: one.name, default=None)
        if newest is not None and _piece(newest) != before.newest:
            self._seal(before.lsn)

    def begin(self, connection: Connection, system: str, why: str) -> None:
        """Begin another history, with a new replication slot and an empty spool; the base backup is its caller's to make."""
        forget(self._spool)
        wal.release(connection, self._slot)
        wal.reserve(connection, self._slot)
        earlier = [one for one in histories(self._folder) if one.system == system]
        self._history = history_name(system, give_number(self._folder, self._spool.parent), taker(self._spool))
        self._empty_spool()
        self._before = None
        if earlier:
            self._tell(
                f"Another history begins in {self.history}, with a new base backup: {why}. What was taken before stays in"
                f" {earlier[0].path}, and is brought back only for an instant of then"
            )

    def round(
        self,
        connection: Connection,
        server: Server,
        rolls: dict[str, Any],
        files: Callable[[Path, Sealing, wal.Mark], str],
    ) -> int:
        """Take the log up to now, and note how far it was taken; how many segments. `rolls` is what stands in it by then.

        `files` seals the rolls' own files beside it, where they are others than before, and gives their fingerprint: what it
        raises leaves the log sealed, and nothing noted in the folder.

        Raises Discontinued, WalLost, ToolFailed, CannotSeal or FileNotFoundError.
        """
        waiting = finished(self._spool, self._folder, cluster_of(self.history))  # their words are in the log by now
        # Whole, it would not be received again, and nothing would show that what comes next follows on it.
        for whole in [one for one in self._segments() if self._before and one.name == self._before.newest.name]:
            whole.rename(whole.with_name(whole.name + _PARTIAL))
        number = give_number(
            self._folder, self._spool.parent
        )  # before the position: a dump that is made after it has a later one
        for _ in range(_TRIES):
            mark = wal.mark(connection)
            self._check_position(mark)
            wal.receive(server, self._slot, self._spool, mark.until)
            if any(one.name.endswith(_PARTIAL) for one in self._segments()):
                break  # else the log ended with its segment: what is noted must be received again
        if self._before is not None:
            self._check_received(self._before)
        count = self._seal(mark.lsn)
        self._tell_missing(waiting)
        self._put_mark(mark, number, rolls, files(self.history, self._sealing, mark))
        return count

    def _tell_missing(self, waiting: dict[str, Path]) -> None:
        """Name the dumps that were made before this round, and are not in the log that was taken up to now."""
        there = finished(self._spool, self._folder, cluster_of(self.history))
        for word in waiting.keys() & there.keys():
            self._tell(
                f"{waiting[word]} is not in the log that was taken: the database went back to an older copy since, or this"
                " history began after it. What it alone holds comes back with it alone"
            )
            give_up(self._spool, word)

    def _read_note(self) -> Continuity:
        try:
            return msgspec.json.decode(self._note.read_bytes(), type=Continuity)
        except (OSError, msgspec.DecodeError):
            raise Discontinued(
                "it is not known here what was taken last (the spool was cleared, or an older Openroll took it)"
            ) from None

    def _segments(self) -> list[Path]:
        return sorted(path for path in self._spool.iterdir() if _SEGMENT.fullmatch(path.name))

    def _set_aside_short(self, whole: int) -> None:
        """A full disk leaves a segment that is not as long as segments are: pg_receivewal never goes on from one."""
        for path in self._segments():
            if path.stat().st_size != whole:
                path.unlink()
                self._tell(f"{path.name} had not come whole (a full disk?), and is received again")

    def _check(self, before: Continuity, *, received: bool = False) -> None:
        """Hold what is in the spool against what was taken before."""
        found = [one for one in self._segments() if one.name.removesuffix(_PARTIAL) == before.newest.name]
        for path in found:
            if _digest(path, before.newest.size) != before.newest.sha256:
                raise Discontinued(
                    f"{before.newest.name} of the server's log is not the one that was taken: the database went back to an older"
                    " copy and was written to since"
                )
        if not found and (received or self._segments()):
            raise Discontinued(f"{before.newest.name}, of which a part was taken, did not come again")

    def _check_folder(self, before: Continuity) -> None:
        """A machine that went back as a whole, with its database, remembers less than the folder holds.

        What a round sealed and could not note before it broke off is in the spool still.
        """
        history, newest = self._folder / before.history, before.newest
        waiting = {path.name for path in self._segments()}
        if later := followed_by(self._folder, history):
            if later.taker not in ("", taker(self._spool)):
                raise FolderTaken(
                    f"another home goes on with this database's log in {later.path}, and only what is taken there comes back by"
                    f" itself: give this home a folder of its own, or end what follows there, and `openroll backup stop --to"
                    f" {shlex.quote(str(self._folder))}` here first to take its place"
                )
            raise Discontinued(f"{later.path} was begun since, and this machine does not know of it: it went back")
        for one in every_segment(history):
            noted = one.name < newest.name or (one.name == newest.name and (one.partial or newest.whole))
            waits = one.name in waiting or (one.partial and f"{one.name}{_PARTIAL}" in waiting)
            if one.number >= 0 and not noted and not waits:
                raise Discontinued(f"{one.path.name} was taken, and this machine does not know of it: it went back")
        mark = newest_mark(history)
        if mark is not None and mark.lsn > before.lsn:
            raise Discontinued(
                f"the log was taken up to {mark.position}, and this machine knows of it up to {wal.lsn_text(before.lsn)}: it went"
                " back to an older copy of itself"
            )

    def _check_received(self, before: Continuity) -> None:
        try:
            self._check(before, received=True)
        except Discontinued:
            for path in self._segments():  # what was in the spool is sealed, and what came can be had again
                path.unlink()
            raise

    def _check_position(self, mark: wal.Mark) -> None:
        before = self._before
        if before is None:
            return
        if mark.last[:8] != before.newest.name[:8]:
            raise Discontinued(
                f"the database goes on in timeline {int(mark.last[:8], 16)}, since a restore or a failover; what was taken is of"
                f" timeline {int(before.newest.name[:8], 16)}"
            )
        if mark.lsn <= before.lsn or mark.last < before.newest.name:
            raise Discontinued(
                f"the database went back to an older copy: its log ends at {wal.lsn_text(mark.lsn)}, and was taken up to"
                f" {wal.lsn_text(before.lsn)} in {before.newest.name}"
            )

    def _seal(self, lsn: int) -> int:
        """Seal all that is in the spool. Only what is sealed and noted leaves it; the newest piece stays."""
        files = sorted(path for path in self._spool.iterdir() if _TO_SEAL.fullmatch(path.name))
        for path in files:
            self._seal_segment(path)
        find(self._spool, self._folder, self.history, cluster_of(self.history), self._segments())
        last = self._segments()[-1]
        newest = _piece(last)
        self._before = Continuity(self._history, lsn, newest, last.stat().st_size)
        write_durably(self._note, msgspec.json.encode(self._before), PRIVATE)
        for path in files:
            if not path.name.startswith(newest.name):
                path.unlink()
        return len(files)

    def _seal_segment(self, path: Path) -> None:
        target = self.history / f"wal-{path.name}.gz{self._sealing.suffix}"
        self._seal_file(path, target)
        # Less of the same, or the same for other holders.
        less = [f"wal-{path.name}.gz*"] + [f"wal-{path.name}.partial.gz*"] * (not path.name.endswith(_PARTIAL))
        for other in (one for pattern in less for one in self.history.glob(pattern) if one != target):
            other.unlink()

    def _seal_file(self, path: Path, target: Path) -> None:
        with sealed(target, self._sealing) as stream, path.open("rb") as file, _packed(stream) as packed:
            shutil.copyfileobj(file, packed, _PIECE)

    def _put_mark(self, mark: wal.Mark, number: int, rolls: dict[str, Any], files: str) -> None:
        target = self.history / f"{mark_name(mark.at, mark.segment, mark.lsn, files, number)}{self._sealing.suffix}"
        with sealed(target, self._sealing) as stream, _packed(stream) as packed:
            packed.write(msgspec.json.encode({"lsn": mark.lsn, "at": mark.at, "rolls": rolls, "files": files}))
        for other in self.history.glob("mark-*"):
            if other != target:
                other.unlink()

    def _empty_spool(self) -> None:
        """What is in it is sealed already or comes again. Where that is not known, it is sealed apart: no base is given it."""
        for path in self._segments() if self._before is None else []:
            target = self.history / f"aside-{path.name}.gz{self._sealing.suffix}"
            self._seal_file(path, target)
            self._tell(f"{path.name}, which may be of a history before and be sealed already, was sealed as {target}")
        for path in self._spool.iterdir():
            path.unlink()


def followed_by(folder: Path, history: Path) -> History | None:
    """The history of the same cluster that began last, where that is another than this one."""
    last = next((one for one in histories(folder) if one.system == cluster_of(history)), None)
    return last if last is not None and last.path != history else None


def taker(spool: Path) -> str:
    """What tells this home from others that take log into the same folder: made once, 8 digits."""
    path = spool.with_name("taker")
    try:
        found = path.read_text(encoding="ascii")
    except (FileNotFoundError, UnicodeDecodeError):
        found = ""
    if not re.fullmatch("[0-9a-f]{8}", found):
        found = os.urandom(4).hex()
        write_durably(path, found.encode(), PRIVATE)
    return found


def give_number(folder: Path, spools: Path) -> int:
    """The number of what is written next into a folder: later than all that is there, and than all this home ever wrote.

    Numbers of two folders would not compare: an empty disk begins anew, and what was taken there comes beside the other one day.
    """
    make_private(spools)
    path = spools / "numbered"
    with open_to_write(path.with_name("numbered.lock"), PRIVATE, os.O_APPEND) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            before = int(path.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            before = 0  # the folder counts on by itself
        number = max(next_number(folder), before + 1)
        write_durably(path, str(number).encode(), PRIVATE)
    return number


def is_taken_over(folder: Path, spool: Path) -> bool:
    """Whether another home takes the log by now that was taken into a folder through this spool."""
    try:
        note = msgspec.json.decode(_note(spool).read_bytes(), type=Continuity)
    except (OSError, msgspec.DecodeError):
        return False
    later = followed_by(folder, folder / note.history)
    return later is not None and later.taker not in ("", taker(spool))


def forget(spool: Path) -> None:
    """Know nothing any more of what was taken through a spool."""
    _note(spool).unlink(missing_ok=True)


def _note(spool: Path) -> Path:
    return spool.with_name(f"{spool.name}.continuity")


def _packed(stream: Any) -> gzip.GzipFile:
    # A segment that is mostly empty is nearly nothing once compressed.
    return gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=1, mtime=0)


def _piece(path: Path) -> Piece:
    """A segment in the spool as far as it came: behind that it is filled up with zeros."""
    data = path.read_bytes().rstrip(b"\0")
    name = path.name.removesuffix(_PARTIAL)
    return Piece(name, len(data), hashlib.sha256(data).hexdigest(), whole=name == path.name)


def _digest(path: Path, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.sha256(file.read(size)).hexdigest()
