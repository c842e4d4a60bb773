"""Benchmark: proofs from a large log's files, made as the roll makes them and verified as a reader does."""

import hashlib
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from openroll import tlog
from openroll.bench.child import Progress
from openroll.bench.growing import Spent, spent
from openroll.tlog.tiles import TILE_WIDTH, ReadTile

TIMES = 2_000


class Proving(msgspec.Struct, frozen=True):
    """`count` proofs of one kind: what it took to make them, to do no more than read their tiles, to verify them, and to do
    no more than hash as often as that takes."""

    kind: str
    count: int
    made: Spent
    read: Spent
    verified: Spent
    hashed: Spent


class _Files:
    """A log's tiles in a folder; each read reads the file, and `paths` lists it for the baseline."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._size = size
        self.paths: list[Path] = []

    def tile(self, level: int, index: int, _: int) -> bytes:
        """The tile as it stands at the log's size."""
        width = min(TILE_WIDTH, (self._size >> (8 * level)) - TILE_WIDTH * index)
        self.paths.append(self._folder / tlog.tile_path(level, index, width))
        return self.paths[-1].read_bytes()


def prove(progress: Progress, folder: Path, size: int, times: int = TIMES) -> list[Proving]:
    """Measure inclusion proofs of random entries, and consistency proofs from random sizes to the log's own."""
    read, anywhere = _Files(folder, size).tile, random.Random(size)  # noqa: S311 - the same places in every run
    root = tlog.root_at(read, size)
    places = [anywhere.randrange(size) for _ in range(times)]
    leaves = [read(0, at // 256, 256)[32 * (at % 256) :][:32] for at in places]
    progress(1)

    def included(proofs: Sequence[list[bytes]]) -> None:
        for leaf, at, proof in zip(leaves, places, proofs, strict=True):
            tlog.verify_inclusion(leaf, at, size, proof, root)

    sizes = [anywhere.randrange(1, size) for _ in range(times)]
    roots = [tlog.root_at(read, old) for old in sizes]
    progress(2)

    def consistent(proofs: Sequence[list[bytes]]) -> None:
        for old, had, proof in zip(sizes, roots, proofs, strict=True):
            tlog.verify_consistency(old, size, proof, had, root)

    def include(tile: ReadTile, at: int) -> list[bytes]:
        return tlog.inclusion_proof(tile, size, at)

    def lead_on(tile: ReadTile, old: int) -> list[bytes]:
        return tlog.consistency_proof(tile, old, size)

    return [
        _measured("inclusion", _Files(folder, size), include, places, included),
        _measured("consistency", _Files(folder, size), lead_on, sizes, consistent),
    ]


def _measured(
    kind: str,
    files: _Files,
    make: Callable[[ReadTile, int], list[bytes]],
    asked: Sequence[int],
    verify: Callable[[Sequence[list[bytes]]], None],
) -> Proving:
    proofs: list[list[bytes]] = []
    made = spent(lambda: proofs.extend(make(files.tile, one) for one in asked))
    read = spent(lambda: [path.read_bytes() for path in files.paths])
    verified = spent(lambda: verify(proofs))
    hashes = sum(map(len, proofs))
    return Proving(kind, len(proofs), made, read, verified, spent(lambda: _hash(hashes)))


def _hash(times: int) -> None:
    """Baseline: as many node hashes, and nothing else."""
    sha256, node = hashlib.sha256, bytes(65)
    for _ in range(times):
        sha256(node).digest()
