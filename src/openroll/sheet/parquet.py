"""Parquet: what a file says of itself is added up and held to bounds before any of it is unpacked, then it is read lot by lot.

Three kilobytes can unpack to gigabytes in many ways (one page of one letter, the same page under many names, a handle said
once and pointed at a million times). All of them show in numbers that stand unpacked, in the footer and before each page.
Format: https://github.com/apache/parquet-format (FileMetaData and PageHeader in parquet.thrift). The file is read from an open
file and never by its name: a name would be taken for a pattern or for an address.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

import polars as pl

from openroll.sheet.faults import Fault
from openroll.sheet.limits import LIMITS, Limits
from openroll.sheet.rows import MOST_CELL
from openroll.sheet.source import Unreadable, over
from openroll.sheet.thrift import BadThrift, Compact, Value, structures, whole

LOT = 50_000
"""Rows unpacked at a time."""

BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What polars raises for a damaged Parquet file; a panic is no Exception to Python, and would pass every other net."""

_MAGIC = b"PAR1"
_PAGE_HEADER_BYTES = 64 * 1024
"""More than any page header is, with its statistics."""
_LEAVES_DEEP = 3
"""A list of texts: the list, its elements, the text."""


def parquet_rows(
    file: BinaryIO, limits: Limits = LIMITS
) -> tuple[list[str], Iterator[tuple[int, pl.DataFrame, list[Fault]]]]:
    """A Parquet file's columns and rows; faults of rows there are none. Raises Unreadable, also for what is over a bound."""
    check_bounds(file, limits)
    try:
        file.seek(0)
        lazy = pl.scan_parquet(file)
        header = lazy.collect_schema().names()
        height = int(lazy.select(pl.len()).collect().item())
    except (*BROKEN, OSError) as error:
        raise _cut_off() from error
    return header, _lots(lazy, header, height)


def _cut_off() -> Unreadable:
    remedy = "The file was cut off or damaged: its end is missing. Send it again whole."
    return Unreadable(0, "file-cut-off", "a whole Parquet file", remedy)


def check_bounds(file: BinaryIO, limits: Limits = LIMITS) -> None:
    """Raise Unreadable for a Parquet file that is over a bound, or whose own account of itself cannot be read.

    Nothing is unpacked for it, and no more is in memory than the footer and one page header.
    """
    try:
        _Account(file, limits).check()
    except BadThrift as error:
        raise _cut_off() from error


def column_names(file: BinaryIO, limits: Limits = LIMITS) -> list[str]:
    """A Parquet file's columns, as its footer names them. Raises Unreadable as `check_bounds` does; no page is looked at."""
    try:
        return _Account(file, limits).names()
    except BadThrift as error:
        raise _cut_off() from error


