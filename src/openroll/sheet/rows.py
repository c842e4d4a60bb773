"""Validate one row of an operator's file: every fault of every cell. Pure; the web form and the API use it too.

Step 1 of the life of a filing (docs/life-of-a-filing.md).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from heapq import nsmallest
from itertools import takewhile
from unicodedata import decimal

import msgspec

from openroll.register.subscription.decide import DIGEST
from openroll.register.subscription.handle import FORM, OLD, is_handle
from openroll.register.subscription.terms import OtherDistrict, Terms
from openroll.sheet.faults import Fault, visible

ACTS = ("new", "change", "end", "rehandle")
COLUMNS = ("act", "handle", "kind", "access", "district", "connected", "on", "digests", "new_handle")
NEEDED = ("handle", "kind", "access", "district", "connected", "digests")
PUBLIC = [column for column in COLUMNS if column not in ("digests", "new_handle")]
"""What of an operator's own list travels, besides digests; its account numbers (`ACCOUNT`) become handles."""
MOST_CELL = 4_096
_FEW, _NEAREST = 8, 5
"""Words of a column that a fault names: all of few, the nearest of many."""
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_ODD = re.compile(r"[\x00-\x1f\x7f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_SHAPES = (
    (
        "day-or-month",
        re.compile(r"[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4}"),
        "day/month/year or month/day/year: nobody can tell which",
    ),
    ("slashes", re.compile(r"[0-9]{4}[/.][0-9]{1,2}[/.][0-9]{1,2}"), "a date with slashes or dots"),
    ("no-hyphens", re.compile(r"(19|20)[0-9]{6}"), "a date without hyphens"),
    ("day-number", re.compile(r"[0-9]{5}(\.[0-9]+)?"), "a spreadsheet's day number"),
    ("chinese", re.compile(r"[0-9]{2,4}年[0-9]{1,2}月[0-9]{1,2}日"), "a date in Chinese characters"),
    (
        "other-digits",
        re.compile(r"(?=.*[^\x00-\x7f])[\d/.\s-]+"),
        "a date in another script's digits, where 0 to 9 are read",
    ),
    ("no-such-day", re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"), "a date that does not exist, or lacks a zero"),
)
"""What a date that is none looks like: a name for other languages' words, its pattern, and what it is in English."""
_BEYOND = (("too-early", "Check the year. "), ("to-come", "This day is still to come. "))
"""What is said of a day before the first that may be filed, and of one to come."""
_FAR_BEFORE, _FAR_AHEAD = 400, 40
_OTHER_CALENDAR = ("other-calendar", "The year is mistyped, or of another calendar than the Gregorian. ")
"""What is said of a day so many years before or behind those that may be filed: other calendars are 56 years ahead (Nepal's) and
more, or 579 behind and more; a century is what a slip makes."""
_UNSHOWN = "(not shown)"
_DATE_EXPECTED = "a date as YYYY-MM-DD, for example {}"


def check_row(row: Mapping[str, str], terms: Terms, number: int) -> list[Fault]:
    """Every fault of one row, in the order of its columns. `row` maps column names to cells; absent ones are empty."""
    cells = {column: row.get(column, "") for column in COLUMNS}
    odd: list[Fault] = []
    if _odd("", "".join(cells.values()), number):  # nearly no row has any, and one look is cheaper than nine
        odd = [fault for column, cell in cells.items() if (fault := _odd(column, cell, number))]
    spoiled = {fault.column for fault in odd}
    act = cells["act"] or "new"
    if act not in ACTS and "act" not in spoiled:
        odd.append(_word("act", act, ACTS, number))
        if "handle" not in spoiled and not FORM.fullmatch("".join(cells["handle"].split())):
            odd += _handle("handle", cells["handle"], number, new=True)  # whatever the act is, that is never kept
        return sorted(odd, key=lambda fault: COLUMNS.index(fault.column))
    faults = odd + [fault for fault in _cell_faults(cells, act, terms, number) if fault.column not in spoiled]
    return sorted(faults, key=lambda fault: COLUMNS.index(fault.column))


def _odd(column: str, cell: str, number: int) -> Fault | None:
    """What no cell may be, whatever its column: too long, or with characters that do not show."""
    if len(cell) > MOST_CELL:
        remedy = "Look whether a quotation mark is missing, so that many cells ran into one."
        return Fault(number, column, visible(cell), "cell-too-long", f"at most {MOST_CELL} characters", remedy)
    if _ODD.search(cell):
        remedy = "Take out the characters shown as <U+…>; they do not show in a spreadsheet but change what is filed."
        return Fault(number, column, visible(cell), "character-hidden", "no control or direction characters", remedy)
    return None


def _cell_faults(cells: Mapping[str, str], act: str, terms: Terms, number: int) -> Iterator[Fault]:
    yield from _handle("handle", cells["handle"], number, new=act == "new")
    if act == "rehandle":
        yield from _handle("new_handle", cells["new_handle"], number, new=True)
        for column in ("kind", "access", "district", "connected", "on", "digests"):
            yield from _empty(column, cells[column], act, number)
        return
    yield from _empty("new_handle", cells["new_handle"], act, number)
    earlier = terms.earlier
    lists = (
        ("kind", terms.kinds, earlier.kinds),
        ("access", terms.accesses, earlier.accesses),
        ("district", terms.districts, earlier.districts),
    )
    for column, words, before in lists:
        cell = cells[column]
        if act == "end":
            yield from _empty(column, cell, act, number)
        elif cell not in words and (
            act == "new" or (cell and cell not in before)
        ):  # what the record has may be repeated
            other = next((one for one in terms.other_districts if column == "district" and one.code == cell), None)
            yield _word(column, cell, words, number) if other is None else _other_district(other, words, number)
    if act == "new":
        yield from _date("connected", cells["connected"], terms, number)
        yield from _empty("on", cells["on"], act, number)
    else:
        yield from _empty("connected", cells["connected"], act, number)
        yield from _date("on", cells["on"], terms, number)
    if act == "end":
        yield from _empty("digests", cells["digests"], act, number)
    elif act == "new" or cells["digests"]:
        yield from _digests(cells["digests"], terms, act, number)


def _handle(column: str, cell: str, number: int, *, new: bool) -> Iterator[Fault]:
    """A new handle has the form, or is refused unshown: it may be somebody's number. An old one names what is filed already."""
    packed = "".join(cell.split())
    if packed != cell and is_handle(packed):
        remedy = "Take out the blank before, in or behind it: a spreadsheet or an editor may have left it there."
        yield Fault(number, column, packed, "handle-blank", "a handle without blanks", remedy)
    elif new and not FORM.fullmatch(cell):
        expected = "a handle: h1 and 34 small letters and digits, made from the account number by the operator's key"
        remedy = (
            "Pack the list with `openroll pack --key`, which makes it; an account or telephone number is never sent."
        )
        yield Fault(number, column, _UNSHOWN, "handle-form", expected, remedy)
    elif new and not is_handle(cell):
        remedy = "A character of it was changed on the way. Pack the list again, or copy the handle again."
        yield Fault(number, column, _UNSHOWN, "handle-check", "a handle whose check characters are right", remedy)
    elif not OLD.fullmatch(cell):
        expected = "the handle that the record was filed under"
        remedy = "Take it from the filing file of that time; `openroll pack --key` makes it from the account number."
        yield Fault(number, column, _UNSHOWN, "handle-shape", expected, remedy)


def _word(column: str, cell: str, words: frozenset[str] | tuple[str, ...], number: int) -> Fault:
    many = len(words) > _FEW
    listed = ", ".join(_nearest(cell, words) if many else sorted(words))
    told, expected = {"words": listed}, f"one of {listed}"
    remedy = f"Write one of these: {listed}."
    if many:
        told, expected = {"words": listed, "many": str(len(words))}, f"one of {len(words)} words"
        near = f"The nearest are {listed}. " if listed else ""
        remedy = f"{near}`openroll jurisdiction show` lists all {len(words)}."
    return Fault(number, column, visible(cell), f"{column}-unknown", expected, remedy, told)


def _nearest(cell: str, words: Collection[str]) -> list[str]:
    """The words that may be meant: the same but for zeros at the front and for case, then those that begin alike."""
    cell = "".join(str(decimal(one)) if one.isdecimal() else one for one in cell)  # whatever the script of its digits
    bare = cell.lstrip("0").casefold()
    alike = [(word.lstrip("0").casefold() != bare, -_begins(word, cell), word) for word in words]
    return [word for other, begins, word in nsmallest(_NEAREST, alike) if begins or not other]


def _begins(word: str, cell: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(word, cell, strict=False)))


