"""Lists in other encodings, with hidden characters, and with what spreadsheets leave: read rightly, or refused in a sentence."""

import contextlib
import json
import unicodedata
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.disclosure import Disclosure, normal_text, refused_character
from openroll.sheet import read
from openroll.sheet.encodings import ENCODINGS, encoding_of, samples
from openroll.sheet.mend import mend
from openroll.sheet.pack import Kept
from openroll.sheet.source import Unreadable
from tests.sheet.test_pack import HEADER, packed
from tests.sheet.test_reading import CHINESE, GOOD, LINES, TERMS, judged, text
from tests.sheet.test_reading import HEADER as COLUMNS

NAMES = {
    "big5": ["陳大文", "重慶市渝中區", "林美玲"],
    "shift-jis": ["山田太郎", "さとう花子"],
    "windows-1251": ["Иванов", "Пётр Сидоров"],
    "euc-kr": ["김철수", "이영희"],
    "windows-1252": ["Müller", "Jürg", "Señor Núñez"],
    "latin-1": ["Jürg"],
    "gb18030": ["王小明", "渝中区示例路1号"],
    "utf-16-le": ["王小明"],
    "utf-16-be": ["Jürg"],
}
ACCENTED = "José Núñez"


def listed(*rows: dict[str, str], end: str = "\n") -> str:
    """A list of subscribers, each with some of name, contact, address, phone or another cell given."""
    lines = [HEADER.strip()]
    for number, given_cells in enumerate(rows):
        cells = {"account": f"u-{number}", "kind": "household", "access": "adsl", "district": "500103"}
        cells |= {"connected": "2006-11-02", "name": "", "contact": "", "address": "", "phone": ""} | given_cells
        lines.append(",".join(cells.values()))
    return end.join(lines) + end


def told(folder: Path) -> list[str]:
    """The values that the disclosures open, in their order."""
    kept = [msgspec.json.decode(line, type=Kept) for line in (folder / "kept.ndjson").read_bytes().splitlines()]
    return [str(Disclosure.parse(one).value) for line in kept for one in line.disclosures]


def refused(folder: Path, data: bytes, encoding: str = "") -> list[tuple[int, str, str]]:
    """The faults of packing some bytes: row, column and code."""
    result = packed(folder, data, encoding=encoding)
    return [(fault.row, fault.column, fault.code) for fault in result.faults]


@pytest.mark.parametrize("name", NAMES)
def test_no_encoding_but_utf_8_is_taken_unsaid(name: str, tmp_path: Path) -> None:
    """A list in another encoding is refused until it is named; samples show it rightly; named, its names are what they were."""
    data = listed(*({"name": one} for one in NAMES[name])).encode(ENCODINGS[name])
    assert refused(tmp_path, data) == [(0, "", "encoding-unsure")]
    shown = dict(samples(data))
    assert (shown[name] if name != "latin-1" else shown["windows-1252"]) == NAMES[name]
    assert refused(tmp_path, data, name) == []
    assert told(tmp_path) == NAMES[name]


@pytest.mark.parametrize("name", ["big5", "shift-jis", "windows-1251", "gb18030", "utf-16-le", "utf-16-be"])
def test_the_likeliest_encoding_is_shown_first(name: str) -> None:
    """Whose list it is finds it at the top, where its characters tell."""
    assert samples(listed(*({"name": one} for one in NAMES[name])).encode(ENCODINGS[name]))[0][0] == name


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_says_the_encoding(mark: str, tmp_path: Path) -> None:
    """A byte order mark needs no word: the list is read by it."""
    assert refused(tmp_path, listed({"name": "王小明"}).encode(mark)) == []
    assert told(tmp_path) == ["王小明"]


def test_an_encoding_that_it_cannot_be(tmp_path: Path) -> None:
    """A name that is none, or not that of the file, is refused; so is UTF-8 said of what is not."""
    data = listed({"name": "김철수"}).encode("cp949")
    for name in ("klingon", "utf-8", "UTF-8", "utf-16-le"):
        assert refused(tmp_path, data, name)[0][2] in ("encoding-unsure", "encoding"), name
    assert refused(tmp_path, listed({"name": "王"}).encode(), "utf-8") == []


