"""Prove each file of a log against the signed root as a mirror fetches it; a wrong one is named by its path.

A full tile hashes to one hash of the tile above it, the tiles at the right edge hash together to the root, and the entries of
a bundle hash to the tile beside it. So a file can be kept or thrown away on its own, in any order, and one path of tiles from
the root is all that is held in memory.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from openroll.tlog import (
    Checkpoint,
    Malformed,
    TlogError,
    bundle_path,
    decode_bundle,
    encode_bundle,
    leaf_hashes_of,
    root_at,
    root_of,
    tile_path,
)
from openroll.watch.source import Unreachable

WIDTH = 256
FULL = 32 * WIDTH


class WrongFile(TlogError):
    """A fetched file that does not lead to the signed root. `path` is below the log's prefix."""

    code = "wrong-file"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path} is wrong: {why}")
        self.path = path


Check = Callable[[bytes, str], bytes]
"""Bytes and the name they came under -> the bytes to keep. Raises WrongFile."""


class FileStore(Protocol):
    """Where files come from."""

    def take(self, path: str, whole: str, check: Check) -> bytes:
        """The bytes of `path`, or of the full tile `whole` that took its place, as `check` keeps them.

        Raises what `check` raises, Missing or Unreachable.
        """
        ...

    def read(self, path: str, whole: str, *, from_source: bool) -> tuple[bytes, str]:
        """The bytes unchecked and the name they came under; `from_source` asks the source even when a copy is at hand."""
        ...

    def keep(self, path: str, data: bytes) -> None:
        """Keep what was proved after it was read."""
        ...


class BundleRange(NamedTuple):
    """Up to 256 entries: the bundle's `number`, how many of them are under the head, and the root their tile must have.

    The lot at the right edge has no such root: its tile is proved with the edge.
    """

    number: int
    width: int
    root: bytes | None


class ProvedTiles:
    """The proved tiles under one checkpoint. Not thread-safe, but for `lot`, which keeps nothing."""

    def __init__(self, file_store: FileStore, checkpoint: Checkpoint) -> None:
        """Reads and proves the right edge. Raises WrongFile, Missing or Unreachable."""
        self._file_store = file_store
        self.checkpoint = checkpoint
        self._near: dict[int, tuple[int, bytes]] = {}
        self._edge = self._proved_edge()

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first `width` hashes of a tile, proved. Raises WrongFile, Missing or Unreachable."""
        if level in self._edge and index == self.checkpoint.size >> (8 * level + 8):
            return self._edge[level][: 32 * width]
        if self._near.get(level, (-1, b""))[0] != index:
            self._near[level] = (index, self._full(level, index, self._above(level, index)))
        return self._near[level][1][: 32 * width]

    def bundle_ranges(self, start: int) -> Iterator[BundleRange]:
        """The lots that hold the entries from `start` on."""
        size = self.checkpoint.size
        for index in range(start // WIDTH, size // WIDTH):
            yield BundleRange(index, WIDTH, self._above(0, index))
        if size % WIDTH:
            yield BundleRange(size // WIDTH, size % WIDTH, None)

    def bundle_range(self, bundle_range: BundleRange) -> None:
        """Take the tile and the bundle of a lot and prove them. Safe in several threads."""
        hashes = self._edge[0] if bundle_range.root is None else self._full(0, bundle_range.number, bundle_range.root)

        path = bundle_path(bundle_range.number, bundle_range.width)

        def fits(data: bytes, name: str) -> bytes:
            try:
                # A full bundle in the place of a partial one holds more than is under this head.
                entries = decode_bundle(data)[: bundle_range.width] if name != path else decode_bundle(data)
            except Malformed as error:
                raise WrongFile(name, str(error)) from error
            if b"".join(leaf_hashes_of(entries)) != hashes:
                raise WrongFile(name, "its entries do not hash to the tile beside it, which the signed root proves")
            return encode_bundle(entries) if name != path else data

        self._file_store.take(path, bundle_path(bundle_range.number), fits)

    def _above(self, level: int, index: int) -> bytes:
        """The hash that the tile above holds of a full tile."""
        place = index % WIDTH
        return self.tile(level + 1, index // WIDTH, place + 1)[32 * place :]

    def _full(self, level: int, index: int, root: bytes) -> bytes:
        def fits(data: bytes, name: str) -> bytes:
            if len(data) != FULL or root_of(_hashes(data)) != root:
                raise WrongFile(name, "its hashes do not lead to the root that was signed")
            return data

        path = tile_path(level, index)
        return self._file_store.take(path, path, fits)

    def _proved_edge(self) -> dict[int, bytes]:
        """The partial tiles, which are proved together: copies at hand first, then what the source has."""
        wide = {level: width for level, width in enumerate(_widths(self.checkpoint.size)) if width}
        read: dict[int, tuple[bytes, str]] = {}
        for from_source in (False, True):
            read = {level: self._partial(level, width, from_source) for level, width in wide.items()}
            edge = {level: data[: 32 * wide[level]] for level, (data, _) in read.items()}
            if self._leads(edge):
                for level, data in edge.items():
                    self._file_store.keep(tile_path(level, self._last(level), wide[level]), data)
                return edge
        raise self._blamed(edge, {level: name for level, (_, name) in read.items()})

    def _partial(self, level: int, width: int, from_source: bool) -> tuple[bytes, str]:
        index = self._last(level)
        return self._file_store.read(tile_path(level, index, width), tile_path(level, index), from_source=from_source)

    def _last(self, level: int) -> int:
        return self.checkpoint.size >> (8 * level + 8)

    def _leads(self, edge: dict[int, bytes]) -> bool:
        """Whether these partial tiles give the root that was signed."""

        def read(level: int, index: int, width: int) -> bytes:
            data = edge.get(level, b"")
            if len(data) < 32 * width or index != self._last(level):
                raise Malformed("cut off")
            return data

        try:
            return root_at(read, self.checkpoint.size) == self.checkpoint.root
        except Malformed:
            return False

    def _blamed(self, edge: dict[int, bytes], names: dict[int, str]) -> WrongFile:
        """Which tile of the edge is wrong: the one that leads to the root when it is made anew from what lies below it."""
        for level in edge:
            try:
                again = self._from_below(level)
            except (TlogError, Unreachable):
                continue  # what lies below cannot be read either, so it cannot clear or blame this one
            if self._leads(edge | {level: again}):
                return WrongFile(
                    names[level], "made anew from what lies below it, it leads to the root that was signed"
                )
        among = " or ".join(sorted(names.values()))
        return WrongFile(among, "together they do not lead to the root that was signed")

    def _from_below(self, level: int) -> bytes:
        index, width = self._last(level), _widths(self.checkpoint.size)[level]
        if level == 0:
            data, _ = self._file_store.read(bundle_path(index, width), bundle_path(index), from_source=True)
            return b"".join(leaf_hashes_of(decode_bundle(data)[:width]))
        roots = []
        for below in range(index * WIDTH, index * WIDTH + width):
            path = tile_path(level - 1, below)
            roots.append(root_of(_hashes(self._file_store.read(path, path, from_source=True)[0])))
        return b"".join(roots)


def _widths(size: int) -> list[int]:
    """The widths of the partial tiles of a tree, level by level (tlog-tiles, "Partial Tiles")."""
    widths = []
    while size:
        widths.append(size % WIDTH)
        size //= WIDTH
    return widths


def _hashes(data: bytes) -> list[bytes]:
    return [data[at : at + 32] for at in range(0, len(data), 32)]
