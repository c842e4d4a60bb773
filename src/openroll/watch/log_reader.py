"""Read tiles, proofs and entries of a remote log under one of its checkpoints."""

from collections.abc import Iterator, Sequence

from openroll.tlog import (
    Checkpoint,
    Malformed,
    Missing,
    Verifier,
    bundle_path,
    consistency_proof,
    decode_bundle,
    inclusion_proof,
    open_checkpoint,
    root_at,
    tile_path,
)
from openroll.watch.source import Source

WIDTH = 256


def fetch_checkpoint(
    source: Source, verifiers: Sequence[Verifier], *, origin: str | None = None
) -> tuple[Checkpoint, bytes]:
    """The log's newest checkpoint, signed with every key given, and its bytes. Raises TlogError or Unreachable."""
    data = source.get("checkpoint")
    if data is None:
        raise Missing(f"{source.where} serves no checkpoint. Give a log's address or folder, or a roll's")
    return open_checkpoint(data, verifiers, origin=origin), data


class LogReader:
    """Reads a remote log's tiles, proofs and entries as they stand under `checkpoint`.

    Proofs made here come from tiles that were not checked: verifying them is what checks them. Entries are checked by
    whoever recomputes the root from them (`tlog.CompactRange`).
    """

    def __init__(self, source: Source, checkpoint: Checkpoint) -> None:
        self.source = source
        self.checkpoint = checkpoint

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first `width` hashes of a tile. Raises Missing, Malformed or Unreachable."""
        data = self._partial_or_full(tile_path(level, index, width), tile_path(level, index), width)
        if len(data) < 32 * width or len(data) % 32:
            raise Malformed(f"{tile_path(level, index, width)} of {self.source.where} is cut off")
        return data[: 32 * width]

    def bundle(self, index: int) -> list[bytes]:
        """The entries of one bundle that stand under the checkpoint. Raises Missing, Malformed or Unreachable."""
        width = min(WIDTH, self.checkpoint.size - WIDTH * index)
        path = bundle_path(index, width)
        entries = decode_bundle(self._partial_or_full(path, bundle_path(index), width))
        if len(entries) < width:
            raise Malformed(f"{path} of {self.source.where} holds {len(entries)} entries; its name says {width}")
        return entries[:width]

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The entries from `start` to `end` (excluded), one bundle in memory at a time."""
        for index in range(start // WIDTH, -(-end // WIDTH)):
            first = index * WIDTH
            yield from self.bundle(index)[max(start - first, 0) : end - first]

    def prove_consistency(self, old: int) -> list[bytes]:
        """The proof that this log begins with its first `old` entries, from its tiles."""
        return consistency_proof(self.tile, old, self.checkpoint.size)

    def prefix_root(self, size: int) -> bytes:
        """The root of the first `size` entries, from the tiles there are now: partial ones of that time may be gone."""
        return root_at(self.widest, size)

    def widest(self, level: int, index: int, _: int) -> bytes:
        """A tile as wide as the checkpoint has it, whatever width is asked for: narrower ones of before may be gone."""
        return self.tile(level, index, min(WIDTH, (self.checkpoint.size >> (8 * level)) - WIDTH * index))

    def prove_inclusion(self, index: int) -> list[bytes]:
        """The proof that entry `index` is in this log, from its tiles."""
        return inclusion_proof(self.tile, self.checkpoint.size, index)

    def _partial_or_full(self, path: str, full: str, width: int) -> bytes:
        """A partial tile may be gone once the full one stands (tlog-tiles, "Partial Tiles")."""
        data = self.source.get(path)
        if data is None and width < WIDTH:
            data = self.source.get(full)
        if data is None:
            raise Missing(f"{self.source.where} lacks {path}, which its checkpoint of {self.checkpoint.size} needs")
        return data
