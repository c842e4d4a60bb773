"""Check a log's tiles against its entries: the tiles above new entries must be the ones these give.

A tile that is wrong deceives everyone who proves from it, and a root recomputed from the entries alone does not show it.
"""

from collections.abc import Sequence

from openroll.tlog import Malformed, leaf_hashes_of, tile_path
from openroll.tlog.tiles import TILE_WIDTH
from openroll.tlog.tree import root_of
from openroll.watch.log_reader import LogReader


class WrongTile(Malformed):
    """A tile that differs from what its entries give: its path, and the first differing hash."""

    def __init__(self, path: str, at: int, data: bytes, index: int | None) -> None:
        """`index` is the entry whose hash differs, for a tile of leaves."""
        super().__init__(f"{path} is not what its entries give: hash {at} differs")
        self.path = path
        self.data = data
        self.index = index


class TileCheck:
    """Checks tiles against bundles that come in order; keeps the last tile of each level."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader
        self._at_hand: dict[int, tuple[int, bytes]] = {}

    def check(self, index: int, entries: Sequence[bytes]) -> None:
        """Hold the tiles above bundle `index` against its entries. Raises WrongTile, Missing, Malformed or Unreachable."""
        hashes = leaf_hashes_of(entries)
        path, data = self._tile(0, index)
        for at, one in enumerate(hashes):
            if data[32 * at : 32 * at + 32] != one:
                raise WrongTile(path, at, data, TILE_WIDTH * index + at)
        level, node = 0, root_of(hashes)
        # A full tile is one hash of the tile above; the last of a full tile closes that one, which is folded in its turn.
        while len(data) == 32 * TILE_WIDTH:
            level, (index, at) = level + 1, divmod(index, TILE_WIDTH)
            path, data = self._tile(level, index)
            if data[32 * at : 32 * at + 32] != node:
                raise WrongTile(path, at, data, None)
            if at != TILE_WIDTH - 1:
                return
            node = root_of([data[start : start + 32] for start in range(0, len(data), 32)])

    def _tile(self, level: int, index: int) -> tuple[str, bytes]:
        width = min(TILE_WIDTH, (self._reader.checkpoint.size >> (8 * level)) - TILE_WIDTH * index)
        kept = self._at_hand.get(level)
        if kept is None or kept[0] != index:
            kept = (index, self._reader.tile(level, index, width))
            self._at_hand[level] = kept
        return tile_path(level, index, width), kept[1]
