"""The verdict on one row, exactly: every fault of every cell. Pure; the web form and the API ask here too.

Step 1 of the life of a filing (docs/life-of-a-filing.md).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from openroll.register.subscription import DIGEST
from openroll.register.terms import Terms
from openroll.sheet.faults import Fault, visible

ACTS = ("new", "change", "end")
COLUMNS = ("act", "handle", "kind", "access", "district", "connected", "on", "digests")
NEEDED = ("handle", "kind", "access", "district", "connected", "digests")
IN_CHINESE = {
    "事项": "act",
    "账号代号": "handle",
    "类别": "kind",
    "接入方式": "access",
    "区县代码": "district",
    "开通日期": "connected",
    "发生日期": "on",
    "摘要": "digests",
}
MOST_CELL = 4_096
HANDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MAYBE_IDENTITY = re.compile(r"1[3-9](?:[._:-]*[0-9]){9}|[0-9](?:[._:-]*[0-9]){14}", re.ASCII)
"""Found in every handle that `_is_identity` refuses, and in few others: those are asked about one by one."""
_MOBILE = re.compile(r"(?:86)?1[3-9][0-9]{9}", re.ASCII)
_NUMBER = re.compile(r"[0-9]+[Xx]?", re.ASCII)
_BETWEEN = re.compile(r"[._:-]")
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
    ("no-such-day", re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"), "a date that does not exist, or lacks a zero"),
)
"""What a date that is none looks like: a name for other languages' words, its pattern, and what it is in English."""
_DATE_EXPECTED = "a date as YYYY-MM-DD, for example 2006-10-02"


def check_row(row: Mapping[str, str], terms: Terms, number: int) -> list[Fault]:
    """Every fault of one row, in the order of its columns. `row` maps column names to cells; absent ones are empty."""
    cells = {column: row.get(column, "") for column in COLUMNS}
    odd = [fault for column, cell in cells.items() if (fault := _odd(column, cell, number))]
    spoiled = {fault.column for fault in odd}
    act = cells["act"] or "new"
    if act not in ACTS and "act" not in spoiled:
        odd.append(_word("act", act, ACTS, number))
        return odd
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
    yield from _handle(cells["handle"], number)
    lists = (("kind", terms.kinds), ("access", terms.accesses), ("district", terms.districts))
    for column, words in lists:
        cell = cells[column]
        if act == "end":
            yield from _empty(column, cell, act, number)
        elif cell not in words and (act == "new" or cell):
            yield _word(column, cell, words, number)
    if act == "new":
        yield from _date("connected", cells["connected"], terms, number)
        yield from _empty("on", cells["on"], act, number)
    else:
        yield from _empty("connected", cells["connected"], act, number)
        yield from _date("on", cells["on"], terms, number)
    if act == "end":
        yield from _empty("digests", cells["digests"], act, number)
    elif act == "new" or cells["digests"]:
        yield from _digests(cells["digests"], terms.digests, number)


def _handle(cell: str, number: int) -> Iterator[Fault]:
    if not HANDLE.fullmatch(cell):
        expected = "1 to 64 letters, digits and . _ : - , beginning with a letter or digit"
        remedy = "Use your own account handle; never a name, an address or an e-mail."
        yield Fault(number, "handle", visible(cell), "handle-shape", expected, remedy)
    elif _is_identity(cell):
        expected = "a handle that says nothing of who it is"
        remedy = "This looks like an identity or telephone number. Use your account's internal handle instead."
        yield Fault(number, "handle", "(not shown)", "handle-identity", expected, remedy)


def _is_identity(cell: str) -> bool:
    """Whether a handle is, or has within it, a mobile number or a resident's identity number of 18 or of 15 digits.

    A number counts where it stands apart from other digits, and where the whole handle is one with its separators left out.
    """
    if not MAYBE_IDENTITY.search(cell):
        return False
    return any(_names_somebody(number) for number in (*_numbers(cell), _BETWEEN.sub("", cell)))


def _numbers(cell: str) -> Iterator[str]:
    """Runs of digits, each also without the X that ends it: it may begin the next word instead."""
    for run in _NUMBER.findall(cell):
        yield run
        yield run.rstrip("Xx")


def _names_somebody(number: str) -> bool:
    return bool(_MOBILE.fullmatch(number)) or _is_resident(_of_18_digits(number))


def _of_18_digits(number: str) -> str:
    """An identity number as issued until 1999, with 15 digits and still in use in 2006, as that of 18 (GB 11643)."""
    if len(number) != 15 or not number.isdecimal():
        return number.upper()
    long = f"{number[:6]}19{number[6:]}"
    return long + str(ric.calc_check_digit(long + "0"))


def _is_resident(number: str) -> bool:
    try:
        ric.validate(number)
    except ValidationError:
        return False
    return True


def _word(column: str, cell: str, words: frozenset[str] | tuple[str, ...], number: int) -> Fault:
    listed = ", ".join(sorted(words)[:12]) + (", …" if len(words) > 12 else "")
    remedy = f"Write one of the words of this column{' (docs/operator-file.md lists them)' if len(words) > 12 else ''}."
    told = {"words": listed}
    return Fault(number, column, visible(cell), f"{column}-unknown", f"one of {listed}", remedy, told)


def _empty(column: str, cell: str, act: str, number: int) -> Iterator[Fault]:
    if cell:
        remedy = f"Clear the cell, or change the act of the row from {act!r}."
        expected = f"an empty cell where the act is {act!r}"
        yield Fault(number, column, visible(cell), "not-empty", expected, remedy, {"act": act})


def _date(column: str, cell: str, terms: Terms, number: int) -> Iterator[Fault]:
    if not DATE.fullmatch(cell) or (day := _day(cell)) is None:
        shape, words = next(((name, words) for name, pattern, words in _SHAPES if pattern.fullmatch(cell)), ("", ""))
        remedy = (f"This is {words}. " if words else "") + "Format the column as text and write dates as YYYY-MM-DD."
        yield Fault(number, column, visible(cell), "date-shape", _DATE_EXPECTED, remedy, {"shape": shape})
    elif not terms.earliest <= day <= terms.latest:
        expected = f"a day from {terms.earliest} to {terms.latest}"
        bounds = {"earliest": str(terms.earliest), "latest": str(terms.latest)}
        remedy = "Check the year. What has not happened yet is filed when it has."
        yield Fault(number, column, visible(cell), "date-range", expected, remedy, bounds)


def _day(cell: str) -> date | None:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None


def _digests(cell: str, count: int, number: int) -> Iterator[Fault]:
    digests = cell.split(" ") if cell else []
    expected = f"{count} different digests of 43 characters, sorted, separated by single spaces"
    remedy = "Make the file with `openroll pack`, which writes this column."
    if len(digests) != count or sorted(set(digests)) != digests or not all(map(DIGEST.fullmatch, digests)):
        yield Fault(number, "digests", visible(cell), "digests-shape", expected, remedy, {"count": str(count)})
