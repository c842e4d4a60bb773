"""The tables of a jurisdiction's folder: districts, offices and days off, as CSV files that any office program writes.

A first row names the columns; a column whose name is a language tag holds the names in that language. Every fault is named with
its file, row and column, all at once.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from openroll.places.model import EARLIEST, LATEST, DayOff, District, Office
from openroll.rules.faults import Fault
from openroll.rules.language import ENGLISH, TAG
from openroll.rules.text import unseen

DISTRICTS, OFFICES, DAYS = "districts.csv", "offices.csv", "days.csv"
MOST_ROWS = 50_000
MOST_NAME, MOST_CELL = 200, 2000
"""Characters of a name, and of any other cell."""
_CODE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")


class Table:
    """One CSV file: its rows as mappings, with the faults found in it so far."""

    def __init__(self, name: str, data: bytes, needed: Sequence[str], known: Sequence[str]) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.rows: list[tuple[int, dict[str, str]]] = []
        self.languages: tuple[str, ...] = ()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = data.count(b"\n", 0, error.start) + 1
            self.fault(row, "", "It is not UTF-8 text.", "a file saved as CSV in UTF-8")
            return
        try:
            self._read(text, needed, known)
        except csv.Error as error:
            self.fault(1, "", f"It is no CSV that can be read: {error}.", "columns with commas between them")

    def fault(self, row: int, column: str, found: str, expected: str, example: str = "") -> None:
        """A mistake in a row (from 1, the heading) and a column."""
        self.faults.append(Fault(self.name, row, column, found, expected, example))

    def _read(self, text: str, needed: Sequence[str], known: Sequence[str]) -> None:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        heading = [cell.strip() for cell in next(reader, [])]
        self._check_heading(heading, needed, known)
        if self.faults:
            return
        for cells in reader:
            row = reader.line_num
            if len(self.rows) >= MOST_ROWS:
                self.fault(row, "", f"It has more than {MOST_ROWS:,} rows.", f"at most {MOST_ROWS:,}")
                return
            if len(cells) != len(heading) and any(cells):
                self.fault(row, "", f"It has {len(cells)} cells.", f"{len(heading)}, as the heading has")
            elif any(cells):
                self._check_cells(row, heading, cells)
                self.rows.append((row, dict(zip(heading, (cell.strip() for cell in cells), strict=True))))

    def _check_cells(self, row: int, heading: Sequence[str], cells: Sequence[str]) -> None:
        for column, cell in zip(heading, cells, strict=True):
            most = MOST_NAME if column == "title" or column in self.languages else MOST_CELL
            if len(cell) > most:
                self.fault(row, column, f"It has {len(cell):,} characters.", f"at most {most:,}")
            if marks := unseen(cell):
                self.fault(row, column, f"It holds characters that no screen shows: {', '.join(marks)}.", "plain text")

    def _check_heading(self, heading: Sequence[str], needed: Sequence[str], known: Sequence[str]) -> None:
        for column, times in Counter(heading).items():
            if times > 1:
                self.fault(1, column, f"The column {column!r} stands {times} times.", "each column once")
        for column in sorted(set(needed) - set(heading)):
            self.fault(1, column, f"The column {column!r} is missing.", f"the columns {', '.join(needed)}")
        self.languages = tuple(column for column in heading if column not in known and TAG.fullmatch(column))
        for column in heading:
            if column not in known and not TAG.fullmatch(column):
                self.fault(1, column, f"There is no column {column!r} here.", f"{', '.join(known)}, or a language tag")

    def title(self, row: int, cells: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
        """The names of a row by language; a fault where the main language has none."""
        title = {lang: cells[lang] for lang in self.languages if cells[lang]}
        if languages and languages[0] not in title:
            self.fault(row, languages[0], "It has no name in the main language.", f"a name in {languages[0]}")
        return title or {ENGLISH: cells.get("code", "?")}

    def day(self, row: int, cells: Mapping[str, str], column: str) -> date | None:
        """A date of a row, None for an empty cell."""
        said = cells.get(column, "")
        if not said:
            return None
        try:
            if len(said) != len("2006-10-30"):
                raise ValueError(said)
            return date.fromisoformat(said)
        except ValueError:
            self.fault(row, column, f"{said!r} is no date.", "a date, YYYY-MM-DD", "2013-03-04")
            return None


def read_districts(data: bytes, languages: Sequence[str]) -> tuple[tuple[District, ...], list[Fault]]:
    """The districts of `districts.csv`, and every fault of it: codes, parents, days, names, circles, gaps."""
    known = ("code", "parent", "since", "until", "into")
    table = Table(DISTRICTS, data, ("code",), known)
    districts = tuple(_district(table, row, cells, languages) for row, cells in table.rows)
    if not table.faults:
        if not districts:
            table.fault(1, "", "There is no district in it.", "one row at least")
        rows = {district.code: row for district, (row, _) in zip(districts, table.rows, strict=True)}
        for look in (_twice, _missing, _circles):
            look(table, districts, rows)
    return districts, table.faults


def _district(table: Table, row: int, cells: Mapping[str, str], languages: Sequence[str]) -> District:
    code = cells["code"]
    if not code or len(code) > 32 or not set(code) <= _CODE:
        table.fault(
            row, "code", f"{code!r} is no code of a district.", "letters, digits, points, hyphens; at most 32", "047"
        )
    since, until = table.day(row, cells, "since"), table.day(row, cells, "until")
    if since and until and until < since:
        table.fault(row, "until", "It ends before it begins.", f"a day from {since} on")
    into = tuple(cells.get("into", "").split())
    if into and until is None:
        table.fault(row, "into", "Others take its place, and it does not end.", "its last day in `until`", "2011-10-21")
    return District(code, table.title(row, cells, languages), cells.get("parent", ""), since, until, into)


def _twice(table: Table, districts: Sequence[District], rows: Mapping[str, int]) -> None:
    for code, times in Counter(district.code for district in districts).items():
        if times > 1:
            table.fault(rows[code], "code", f"{code!r} stands {times} times.", "each code once")


def _missing(table: Table, districts: Sequence[District], rows: Mapping[str, int]) -> None:
    for district in districts:
        row = rows[district.code]
        if district.parent and district.parent not in rows:
            table.fault(row, "parent", f"There is no district {district.parent!r}.", "the code of a row of this file")
        for code in district.into:
            if code not in rows:
                table.fault(
                    row, "into", f"There is no district {code!r}.", "codes of rows of this file, blanks between"
                )


def _circles(table: Table, districts: Sequence[District], rows: Mapping[str, int]) -> None:
    parents = {district.code: district.parent for district in districts}
    for code, parent in parents.items():
        seen, above = {code}, parent
        while above:
            if above in seen:
                table.fault(rows[code], "parent", "It is part of itself.", "a tree: each part of a wider one")
                break
            seen.add(above)
            above = parents.get(above, "")


def read_offices(
    data: bytes, languages: Sequence[str], codes: frozenset[str]
) -> tuple[tuple[Office, ...], list[Fault]]:
    """The offices of `offices.csv`, and every fault of it."""
    table = Table(OFFICES, data, ("district",), ("district", "counters", "address"))
    return tuple(_office(table, row, cells, languages, codes) for row, cells in table.rows), table.faults


def _office(
    table: Table, row: int, cells: Mapping[str, str], languages: Sequence[str], codes: frozenset[str]
) -> Office:
    if cells["district"] not in codes:
        table.fault(row, "district", f"There is no district {cells['district']!r}.", f"a code of {DISTRICTS}")
    counters = cells.get("counters", "") or "1"
    if not (counters.isascii() and counters.isdigit() and 1 <= int(counters[:6]) <= 10_000):
        table.fault(row, "counters", f"{counters!r} is no number of counters.", "a whole number from 1 on", "3")
        counters = "1"
    return Office(cells["district"], table.title(row, cells, languages), int(counters), cells.get("address", ""))


def read_days(data: bytes) -> tuple[tuple[DayOff, ...], list[Fault]]:
    """The days of `days.csv`: each a day off, or with `worked` set to yes a day worked in place of one."""
    table = Table(DAYS, data, ("day", "worked"), ("day", "worked", "title"))
    days = tuple(day for row, cells in table.rows if (day := _day_off(table, row, cells)) is not None)
    for known, times in Counter(one.day for one in days).items():
        if times > 1:
            table.fault(1, "day", f"{known} stands {times} times.", "each day once")
    return days, table.faults


def _day_off(table: Table, row: int, cells: Mapping[str, str]) -> DayOff | None:
    day, worked = table.day(row, cells, "day"), cells["worked"]
    if worked not in ("yes", "no"):
        table.fault(
            row, "worked", f"{worked!r} is neither yes nor no.", "yes for a day that is worked, no for a day off", "no"
        )
    if day is None and not cells["day"]:
        table.fault(row, "day", "There is no day.", "a date, YYYY-MM-DD", "2024-06-25")
    if day is not None and not EARLIEST <= day.year <= LATEST:
        table.fault(row, "day", f"{day} is far away.", f"a day of the years {EARLIEST} to {LATEST}", "2024-06-25")
    return None if day is None else DayOff(day, worked == "yes", cells.get("title", ""))


def faults_in_order(faults: Sequence[Fault]) -> Iterator[Fault]:
    """Faults by file, row and column."""
    yield from sorted(faults, key=lambda fault: (fault.file, fault.line, fault.path))
