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
from openroll.watch.mirror.folder import MirrorFolder, MirrorState, Shape, head_of
from openroll.watch.mirror.heads import Head, HeadRefused, Tile, compare
from openroll.watch.mirror.keys import Keys, first_keys, heads_of, kept_keys, keys_within, open_head
from openroll.watch.mirror.proved import BundleRange, Check, ProvedTiles, WrongFile
from openroll.watch.source import FolderSource, Source, Unreachable

Progress = Callable[[int, int], None]
BUNDLES_A_COMMIT = 128
"""Bundles (up to 256 entries each) that are moved into place together: about one sync of the disk for 256 files."""
TRIES = 3


class LogRefused(Exception):
    """The mirror refused the log's head; `evidence` is the folder that proves why. What the mirror serves stays as it was."""

    def __init__(self, why: HeadRefused, evidence: Path) -> None:
        super().__init__(str(why))
        self.kind = why.kind
        self.evidence = evidence


class MirrorRun(NamedTuple):
    """What a run of the mirror did: the head it serves, how many files and bytes it fetched, and what it repaired.

    `keys` are for new readers of that head; `followed` are the places of changes of keys that this run went through.
    """

    head: Head
    files: int
    received: int
    mended: tuple[str, ...]
    keys: tuple[str, ...]
    followed: tuple[int, ...]


class _Copying:
    """File store of a run: the mirror's own files first, then the source's, which are staged."""

    def __init__(self, folder: MirrorFolder, log: Path, source: Source, wait: Callable[[float], None]) -> None:
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

    def read(self, path: str, whole: str, *, from_source: bool) -> tuple[bytes, str]:
        own = None if from_source else self._own.get(path)
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
        """Fetch a file, again after a lost connection."""
        for left in range(TRIES - 1, -1, -1):
            try:
                return self._source.get(name)
            except Unreachable:
                if not left:
                    raise
                self._wait(0.5 * (TRIES - left))
        return None


def served_head(folder: MirrorFolder, state: MirrorState, keys: Keys) -> Head | None:
    """The head the mirror serves; None when it serves none yet, or its file is damaged."""
    note = folder.source(state.shape).get("checkpoint")
    if note is None:
        return None
    try:
        return Head(keys.key_history.open(note, origin=state.origin), note)
    except TlogError:
        return None


def known_keys(folder: MirrorFolder, state: MirrorState) -> Keys:
    """The log's keys as the mirror's copy proves them; where its key history is damaged, those it was begun with."""
    try:
        return kept_keys(folder, state)
    except TlogError:
        return first_keys(state)


class _Comparison(NamedTuple):
    """The mirror's keys and head, beside the keys and the head that the log serves now."""

    known: Keys
    mirrored: Head | None
    keys: Keys
    now: Head


def run(
    folder: MirrorFolder,
    state: MirrorState,
    source: Source,
    *,
    connections: int = 8,
    progress: Progress = lambda _done, _of: None,
    wait: Callable[[float], None] = time.sleep,
) -> MirrorRun:
    """Bring the mirror up to the log's head. The caller holds the folder's lock.

    `connections` files are asked for at once; `progress` is told the entries done and all; `wait` sleeps between tries.
    Raises Refused, TlogError (WrongFile names the file that is wrong) or Unreachable; the head shown then stays as it was.
    """
    known, mirrored, keys, now = comparison = _compare_with_log(folder, state, source)
    file_store = _Copying(folder, folder.log(state.shape), source, wait)
    proved = _refuse(folder, state, comparison, file_store)
    if state.seen.encode() != now.note:
        state.seen = now.note.decode()
        folder.remember(state)
    folder.commit()  # the few tiles that the comparison needed
    start = mirrored.checkpoint.size if mirrored and not state.damaged else 0
    # Between two runs the log need not have grown; then nothing is read but the edge.
    tiles = proved or ProvedTiles(file_store, now.checkpoint)
    _keep_history(folder, state, keys_within(keys, now.checkpoint.size, tiles.tile))
    _copy(folder, tiles, start, connections, progress)
    if mirrored is None or mirrored.note != now.note:
        folder.publish(state.shape, now.note)
    mended = tuple(dict.fromkeys((*state.damaged, *file_store.mended)))
    _finish(folder, state, now.checkpoint.size)
    went = {change.position for change in known.key_history.changes}
    followed = tuple(one.position for one in keys.key_history.changes if one.position not in went)
    staying = keys.key_history.epoch(now.checkpoint.size).staying
    return MirrorRun(now, file_store.files, file_store.received, mended, tuple(map(str, staying)), followed)


