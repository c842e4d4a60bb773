"""One run of a mirror, in steps:

1. fetch the log's head and check its signatures;
2. compare it with the heads the log has shown before, and refuse it with evidence when it contradicts them;
3. write down that it was seen;
4. bring the files that are new, in parallel, each proved under that head before it is put in its place;
5. show the head, by rename: the last thing that readers see change;
6. drop partial tiles that full ones have taken the place of, and write down that this was done.

Killed anywhere, the next run does the same steps: what is in place was proved, is proved again against the newer head by reading
it from the disk, and is not downloaded again.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from openroll.tlog import Missing, TlogError, Verifier, open_checkpoint
from openroll.watch.mirror.folder import Folder, NotAMirror, Remembered, Shape, head_of
from openroll.watch.mirror.heads import Head, HeadRefused, Tile, compare
from openroll.watch.mirror.proved import Check, Lot, ProvedTiles, WrongFile
from openroll.watch.reading import fetch_checkpoint
from openroll.watch.source import FolderSource, Source, Unreachable

Progress = Callable[[int, int], None]
LOTS_A_COMMIT = 128
"""Lots (up to 256 entries each) that are put in their places together: about one sync of the disk for 256 files."""
TRIES = 3


class Refused(Exception):
    """The log was refused; `evidence` is the folder that shows why. What the mirror serves is as it was."""

    def __init__(self, why: HeadRefused, evidence: Path) -> None:
        super().__init__(str(why))
        self.kind = why.kind
        self.evidence = evidence


class Mirrored(NamedTuple):
    """What a run left: the head that is served, how many files and bytes came over the wire, and what was mended."""

    head: Head
    files: int
    received: int
    mended: tuple[str, ...]


class _Copying:
    """The shelf of a run: the mirror's own files first, then the source's; what came from there is staged."""

    def __init__(self, folder: Folder, log: Path, source: Source, wait: Callable[[float], None]) -> None:
        self._folder = folder
        self._log = log
        self._own = FolderSource(log)
        self._source = source
        self._wait = wait
        self._lock = threading.Lock()
        self.files = 0
        self.received = 0
        self.mended: list[str] = []

    def take(self, path: str, whole: str, check: Check) -> bytes:
        own = self._own.get(path)
        if own is not None:
            try:
                return check(own, path)
            except WrongFile:
                self.mended.append(path)
        data, name = self._sent(path, whole)
        kept = check(data, name)
        self._stage(path, kept)
        return kept

    def read(self, path: str, whole: str, *, anew: bool) -> tuple[bytes, str]:
        own = None if anew else self._own.get(path)
        return (own, path) if own is not None else self._sent(path, whole)

    def keep(self, path: str, data: bytes) -> None:
        own = self._own.get(path)
        if own != data:
            self._stage(path, data)
            if own is not None:
                self.mended.append(path)

    def _stage(self, path: str, data: bytes) -> None:
        self._folder.stage(self._log / path, data)

    def _sent(self, path: str, whole: str) -> tuple[bytes, str]:
        """A partial tile may be gone once the full one stands (tlog-tiles, "Partial Tiles")."""
        for name in dict.fromkeys((path, whole)):
            data = self._asked(name)
            if data is not None:
                with self._lock:
                    self.files += 1
                    self.received += len(data)
                return data, name
        raise Missing(f"{self._source.where} lacks {path}, which its head needs")

    def _asked(self, name: str) -> bytes | None:
        """One lost connection among thousands is asked for again."""
        for left in range(TRIES - 1, -1, -1):
            try:
                return self._source.get(name)
            except Unreachable:
                if not left:
                    raise
                self._wait(0.5 * (TRIES - left))
        return None


class _Checking:
    """The shelf of a check: the mirror's own files and nothing else."""

    def __init__(self, log: Path) -> None:
        self._own = FolderSource(log)

    def take(self, path: str, whole: str, check: Check) -> bytes:
        return check(self.read(path, whole, anew=False)[0], path)

    def read(self, path: str, whole: str, *, anew: bool) -> tuple[bytes, str]:  # noqa: ARG002 - there is one place to read
        data = self._own.get(path)
        if data is None:
            raise WrongFile(path, "it is not there")
        return data, path

    def keep(self, path: str, data: bytes) -> None:
        """Nothing: a check writes nothing."""


def verifiers_of(state: Remembered) -> list[Verifier]:
    """The keys a mirror remembers."""
    return [Verifier.parse(key) for key in state.keys]


def shown(folder: Folder, state: Remembered) -> Head | None:
    """The head the mirror serves; None when it serves none yet, or its file is damaged."""
    note = folder.source(state.shape).get("checkpoint")
    if note is None:
        return None
    try:
        return Head(open_checkpoint(note, verifiers_of(state), origin=state.origin), note)
    except TlogError:
        return None


def run(
    folder: Folder,
    state: Remembered,
    source: Source,
    *,
    connections: int = 8,
    progress: Progress = lambda _done, _of: None,
    wait: Callable[[float], None] = time.sleep,
) -> Mirrored:
    """Bring the mirror up to the log's head. The folder is held by the caller.

    `connections` files are asked for at once; `progress` is told the entries done and all; `wait` sleeps between tries.
    Raises Refused, TlogError (WrongFile names the file that is wrong) or Unreachable; the head shown then stays as it was.
    """
    now = _head(source, state)
    held = shown(folder, state)
    shelf = _Copying(folder, folder.log(state.shape), source, wait)
    proved = _refuse(folder, state, held, now, shelf)
    if state.seen.encode() != now.note:
        state.seen = now.note.decode()
        folder.remember(state)
    folder.commit()  # the few tiles that the comparison needed
    start = held.checkpoint.size if held and not state.damaged else 0
    # Between two runs the log need not have grown; then nothing is read but the edge.
    tiles = proved or ProvedTiles(shelf, now.checkpoint)
    _copy(folder, tiles, start, connections, progress)
    if held is None or held.note != now.note:
        folder.publish(state.shape, now.note)
    mended = tuple(dict.fromkeys((*state.damaged, *shelf.mended)))
    _finish(folder, state, now.checkpoint.size)
    return Mirrored(now, shelf.files, shelf.received, mended)


