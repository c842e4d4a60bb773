"""Parse an operator's file into rows: CSV in its dialects, NDJSON and Parquet, as frames of text with spreadsheet row numbers."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import polars as pl

from openroll.register.subscription.handle import FORM
from openroll.sheet.cut_off import BROKEN_OFF
from openroll.sheet.encodings import encoding_of
from openroll.sheet.faults import Fault, visible
from openroll.sheet.kept import RAW
from openroll.sheet.limits import LIMITS
from openroll.sheet.parquet import BROKEN
from openroll.sheet.source import FOREIGN, Source, Unreadable, over, whole_lines

LOT = 50_000
"""Rows parsed at a time in the careful lane."""

Rows = tuple[int, pl.DataFrame, list[Fault]]
"""The number of the first row, the cells as String by their places in the header, and faults of whole rows.

A row with a fault of its own (too few cells, broken JSON) stands in the frame with null in every cell."""

MOST_HELD = 16 * 1024 * 1024
"""Bytes of rows held at a time in the careful lane: 50,000 rows with cells of a megabyte would be 50 GB."""

csv.field_size_limit(8 * 1024 * 1024)


def format_of(head: bytes) -> str:
    """`csv`, `ndjson` or `parquet` by a file's first bytes. Raises Unreadable for a file given by mistake."""
    for begin, what, remedy in FOREIGN:
        if head.startswith(begin):
            raise Unreadable(0, "not-a-list", "CSV, NDJSON or Parquet", f"This is {what}. {remedy}")
    if head.startswith(b"PAR1"):
        return "parquet"
    if not head.strip(b"\0\xff\xfe \t\r\n"):
        raise Unreadable(0, "file-empty", "a header and at least one row", "The file is empty. Send the list again.")
    # The marks of UTF-8, UTF-16 and UTF-32, and the zeros of the two wide ones, stand before a brace in any of them.
    return "ndjson" if head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith((b"{", b"[")) else "csv"


def csv_rows(source: Source, named: str = "") -> tuple[str, list[str], Iterator[Rows]]:
    """A CSV's encoding (as it shows, or was `named`), header and rows. Raises Unreadable."""
    encoding = encoding_of(source.head, named)
    blocks = whole_lines(source, encoding)
    first = next(blocks, b"")
    line, _, rest = first.partition(b"\n")
    header, delimiter = header_of(line)
    return encoding, header, without_blank_rows(_csv_blocks(_with_first(rest, blocks), header, delimiter))


SEPARATOR_LINE = re.compile(rb'"?sep=.?"?[,;\t]*\r?\n?', re.IGNORECASE)
"""A first line for Excel alone, which says the separator and is no row of the list."""