def test_the_register_shows_no_cell_of_a_list_it_cannot_read(tmp_path: Path) -> None:
    """The fault names encodings only: what is in the cells may be names, which are not the register's to keep."""
    data = text(GOOD).replace(",".join(COLUMNS), ",".join(CHINESE)).encode("gb18030")
    sheet = judged(data, tmp_path)
    assert [fault.code for fault in sheet.faults] == ["encoding-unsure"]
    assert "账号" not in str(sheet.faults)
    (tmp_path / "sent").write_bytes(data)
    (tmp_path / "named").mkdir()
    assert read(tmp_path / "sent", TERMS, spool=tmp_path / "named", encoding="gb18030").faults == ()


@given(st.binary(max_size=400))
def test_any_bytes_have_an_encoding_or_a_sentence(data: bytes) -> None:
    """Whatever a file begins with, samples can be shown, and nothing raises."""
    for _, cells in samples(data):
        assert len(cells) <= 5
    for name in ("", *ENCODINGS, "x"):
        with contextlib.suppress(Unreadable):
            assert encoding_of(data, name)


def test_a_line_break_within_a_cell_is_called_one(tmp_path: Path) -> None:
    """Alt and Enter make one, and a tab comes along from a table: each is named with what to write in its place."""
    for name in ("Ward 3\nHouse 5", "Ward 3\r\nHouse 5", "Ward 3\u2028House 5", "Ward 3\tHouse 5"):
        (fault,) = packed(tmp_path, listed({"name": f'"{name}"'})).faults
        assert (fault.code, fault.column, fault.row) == ("line-break", "name", 2)
        assert fault.remedy == "Write the value on one line, with a comma or a blank in that place."
        assert name not in str(fault)
    assert not packed(tmp_path, listed({"name": "Ward 3\u00a0House 5"})).faults  # the digest has a plain blank for it


@pytest.mark.parametrize(
    "name",
    [
        "王\u200b小\u200d明",
        "\u202eabc",
        "a\x07b",
        "a\u00adb",
        "a\ufffdb",
        "\ue000",
        "a\u2060",
        "a\ufeffb",
        "x\U000e0041",
        "a\u034fb",
        "\u3164",
        "A\ufe0f",
        "a\U000e0100",
        "\u0378",
        "👩\u200d🚀",
    ],
)
def test_a_character_that_does_not_show_is_refused_by_its_name(name: str, tmp_path: Path) -> None:
    """It would change the digest and nobody would see why; the fault says which it is, and not the value."""
    result = packed(tmp_path, listed({"name": name}))
    assert [(fault.row, fault.column, fault.code) for fault in result.faults] == [(2, "name", "character-refused")]
    bad = next(char for char in name if refused_character(name) == char)
    assert f"U+{ord(bad):04X}" in result.faults[0].expected
    assert name not in str(result.faults)


@pytest.mark.parametrize(
    "name",
    [
        "王小明",
        "葛\U000e0100飾",
        "神\ufe00",
        "می\u200cخواهم",
        "क्\u200dष",
        "ශ්\u200dරී",
        "O’Neill-Ng'ang'a",
        "Nguyễn Văn Ánh",
        "ᠠ\u180b",
        "𠮷野家",
        "٢\u0600",
    ],
)
def test_what_a_script_needs_is_taken(name: str, tmp_path: Path) -> None:
    """Variants of Han characters, joiners of Persian, Hindi and Sinhala, and the letters of all the world are names."""
    assert packed(tmp_path, listed({"name": name})).faults == ()
    assert told(tmp_path) == [unicodedata.normalize("NFC", name)]


def test_one_form_for_what_looks_alike(tmp_path: Path) -> None:
    """Composed or not, with whatever blanks around: one value, as Unicode's NFC has it."""
    forms = [unicodedata.normalize(form, ACCENTED) for form in ("NFC", "NFD")]
    forms += [f"\u3000{ACCENTED}\u00a0", ACCENTED.replace(" ", "\u00a0")]
    assert packed(tmp_path, listed(*({"name": one} for one in forms))).faults == ()
    assert told(tmp_path) == [ACCENTED] * 4


@given(st.text(max_size=30))
def test_a_value_is_normal_once_for_all(value: str) -> None:
    """Made normal again it stays what it is."""
    assert normal_text(normal_text(value)) == normal_text(value)


@pytest.mark.parametrize("cell", ["1.38123E+10", "1,38E+10", "6E+11"])
def test_a_number_that_the_spreadsheet_rounded_is_refused(cell: str, tmp_path: Path) -> None:
    """Its last digits are lost, in a telephone number as in an account number."""
    cells = {"phone": f'"{cell}"'} if "," in cell else {"phone": cell, "account": cell}
    found = refused(tmp_path, listed(cells).encode())
    assert found == [(2, column, "number-rounded") for column in sorted(cells)]


