"""A corrected copy of an operator's file: some cells replaced, some rows left out, everything else byte for byte as it was.

Parquet is the exception: it has no bytes of a cell, so its values stay, and the file is written anew.
"""

import codecs
import contextlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import msgspec
import polars as pl

from openroll.sheet.encodings import encoding_of
from openroll.sheet.faults import visible
from openroll.sheet.formats import SEPARATOR_LINE, format_of, header_of
from openroll.sheet.parquet import BROKEN, check_bounds, text_of
from openroll.sheet.reading import column_of
from openroll.sheet.records import Records, Unclosed
from openroll.sheet.rows import COLUMNS, NEEDED
from openroll.sheet.source import MOST_LINE, Source, Unreadable

_BLANK = re.compile(r"[ \t\r\n]*")


class Mended(msgspec.Struct, frozen=True):
    """What mending did: rows in the corrected file (a header is none), cells replaced, rows left out."""

    rows: int
    cells: int
    dropped: int


def mend(source: Path, output: Path, fixes: Mapping[tuple[int, str], str], drop: Collection[int] = ()) -> Mended:
    """Write a corrected copy of a filing file: each cell (row, column) of `fixes` with its new text, without the rows in `drop`.

    Rows and columns are as in `Fault`: in CSV and Parquet row 1 is the header, whose names can be mended too; in NDJSON
    it is the first record. A row that is none (ragged, empty, broken) takes new text for all its columns or none. Row 1
    of a CSV can be left out where it is Excel's `sep=` line. CSV and NDJSON take flat memory whatever their size.
    Raises ValueError, a sentence, for what cannot be mended so, and OSError; then there is no output.
    """
    fresh = output.with_name(output.name + ".new")
    if output.exists() and output.samefile(source):
        raise ValueError(f"{output} would be written over what is read: choose another name for the corrected file.")
    try:
        with source.open("rb") as file, fresh.open("wb") as written:
            done = mend_file(file, written, fixes, drop)
        fresh.replace(output)
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
    return done


def mend_file(
    source: BinaryIO, output: BinaryIO, fixes: Mapping[tuple[int, str], str], drop: Collection[int] = ()
) -> Mended:
    """Mend as `mend` does, from one open file into another. Where it raises ValueError, what was written is good for nothing."""
    work = _Mending(fixes, drop)
    try:
        bytes_of = Source(source, lambda _: None)
        form = format_of(bytes_of.head)
        if form == "parquet":
            work.parquet(source, output)
        else:
            output.writelines(work.csv(bytes_of) if form == "csv" else work.ndjson(bytes_of))
        work.check_all_done()
    except Unreadable as error:
        where = f"Row {error.row}" if error.row else "The file"
        raise ValueError(f"{where}: expected {error.expected}. {error.remedy}") from error
    except UnicodeError as error:
        raise ValueError("The file changes its encoding, or is damaged. Save it again as CSV UTF-8.") from error
    return Mended(work.rows, work.cells, work.dropped)


