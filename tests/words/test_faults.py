"""Every fault of an operator's file can be said, in both languages."""

import ast
import re
from datetime import date
from pathlib import Path

import msgspec
import polars as pl
import pytest
from tests.handles import handle
from tests.service.test_bulk import new, sent
from tests.sheet.test_pack import HEADER, ROWS, packed
from tests.sheet.test_reading import BAD_FILES, TERMS, judged, row, text

from openroll.register.refusal import Refusal
from openroll.register.refusals import every_refusal
from openroll.service.filing.bulk import FileRefused, take_file
from openroll.service.filing.faults_of_roll import list_of_old_key
from openroll.service.filing.reconcile import reconcile
from openroll.service.roll import Roll
from openroll.sheet import Fault, check_row, read
from openroll.sheet.pack import pack
from openroll.sheet.rows import _BEYOND, _OTHER_CALENDAR, _SHAPES, READINGS
from openroll.words.faults import FAULTS, OWN_AND_REFUSED, SHAPES, column_said, say_fault

SOURCE = Path(__file__).parents[2] / "src" / "openroll"
TAKING = ("bulk", "faults_of_roll", "reconcile")
ROOMS = [*(SOURCE / "sheet").glob("*.py"), *(SOURCE / f"service/filing/{name}.py" for name in TAKING)]
PLACES = {"Fault": 3, "Unreadable": 1, "_row_fault": 1, "_fault": 3}
"""Where a code stands among what is given to whatever makes a fault."""


def codes_given() -> set[str]:
    """Every code that stands, as a text, where a fault is made; what is made of a variable is looked up by its name."""
    found: set[str] = set()
    for path in ROOMS:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if name in PLACES and len(call.args) > PLACES[name]:
                found |= codes_of(call.args[PLACES[name]], tree)
    return found


def codes_of(given: ast.expr, tree: ast.Module) -> set[str]:
    """The codes that an expression can be."""
    if isinstance(given, ast.Constant):
        return {str(given.value)}
    if isinstance(given, ast.JoinedStr):  # f"{column}-unknown"
        return {f"{column}-unknown" for column in ("act", "kind", "access", "district")}
    if (
        isinstance(given, ast.Name) and given.id == "code"
    ):  # code, what = ("file-cut-off", …) if cut else ("row-broken", …)
        return set(re.findall(r"'((?:file|row)-[a-z-]+)'", ast.unparse(tree)))
    assert ast.unparse(given) == "code" or ast.unparse(given).endswith(".code"), ast.unparse(given)
    return set()  # passed on from where it was made, or a refusal's own


def test_every_code_has_words_and_no_words_are_left_over() -> None:
    """The table holds exactly the codes that the reading, the taking and the reconciling of a file give."""
    assert set(FAULTS) == codes_given()
    assert {"date-range", "handle-changed", "handle-form"} == OWN_AND_REFUSED
    assert set(SHAPES) == {
        "",
        *READINGS,
        *(name for name, _, _ in _SHAPES),
        *(name for name, _ in _BEYOND),
        _OTHER_CALENDAR[0],
    }


def both(fault: Fault) -> None:
    """Hold a fault to be said whole in both languages."""
    (zh, zh_remedy), (en, en_remedy) = say_fault(fault, "zh"), say_fault(fault, "en")
    for part in (zh, zh_remedy):
        assert re.search("[\u4e00-\u9fff]", part)
        assert not re.search(r"[{}]", part)
    assert en
    assert "{" not in en
    assert en_remedy == fault.remedy


@pytest.mark.parametrize("sentence", BAD_FILES)
def test_the_faults_of_bad_files_are_said(sentence: str, tmp_path: Path) -> None:
    """Each fault of each bad file has the parameters that its words need."""
    for fault in judged(BAD_FILES[sentence][0], tmp_path).faults:
        both(fault)


