"""Read the log's Merkle tree from PostgreSQL, tile by tile or many at a time, and append to it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from psycopg import Connection

from openroll.store import log
from openroll.tlog import Growth, ReadTile, bundle_path, grow, grow_bundles, leaf_hashes_of, tile_path
from openroll.tlog.tiles import TILE_WIDTH

AT_ONCE = 32
"""Tiles or bundles read in one journey to the database: an eighth of a round's, so that its memory is what it was."""

Missing = Callable[[str], Exception]
"""Makes the error for a path that the database has not."""


def tile_reader(connection: Connection, missing: Missing) -> ReadTile:
    """A reader of tiles from the database. Where one is missing or too narrow, raises what `missing` makes of its path."""

    def read(level: int, index: int, width: int) -> bytes:
        found = log.tile(connection, level, index)
        if found is None or found[0] < width:
            raise missing(tile_path(level, index, width))
        return found[1][: 32 * width]

    return read


def widths_between(old: int, new: int) -> Iterator[tuple[int, int]]:
    """The tiles (index, width) of one level that changed between two counts of hashes on it."""
    if new > old:
        for index in range(old // TILE_WIDTH, -(-new // TILE_WIDTH)):
            yield index, min(TILE_WIDTH, new - TILE_WIDTH * index)


def tiles_between(
    connection: Connection, level: int, old: int, new: int, missing: Missing
) -> Iterator[tuple[int, int, bytes]]:
    """The tiles (index, width, data) of a level that changed between two counts of hashes on it. Raises as `tile_reader` does."""
    for lot in _lots(widths_between(old, new)):
        found = log.tiles(connection, level, lot[0][0], lot[-1][0])
        for index, width, data in _whole(lot, found, lambda index, width: missing(tile_path(level, index, width))):
            yield index, width, data[: 32 * width]


def bundles_between(connection: Connection, old: int, new: int, missing: Missing) -> Iterator[tuple[int, int, bytes]]:
    """The entry bundles (index, width, data) that changed between two sizes. Raises what `missing` makes of one's path."""
    for lot in _lots(widths_between(old, new)):
        found = log.bundles(connection, lot[0][0], lot[-1][0])
        yield from _whole(lot, found, lambda index, width: missing(bundle_path(index, width)))


def _lots(widths: Iterator[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    while lot := list(islice(widths, AT_ONCE)):
        yield lot


def _whole(
    lot: list[tuple[int, int]], found: Mapping[int, tuple[int, bytes]], missing: Callable[[int, int], Exception]
) -> Iterator[tuple[int, int, bytes]]:
    """What was found of a lot, in its order; raises what `missing` makes of the first that is not there or too narrow."""
    for index, width in lot:
        there, data = found.get(index, (0, b""))
        if there < width:
            raise missing(index, width)
        yield index, width, data


class GrownTree(NamedTuple):
    """A tree with entries appended, not yet written: its growth, and the bundles (index, width, data) that change."""

    growth: Growth
    bundles: list[tuple[int, int, bytes]]


def grow_tree(connection: Connection, size: int, entries: Sequence[bytes], missing: Missing) -> GrownTree:
    """Append entries to the tree of `size` that the database holds; `put_tree` writes it. Raises as `tile_reader` does."""
    growth = grow(size, tile_reader(connection, missing), leaf_hashes_of(entries))
    last = log.bundle(connection, size // 256) if size % 256 else None
    return GrownTree(growth, grow_bundles(size, last[1] if last else b"", entries))


def put_tree(connection: Connection, grown: GrownTree) -> None:
    """Write an appended tree to the database."""
    log.put_tiles(connection, grown.growth.tiles)
    log.put_bundles(connection, grown.bundles)
