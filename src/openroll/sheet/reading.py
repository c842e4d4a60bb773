"""Reading an operator's file: a first pass over the whole of it, that writes nothing but a spool of its good rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import polars as pl

from openroll.disk_room import NoRoom, Room, is_full, say_full
from openroll.register.subscription.terms import Terms
from openroll.sheet.column_titles import TITLES
from openroll.sheet.columns import good_rows
from openroll.sheet.cut_off import ends_in_row, may_go_on
from openroll.sheet.duplicates import Handles
from openroll.sheet.faults import MOST_KEPT, Fault, faults_csv, visible
from openroll.sheet.formats import Rows, column_unknown, csv_rows, format_of, ndjson_rows
from openroll.sheet.kept import keepable, shuts_out
from openroll.sheet.limits import LIMITS, Limits
from openroll.sheet.parquet import parquet_rows
from openroll.sheet.rows import COLUMNS, NEEDED, check_row
from openroll.sheet.source import Source, Unreadable, cut_off, over
from openroll.sheet.spool import Spool, nameless

Known = Callable[[list[str]], set[str]]
"""Which of these handles the roll knows already as this operator's."""

_SCHEMA = {"row": pl.UInt32, **dict.fromkeys(COLUMNS, pl.String), "connected": pl.Date, "on": pl.Date}