def test_the_faults_of_changes_and_ends_are_said() -> None:
    """So have those of rows that change and end."""
    rows = [
        {"act": "end", "handle": handle("a"), "on": "2006-13-01", "kind": "x"},
        row("b", act="change", connected="2006-10-02"),
    ]
    faults = [fault for number, one in enumerate(rows, 2) for fault in check_row(one, TERMS, number)]
    assert {fault.code for fault in faults} >= {"not-empty", "date-shape"}
    for fault in faults:
        both(fault)


def test_the_faults_of_packing_are_said(tmp_path: Path) -> None:
    """So have those of packing: a doubled account, one that makes no handle, a field that is missing."""
    bad = "u-1,organisation,lan,500103,2006-11-01,,,,\n,household,adsl,500103,x,,,,\n"
    found = packed(tmp_path, HEADER + ROWS + bad)
    assert {"handle-duplicate", "field-missing", "account-shape"} <= {fault.code for fault in found.faults}
    unkeyed = pack(tmp_path / "subscribers.csv", tmp_path / "f", tmp_path / "k", fields=(), terms=TERMS, random=bytes)
    for fault in (*found.faults, *unkeyed.faults):
        both(fault)


@pytest.mark.parametrize("kind", every_refusal(), ids=lambda kind: kind.code)
def test_a_row_that_the_roll_refuses_is_said(kind: type[Refusal]) -> None:
    """A refusal on a row of a file is said in the refusal's own words."""
    params = {field.name: "x" for field in msgspec.structs.fields(kind)}
    both(Fault(2, "handle", "a", kind.code, "something the record allows", "Look the record up.", params))


def test_what_the_roll_says_of_a_file(roll: Roll, tmp_path: Path) -> None:
    """Faults that only the roll can find, in filing and in comparing, are said as well."""
    take_file(roll, "east", sent(new("a"), new("b"), new("c")))
    onto = {"act": "rehandle", "handle": handle("c"), "new_handle": handle("d")}
    take_file(roll, "east", sent(onto))
    end = {"act": "end", "handle": handle("b"), "on": "2006-10-01"}
    (tmp_path / "list.csv").write_bytes(sent(end).read())
    filed = take_file(roll, "east", sent(new("a"), end, end | {"handle": handle("none")}, new("c")))
    anew = take_file(roll, "east", sent(onto, {**onto, "handle": handle("a")}))
    compared = reconcile(roll, "east", tmp_path / "list.csv")
    assert isinstance(filed, FileRefused)
    assert isinstance(anew, FileRefused)
    assert isinstance(compared, FileRefused)
    assert {fault.code for fault in filed.faults} == {
        "handle-filed",
        "date-range",
        "subscription-unknown",
        "handle-changed",
    }
    for fault in (*filed.faults, *anew.faults, *compared.faults, list_of_old_key(30, 31, date(2006, 12, 20))):
        both(fault)


def test_words_in_chinese(tmp_path: Path) -> None:
    """In Chinese the column is called by its title, and a date is told for what it looks like."""
    faults = judged(text([row("a", connected="38992"), row("b", connected="2007-01-01")]).encode(), tmp_path).faults
    assert say_fault(faults[0], "zh")[1].startswith("这里是电子表格的日期序号。")
    assert say_fault(faults[1], "zh")[0] == "日期不在1994-04-20至2006-12-20之间"
    path = tmp_path / "sent.parquet"
    pl.DataFrame([{"handle": handle("a")}]).write_parquet(path)
    missing = read(path, TERMS, spool=tmp_path).faults[0]
    assert say_fault(missing, "zh")[0] == "缺少“类别”列"


def test_a_column_that_has_no_name_of_ours_is_said_by_its_place() -> None:
    """Only its place is kept of it, and a person reads that as a place: no mark of code."""
    fault = Fault(1, "#3", "", "column-unknown", "", "", {"place": "3"})
    assert say_fault(fault, "en")[0] == "the column '3, counted from the left' has no place in this file"
    assert column_said(fault, "zh") == "从左数第3列"