class _Mending:
    """One file on its way: what is still to be mended or left out, by row, and what was done."""

    def __init__(self, fixes: Mapping[tuple[int, str], str], drop: Collection[int]) -> None:
        self.rows = self.cells = self.dropped = 0
        self.drop = set(drop)
        self.fixes: defaultdict[int, dict[str, str]] = defaultdict(dict)
        for (row, column), value in fixes.items():
            if row in self.drop:
                raise ValueError(f"Row {row} is to be mended and to be left out: choose one of the two.")
            if re.search("[\ud800-\udfff]", value):
                raise ValueError(f"The new text for row {row}, column {column!r} is not text: {visible(value)}.")
            self.fixes[row][column] = value

    def check_all_done(self) -> None:
        """Raise ValueError for a row that was asked for and did not come."""
        left = min([*self.fixes, *self.drop], default=None)
        if left is not None:
            raise ValueError(f"There is no row {left} that could be mended or left out in this file.")

    def _left_out(self, row: int) -> bool:
        if row in self.drop:
            self.drop.remove(row)
            self.dropped += 1
            return True
        self.rows += 1
        return False

    def csv(self, source: Source) -> Iterator[bytes]:
        """The bytes of a corrected CSV."""
        encoding = encoding_of(source.head)
        if encoding == "utf-32":
            raise ValueError("This CSV is in UTF-32. Save it as CSV UTF-8, and mend that.")
        if encoding == "utf-16":
            yield from _in_utf_16(source, self._csv)
            return
        blocks, mark = _after_mark(source)
        yield mark
        yield from self._csv(blocks)

    def _csv(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        first, rest = _first_line(iter(blocks))
        if b"\r" in first.rstrip(b"\r\n"):
            raise ValueError("The file's lines end as old Mac programs end them. Save it as CSV UTF-8, and mend that.")
        row = 1
        if 1 in self.drop and SEPARATOR_LINE.fullmatch(first):
            self.drop.remove(1)
            self.dropped += 1
            first, rest = _first_line(rest)
            row = 2
        header, delimiter = header_of(first.rstrip(b"\n"))
        records = Records(delimiter.encode())
        table = _Table(header, records)
        _check_names(self.fixes.get(row, {}))
        yield self._record(first, row, table) if row in self.fixes else first
        blank = 0  # empty lines behind the last row are no rows to who reads the file
        try:
            for record in records.split(rest):
                row += 1
                if not self._left_out(row):
                    blank = blank + 1 if not record.strip(b"\r\n") and row not in self.fixes else 0
                    yield self._record(record, row, table) if row in self.fixes else record
            self.rows -= blank
        except Unclosed as error:
            what = f"In row {row + 1} a quotation mark is not closed, and its cell runs over many lines"
            raise ValueError(f"{what}: mend that in the list itself.") from error

    def _record(self, record: bytes, row: int, table: "_Table") -> bytes:
        fixes = self.fixes.pop(row)
        table.check(fixes, row)
        cells, end = table.records.cells(record)
        if len(cells) != table.width:
            if len(fixes) != table.width:
                remedy = "Give new text for all its columns, or leave the row out."
                raise ValueError(f"Cells in row {row}: {len(cells)}; in the header: {table.width}. {remedy}")
            cells = [b""] * table.width
        for column, value in fixes.items():
            place = table.places[column]
            quoted = cells[place].startswith(b'"')
            cells[place] = table.records.written(value.encode(), quoted=quoted)
        self.cells += len(fixes)
        return table.records.joined(cells, end)

    def ndjson(self, source: Source) -> Iterator[bytes]:
        """The bytes of a corrected NDJSON."""
        if encoding_of(source.head) not in ("utf-8", "utf-8-sig"):
            raise ValueError("This NDJSON is not in UTF-8. Save it so, and mend that.")
        blocks, mark = _after_mark(source)
        yield mark
        for row, line in enumerate(_lines(blocks), 1):
            if not self._left_out(row):
                yield self._object(line, row) if row in self.fixes else line

    def _object(self, line: bytes, row: int) -> bytes:
        fixes = self.fixes.pop(row)
        unknown = next((column for column in fixes if column not in COLUMNS), None)
        if unknown is not None:
            raise ValueError(f"Row {row}: there is no column {unknown!r} in a filing file.")
        self.cells += len(fixes)
        text = line.rstrip(b"\r\n")
        try:
            broken = not isinstance(msgspec.json.decode(text), dict)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            broken = True
        if not broken:
            return _with_values(text.decode(), fixes).encode() + line[len(text) :]
        if not set(NEEDED) <= set(fixes):
            remedy = f"Give new text for {', '.join(NEEDED)}, or leave the row out."
            raise ValueError(f"Row {row} is not a JSON object. {remedy}")
        return json.dumps(fixes, ensure_ascii=False).encode() + line[len(text) :]

    def parquet(self, source: BinaryIO, output: BinaryIO) -> None:
        """Write a corrected Parquet file. Takes as much memory as the list does."""
        check_bounds(source)
        try:
            source.seek(0)
            frame = pl.scan_parquet(source).collect()
        except BROKEN as error:
            raise ValueError("The Parquet file was cut off or damaged. Send it again whole.") from error
        names = _names(frame.columns)
        titles = self.fixes.pop(1, {})
        _check_names(titles)
        by_column: defaultdict[str, dict[int, str]] = defaultdict(dict)
        for row in [row for row in self.fixes if 2 <= row < frame.height + 2]:
            for column, value in self.fixes.pop(row).items():
                by_column[column][row - 2] = value
                self.cells += 1
        for column in [*by_column, *titles]:
            if column not in names:
                raise ValueError(f"There is no column {column!r} in this file.")
        frame = frame.with_columns(_replaced(frame[names[column]], cells) for column, cells in by_column.items())
        kept = [not self._left_out(row) for row in range(2, frame.height + 2)]
        self.cells += len(titles)
        renamed = [titles.get(column_of(name), titles.get(visible(name), name)) for name in frame.columns]
        if len(set(renamed)) < len(renamed):
            raise ValueError("Two columns of a Parquet file cannot have one name: give them different ones.")
        frame.filter(pl.Series(kept, dtype=pl.Boolean)).rename(
            dict(zip(frame.columns, renamed, strict=True))
        ).write_parquet(output)


class _Table:
    """A CSV's columns: where each stands, and how its records are cut and written."""

    def __init__(self, header: Sequence[str], records: Records) -> None:
        names = _names(header)
        self.places = {column: header.index(name) for column, name in names.items()}
        self.width = len(header)
        self.records = records

    def check(self, fixes: Iterable[str], row: int) -> None:
        """Raise ValueError for a column that the file has not."""
        for column in fixes:
            if column not in self.places:
                raise ValueError(f"Row {row}: there is no column {column!r} in this file.")


def _names(header: Sequence[str]) -> dict[str, str]:
    """The names in a header by what faults call their columns: the column, or the name itself where it is none."""
    names: dict[str, str] = {}
    for name in header:
        column = column_of(name)
        names.setdefault(column if column in COLUMNS else visible(name), name)
    return names


def _check_names(titles: Mapping[str, str]) -> None:
    """Raise ValueError where a header would be given a name that is no column of a filing file."""
    for column, name in titles.items():
        if column_of(name) not in COLUMNS:
            raise ValueError(
                f"Row 1: the column {column!r} cannot be named {visible(name)!r}: use {', '.join(COLUMNS)}."
            )


def _after_mark(source: Source) -> tuple[Iterator[bytes], bytes]:
    """The blocks after the byte order mark, and the mark, which is empty where there is none."""
    blocks = source.blocks()
    first = next(blocks, b"")
    mark = codecs.BOM_UTF8 if first.startswith(codecs.BOM_UTF8) else b""
    return chain([first[len(mark) :]], blocks), mark


def _in_utf_16(source: Source, work: Callable[[Iterable[bytes]], Iterator[bytes]]) -> Iterator[bytes]:
    """Do the work on UTF-16 as if it were UTF-8, and give it in the byte order that it came in."""
    mark = source.head[:2]
    name = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    decoder = codecs.getincrementaldecoder(name)("surrogatepass")  # a half character in one row may be left out with it

    def blocks() -> Iterator[bytes]:
        skipped = 2
        for block in source.blocks():
            yield decoder.decode(block[skipped:]).encode("utf-8", "surrogatepass")
            skipped = 0
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")

    yield mark
    for part in work(blocks()):
        yield part.decode("utf-8", "surrogatepass").encode(name, "surrogatepass")


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines with their ends. Raises ValueError for one longer than any file may have."""
    kept = b""
    for block in blocks:
        kept += block
        end = kept.rfind(b"\n") + 1
        yield from kept[:end].splitlines(keepends=True)
        kept = kept[end:]
        if len(kept) > MOST_LINE:
            raise ValueError(f"A line is longer than {MOST_LINE} bytes: this is no list with one record a line.")
    yield from kept.splitlines(keepends=True)


def _first_line(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first line with its end, and what follows it. Raises ValueError for one longer than any file may have."""
    kept = b""
    for block in blocks:
        kept += block
        if b"\n" in block:
            break
        if len(kept) > MOST_LINE:
            raise ValueError(f"The first line is longer than {MOST_LINE} bytes: this is no list with column names.")
    line, newline, rest = kept.partition(b"\n")
    return line + newline, chain([rest], blocks)


def _with_values(text: str, values: Mapping[str, str]) -> str:
    """A JSON object's text with some values replaced, or added at its end; the rest is as it was written."""
    spans = _spans(text)
    at = [(*spans[name], value) for name, value in values.items() if name in spans]
    for begin, end, value in sorted(at, reverse=True):
        given = value.split(" ") if text[begin] == "[" else value
        text = text[:begin] + json.dumps(given, ensure_ascii=False, separators=(",", ":")) + text[end:]
    added = {name: value for name, value in values.items() if name not in spans}
    if added:
        close = text.rindex("}")
        mark = ", " if spans else ""
        text = text[:close] + mark + json.dumps(added, ensure_ascii=False)[1:-1] + text[close:]
    return text


def _spans(text: str) -> dict[str, tuple[int, int]]:
    """Where the values of a good JSON object stand; of a name that stands twice the last, which is the one that is read."""
    decode = json.JSONDecoder(strict=False).raw_decode
    spans: dict[str, tuple[int, int]] = {}
    place = _after_blank(text, text.index("{") + 1)
    while text[place] != "}":
        name, place = decode(text, place)
        begin = _after_blank(text, text.index(":", place) + 1)
        _, end = decode(text, begin)
        spans[column_of(name)] = (begin, end)
        place = _after_blank(text, end)
        if text[place] == ",":
            place = _after_blank(text, place + 1)
    return spans


def _after_blank(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _replaced(column: pl.Series, cells: Mapping[int, str]) -> pl.Series:
    """A column with new cells: of its own type where they can be, else as text."""
    values: list[object]
    if column.dtype == pl.List(pl.String):
        values = [cell.split(" ") for cell in cells.values()]
    else:
        text = pl.Series(list(cells.values()), dtype=pl.String)
        fit = _as(column.dtype, text)
        if fit is None or fit.cast(pl.String).to_list() != text.to_list():
            column, fit = text_of(column), text
        values = fit.to_list()
    whole = column.to_list()
    for place, value in zip(cells, values, strict=True):
        whole[place] = value
    return pl.Series(column.name, whole, dtype=column.dtype)


def _as(dtype: pl.DataType, text: pl.Series) -> pl.Series | None:
    """Text as another type, null where it cannot be; None where the type is not one that is written as a plain text."""
    if dtype == pl.Date:
        return text.str.to_date("%Y-%m-%d", strict=False)
    return text.cast(dtype, strict=False) if dtype == pl.String or dtype.is_numeric() else None
