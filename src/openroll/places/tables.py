"""The tables of a jurisdiction's folder: districts, offices and days off, as CSV files that any office program writes.

A first row names the columns; a column whose name is a language tag holds the names in that language. Every fault is named with
its file, row and column, all at once.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import UNSET

from openroll.places.looks import MOST_NAME, is_language, near
from openroll.places.model import EARLIEST, LATEST, OFFICE_PARTS, DayOff, District, Office
from openroll.rules.faults import Fault
from openroll.rules.language import ENGLISH, TAG, in_language, ranges
from openroll.rules.text import unseen

DISTRICTS, OFFICES, DAYS = "districts.csv", "offices.csv", "days.csv"
MOST_ROWS = 50_000
MOST_CELL = 2000
"""Characters of a cell that is no name."""
_COLUMNS = {
    DISTRICTS: ("code", "parent", "since", "until", "into"),
    OFFICES: ("district", "counters", "address", *OFFICE_PARTS),
    DAYS: ("day", "worked", "title"),
}
_CODE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")


def columns_of(table: str) -> tuple[str, ...]:
    """The columns that a table may have, beside those of languages."""
    return _COLUMNS[table]


class Table:
    """One CSV file: its rows as mappings, with the faults found in it so far."""

    def __init__(self, name: str, data: bytes, needed: Sequence[str]) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.rows: list[tuple[int, dict[str, str]]] = []
        self.heading: list[str] = []
        self.languages: tuple[str, ...] = ()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = data.count(b"\n", 0, error.start) + 1
            self.fault(row, "", "It is not UTF-8 text.", "a file saved as CSV in UTF-8")
            return
        self._read(text, needed, columns_of(name))

    def fault(self, row: int, column: str, found: str, expected: str, example: str = "") -> None:
        """A mistake in a row (from 1, the heading) and a column."""
        self.faults.append(Fault(self.name, row, column, found, expected, example))

    def _read(self, text: str, needed: Sequence[str], known: Sequence[str]) -> None:
        records = self._records(text)
        self.heading = [cell.strip() for cell in next(records, (1, []))[1]]
        self._check_heading(needed, known)
        for row, cells in records:
            if len(self.rows) >= MOST_ROWS:
                self.fault(row, "", f"It has more than {MOST_ROWS:,} rows.", f"at most {MOST_ROWS:,}")
                return
            if len(cells) != len(self.heading) and any(cells):
                self.fault(
                    row,
                    "",
                    f"It has {len(cells)} cell{'' if len(cells) == 1 else 's'}.",
                    f"{len(self.heading)}, as the heading has",
                )
            elif any(cells):
                self._check_cells(row, cells)
                self.rows.append((row, dict(zip(self.heading, (cell.strip() for cell in cells), strict=True))))

    def _check_cells(self, row: int, cells: Sequence[str]) -> None:
        for column, cell in zip(self.heading, cells, strict=True):
            most = MOST_NAME if column == "title" or column in self.languages else MOST_CELL
            if len(cell) > most:
                self.fault(row, column, f"It has {len(cell):,} characters.", f"at most {most:,}")
            if marks := unseen(cell):
                self.fault(row, column, f"It holds characters that no screen shows: {', '.join(marks)}.", "plain text")

    def _records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """The records, each with the line on which it begins; a fault where there is no reading on."""
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        begins = 1
        try:
            for cells in reader:
                yield begins, cells
                begins = reader.line_num + 1
        except csv.Error as error:
            unclosed = "end of data" in str(error)
            why = "a quotation mark opens here and is not closed" if unclosed else str(error)
            line = begins if unclosed else reader.line_num
            self.fault(line, "", f"It is no CSV that can be read: {why}.", "columns with commas between them", '"A, B"')

    def _check_heading(self, needed: Sequence[str], known: Sequence[str]) -> None:
        for column, times in Counter(self.heading).items():
            if times > 1:
                self.fault(1, column, f"The column {column!r} stands {times} times.", "each column once")
        for column in sorted(set(needed) - set(self.heading)):
            want = f"the column{'s' if len(needed) > 1 else ''} {', '.join(needed)}"
            self.fault(1, column, f"The column {column!r} is missing.", want)
        spoken = [column for column in self.heading if column not in known and TAG.fullmatch(column)]
        self.languages = tuple(column for column in spoken if is_language(column))
        for column in dict.fromkeys(self.heading):
            if column not in known and column not in self.languages:
                want = f"{', '.join(known)}, or a language tag"
                self.fault(1, column, f"There is no column {column!r} here.", want, near(column, known))

    def check_languages(self, languages: Sequence[str]) -> bool:
        """Whether a column holds names for the readers of the main language; said once where none does."""
        if not languages or any(tag in self.languages for tag in ranges(languages[0])):
            return True
        main = languages[0]
        if self.heading:
            self.fault(1, main, f"There is no column of names in the main language, {main}.", f"a column {main}")
        return False

    def titles(self, cells: Mapping[str, str]) -> dict[str, str]:
        """The names of a row by language."""
        return {lang: cells[lang] for lang in self.languages if cells[lang]}

    def title(self, row: int, cells: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
        """The names of a row by language; a fault where the main language has a column and no name in it."""
        title = self.titles(cells)
        columns = [tag for tag in ranges(languages[0]) if tag in self.languages] if languages else []
        if columns and not any(column in title for column in columns):
            self.fault(row, columns[0], "It has no name in the main language.", f"a name in {languages[0]}")
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
    table = Table(DISTRICTS, data, ("code",))
    table.check_languages(languages)
    rows = [(row, _district(table, row, cells, languages)) for row, cells in table.rows]
    if not rows and not table.faults:
        table.fault(1, "", "There is no district in it.", "one row at least")
    if "code" in table.heading:
        for look in (_twice, _missing, _circles):
            look(table, rows)
    return tuple(district for _, district in rows), table.faults


def depth(districts: Sequence[District]) -> int:
    """How many steps a list of districts has, from the widest to the narrowest; 0 where one is part of itself."""
    parents = {district.code: district.parent for district in districts}
    steps: dict[str, int] = {}
    for code in parents:
        path: list[str] = []
        above = code
        while above in parents and above not in steps:
            if len(path) > len(parents):
                return 0
            path.append(above)
            above = parents[above]
        for below in reversed(path):
            steps[below] = steps.get(parents[below], 0) + 1
    return max(steps.values(), default=0)


def _district(table: Table, row: int, cells: Mapping[str, str], languages: Sequence[str]) -> District:
    code = cells.get("code", "")
    if "code" in table.heading and (not code or len(code) > 32 or not set(code) <= _CODE):
        table.fault(
            row, "code", f"{code!r} is no code of a district.", "letters, digits, points, hyphens; at most 32", "047"
        )
    since, until = table.day(row, cells, "since"), table.day(row, cells, "until")
    if since and until and until < since:
        table.fault(row, "until", "It ends before it begins.", f"a day from {since} on")
    into = tuple(cells.get("into", "").split())
    if into and not cells.get("until"):
        table.fault(row, "into", "Others take its place, and it does not end.", "its last day in `until`", "2011-10-21")
    return District(code, table.title(row, cells, languages), cells.get("parent", ""), since, until, into)


Rows = Sequence[tuple[int, District]]
"""Districts with their rows."""


def _twice(table: Table, rows: Rows) -> None:
    lines: dict[str, list[int]] = {}
    for row, district in rows:
        lines.setdefault(district.code, []).append(row)
    for code, where in lines.items():
        if len(where) > 1 and code:
            found = f"{code!r} stands {len(where)} times, the first on line {where[0]}."
            table.fault(where[1], "code", found, "each code once")


def _missing(table: Table, rows: Rows) -> None:
    codes = {district.code for _, district in rows}
    for row, district in rows:
        if district.parent and district.parent not in codes:
            found = f"There is no district {district.parent!r}."
            table.fault(row, "parent", found, "the code of a row of this file", near(district.parent, codes))
        for code in district.into:
            if code not in codes:
                want = "codes of rows of this file, blanks between"
                table.fault(row, "into", f"There is no district {code!r}.", want, near(code, codes))


def _circles(table: Table, rows: Rows) -> None:
    parents = {district.code: district.parent for _, district in rows}
    good, circle = {""}, set[str]()
    for row, district in rows:
        seen: set[str] = set()
        above = district.code
        while above not in good and above not in circle and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        while above in seen and above not in circle:
            circle.add(above)
            above = parents[above]
        good |= seen - circle  # what only hangs beneath a circle is not part of itself
        if district.code in circle:
            table.fault(row, "parent", "It is part of itself.", "a tree: each part of a wider one")


def read_offices(
    data: bytes, languages: Sequence[str], codes: frozenset[str], printed: frozenset[str] | None
) -> tuple[tuple[Office, ...], list[Fault]]:
    """The offices of `offices.csv`, and every fault of it. `printed` are the parts in the lines of the place's addresses."""
    table = Table(OFFICES, data, ("district",))
    table.check_languages(languages)
    for part in table.heading:
        if part in OFFICE_PARTS and part not in (printed or ()):
            why = "no line of the place's address has it" if printed else "the place says no lines of an address"
            want = "`address` in jurisdiction.yaml with that part, or the whole address in the column address"
            table.fault(1, part, f"The part {part!r} would never be shown: {why}.", want)
    return tuple(_office(table, row, cells, languages, codes) for row, cells in table.rows), table.faults