def preview(folder: MirrorFolder, state: MirrorState, source: Source) -> tuple[Head, int]:
    """Dry run of a mirror: the log's verified head, and how many entries are missing here."""
    comparison = _compare_with_log(folder, state, source)
    mirrored, now = comparison.mirrored, comparison.now
    _refuse(folder, state, comparison, _Copying(folder, folder.log(state.shape), source, time.sleep))
    folder.discard()
    return now, now.checkpoint.size - (mirrored.checkpoint.size if mirrored else 0)


def _keep_history(folder: MirrorFolder, state: MirrorState, keys: Keys) -> None:
    """Stage the log's key history: published with the files, before the head that needs it."""
    if keys.handovers:
        data = history_of(keys.handovers)
        if folder.source(state.shape).get(KEY_HISTORY) != data:
            folder.stage(folder.log(state.shape) / KEY_HISTORY, data)


def _compare_with_log(folder: MirrorFolder, state: MirrorState, source: Source) -> _Comparison:
    known = known_keys(folder, state)
    now, keys = open_head(known, state, source)
    return _Comparison(known, served_head(folder, state, known) or served_head(folder, state, keys), keys, now)


def _refuse(
    folder: MirrorFolder, state: MirrorState, comparison: _Comparison, file_store: _Copying
) -> ProvedTiles | None:
    """Refuse a head that contradicts an earlier one; gives the tiles under the new head, if they had to be read.

    The heads by which the log handed over are heads it has shown, whenever this mirror comes to see them.
    """
    known, mirrored, keys, now = comparison
    proved: dict[bytes, ProvedTiles] = {}

    def tiles(head: Head) -> Tile:
        if head.note not in proved:
            proved[head.note] = ProvedTiles(file_store, head.checkpoint)
        return proved[head.note].tile

    seen = Head(head_of(state.seen), state.seen.encode()) if state.seen else None
    handed = list(heads_of(keys, known, now.checkpoint.size))
    before = [one for one in handed if mirrored is not None and one.checkpoint.size <= mirrored.checkpoint.size]
    pairs: list[tuple[Head | None, Head | None, Keys]] = [(one, mirrored, known) for one in before]
    pairs += [(one, now, keys) for one in (*handed, mirrored, seen) if one not in before]
    for one, later, by in dict.fromkeys(pairs):
        try:
            if one is not None and later is not None:
                compare(one, later, tiles)
        except HeadRefused as why:
            folder.discard()
            history = {"key-history": history_of(by.handovers)} if by.key_history.changes else {}
            raise LogRefused(why, folder.evidence(why.name, why.files(state.keys) | history)) from why
    return proved.get(now.note)


def _copy(folder: MirrorFolder, tiles: ProvedTiles, start: int, connections: int, progress: Progress) -> None:
    """Fetch every bundle from `start` on. What was proved is kept, also when another file is wrong."""
    size = tiles.checkpoint.size
    waiting: deque[tuple[BundleRange, Future[None]]] = deque()
    with ThreadPoolExecutor(connections) as pool:
        try:
            for bundle_range in tiles.bundle_ranges(start):
                waiting.append((bundle_range, pool.submit(tiles.bundle_range, bundle_range)))
                if len(waiting) >= 4 * connections:
                    _one(folder, waiting, size, progress)
            while waiting:
                _one(folder, waiting, size, progress)
        finally:
            for _, future in waiting:
                future.cancel()
            pool.shutdown()
            folder.commit()


def _one(folder: MirrorFolder, waiting: deque[tuple[BundleRange, Future[None]]], size: int, progress: Progress) -> None:
    """The oldest lot in the row."""
    bundle_range, future = waiting.popleft()
    future.result()
    progress(256 * bundle_range.number + bundle_range.width, size)
    if bundle_range.number % BUNDLES_A_COMMIT == 0:
        folder.commit()


def _finish(folder: MirrorFolder, state: MirrorState, size: int) -> None:
    folder.collect(state.shape, state.collected, size)
    if state.collected != size or state.damaged:
        state.collected, state.damaged = size, []
        folder.remember(state)


def new_state(source: str, shape: Shape, verifiers: Sequence[Verifier], origin: str | None) -> MirrorState:
    """What a new mirror remembers."""
    return MirrorState(
        source=source, shape=shape, origin=origin or verifiers[0].name, keys=[str(verifier) for verifier in verifiers]
    )
