"""Benchmark `log`: entries into leaf hashes, tiles, bundles and checkpoints, at sizes from a thousand to ten million.

Two curves, each point in a process of its own: the tree alone, and the whole way from events in PostgreSQL to a published
checkpoint. Beside each a bare SHA-256 loop, run in turns with the work, so that a noisy machine is noisy for both. Then proofs
from the largest log's files, and a peer.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from openroll.bench.child import Progress, in_child
from openroll.bench.figure import Figure, timed
from openroll.bench.growing import Point, Spent, entries, grow_tree
from openroll.bench.proving import Proving, prove

TREE, WHOLE = "log, the tree alone", "log, the whole way"
_BLOCKS = "bare SHA-256 over the same blocks (a leaf and a node an entry)"
_PEER = 100_000  # pymerkle keeps an object a node: more would measure the machine's memory

Show = Callable[[str, int, int], None]
"""Shows that `done` of `of` is done of something."""


def sizes(rows: int) -> list[int]:
    """The log sizes to measure: 1,000, ten times as many while that is below `rows`, and `rows`."""
    powers = [10**power for power in range(3, 19) if 10**power < rows]
    return [*powers, rows]


def measure(rows: int, whole: Callable[[Progress, int], Point], show: Show) -> Iterator[Figure]:
    """Measure the curves up to `rows` entries, proofs, and pymerkle beside. `whole` sequences so many in a fresh roll."""
    for size in sizes(rows):
        tree = in_child(partial(grow_tree, count=size), _telling(show, f"tree {size:,}", size))
        yield _figure(TREE, tree, "0.5 or more" if size >= 100_000 else "")
    yield from _from_files(rows, show)
    peer = _pymerkle(entries(0, min(rows, _PEER)))
    if peer:
        yield Figure(
            "log, the tree beside a peer",
            "entries/s",
            rows / tree.ours.seconds,
            peer,
            "pymerkle, in memory",
            "3 or more",
        )
    for size in sizes(rows):
        yield _figure(WHOLE, whole(_telling(show, f"whole {size:,}", size), size), "")


def _telling(show: Show, what: str, of: int) -> Progress:
    return lambda done: show(what, done, of)


def _figure(name: str, point: Point, aim: str) -> Figure:
    return Figure(
        f"{name}: {point.size:,} entries",
        "entries/s",
        point.size / point.ours.seconds,
        point.size / point.baseline.seconds,
        _BLOCKS,
        aim,
        point.megabytes,
        point.size,
        point.ours.processor / point.size * 1e6,
        point.baseline.processor / point.size * 1e6,
    )


def _from_files(rows: int, show: Show) -> Iterator[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="openroll-bench-"))
    try:
        files = partial(grow_tree, count=rows, folder=folder)
        yield _figure("log, the tree into files", in_child(files, _telling(show, f"files {rows:,}", rows)), "")
        for kind in in_child(partial(prove, folder=folder, size=rows), _telling(show, "proofs", 2)):
            yield from _proofs(kind, rows)
    finally:
        shutil.rmtree(folder)


def _proofs(one: Proving, rows: int) -> Iterator[Figure]:
    read, hashed = "reading the same tiles from files", "bare SHA-256 of as many nodes"
    yield _proof(f"log, {one.kind} proofs made, {rows:,} entries", one.count, one.made, one.read, read)
    yield _proof(f"log, {one.kind} proofs verified, {rows:,} entries", one.count, one.verified, one.hashed, hashed)


def _proof(name: str, count: int, ours: Spent, limit: Spent, limit_is: str) -> Figure:
    return Figure(
        name,
        "proofs/s",
        count / ours.seconds,
        count / limit.seconds,
        limit_is,
        "",
        processor=ours.processor / count * 1e6,
        limit_processor=limit.processor / count * 1e6,
    )


def _pymerkle(batch: Sequence[bytes]) -> float:
    try:
        from pymerkle import InmemoryTree  # noqa: PLC0415 - a peer that is there for this comparison only
    except ImportError:
        return 0.0
    tree = InmemoryTree(algorithm="sha256")

    def grow() -> None:
        for entry in batch:
            tree.append_entry(entry)
        tree.get_root()

    return len(batch) / timed(grow)
