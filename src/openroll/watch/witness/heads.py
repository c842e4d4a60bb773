"""The heads a witness has cosigned, one a log: what it must never forget.

Each is kept twice, in two folders that should lie on two disks: the state, and the ratchet beside it. What is kept is the
cosigned checkpoint itself, so that a damaged or foreign file is told by its signatures. The larger of the two is the
witness's last word: a state restored from a backup is behind its ratchet, and goes on from where the ratchet stands. A third
record is the running process's own memory: files changed under it are not believed.
"""

import fcntl
import hashlib
import logging
import threading
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from openroll.durable import sync_folders, write_durably
from openroll.tlog import Checkpoint, TlogError, Verifier, open_note
from openroll.tlog.witnessing import CosignedHead

Step = Callable[[str], None]
_log = logging.getLogger("openroll.witness")


class Stopped(Exception):
    """The witness must not cosign for this log: what it kept is damaged or contradicts itself. A person has to look."""


class LastCosigned(NamedTuple):
    """The last checkpoint cosigned for a log: its head, the note with the log's signatures and ours, and when (POSIX seconds)."""

    head: CosignedHead
    note: bytes
    at: int = 0


class Heads:
    """The last head a log, moved by compare-and-store and durable before anybody is answered.

    One process at a time: a second one is refused by a lock on both folders.
    """

    def __init__(self, state: Path, ratchet: Path, own: Sequence[Verifier], *, step: Step = lambda _: None) -> None:
        """`own` are the witness's own keys. `step` is told each step before and after it; the crash table stops there."""
        if state.resolve() == ratchet.resolve():
            raise ValueError("the state and the ratchet need two folders, best on two disks")
        self._folders = (ratchet, state)
        self._own = tuple(own)
        self._step = step
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()
        self._known: dict[str, LastCosigned] = {}
        self._open: list[BinaryIO] = []
        for folder in self._folders:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            sync_folders([folder.parent])
            self._open.append(_locked(folder / "lock"))

    def close(self) -> None:
        """Let another process have the folders."""
        for file in self._open:
            file.close()

    @contextmanager
    def of(self, origin: str) -> Iterator["Log"]:
        """The head of one log, for one at a time. Raises Stopped."""
        with self._guard:
            lock = self._locks[origin]
        with lock:
            # Taken out while it is worked on: when something fails half-way, the next one reads what the disks say.
            known = self._known.pop(origin, None)
            log = Log(origin, self._folders, self._own, self._step, known)
            yield log
            self._known[origin] = log.last

    def newest(self, origin: str) -> bytes | None:
        """The last cosigned checkpoint of a log, None where there is none. Raises Stopped."""
        known = self._known.get(origin)
        if known is None:
            with self.of(origin) as log:
                known = log.last
        return known.note or None


class Log:
    """One log's head while nobody else moves it."""

    def __init__(
        self, origin: str, folders: Sequence[Path], own: Sequence[Verifier], step: Step, known: LastCosigned | None
    ) -> None:
        self._paths = [folder / f"{origin_hash(origin)}.checkpoint" for folder in folders]
        self._origin = origin
        self._own = own
        self._step = step
        self.last = self._newest() if known is None else known

    def move(self, last: LastCosigned) -> None:
        """Keep a head that was just cosigned: the ratchet first, then the state. Durable before it returns."""
        ours, new = self.last.head, last.head
        if new.size < ours.size or (new.size == ours.size and new.root != ours.root):
            raise Stopped(f"a head of {new.size} would step back behind the one of {ours.size}")
        for name, path in zip(("ratchet", "state"), self._paths, strict=True):
            self._step(f"{name}: before")
            write_durably(path, last.note)
            self._step(f"{name}: after")
        self.last = last

    def _newest(self) -> LastCosigned:
        """The larger of the two records. Both of one size must be of one root."""
        ratchet, state = (self._read(path) for path in self._paths)
        if ratchet.head.size == state.head.size and ratchet.head.root != state.head.root:
            raise Stopped(
                f"two heads of size {state.head.size} are kept for {self._origin}: {self._paths[0]} and {self._paths[1]} "
                "contradict each other. One of them was altered, or came from another machine"
            )
        if ratchet.head.size != state.head.size:
            _log.warning(
                "%s: the ratchet is at size %d and the state at %d: a crash between the two, or one of them is an older "
                "copy. The larger one is the last word",
                *(self._origin, ratchet.head.size, state.head.size),
            )
        return max(ratchet, state, key=lambda last: (last.head.size, last.at))

    def _read(self, path: Path) -> LastCosigned:
        try:
            note = path.read_bytes()
        except FileNotFoundError:
            return LastCosigned(CosignedHead(), b"")
        try:
            return cosigned(note, self._own, self._origin)
        except TlogError as error:
            raise Stopped(f"{path} is damaged or not this witness's own: {error}") from error


def cosigned(note: bytes, own: Sequence[Verifier], origin: str) -> LastCosigned:
    """A checkpoint that bears a cosignature of `own` keys, as what they have said. Raises TlogError or Stopped."""
    opened = open_note(note, own)
    checkpoint = Checkpoint.parse(opened.text)
    if checkpoint.origin != origin:
        raise Stopped(f"a head of {checkpoint.origin} is kept in the place of {origin}")
    return LastCosigned(CosignedHead(checkpoint.size, checkpoint.root), note, _when(note, opened.signed_by))


def own_lines(note: bytes, own: Sequence[Verifier]) -> bytes:
    """The signature lines of `own` keys in a note that was opened before."""
    ids = {(one.name, one.key_id) for one in own}
    return b"".join(line for line, name, data in _lines(note) if (name, data[:4]) in ids)


def _when(note: bytes, signed_by: Sequence[Verifier]) -> int:
    ids = {(one.name, one.key_id) for one in signed_by}
    return max(int.from_bytes(data[4:12]) for _, name, data in _lines(note) if (name, data[:4]) in ids)


def _lines(note: bytes) -> Iterator[tuple[bytes, str, bytes]]:
    """The signature lines of a note that was opened before: the line, its name, its key id and signature."""
    for line in note.rpartition(b"\n\n")[2].splitlines(keepends=True):
        _, name, data = line.decode().split(" ")
        yield line, name, b64decode(data)


def origin_hash(origin: str) -> str:
    """How a log is named in paths: the SHA-256 of its origin in lower-case hexadecimal (tlog-witness, "Monitor Retrieval")."""
    return hashlib.sha256(origin.encode()).hexdigest()


def _locked(path: Path) -> BinaryIO:
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise ValueError(f"another witness is running over {path.parent}: two would sign two histories") from error
    return file
