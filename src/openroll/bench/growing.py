"""Benchmark: grow a log's tree as the sequencer does, without the database: leaf hashes, tiles, bundles, checkpoints."""

import hashlib
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from openroll import tlog
from openroll.bench.child import Progress
from openroll.bench.figure import own_megabytes

BATCH = 65_536
"""As many as the sequencer takes in one round."""

ORIGIN = "bench.example/log"
_LEAST = 50_000  # a smaller tree is grown so often that it has this many entries in all: one alone takes no time


class Spent(msgspec.Struct, frozen=True):
    """Wall-clock seconds and processor seconds."""

    seconds: float = 0.0
    processor: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(self.seconds + other.seconds, self.processor + other.processor)

    def over(self, times: int) -> "Spent":
        """The time of one of so many."""
        return Spent(self.seconds / times, self.processor / times)


def spent(work: Callable[[], object], processor: Callable[[], float] = time.process_time) -> Spent:
    """Time a piece of work; `processor` reads the processor time used so far."""
    before, started = processor(), time.perf_counter()
    work()
    return Spent(time.perf_counter() - started, processor() - before)


class Point(msgspec.Struct, frozen=True):
    """A point of the curve: the cost of a log of `size` entries, the baseline's, and peak memory in megabytes."""

    size: int
    ours: Spent
    baseline: Spent
    megabytes: int


def entries(first: int, count: int) -> list[bytes]:
    """Synthetic entries, each with another commitment."""
    kinds, days = ["subscription.filed/1"] * count, ["2006-12-20"] * count
    return tlog.encode_entries(kinds, days, [n.to_bytes(32) for n in range(first, first + count)])


def baseline(batch: Sequence[bytes]) -> None:
    """Baseline: as many SHA-256 as a tree of these entries needs, over blocks of the same sizes, and nothing else."""
    sha256, node = hashlib.sha256, bytes(65)
    for entry in batch:
        sha256(entry).digest()
    for _ in batch:
        sha256(node).digest()


class Tree:
    """A growing log that hands its files to `write` and keeps only the right edge in memory."""

    def __init__(self, write: Callable[[str, bytes], object]) -> None:
        self._write = write
        self._signers = [tlog.Signer.from_seed(ORIGIN, b"s" * 32, kind) for kind in ("ed25519", "ml-dsa-44")]
        self._edge: dict[int, bytes] = {}
        self._bundle = b""
        self.size = 0
        self.root = b""

    def append(self, batch: Sequence[bytes]) -> None:
        """One round as the sequencer does it: hash, grow, write what changed, sign the head."""
        growth = tlog.grow(self.size, lambda level, *_: self._edge[level], tlog.leaf_hashes_of(batch))
        for level, index, width, data in growth.tiles:
            self._edge[level] = data
            self._write(tlog.tile_path(level, index, width), data)
        for index, width, data in tlog.grow_bundles(self.size, self._bundle, batch):
            self._bundle = data if width < 256 else b""
            self._write(tlog.bundle_path(index, width), data)
        self.size, self.root = growth.size, growth.root
        head = tlog.Checkpoint(ORIGIN, self.size, self.root)
        self._write("checkpoint", tlog.sign_checkpoint(head, self._signers))


def grow_tree(progress: Progress, count: int, folder: Path | None = None) -> Point:
    """Grow a tree of `count` entries, into files below `folder` or into nothing, with the baseline beside each round."""
    times = 1 if folder else -(-_LEAST // count)
    write = _into(folder) if folder else _nowhere
    ours = baseline_spent = Spent()
    baseline(entries(0, min(count, 10_000)))
    for _ in range(times):
        tree = Tree(write)
        for first in range(0, count, BATCH):
            batch = entries(first, min(BATCH, count - first))
            ours += spent(partial(tree.append, batch))
            baseline_spent += spent(partial(baseline, batch))
            progress(first + len(batch))
    return Point(count, ours.over(times), baseline_spent.over(times), own_megabytes())


def _nowhere(_path: str, _data: bytes) -> None:
    """Discard a file: measures only the work of making it."""


def _into(folder: Path) -> Callable[[str, bytes], None]:
    def write(path: str, data: bytes) -> None:
        place = folder / path
        try:
            place.write_bytes(data)
        except FileNotFoundError:
            place.parent.mkdir(parents=True)
            place.write_bytes(data)

    return write
