"""Handles that stand twice in a file, found with flat memory: hashes on disk, looked at one part at a time."""

import weakref
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import polars as pl

from openroll.disk_room import NoRoom, Room
from openroll.sheet.spool import nameless

_ROW = np.dtype([("one", "<u8"), ("two", "<u8"), ("row", "<u8")])
_PARTS = 64


class Handles:
    """All handles of a file as two 64-bit hashes each, with their rows, in files without a name in a `room`."""

    def __init__(self, room: Room | None) -> None:
        self._room = room
        self._files: dict[int, BinaryIO] = {}

    def _file(self, part: int) -> BinaryIO:
        if part not in self._files:
            self._files[part] = nameless(self._room)
            weakref.finalize(self, self._files[part].close)
        return self._files[part]

    def add(self, rows: pl.Series, handles: pl.Series, *, new: bool = False) -> None:
        """Add the handles of these rows, or with `new` those that their records get. Raises NoRoom."""
        if self._room is not None and not self._room.has(len(rows) * _ROW.itemsize):
            raise NoRoom
        kept = np.empty(len(rows), _ROW)
        kept["one"] = handles.hash(seed=1).to_numpy()
        kept["two"] = handles.hash(seed=2).to_numpy()
        kept["row"] = rows.to_numpy().astype(np.uint64) * 2 + new
        part = (kept["one"] >> np.uint64(58)).astype(np.uint8)
        order = np.argsort(part, kind="stable")
        bounds = np.searchsorted(part[order], np.arange(_PARTS + 1))
        for place in range(_PARTS):
            lot = kept[order[bounds[place] : bounds[place + 1]]]
            if len(lot):
                self._file(place).write(lot.tobytes())

    def twice(self) -> Iterator[tuple[int, int, bool]]:
        """Pairs of rows (first, again) with one handle, part by part, and whether it is one that the record of `again` gets."""
        for _, file in sorted(self._files.items()):
            file.seek(0)
            for first, again in _twice(np.frombuffer(file.read(), _ROW)):
                yield first >> 1, again >> 1, bool(again & 1)


def _twice(kept: np.ndarray) -> Iterator[tuple[int, int]]:
    kept = kept[np.lexsort((kept["row"], kept["two"], kept["one"]))]
    same = (kept["one"][1:] == kept["one"][:-1]) & (kept["two"][1:] == kept["two"][:-1])
    first = 0
    for place in np.flatnonzero(same):
        if place == 0 or not same[place - 1]:
            first = int(kept["row"][place])
        yield first, int(kept["row"][place + 1])
