"""The Merkle tree as tiles and entry bundles (C2SP tlog-tiles): paths, encoding, appending, and proofs from tiles.

A tile of level L and index N holds the hashes of subtrees of 256**L leaves: 256 of them in a full tile, 1 to 255 in a partial
one at the right edge. `index` and `width` are whole numbers; data is `width` * 32 bytes.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from openroll.tlog.errors import Malformed
from openroll.tlog.tree import EMPTY_ROOT, prove_consistency, prove_inclusion, range_root

TILE_WIDTH = 256
MOST_ENTRY = 65_535

ReadTile = Callable[[int, int, int], bytes]
"""(level, index, width) -> the tile's bytes, at least `width` hashes of them."""


class Growth(NamedTuple):
    """The result of appending: the tree's new size and root, and the tiles (level, index, width, data) that are new or wider."""

    size: int
    root: bytes
    tiles: list[tuple[int, int, int, bytes]]


@dataclass(frozen=True, slots=True)
class TilePath:
    """What a path names: a tile's level (None for an entry bundle), its index and its width."""

    level: int | None
    index: int
    width: int


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """The path of a hash tile: `tile/<L>/<N>[.p/<W>]`."""
    return f"tile/{level}/{_numbered(index)}{_partial(width)}"


def bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    """The path of an entry bundle: `tile/entries/<N>[.p/<W>]`."""
    return f"tile/entries/{_numbered(index)}{_partial(width)}"


def _numbered(index: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def _partial(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"


_PATH = re.compile(
    r"tile/(entries|0|[1-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


def parse_tile_path(path: str) -> TilePath:
    """Read a tile or bundle path; only the one canonical form of each is taken. Raises Malformed."""
    found = _PATH.fullmatch(path)
    if not found:
        raise Malformed(f"{path[:80]!r} is not the path of a tile")
    level, groups, partial = found.groups()
    index = int(groups.replace("x", "").replace("/", ""))
    parsed = TilePath(None if level == "entries" else int(level), index, int(partial or TILE_WIDTH))
    again = _path_of(parsed)
    if again != path or parsed.width > TILE_WIDTH:
        raise Malformed(f"{path[:80]!r} is not the path of a tile")
    return parsed


def _path_of(named: TilePath) -> str:
    if named.level is None:
        return bundle_path(named.index, named.width)
    return tile_path(named.level, named.index, named.width)


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle: each behind its length as a big-endian uint16."""
    if max(map(len, entries), default=0) > MOST_ENTRY:
        raise Malformed(f"an entry is at most {MOST_ENTRY} bytes")
    lengths = {length: length.to_bytes(2) for length in set(map(len, entries))}
    return b"".join([part for entry in entries for part in (lengths[len(entry)], entry)])


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises Malformed when it is cut off or holds more than 256."""
    entries, at, end = [], 0, len(data)
    while at + 1 < end:
        first = at + 2
        at = first + (data[at] << 8 | data[at + 1])
        entries.append(data[first:at])
    if at != end:
        raise Malformed("the entry bundle is cut off")
    if len(entries) > TILE_WIDTH:
        raise Malformed(f"an entry bundle holds at most {TILE_WIDTH} entries")
    return entries


def grow_bundles(size: int, last_partial: bytes, entries: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
    """Append entries to a log of `size`: the bundles (index, width, data) that are new or wider.

    `last_partial` is the bundle at the right edge as it now stands, empty when the last one is full.
    """
    filled = size % TILE_WIDTH
    index, first = size // TILE_WIDTH, TILE_WIDTH - filled
    lots = [entries[:first], *(entries[at : at + TILE_WIDTH] for at in range(first, len(entries), TILE_WIDTH))]
    grown = []
    for offset, lot in enumerate(lots):
        if lot:
            before, width = (last_partial, filled) if offset == 0 else (b"", 0)
            grown.append((index + offset, width + len(lot), before + encode_bundle(lot)))
    return grown


def grow(size: int, read_tile: ReadTile, leaf_hashes: Sequence[bytes]) -> Growth:
    """Append leaf hashes to a tree of `size` leaves stored as tiles.

    Level by level: the hashes of one level fill its tiles, and each tile that gets full gives one hash to the level
    above. Only the right edge is read.
    """
    tiles: list[tuple[int, int, int, bytes]] = []
    new, level, count = b"".join(leaf_hashes), 0, size
    if len(new) != 32 * len(leaf_hashes):
        raise Malformed("every leaf hash is 32 bytes")
    while new:
        held, first = count % TILE_WIDTH, count // TILE_WIDTH
        data = (read_tile(level, first, held)[: 32 * held] if held else b"") + new
        lots = [data[at : at + 32 * TILE_WIDTH] for at in range(0, len(data), 32 * TILE_WIDTH)]
        tiles += [(level, first + offset, len(lot) // 32, lot) for offset, lot in enumerate(lots)]
        new = _full_roots(data[: len(data) // (32 * TILE_WIDTH) * 32 * TILE_WIDTH])
        level, count = level + 1, first
    grown = size + len(leaf_hashes)
    at_hand = {(tile[0], tile[1]): tile[3] for tile in tiles}

    def read(tile_level: int, index: int, width: int) -> bytes:
        return at_hand.get((tile_level, index)) or read_tile(tile_level, index, width)

    return Growth(grown, root_at(read, grown), tiles)


def _full_roots(data: bytes) -> bytes:
    """The roots over full tiles that lie one behind the other."""
    return _levels_above(data, 8)


def _levels_above(data: bytes, levels: int) -> bytes:
    """The hashes so many levels above hashes that lie one behind the other: each pass over one byte string, no object a node."""
    for _ in range(levels):
        data = b"".join([sha256(b"\x01" + data[at : at + 64]).digest() for at in range(0, len(data), 64)])
    return data


def root_at(read_tile: ReadTile, size: int) -> bytes:
    """The root of a tree of `size` leaves from its tiles."""
    return range_root(_reader(read_tile, size), 0, size) if size else EMPTY_ROOT


def inclusion_proof(read_tile: ReadTile, size: int, index: int) -> list[bytes]:
    """The inclusion proof of leaf `index` in the tree of `size`, from its tiles."""
    return prove_inclusion(_reader(read_tile, size), size, index)


def consistency_proof(read_tile: ReadTile, old: int, new: int) -> list[bytes]:
    """The consistency proof from the tree of `old` leaves to that of `new`, from its tiles."""
    return prove_consistency(_reader(read_tile, new), old, new)


def _reader(read_tile: ReadTile, size: int) -> Callable[[int, int], bytes]:
    """Perfect subtrees of any level from tiles, which hold every eighth level; each tile is read once."""
    cache: dict[tuple[int, int], bytes] = {}

    def tile(level: int, index: int) -> bytes:
        if (level, index) not in cache:
            width = min(TILE_WIDTH, (size >> (8 * level)) - TILE_WIDTH * index)
            data = read_tile(level, index, width)
            if len(data) < 32 * width:
                raise Malformed(f"{tile_path(level, index, width)} is cut off")
            cache[level, index] = data
        return cache[level, index]

    def subtree(level: int, index: int) -> bytes:
        tile_level, rest = divmod(level, 8)
        first = index << rest
        data = tile(tile_level, first // TILE_WIDTH)
        start = 32 * (first % TILE_WIDTH)
        return _levels_above(data[start : start + (32 << rest)], rest)

    return subtree


def leaf_hashes_of(entries: Sequence[bytes]) -> list[bytes]:
    """The leaf hashes of many entries."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]