def _office(
    table: Table, row: int, cells: Mapping[str, str], languages: Sequence[str], codes: frozenset[str]
) -> Office:
    district = cells.get("district", "")
    if "district" in table.heading and codes and district not in codes:
        found = f"There is no district {district!r}."
        table.fault(row, "district", found, f"a code of {DISTRICTS}", near(district, codes))
    counters = cells.get("counters", "") or "1"
    if not (counters.isascii() and counters.isdigit() and 1 <= int(counters[:6]) <= 10_000):
        table.fault(row, "counters", f"{counters!r} is no number of counters.", "a whole number from 1 on", "3")
        counters = "1"
    parts = {part: cells[part] for part in OFFICE_PARTS if cells.get(part)}
    address = cells.get("address", "")
    if parts and address:
        table.fault(row, "address", "Its address is told whole and by its parts.", "one of the two")
    title = table.title(row, cells, languages)
    return Office(district, title, int(counters), address, parts or UNSET)


def read_days(data: bytes, languages: Sequence[str]) -> tuple[tuple[DayOff, ...], list[Fault]]:
    """The days of `days.csv`: each a day off, or with `worked` set to yes a day worked in place of one.

    `title` is in the main language; columns of language tags name the day in those.
    """
    table = Table(DAYS, data, ("day", "worked"))
    rows = [(row, _day_off(table, row, cells, languages)) for row, cells in table.rows]
    lines: dict[date, list[int]] = {}
    for row, one in rows:
        if one is not None:
            lines.setdefault(one.day, []).append(row)
    for day, where in lines.items():
        if len(where) > 1:
            found = f"{day} stands {len(where)} times, the first on line {where[0]}."
            table.fault(where[1], "day", found, "each day once")
    return tuple(one for _, one in rows if one is not None), table.faults