class Sheet:
    """What the first pass found: how many rows, every fault (the first 1,000 kept), and the good rows in a spool."""

    def __init__(self, spool: Spool | Path) -> None:
        self.digest = ""
        self.format = ""
        self.encoding = ""
        self.rows = 0
        self.fault_count = 0
        self._faults: list[Fault] = []
        self._furthest: list[Fault] = []
        self._shuts_out: Fault | None = None
        self.spool = Spool(Room(spool, 0)) if isinstance(spool, Path) else spool

    @property
    def ok(self) -> bool:
        """Whether the file has no fault at all; a file with any is refused whole."""
        return self.fault_count == 0

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The first 1,000 faults, in the order of their rows; first of all that the file was cut off.

        Where one of all says that the file is not kept, such a one is among them, however many stand before it.
        """
        found = sorted(self._faults, key=lambda fault: (fault.code != "file-cut-off", fault.row))[:MOST_KEPT]
        if self._shuts_out is not None and keepable(found):
            found[-1] = self._shuts_out
        return tuple(found)

    def faults_csv(self) -> str:
        """The kept faults as CSV, safe to open in a spreadsheet."""
        return faults_csv(self.faults)

    def add_fault(self, fault: Fault) -> None:
        """Count a fault, and keep it unless 1,000 stand in rows before it. Faults need not come in the order of rows."""
        self.fault_count += 1
        self._faults.append(fault)
        if self._shuts_out is None and shuts_out(fault):
            self._shuts_out = fault
        if not self._furthest or fault.row > self._furthest[0].row:
            self._furthest = []
        if not self._furthest or fault.row == self._furthest[0].row:
            self._furthest.append(fault)
        if len(self._faults) >= 2 * MOST_KEPT:
            self._faults = list(self.faults)

    def tell_cut_off(self, row: int, last_column: str, *, goes_on: bool = False) -> None:
        """Where the faults of `row`, the last and without its line end, are those of a cut: say that instead of them.

        `goes_on` says that without any fault it may be the beginning of a longer row (`sheet.cut_off.may_go_on`).
        """
        faults = [fault for fault in self._furthest if fault.row == row]
        if goes_on or ends_in_row(faults, last_column):
            self._faults = [fault for fault in self._faults if fault.row != row]
            self.fault_count -= len(faults)
            self.add_fault(fault_of(cut_off(row)))

    def keep(self, frame: pl.DataFrame) -> None:
        """Spool good rows. Once a fault was found nothing will be filed, so nothing more is kept."""
        if self.ok and frame.height:
            self.spool.add(frame)

    def batches(self, size: int) -> Iterator[pl.DataFrame]:
        """The good rows in the file's order, `size` at a time: `row`, and COLUMNS with days as dates.

        The bounds depend on the file and `size` alone, so that a broken-off taking goes on where it stopped.
        """
        held = pl.DataFrame(schema=_SCHEMA)
        for lot in range(len(self.spool.lots)):
            held = pl.concat([held, self.spool.lot(lot)])
            while held.height >= size:
                yield held.head(size)
                held = held.slice(size)
        if held.height:
            yield held


def read(
    source: Path | BinaryIO,
    terms: Terms,
    *,
    spool: Spool | Path,
    progress: Callable[[int], None] = lambda _: None,
    known: Known | None = None,
    encoding: str = "",
    limits: Limits = LIMITS,
) -> Sheet:
    """Read and judge a whole file. Never raises for what is in it: every trouble is a fault of the sheet.

    `encoding` is what somebody named (`sheet.encodings`), for a file that is not in UTF-8 and has no mark.
    `spool` is a folder on whose disk good rows wait, in a file without a name; NoRoom is raised where one with a reserve has no
    room. Memory stays flat whatever the size; `progress` is told the bytes read so far. A file over one of the `limits` is
    refused before that is unpacked. What comes from others is read by `sheet.apart.read_apart`, in a process that may die of
    it.
    """
    sheet = Sheet(spool)
    sheet.encoding = encoding
    try:
        with _opened(source) as file:
            _read(file, terms, sheet, progress, known, limits)
    except Unreadable as error:
        sheet.add_fault(fault_of(error))
    except OSError as error:
        if isinstance(error, NoRoom) and sheet.spool.room is not None and sheet.spool.room.reserve:
            raise  # no fault of the file
        remedy = f"The file cannot be read: {error.strerror or error}."
        sheet.add_fault(Fault(0, "", "", "file-unreadable", "a readable file", remedy))
    return sheet


def fault_of(error: Unreadable) -> Fault:
    """What keeps a file from being read on, as a fault."""
    return Fault(error.row, "", error.value, error.code, error.expected, error.remedy, error.params)


def fault_of_disk(error: OSError, source: Path, output: Path) -> Fault:
    """What keeps a command from reading `source` or writing `output`, as a fault: the system often does not say which."""
    if is_full(error):
        error.filename = error.filename or str(output)
        return Fault(0, "", "", "file-unreadable", "a disk with room for what is written", f"{say_full(error)}.")
    remedy = f"{error.filename2 or error.filename or source}: {error.strerror or error}."
    return Fault(0, "", "", "file-unreadable", "files that can be read and written", remedy)


def _opened(source: Path | BinaryIO) -> BinaryIO:
    return source.open("rb") if isinstance(source, Path) else source


def _read(
    file: BinaryIO,
    terms: Terms,
    sheet: Sheet,
    progress: Callable[[int], None],
    known: Known | None,
    limits: Limits,
) -> None:
    source = Source(file, progress, limits.file_bytes)
    sheet.format = format_of(source.head)
    header, rows = _rows(source, sheet, file, limits)
    columns = columns_of(header, sheet)
    if sheet.ok:
        last, cells = _judge_all(_within(rows, len(header), limits), columns, terms, sheet, known)
        if source.open_end:
            behind = last_column(columns) if sheet.format == "csv" else ""
            sheet.tell_cut_off(last, behind, goes_on=bool(cells and behind) and may_go_on(cells, behind, terms))
    source.drain()
    sheet.digest = source.digest
    if not sheet.rows and sheet.ok:
        sheet.add_fault(
            Fault(0, "", "", "file-empty", "at least one row", "The file has a header only. Send the list.")
        )


def _rows(source: Source, sheet: Sheet, given: BinaryIO, limits: Limits) -> tuple[Sequence[str], Iterator[Rows]]:
    if sheet.format == "csv":
        sheet.encoding, header, rows = csv_rows(source, sheet.encoding)
        return header, rows
    if sheet.format == "ndjson":
        sheet.encoding, header, rows = ndjson_rows(source, TITLES, COLUMNS, sheet.encoding)
        return header, rows
    if not given.seekable():
        given = nameless(sheet.spool.room)
        for block in source.blocks():
            if sheet.spool.room is not None:
                sheet.spool.room.take(given, len(block))
            given.write(block)
    else:
        source.drain()
    return parquet_rows(given, limits)


def _within(rows: Iterator[Rows], width: int, limits: Limits) -> Iterator[Rows]:
    """The rows, as long as there are not too many. Raises Unreadable."""
    most, count = min(limits.rows, limits.cells // max(width, 1)), 0
    for lot in rows:
        count += lot[1].height
        if count > most:
            raise over("rows", most)
        yield lot


def column_of(name: str) -> str:
    """The column that a name in a header means: its English word or its Chinese title."""
    return TITLES.get(name.strip(), name.strip().lower())


def columns_of(header: Sequence[str], sheet: Sheet) -> dict[str, str]:
    """Which place of the file holds which column; faults for unknown, doubled and missing ones."""
    places: dict[str, str] = {}
    for place, name in enumerate(header):
        column = column_of(name)
        if column not in COLUMNS:
            sheet.add_fault(column_unknown(name, 1, place + 1))
        elif column in places:
            remedy = "Take one of the two columns out."
            sheet.add_fault(Fault(1, column, visible(name), "column-doubled", "each column once", remedy))
        places.setdefault(column, str(place))
    for column in NEEDED:
        if column not in places:
            expected = f"the columns {', '.join(NEEDED)}"
            remedy = f"Add the column {column!r}; `openroll pack` writes all of them."
            sheet.add_fault(Fault(1, column, "", "column-missing", expected, remedy))
    return places


def last_column(places: Mapping[str, str | int]) -> str:
    """The column that stands last in a list, by the places of all of them."""
    return max(places, key=lambda name: int(places[name]))


def _judge_all(
    rows: Iterator[Rows], places: dict[str, str], terms: Terms, sheet: Sheet, known: Known | None
) -> tuple[int, dict[str, str]]:
    """Judge every row, and give the number of the last one with its cells: none where they are not those of a row."""
    handles, last, ending = Handles(sheet.spool.room), 0, pl.DataFrame()
    for first, cells, faults in rows:
        sheet.rows += cells.height
        last = max(last, first + cells.height - 1)
        for fault in faults:
            sheet.add_fault(fault)
        frame = _named(first, cells, places)
        ending = frame.tail(1)
        handled = frame.filter(pl.col("handle") != "")  # a row with another fault is a double all the same
        handles.add(handled["row"], handled["handle"])
        renamed = frame.filter(pl.col("new_handle") != "")
        handles.add(renamed["row"], renamed["new_handle"], new=True)
        good = _judge(frame, terms, sheet)
        if known is not None:
            _judge_known(good, known, sheet)
        sheet.keep(good)
    for first, again, new in handles.twice():
        remedy = f"Row {first} has the same handle. Keep one of the two."
        expected = "each handle once in a file"
        sheet.add_fault(
            Fault(
                again,
                "new_handle" if new else "handle",
                "",
                "handle-duplicate",
                expected,
                remedy,
                {"first": str(first)},
            )
        )
    return last, next((row for row in ending.iter_rows(named=True) if row["row"] == last), {})


def _named(first: int, cells: pl.DataFrame, places: dict[str, str]) -> pl.DataFrame:
    """The cells under the columns' own names, with row numbers; rows that are no rows left out."""
    numbered = cells.with_row_index("row", first)
    picked = [pl.col(places[name]).alias(name) if name in places else pl.lit("").alias(name) for name in COLUMNS]
    return numbered.select("row", *picked).drop_nulls()


