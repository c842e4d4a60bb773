"""What commands print in columns is read whole at 80 columns: no number, no date and no name is cut."""

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.console import Console
from rich.text import Text

from openroll.cli.requests.rights import Listed, Use, _table, _uses
from openroll.cli.table import Rows, whole

CLI = Path(__file__).parents[2] / "src/openroll"
WIDTH = 80


def printed(rows: Rows, width: int = WIDTH) -> str:
    """What stands on a terminal."""
    out = io.StringIO()
    Console(file=out, width=width).print(rows)
    return out.getvalue()


def assert_whole(rows: Rows, values: Sequence[str]) -> None:
    """Every word of every value stands on a line, unbroken, and no line is wider than the terminal."""
    said = printed(rows)
    assert "…" not in said
    assert max(map(len, said.splitlines())) <= WIDTH
    words = set(re.findall(r"\S+", said))
    for value in values:
        for word in value.split():
            assert word in words, (word, said)


LONG = ("9,007,199,254,740,993", "2006-12-20 03:00 UTC", "jiangcheng-police", "complaints@supervisor.example", "name")


@pytest.mark.parametrize("columns", range(1, 12))
@pytest.mark.parametrize("lined", [True, False])
def test_long_values_are_whole_in_however_many_columns(columns: int, lined: bool) -> None:
    """As a table while there is room, and as a block a row where there is none."""
    rows = Rows(*(f"column {at}" for at in range(columns)), title="Many", lined=lined)
    for first in range(3):
        rows.add_row(*(LONG[(first + at) % len(LONG)] for at in range(columns)))
    assert_whole(rows, LONG[:columns])


def test_requests_are_listed_whole() -> None:
    """The list of requests, with names as long as an organisation's may be."""
    name = "a" * 32
    due = datetime(2006, 12, 20, 3, tzinfo=UTC)
    fields = ("name", "address", "phone", "contact")
    one = Listed(123_456, "telling-delayed", due, False, name, name, name, fields, "emergency")
    rows = _table([one, one])
    assert_whole(rows, ["123456", "telling-delayed,", "emergency", "2006-12-20 03:00 UTC", name, "contact"])
    assert len(printed(rows, 200).splitlines()) == 3


def test_uses_are_listed_with_their_purposes_in_words() -> None:
    """Not by a place in a list; of a use whose rule was lost, and of what the rule names no more, that is said."""
    said = {"zh": "侦查犯罪", "en": "investigating offences"}
    use = Use(1, "constab", 1, "Act 100", ("name",), "Commissioner", "c@s.example", "+86 23 6000 0000", {}, said)
    table = _uses([use, replace(use, purpose_gone=True), replace(use, said={})])
    assert re.findall("purpose: (.*)", printed(table, 60)) == [
        "investigating offences",
        "investigating offences (no more)",
        "number 2 of a rule whose text was lost",
    ]


def test_a_cell_that_is_whole_is_not_parted_at_its_blanks() -> None:
    """As a telephone number, which is copied from the terminal."""
    rows = Rows("use", "basis", "called back at", lined=False)
    rows.add_row("1", "word " * 30, whole("+86 23 6000 0000"))
    assert "+86 23 6000 0000" in printed(rows)


def test_a_block_leaves_out_what_is_empty_and_keeps_styles() -> None:
    """A line a column with its name; nothing is said of a cell that says nothing."""
    rows = Rows("name", "value", "why")
    rows.add_row("x" * 70, Text("y" * 70, style="bold"), "")
    said = [line.rstrip() for line in printed(rows).splitlines()]
    assert said == ["name: " + "x" * 70, "  value: " + "y" * 70]


def test_no_command_prints_columns_in_another_way() -> None:
    """rich's own tables cut what is too long for them. Those of rules fold it, and say so."""
    users = {path for path in CLI.rglob("*.py") if "rich.table" in path.read_text("utf-8")}
    assert {str(path.relative_to(CLI)) for path in users} == {"cli/table.py", "cli/rule_pages.py"}
    pages = (CLI / "cli/rule_pages.py").read_text("utf-8")
    assert all('overflow="fold"' in line for line in pages.splitlines() if ".add_column(" in line)
