"""A mirror's folder on disk: the log's files as a web server serves them, and `.mirror` with the mirror's state.

A file is written under `.mirror/staging`, brought to the disk, and only then renamed to its place: whatever stands in its
place is whole. Names are made here from numbers; nothing a server sends becomes a path.
"""

import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from openroll.durable import MANY, naming, sync_folders, write_durably
from openroll.tlog import Checkpoint, bundle_path, tile_path
from openroll.watch.source import FolderSource

STATE = ".mirror"
Shape = Literal["log", "roll"]


class NotAMirror(Exception):
    """The folder holds no mirror, or none of this log; the message says what to do."""


class MirrorBusy(Exception):
    """Another run is writing this mirror."""


class MirrorState(msgspec.Struct, kw_only=True):
    """What a mirror saves between runs.

    `source` is the log's prefix; `shape` says whether the folder is the log itself or a roll with its log at `log/`; `keys` are
    the verifier keys; `seen` is the newest signed head the log ever showed; partial tiles below `collected` entries are gone;
    `damaged` names files that a check found wrong, to be mended by the next run.
    """

    source: str
    shape: Shape
    origin: str
    keys: list[str]
    seen: str = ""
    collected: int = 0
    damaged: list[str] = msgspec.field(default_factory=list)


class MirrorFolder:
    """A mirror's folder: staging, publishing and state."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._state = root / STATE
        self._staging = self._state / "staging"
        self._lock = threading.Lock()
        self._staged: list[tuple[Path, Path]] = []
        self._count = 0

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder for one run, and remove what a killed run left staged. Raises MirrorBusy."""
        self._state.mkdir(parents=True, exist_ok=True)
        with (self._state / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise MirrorBusy(f"{self.root} is being written by another run of the mirror") from error
            shutil.rmtree(self._staging, ignore_errors=True)
            self._staging.mkdir()
            self._staged.clear()
            yield

    @property
    def known(self) -> bool:
        """Whether a mirror was begun in this folder."""
        return (self._state / "state.json").is_file()

    def remembered(self) -> MirrorState:
        """Read the mirror's state. Raises NotAMirror."""
        path = self._state / "state.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=MirrorState)
        except FileNotFoundError as error:
            raise NotAMirror(f"{self.root} holds no mirror yet: begin one with openroll mirror ADDRESS DIR") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotAMirror(
                f"{path} cannot be read ({error}). Move that one file away and run the mirror again with its keys: "
                "files that are right are kept"
            ) from error

    def remember(self, state: MirrorState) -> None:
        """Write the mirror's state; durable when this returns."""
        write_durably(self._state / "state.json", msgspec.json.format(msgspec.json.encode(state)))

    def log(self, shape: Shape) -> Path:
        """Where the log's files are."""
        return self.root if shape == "log" else self.root / "log"

    def source(self, shape: Shape) -> FolderSource:
        """The log's files as a source."""
        return FolderSource(self.log(shape))

    def stage(self, final: Path, data: bytes) -> None:
        """Write a file that `commit` will put in its place. Safe from several threads."""
        with self._lock:
            self._count += 1
            fresh = self._staging / str(self._count)
        with naming(final):
            fresh.write_bytes(data)
        with self._lock:
            self._staged.append((fresh, final))

    def discard(self) -> None:
        """Throw away what was staged: a head that is refused leaves nothing behind."""
        with self._lock:
            staged, self._staged = self._staged, []
        for fresh, _ in staged:
            fresh.unlink()

    def commit(self) -> None:
        """Move the staged files into place, durably."""
        with self._lock:
            staged, self._staged = self._staged, []
        parents = {final.parent for _, final in staged}
        folders = parents | {above for one in parents for above in one.parents if above.is_relative_to(self.root)}
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        if len(staged) > MANY:
            os.sync()
        else:
            for fresh, _ in staged:
                _sync(fresh)
        for fresh, final in staged:
            fresh.rename(final)
        sync_folders(folders)

    def publish(self, shape: Shape, checkpoint: bytes) -> None:
        """Publish a checkpoint: the last step of a run."""
        self.stage(self.log(shape) / "checkpoint", checkpoint)
        self.commit()

    def collect(self, shape: Shape, start: int, end: int) -> None:
        """Drop partial tiles whose full tiles have come between two sizes (tlog-tiles, "Partial Tiles")."""
        log, level = self.log(shape), 0
        while start >> (8 * level) != end >> (8 * level):
            for index in range(start >> (8 * level + 8), end >> (8 * level + 8)):
                shutil.rmtree(log / f"{tile_path(level, index)}.p", ignore_errors=True)
                if level == 0:
                    shutil.rmtree(log / f"{bundle_path(index)}.p", ignore_errors=True)
            level += 1

    def evidence(self, name: str, files: dict[str, bytes]) -> Path:
        """Keep evidence in a folder of its own under `.mirror/evidence`; the same evidence twice is kept once."""
        folder = self._state / "evidence" / name
        for part, data in files.items():
            self.stage(folder / part, data)
        self.commit()
        return folder


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def head_of(note: str) -> Checkpoint:
    """The head of a signed checkpoint that was verified before it was written down here. Raises Malformed."""
    return Checkpoint.parse(note.rpartition("\n\n")[0] + "\n")