def _judge(frame: pl.DataFrame, terms: Terms, sheet: Sheet) -> pl.DataFrame:
    """The good rows with their dates as dates. Rows that are not surely good are asked about one by one."""
    sure = good_rows(frame, terms)
    if not sure.all():
        bad: set[int] = set()
        for row in frame.filter(~sure).iter_rows(named=True):
            found = check_row(row, terms, row["row"])
            for fault in found:
                sheet.add_fault(fault)
            if found:
                bad.add(row["row"])
        frame = frame.filter(~pl.col("row").is_in(bad)) if bad else frame
    return frame.with_columns(
        pl.when(pl.col("act") == "").then(pl.lit("new")).otherwise(pl.col("act")).alias("act"),
        *(pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in ("connected", "on")),
    ).cast({"row": pl.UInt32})


def _judge_known(frame: pl.DataFrame, known: Known, sheet: Sheet) -> None:
    filed = known(frame["handle"].to_list())
    for row, act, handle in frame.select("row", "act", "handle").iter_rows():
        if act == "new" and handle in filed:
            remedy = "It is in the roll already. Use the act `change` or `end`, or take the row out."
            sheet.add_fault(Fault(row, "handle", handle, "handle-filed", "a handle that is not filed yet", remedy))
        elif act != "new" and handle not in filed:
            remedy = "Nothing is filed under it. Use the act `new`, or look for a mistyped handle."
            sheet.add_fault(Fault(row, "handle", handle, "handle-unknown", "a handle that is filed", remedy))