def header_of(line: bytes, most_columns: int = LIMITS.columns) -> tuple[list[str], str]:
    """The column names in the first line (UTF-8 without a mark), and the separator. Raises Unreadable."""
    if SEPARATOR_LINE.fullmatch(line):
        remedy = "Delete this line, which only Excel understands; the separator is found without it."
        shown = visible(line.decode("utf-8", "replace").rstrip("\r\n"))
        raise Unreadable(1, "header-separator", "the column names in the first row", remedy, shown)
    delimiter = max(",;\t", key=lambda mark: line.count(mark.encode()))
    if line.count(delimiter.encode()) >= most_columns and b'"' not in line:
        raise over("columns", most_columns, 1)
    try:
        header = next(csv.reader([line.decode("utf-8").rstrip("\r")], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        remedy = "Write the column names into the first row, without line breaks in them."
        raise Unreadable(
            1, "header-broken", "a row of column names", remedy, visible(line[:100].decode("utf-8", "replace"))
        ) from error
    if len(header) > most_columns:
        raise over("columns", most_columns, 1)
    return header, delimiter


def _with_first(rest: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    if rest:
        yield rest
    yield from blocks


def _csv_blocks(blocks: Iterator[bytes], header: Sequence[str], delimiter: str) -> Iterator[Rows]:
    number = 2
    for block in blocks:
        if b'"' in block:
            # A quoted cell may hold line breaks and run over the end of a block: from here on, the careful lane.
            yield from _careful(_with_first(block, blocks), header, delimiter, number)
            return
        frame = _quick(block, header, delimiter)
        if frame is not None:
            yield number, frame, []
            number += frame.height
            continue
        for first, careful, faults in _careful(iter([block]), header, delimiter, number):
            yield first, careful, faults
            number = first + careful.height


def _quick(block: bytes, header: Sequence[str], delimiter: str) -> pl.DataFrame | None:
    """A block of plain lines, all of the header's width, by polars; None when it is anything else."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    lines = block.count(b"\n") + (not block.endswith(b"\n"))
    marks = block.count(delimiter.encode())
    if b"\r" in block or b"\n\n" in block or block.startswith(b"\n") or b"\0" in block:
        return None
    if marks != lines * (len(header) - 1) or len(header) < 2:
        return None
    names = [str(place) for place in range(len(header))]
    try:
        frame = pl.read_csv(
            block,
            has_header=False,
            new_columns=names,
            schema_overrides=dict.fromkeys(names, pl.String),
            infer_schema=False,
            separator=delimiter,
            quote_char=None,
            empty_string_is_null=False,
            encoding="utf8",
        )
    except BROKEN:
        return None
    if frame.shape != (lines, len(header)) or _ragged(block, delimiter, len(header)):
        return None
    return frame


def _ragged(block: bytes, delimiter: str, width: int) -> bool:
    """Whether some line has too few cells and another too many, so that the sum came out right by chance."""
    mark = delimiter.encode()
    sample = block[:4096].split(b"\n", 1)[0].count(mark)
    if sample != width - 1:
        return True
    lines = pl.Series([block], dtype=pl.Binary).cast(pl.String).str.split("\n").explode()
    counts = lines.filter(lines != "").str.count_matches(delimiter, literal=True)
    return bool((counts != width - 1).any())


def _careful(blocks: Iterator[bytes], header: Sequence[str], delimiter: str, number: int) -> Iterator[Rows]:
    lines = _Lines(blocks)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    rows: list[list[str] | None] = []
    faults: list[Fault] = []
    first = number
    try:
        for line in reader:
            cells = line or [""] * len(header)
            if len(cells) != len(header):
                expected, found = f"as many cells as in the header: {len(header)}", f"cells: {len(cells)}"
                remedy = "Look for a missing or an extra separator, or a quotation mark that is not closed."
                params = _counts(header, cells) | _raw(header, cells)
                faults.append(Fault(number, "", found, "row-ragged", expected, remedy, params))
            rows.append(list(cells) if len(cells) == len(header) else None)
            number += 1
            if len(rows) == LOT or lines.taken >= MOST_HELD:
                yield first, _frame(rows, len(header)), faults
                rows, faults, first, lines.taken = [], [], number, 0
    except csv.Error as error:
        yield first, _frame(rows, len(header)), faults
        cut = "unexpected end of data" in str(error)
        code, what = ("file-cut-off", "ends inside a quoted cell") if cut else ("row-broken", str(error))
        remedy = f"The file {what}: it was cut off, or a quotation mark is not closed. Send it again whole."
        raise Unreadable(number, code, "a quoted cell that is closed", remedy) from error
    if rows or faults:
        yield first, _frame(rows, len(header)), faults


def _counts(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {"expected": str(len(header)), "found": str(len(cells))}


def _row_fault(number: int, code: str, expected: str, remedy: str, value: str = "") -> Fault:
    return Fault(number, "", value, code, expected, remedy)


class _Lines:
    """The lines of blocks, one by one; `taken` counts the bytes of the blocks begun since it was last set to 0."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.taken = 0
        self._blocks = blocks

    def __iter__(self) -> Iterator[str]:
        for block in self._blocks:
            self.taken += len(block)
            yield from io.StringIO(block.decode("utf-8"), newline="")


def _frame(rows: Sequence[Sequence[str | None] | None], width: int) -> pl.DataFrame:
    nothing: Sequence[str | None] = [None] * width
    columns = zip(*(row or nothing for row in rows), strict=True) if rows else [()] * width
    return pl.DataFrame({str(place): pl.Series(cells, dtype=pl.String) for place, cells in enumerate(columns)})


def without_blank_rows(lots: Iterator[Rows]) -> Iterator[Rows]:
    """Rows without those in which every cell is empty: spreadsheets leave them at the end, where nothing is said of them.

    Between other rows, where one may have been lost, each run of them is one fault.
    """
    begun = 0  # the row in which the blank rows begin that no other row has followed yet
    for first, frame, faults in lots:
        blank = (
            frame.select(pl.all_horizontal(pl.all().fill_null("x") == "")).to_series().to_list() if frame.height else []
        )
        if not begun and True not in blank:
            yield first, frame, faults
            continue
        found = list(faults)
        for number, empty in enumerate(blank, first):
            if empty:
                begun = begun or number
            elif begun:
                found.append(_blank_rows(begun, number - 1))
                begun = 0
        height = begun - first if begun else frame.height
        kept = pl.when(~pl.Series(blank, dtype=pl.Boolean)).then(pl.all())
        yield first, frame.select(kept).head(max(0, height)), found


def _blank_rows(first: int, last: int) -> Fault:
    which = f"the empty rows {first} to {last}" if last > first else "the empty row"
    remedy = f"Take {which} out, or look what was lost there."
    return _row_fault(first, "row-empty", "a row with cells", remedy)


def ndjson_rows(
    source: Source, known: Mapping[str, str], columns: Sequence[str], named: str = ""
) -> tuple[str, list[str], Iterator[Rows]]:
    """An NDJSON's encoding, its columns, and its rows; `known` are other names of columns. Raises Unreadable."""
    encoding = encoding_of(source.head, named)
    return encoding, list(columns), without_blank_rows(_json_blocks(whole_lines(source, encoding), known, columns))


def _json_blocks(blocks: Iterator[bytes], titles: Mapping[str, str], known: Sequence[str]) -> Iterator[Rows]:
    number = 1
    for block in blocks:
        rows: list[list[str | None] | None] = []
        faults: list[Fault] = []
        for place, line in enumerate(block.splitlines()):
            row: list[str | None] | Fault = (
                _json_row(line, titles, known, number + place) if line.strip() else [""] * len(known)
            )
            rows.append(row if isinstance(row, list) else None)
            if isinstance(row, Fault):
                faults.append(row)
        yield number, _frame(rows, len(known)), faults
        number += len(rows)


def _raw(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """The mark of a row in which no handle stands, or which has something in a cell behind the last column."""
    more = any(cell.strip() for cell in cells[len(header) :])
    return {RAW: "1"} if more or not any(FORM.fullmatch(cell.strip()) for cell in cells) else {}


def json_record(line: bytes) -> dict[str, Any] | None:
    """A line as a JSON object; None when it is none."""
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return record if isinstance(record, dict) else None


def _ends_early(line: bytes) -> bool:
    """Whether a line is the begin of a JSON value that goes on."""
    try:
        msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        return "truncated" in str(error)
    except (RecursionError, UnicodeDecodeError):
        return False
    return False


def _json_row(line: bytes, titles: Mapping[str, str], known: Sequence[str], number: int) -> list[str | None] | Fault:
    record = json_record(line)
    if record is None:
        remedy = "Write one JSON object a line."
        shown, shape = (
            visible(line[:100].decode("utf-8", "replace")),
            {"shape": BROKEN_OFF} if _ends_early(line) else {},
        )
        return Fault(number, "", shown, "row-broken", "a JSON object", remedy, shape)
    named = {titles.get(name, name): value for name, value in record.items()}
    for place, name in enumerate(record, 1):
        if titles.get(name, name) not in known:
            return column_unknown(name, number, place)
    if len(named) < len(record):
        remedy = "A column stands here by two of its names: take one of the two out."
        return _row_fault(number, "column-doubled", "each column once", remedy)
    cells: list[str | None] = []
    for name in known:
        cell = named.get(name, "")
        if name == "digests" and isinstance(cell, list) and all(isinstance(one, str) for one in cell):
            cell = " ".join(cell)
        if not isinstance(cell, str):
            shown = visible(msgspec.json.encode(cell)[:400].decode("utf-8", "replace"))
            return Fault(number, name, shown, "not-text", "text in quotation marks", "Write it as a string.")
        cells.append(cell)
    return cells


def column_unknown(name: str, row: int, place: int) -> Fault:
    """A column that a filing file has no place for: perhaps a name on its way to where none may go."""
    remedy = "Take the column out. Personal fields travel as digests only: `openroll pack` makes them on your side."
    return Fault(
        row, visible(name), "", "column-unknown", "only the columns of a filing file", remedy, {"place": str(place)}
    )