def look(folder: Folder, state: Remembered, source: Source) -> tuple[Head, int]:
    """What a run would do: the log's head, checked as a run checks it, and how many entries are not here yet."""
    now = _head(source, state)
    held = shown(folder, state)
    _refuse(folder, state, held, now, _Copying(folder, folder.log(state.shape), source, time.sleep))
    folder.discard()
    return now, now.checkpoint.size - (held.checkpoint.size if held else 0)


def _head(source: Source, state: Remembered) -> Head:
    return Head(*fetch_checkpoint(source, verifiers_of(state), origin=state.origin))


def _refuse(folder: Folder, state: Remembered, held: Head | None, now: Head, shelf: _Copying) -> ProvedTiles | None:
    """Refuse a head that contradicts an earlier one; the tiles under the new head, if they had to be read."""
    proved: dict[bytes, ProvedTiles] = {}

    def tiles(head: Head) -> Tile:
        if head.note not in proved:
            proved[head.note] = ProvedTiles(shelf, head.checkpoint)
        return proved[head.note].tile

    seen = Head(head_of(state.seen), state.seen.encode()) if state.seen else None
    for known in dict.fromkeys((held, seen)):
        try:
            if known is not None:
                compare(known, now, tiles)
        except HeadRefused as why:
            folder.discard()
            raise Refused(why, folder.evidence(why.name, why.files(state.keys))) from why
    return proved.get(now.note)


def _copy(folder: Folder, tiles: ProvedTiles, start: int, connections: int, progress: Progress) -> None:
    """Bring every lot from `start` on. Whatever was proved is put in its place, also when something else is wrong."""
    size = tiles.checkpoint.size
    waiting: deque[tuple[Lot, Future[None]]] = deque()
    with ThreadPoolExecutor(connections) as pool:
        try:
            for lot in tiles.lots(start):
                waiting.append((lot, pool.submit(tiles.lot, lot)))
                if len(waiting) >= 4 * connections:
                    _one(folder, waiting, size, progress)
            while waiting:
                _one(folder, waiting, size, progress)
        finally:
            for _, future in waiting:
                future.cancel()
            pool.shutdown()
            folder.commit()


def _one(folder: Folder, waiting: deque[tuple[Lot, Future[None]]], size: int, progress: Progress) -> None:
    """The oldest lot in the row."""
    lot, future = waiting.popleft()
    future.result()
    progress(256 * lot.number + lot.width, size)
    if lot.number % LOTS_A_COMMIT == 0:
        folder.commit()


def _finish(folder: Folder, state: Remembered, size: int) -> None:
    folder.collect(state.shape, state.collected, size)
    if state.collected != size or state.damaged:
        state.collected, state.damaged = size, []
        folder.remember(state)


def check(folder: Folder, progress: Progress = lambda _done, _of: None) -> tuple[Head, list[str]]:
    """Prove every file of the mirror from its own disk: the head, and sentences on what is wrong, each naming its file.

    What is wrong is also written down for the next run to mend. Raises NotAMirror.
    """
    state = folder.remembered()
    head = shown(folder, state)
    if head is None:
        there = folder.source(state.shape).get("checkpoint") is not None
        if not there and not state.seen:
            raise NotAMirror(f"{folder.root} shows no head yet: run the mirror first")
        state.damaged = ["checkpoint"]
        folder.remember(state)
        seen = Head(head_of(state.seen), state.seen.encode())
        return seen, ["checkpoint is wrong: " + ("its signatures do not hold" if there else "it is not there")]
    faults: dict[str, str] = {}
    try:
        tiles = ProvedTiles(_Checking(folder.log(state.shape)), head.checkpoint)
        _check_lots(tiles, faults, progress)
    except WrongFile as error:
        faults[error.path] = str(error)
    state.damaged = sorted(faults)
    folder.remember(state)
    return head, list(faults.values())


def _check_lots(tiles: ProvedTiles, faults: dict[str, str], progress: Progress) -> None:
    size, start = tiles.checkpoint.size, 0
    while start < size:
        try:
            for lot in tiles.lots(start):
                start = 256 * lot.number + lot.width
                progress(start, size)
                try:
                    tiles.lot(lot)
                except WrongFile as error:
                    faults[error.path] = str(error)
        except WrongFile as error:
            # A tile above is wrong, so what lies below it cannot be proved: on to the next one on its level.
            faults[error.path] = str(error)
            start = _past(error.path, start)


def _past(path: str, start: int) -> int:
    """The first entry after those below a tile."""
    level = int(path.split("/")[1])
    span = int(256 ** (level + 1))
    return (start // span + 1) * span


def begin(source: str, shape: Shape, verifiers: Sequence[Verifier], origin: str | None) -> Remembered:
    """What a new mirror remembers."""
    return Remembered(
        source=source, shape=shape, origin=origin or verifiers[0].name, keys=[str(verifier) for verifier in verifiers]
    )
