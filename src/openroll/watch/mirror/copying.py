"""One run of a mirror, in steps:

1. fetch the log's head and check its signatures;
2. compare it with the heads the log has shown before, and refuse it with evidence when it contradicts them;
3. write down that it was seen;
4. bring the files that are new, in parallel, each proved under that head before it is put in its place; and what proves the
   keys of that head to who holds those before (keys.py);
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

from openroll.tlog import KEY_HISTORY, Missing, TlogError, Verifier, history_of
from openroll.watch.mirror.folder import Folder, Remembered, Shape, head_of
from openroll.watch.mirror.heads import Head, HeadRefused, Tile, compare
from openroll.watch.mirror.keys import Keys, first_keys, heads_of, kept_keys, opened, within
from openroll.watch.mirror.proved import Check, Lot, ProvedTiles, WrongFile
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
    """What a run left: the head that is served, how many files and bytes came over the wire, and what was mended.

    `keys` are for new readers of that head; `followed` are the places of changes of keys that this run went through.
    """

    head: Head
    files: int
    received: int
    mended: tuple[str, ...]
    keys: tuple[str, ...]
    followed: tuple[int, ...]


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


def shown(folder: Folder, state: Remembered, keys: Keys) -> Head | None:
    """The head the mirror serves; None when it serves none yet, or its file is damaged."""
    note = folder.source(state.shape).get("checkpoint")
    if note is None:
        return None
    try:
        return Head(keys.succession.open(note, origin=state.origin), note)
    except TlogError:
        return None


def known_keys(folder: Folder, state: Remembered) -> Keys:
    """The keys as the copy proves them; those it was begun with where its history is damaged: the log's own mends that."""
    try:
        return kept_keys(folder, state)
    except TlogError:
        return first_keys(state)


class _Looked(NamedTuple):
    """What a run goes on from, keys and head, and what the log shows now: the keys as its history carries them on, its head."""

    known: Keys
    held: Head | None
    keys: Keys
    now: Head


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
    known, held, keys, now = looked = _look(folder, state, source)
    shelf = _Copying(folder, folder.log(state.shape), source, wait)
    proved = _refuse(folder, state, looked, shelf)
    if state.seen.encode() != now.note:
        state.seen = now.note.decode()
        folder.remember(state)
    folder.commit()  # the few tiles that the comparison needed
    start = held.checkpoint.size if held and not state.damaged else 0
    # Between two runs the log need not have grown; then nothing is read but the edge.
    tiles = proved or ProvedTiles(shelf, now.checkpoint)
    _keep_history(folder, state, within(keys, now.checkpoint.size, tiles.tile))
    _copy(folder, tiles, start, connections, progress)
    if held is None or held.note != now.note:
        folder.publish(state.shape, now.note)
    mended = tuple(dict.fromkeys((*state.damaged, *shelf.mended)))
    _finish(folder, state, now.checkpoint.size)
    went = {change.position for change in known.succession.changes}
    followed = tuple(one.position for one in keys.succession.changes if one.position not in went)
    staying = keys.succession.term(now.checkpoint.size).staying
    return Mirrored(now, shelf.files, shelf.received, mended, tuple(map(str, staying)), followed)


def look(folder: Folder, state: Remembered, source: Source) -> tuple[Head, int]:
    """What a run would do: the log's head, checked as a run checks it, and how many entries are not here yet."""
    looked = _look(folder, state, source)
    held, now = looked.held, looked.now
    _refuse(folder, state, looked, _Copying(folder, folder.log(state.shape), source, time.sleep))
    folder.discard()
    return now, now.checkpoint.size - (held.checkpoint.size if held else 0)


def _keep_history(folder: Folder, state: Remembered, keys: Keys) -> None:
    """Put the handovers beside the log, if any: they come into sight with the files, before the head they are needed for."""
    if keys.handovers:
        data = history_of(keys.handovers)
        if folder.source(state.shape).get(KEY_HISTORY) != data:
            folder.stage(folder.log(state.shape) / KEY_HISTORY, data)


def _look(folder: Folder, state: Remembered, source: Source) -> _Looked:
    known = known_keys(folder, state)
    now, keys = opened(known, state, source)
    return _Looked(known, shown(folder, state, known) or shown(folder, state, keys), keys, now)


def _refuse(folder: Folder, state: Remembered, looked: _Looked, shelf: _Copying) -> ProvedTiles | None:
    """Refuse a head that contradicts an earlier one; the tiles under the new head, if they had to be read.

    The heads by which the log handed over are heads it has shown, whenever this mirror comes to see them.
    """
    known, held, keys, now = looked
    proved: dict[bytes, ProvedTiles] = {}

    def tiles(head: Head) -> Tile:
        if head.note not in proved:
            proved[head.note] = ProvedTiles(shelf, head.checkpoint)
        return proved[head.note].tile

    seen = Head(head_of(state.seen), state.seen.encode()) if state.seen else None
    handed = list(heads_of(keys, known, now.checkpoint.size))
    before = [one for one in handed if held is not None and one.checkpoint.size <= held.checkpoint.size]
    pairs: list[tuple[Head | None, Head | None, Keys]] = [(one, held, known) for one in before]
    pairs += [(one, now, keys) for one in (*handed, held, seen) if one not in before]
    for one, later, by in dict.fromkeys(pairs):
        try:
            if one is not None and later is not None:
                compare(one, later, tiles)
        except HeadRefused as why:
            folder.discard()
            history = {"key-history": history_of(by.handovers)} if by.succession.changes else {}
            raise Refused(why, folder.evidence(why.name, why.files(state.keys) | history)) from why
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


def begin(source: str, shape: Shape, verifiers: Sequence[Verifier], origin: str | None) -> Remembered:
    """What a new mirror remembers."""
    return Remembered(
        source=source, shape=shape, origin=origin or verifiers[0].name, keys=[str(verifier) for verifier in verifiers]
    )