def _day_off(table: Table, row: int, cells: Mapping[str, str], languages: Sequence[str]) -> DayOff | None:
    day, worked = table.day(row, cells, "day"), cells.get("worked", "")
    if "worked" in table.heading and worked not in ("yes", "no"):
        table.fault(
            row, "worked", f"{worked!r} is neither yes nor no.", "yes for a day that is worked, no for a day off", "no"
        )
    if day is None and "day" in table.heading and not cells["day"]:
        table.fault(row, "day", "There is no day.", "a date, YYYY-MM-DD", "2024-06-25")
    if day is not None and not EARLIEST <= day.year <= LATEST:
        table.fault(row, "day", f"{day} is far away.", f"a day of the years {EARLIEST} to {LATEST}", "2024-06-25")
    title, titles = cells.get("title", ""), table.titles(cells)
    main = next((tag for tag in ranges(languages[0]) if tag in titles), "") if languages else ""
    if title and main:
        table.fault(row, "title", f"The day is named under title and under {main}.", "one of the two")
    if title and languages:
        titles = {languages[0]: title, **titles}
    title = title or (in_language(titles, languages[0] if languages else ENGLISH) if titles else "")
    return None if day is None else DayOff(day, worked == "yes", title, titles if len(titles) > 1 else UNSET)


def faults_in_order(faults: Sequence[Fault]) -> Iterator[Fault]:
    """Faults by file, row and column."""
    yield from sorted(faults, key=lambda fault: (fault.file, fault.line, fault.path))