def _other_district(one: OtherDistrict, words: frozenset[str], number: int) -> Fault:
    """A district of other days: when it ended or begins, and what took its place, which is less to read than every code."""
    if one.begins is not None:
        expected, told = f"a district that stands; {one.code} begins on {one.begins}", {"begins": str(one.begins)}
        remedy = "Write the district that the subscription is in on the day under whose rule you file."
        return Fault(number, "district", one.code, "district-unknown", expected, remedy, told)
    fault = _word("district", one.code, one.after or words, number)
    after = f"; after it {', '.join(one.after)}" if one.after else ""
    expected = f"a district that stands; {one.code} ended on {one.ended}{after}"
    return msgspec.structs.replace(fault, expected=expected, params={**fault.params, "ended": str(one.ended)})


def _empty(column: str, cell: str, act: str, number: int) -> Iterator[Fault]:
    if cell:
        remedy = f"Clear the cell, or change the act of the row from {act!r}."
        expected = f"an empty cell where the act is {act!r}"
        yield Fault(number, column, visible(cell), "not-empty", expected, remedy, {"act": act})


def _date(column: str, cell: str, terms: Terms, number: int) -> Iterator[Fault]:
    if not DATE.fullmatch(cell) or (day := _day(cell)) is None:
        shape, words = next(((name, words) for name, pattern, words in _SHAPES if pattern.fullmatch(cell)), ("", ""))
        if shape == "day-or-month":
            shape, words = _year_last(cell) or (shape, words)
        remedy = (f"This is {words}. " if words else "") + "Format the column as text and write dates as YYYY-MM-DD."
        yield Fault(
            number,
            column,
            visible(cell),
            "date-shape",
            _DATE_EXPECTED.format(terms.latest),
            remedy,
            {"shape": shape, "example": str(terms.latest)},
        )
    elif not terms.earliest <= day <= terms.latest:
        expected = f"a day from {terms.earliest} to {terms.latest}"
        bounds = {"earliest": str(terms.earliest), "latest": str(terms.latest)}
        far = terms.earliest.year - day.year >= _FAR_BEFORE or day.year - terms.latest.year >= _FAR_AHEAD
        shape, words = _OTHER_CALENDAR if far else _BEYOND[day > terms.latest]
        remedy = f"{words}What has not happened yet is filed when it has."
        yield Fault(number, column, visible(cell), "date-range", expected, remedy, bounds | {"shape": shape})