class _Account:
    """What a Parquet file says of itself, added up."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self._size = file.seek(0, os.SEEK_END)
        self._pages = self._cells = self._unpacked = 0

    def names(self) -> list[str]:
        """The names of the columns."""
        names = self._columns(structures(self._footer(), 2))
        _hold("columns", len(names), self._limits.columns)
        return [name.decode("utf-8", "replace") for name in names]

    def check(self) -> None:
        """Hold everything to its bound."""
        footer = self._footer()
        _hold("columns", len(self._columns(structures(footer, 2))), self._limits.columns)
        groups = structures(footer, 4)
        _hold("groups", len(groups), self._limits.row_groups)
        rows = whole(footer, 3)
        _hold("rows", rows, min(self._limits.rows, self._limits.rows_a_byte * self._size))
        for group in groups:
            chunks = structures(group, 1)
            _hold("columns", len(chunks), self._limits.columns)
            for chunk in chunks:
                self._chunk(chunk)

    def _footer(self) -> dict[int, Value]:
        length, magic = self._at(self._size - 8, 4), self._at(self._size - 4, 4)
        size = int.from_bytes(length, "little")
        if magic != _MAGIC or size > self._size - 12:
            raise BadThrift("no footer")
        _hold("footer", size, self._limits.footer_bytes)
        return Compact(self._at(self._size - 8 - size, size)).structure()

    def _at(self, place: int, count: int) -> bytes:
        if place < len(_MAGIC):
            raise BadThrift("before the file's begin")
        self._file.seek(place)
        return self._file.read(count)

    def _columns(self, elements: Sequence[Mapping[int, Value]]) -> list[bytes]:
        """The names of the schema's columns. Raises Unreadable where one is more than a text or a list of texts."""
        columns: list[bytes] = []
        left = [1]
        for element in elements:
            while left and left[-1] == 0:
                left.pop()
            if not left:
                raise BadThrift("more elements than the schema has places for")
            deep = len(left) - 1
            left[-1] -= 1
            children = whole(element, 5)
            name = element.get(4)
            if deep == 1:
                columns.append(name if isinstance(name, bytes) else b"")
            if deep > _LEAVES_DEEP or (deep and children > 1):
                raise over("nesting", 1)
            if children:
                left.append(children)
        return columns

    def _chunk(self, chunk: Mapping[int, Value]) -> None:
        """Walk the headers of one column chunk's pages, as a reader of it would."""
        about = chunk.get(3)
        if not isinstance(about, dict) or chunk.get(1):
            raise BadThrift("a column in another file, or without its description")
        begin = whole(about, 9)
        if 0 < whole(about, 11) < begin:
            begin = whole(about, 11)
        end = begin + whole(about, 7)
        if end > self._size:
            raise BadThrift("beyond the file's end")
        while begin < end:
            begin = self._page(begin)

    def _page(self, place: int) -> int:
        """Count one page; where the next begins."""
        reader = Compact(self._at(place, _PAGE_HEADER_BYTES))
        header = reader.structure()
        unpacked = whole(header, 2)
        self._pages += 1
        self._unpacked += unpacked
        self._cells += sum(whole(about, 1) for kind in (5, 7, 8) if isinstance(about := header.get(kind), dict))
        _hold("page", unpacked, self._limits.page_bytes)
        _hold("pages", self._pages, self._limits.pages)
        _hold("cells", self._cells, self._limits.cells)
        _hold("unpacked", self._unpacked, self._most_unpacked())
        return place + reader.place + whole(header, 3)

    def _most_unpacked(self) -> int:
        limits = self._limits
        return min(limits.unpacked_bytes, limits.unpacked_always_bytes + limits.unpacked_times * self._size)


def _hold(what: str, count: int, most: int) -> None:
    if count > most:
        raise over(what, most)


def _lots(lazy: pl.LazyFrame, header: Sequence[str], height: int) -> Iterator[tuple[int, pl.DataFrame, list[Fault]]]:
    names = {name: str(place) for place, name in enumerate(header)}
    for start in range(0, height, LOT):
        try:
            frame = lazy.slice(start, LOT).collect()
            lot = frame.select(cut(text_of(frame[name])).alias(name) for name in header).rename(names)
        except (*BROKEN, OSError) as error:
            raise Unreadable(start + 2, "row-broken", "readable rows", "The file is damaged. Send it again.") from error
        yield start + 2, lot, []


def cut(column: pl.Series) -> pl.Series:
    """Text without what is far over the bound of a cell: enough is left that the cell is refused, and shown from its begin."""
    longest = column.str.len_bytes().max()
    return column.str.head(MOST_CELL + 1) if isinstance(longest, int) and longest > MOST_CELL else column


def text_of(column: pl.Series) -> pl.Series:
    """A column of Parquet as the text that is judged, whatever its type."""
    if column.dtype == pl.List(pl.String):
        return column.list.join(" ").fill_null("")
    if column.dtype.is_nested() or column.dtype == pl.Binary:
        return pl.Series(column.name, [str(cell)[: MOST_CELL + 1] for cell in column], dtype=pl.String)
    return column.cast(pl.String).fill_null("")
