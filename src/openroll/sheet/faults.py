"""Faults of an operator's file: each with its row, column and value, what was expected, and what to do."""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable

import msgspec

MOST_SHOWN = 80
MOST_KEPT = 1_000
_HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs", "Co", "Cs", "Cn"})
_FORMULA = re.compile(r"^[=+\-@\t\r＝＋－＠]")  # full-width ones too: East Asian Excel runs them


class Fault(msgspec.Struct, frozen=True):
    """One fault. `row` counts as a spreadsheet shows it (the header is row 1; 0 is the file as a whole).

    `value` is shown with its invisible characters made visible, and cut; `code` is stable; `expected` and `remedy` are
    English sentences, which other faces say in their own language by the code and `params`.
    """

    row: int
    column: str
    value: str
    code: str
    expected: str
    remedy: str
    params: dict[str, str] = {}

    def __str__(self) -> str:
        where = f"row {self.row}" if self.row else "the file"
        column = f", column {self.column}" if self.column else ""
        found = f": {self.value!r}" if self.value else ""
        return f"{where}{column}{found}: expected {self.expected}. {self.remedy}"


_SAYS_NOTHING = frozenset(
    ("act", "article", "count", "earliest", "ended", "expected", "field", "first", "found", "latest", "least", "most")
) | {"on", "place", "role", "shape", "until", "what", "words"}
"""Parameters of faults and refusals that the rule, the roll or the shape of the file give, and no cell."""


def without_values(fault: Fault, columns: Collection[str]) -> Fault:
    """The fault without anything that stood in the file: no value, no name of a column that is none of `columns`.

    Such a column is called by its place: #6 is the sixth. This is all that is ever put into a table.
    """
    place = fault.params.get("place", "")
    column = fault.column if fault.column in columns else f"#{place}" if fault.column else ""
    params = {name: value if name in _SAYS_NOTHING else "…" for name, value in fault.params.items()}
    return Fault(fault.row, column, "", fault.code, fault.expected, fault.remedy, params)


def visible(value: str) -> str:
    """A value as it may safely be shown: characters that do not show as their code points, blanks around it too, cut to 80."""
    cut = value[:MOST_SHOWN]
    begin, end = len(cut) - len(cut.lstrip()), len(cut.rstrip())
    shown = "".join(_shown(char, around=not begin <= at < end) for at, char in enumerate(cut))
    return shown + ("…" if len(value) > MOST_SHOWN else "")


def _shown(char: str, *, around: bool) -> str:
    hidden = unicodedata.category(char) in _HIDDEN and char != " "
    return f"<U+{ord(char):04X}>" if hidden or (around and char.isspace()) else char


def faults_csv(faults: Iterable[Fault]) -> str:
    """Faults as CSV for a spreadsheet; a cell that a spreadsheet would run as a formula is quoted with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["row", "column", "value", "code", "expected", "remedy"])
    for fault in faults:
        cells = (fault.column, fault.value, fault.code, fault.expected, fault.remedy)
        writer.writerow([fault.row, *map(safe_cell, cells)])
    return out.getvalue()


def safe_cell(cell: str) -> str:
    """A cell as a spreadsheet may open it: what it would run as a formula has an apostrophe before it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