def test_blank_rows_at_the_end_are_passed_over(tmp_path: Path) -> None:
    """Rows of separators, blank lines and both, however many: a spreadsheet left them; the list is what stands above."""
    for number, tail in enumerate(
        [",,,,,,,,\n" * 3, ",,,,,,,,\n" * 60_000, "\n\n", "\r\n,,,,,,,,\r\n", '"",,,,,,,,\n']
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        result = packed(folder, listed({"name": "甲"}) + tail)
        assert (result.rows, result.faults) == (1, ())
    sheet = judged((text(GOOD) + ",,,,,\n" * 400).encode(), tmp_path)
    assert (sheet.rows, sheet.faults) == (5, ())
    assert sum(batch.height for batch in sheet.batches(3)) == 5


def test_blank_rows_between_others_are_one_fault(tmp_path: Path) -> None:
    """Something may be lost there: the run is told once, and a fault behind it keeps its row and its place."""
    lines = listed({"name": "甲"}, {"kind": "hous"}).splitlines(keepends=True)
    data = "".join([*lines[:2], *[",,,,,,,,\n"] * 1_400, "\n", lines[2]])
    assert refused(tmp_path, data.encode()) == [(3, "", "row-empty"), (1404, "kind", "kind-unknown")]
    sheet = judged("".join([*LINES[:2], ",,,,,\n" * 60_000, *LINES[2:]]).encode(), tmp_path)
    assert [(fault.row, fault.code) for fault in sheet.faults] == [(3, "row-empty")]
    assert "3 to 60002" in sheet.faults[0].remedy


def test_blanks_around_a_word(tmp_path: Path) -> None:
    """Packing takes the blanks off that a spreadsheet left; the register shows the one it refuses."""
    rows = ({"kind": "household "}, {"kind": "household\u00a0", "district": "\u3000500103"})
    assert packed(tmp_path, listed(*rows)).faults == ()
    assert "\u00a0" not in (tmp_path / "filing.csv").read_text(encoding="utf-8")
    sheet = judged(text([GOOD[0] | {"kind": "household\u00a0"}]).encode(), tmp_path)
    assert [fault.value for fault in sheet.faults] == ["household<U+00A0>"]
    (tmp_path / "spool").rename(tmp_path / "first")
    sheet = judged(text([GOOD[0] | {"kind": "household "}]).encode(), tmp_path)
    assert [fault.value for fault in sheet.faults] == ["household<U+0020>"]


def test_line_ends_of_any_system(tmp_path: Path) -> None:
    """CR alone ends lines too, as old Mac programs write them; mending such a file is refused in a sentence."""
    assert packed(tmp_path, listed({"name": "甲"}, {"name": "乙"}, end="\r")).faults == ()
    assert told(tmp_path) == ["甲", "乙"]
    assert judged(text(GOOD).replace("\n", "\r").encode("utf-16"), tmp_path).faults == ()
    (tmp_path / "mac.csv").write_bytes(text(GOOD).replace("\n", "\r").encode())
    with pytest.raises(ValueError, match="Mac"):
        mend(tmp_path / "mac.csv", tmp_path / "out.csv", {(2, "kind"): "household"})


NDJSON = "\n".join(json.dumps(dict(zip(CHINESE, one.values(), strict=True)), ensure_ascii=False) for one in GOOD)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_ndjson_is_read_as_csv_is(encoding: str, tmp_path: Path) -> None:
    """In any marked encoding, with Chinese names of columns, and with empty lines at its end."""
    sheet = judged((NDJSON + "\n\n \n").encode(encoding), tmp_path)
    assert (sheet.format, sheet.rows, sheet.faults) == ("ndjson", 5, ())
    assert [row for batch in sheet.batches(9) for row in batch["handle"]] == [one["handle"] for one in GOOD]


def test_a_cell_under_a_chinese_name_is_mended(tmp_path: Path) -> None:
    """The cell that the fault names is found under its Chinese name; both names in one object are a fault."""
    (tmp_path / "sent").write_text(NDJSON.replace("household", "king", 1), encoding="utf-8")
    mend(tmp_path / "sent", tmp_path / "right", {(1, "kind"): "household"})
    assert (tmp_path / "right").read_text(encoding="utf-8") == NDJSON
    both = json.dumps(GOOD[0] | {"账号代号": GOOD[0]["handle"]}, ensure_ascii=False).encode()
    assert [fault.code for fault in judged(both, tmp_path).faults] == ["column-doubled"]
