"""Read the log's Merkle tree from PostgreSQL tile by tile, and append to it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from psycopg import Connection

from openroll.store import log
from openroll.tlog import Growth, ReadTile, grow, grow_bundles, leaf_hashes_of, tile_path


def tile_reader(connection: Connection, missing: Callable[[str], Exception]) -> ReadTile:
    """A reader of tiles from the database. Where one is missing or too narrow, raises what `missing` makes of its path."""

    def read(level: int, index: int, width: int) -> bytes:
        found = log.tile(connection, level, index)
        if found is None or found[0] < width:
            raise missing(tile_path(level, index, width))
        return found[1][: 32 * width]

    return read


class GrownTree(NamedTuple):
    """A tree with entries appended, not yet written: its growth, and the bundles (index, width, data) that change."""

    growth: Growth
    bundles: list[tuple[int, int, bytes]]


def grow_tree(
    connection: Connection, size: int, entries: Sequence[bytes], missing: Callable[[str], Exception]
) -> GrownTree:
    """Append entries to the tree of `size` that the database holds; `put_tree` writes it. Raises as `tile_reader` does."""
    growth = grow(size, tile_reader(connection, missing), leaf_hashes_of(entries))
    last = log.bundle(connection, size // 256) if size % 256 else None
    return GrownTree(growth, grow_bundles(size, last[1] if last else b"", entries))


def put_tree(connection: Connection, grown: GrownTree) -> None:
    """Write an appended tree to the database."""
    log.put_tiles(connection, grown.growth.tiles)
    log.put_bundles(connection, grown.bundles)