READINGS = ("day-first", "month-first")
"""The shapes of a date with the year last that can be read in one way alone."""


def _year_last(cell: str) -> tuple[str, str] | None:
    """How a date of three numbers with the year last is meant; None where it can be in two ways (with dots the day is first)."""
    first, second, year = (int(number) for number in re.split(r"[/.]", cell))
    read = dict(zip(READINGS, ((second, first), (first, second)), strict=True))
    there = [(name, *parts) for name, parts in read.items() if _is_day(year if year > 99 else 2000, *parts)]
    if not there:
        return "no-such-day", "a date that does not exist"
    if len({(month, day) for _, month, day in there}) != 1 and "." not in cell:
        return None
    name, month, day = there[0]
    words = "day/month/year" if name == READINGS[0] else "month/day/year"
    return name, f"{words}, which YYYY-MM-DD writes {year:04}-{month:02}-{day:02}" if year > 99 else words


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _day(cell: str) -> date | None:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None


def _digests(cell: str, terms: Terms, act: str, number: int) -> Iterator[Fault]:
    digests = cell.split(" ") if cell else []
    counts = {terms.digests, *(terms.digests_too if act == "new" else ())}
    if len(digests) in counts and sorted(set(digests)) == digests and all(map(DIGEST.fullmatch, digests)):
        return
    count = " or ".join(map(str, sorted(counts)))
    expected = f"{count} different digests of 43 characters, sorted, separated by single spaces"
    remedy = "Make the file with `openroll pack`, which writes this column."
    if len(digests) in terms.earlier.digests - counts:
        remedy = "It was packed under the rule of before: pack the list again under the one in force, with --again."
    yield Fault(number, "digests", visible(cell), "digests-shape", expected, remedy, {"count": count})
