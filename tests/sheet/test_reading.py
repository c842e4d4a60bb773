"""Reading operators' files: good ones in every dialect, and a table of bad ones, each with what is said of it."""

import csv
import hashlib
import io
import random
import resource
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openroll.register.subscription.handle import FORM
from openroll.sheet import COLUMNS, Sheet, check_row, read
from openroll.sheet.columns import good_rows
from openroll.sheet.first_look import keepable
from openroll.sheet.formats import _careful
from tests.chongqing import terms
from tests.handles import handle, many_handles

TERMS = terms(date(2006, 12, 20), 2)
HEADER = ["handle", "kind", "access", "district", "connected", "digests"]


def digests(seed: str, count: int = 2) -> str:
    """Sorted digests as a filing carries them."""
    made = (hashlib.sha256(f"{seed}{n}".encode()).digest() for n in range(count))
    return " ".join(sorted(urlsafe_b64encode(one).decode().rstrip("=") for one in made))


def row(account: str, **given: str) -> dict[str, str]:
    """A good row, or one with something given."""
    good = {
        "handle": handle(account),
        "kind": "household",
        "access": "adsl",
        "district": "500103",
        "connected": "2006-10-02",
    }
    return good | {"digests": digests(account)} | given


def text(rows: list[dict[str, str]], delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type] # csv's constants are ints
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


GOOD = [row(f"h-{n}") for n in range(5)]
CHINESE = ["账号代号", "类别", "接入方式", "区县代码", "开通日期", "摘要"]
GOOD_FILES: dict[str, bytes] = {
    "UTF-8 with commas": text(GOOD).encode(),
    "UTF-8 with a byte order mark, as Excel writes it": text(GOOD).encode("utf-8-sig"),
    "UTF-8 with Chinese column names": text(GOOD).replace(",".join(HEADER), ",".join(CHINESE)).encode(),
    "UTF-16 with tabs, as Excel's Unicode text": text(GOOD, "\t").replace("\n", "\r\n").encode("utf-16"),
    "semicolons": text(GOOD, ";").encode(),
    "tabs and Windows line ends": text(GOOD, "\t").replace("\n", "\r\n").encode(),
    "everything quoted": text(GOOD, quoting=csv.QUOTE_ALL).encode(),
    "no newline at the end": text(GOOD).encode().rstrip(b"\n"),
    "NDJSON": b"\n".join(msgspec.json.encode(one) for one in GOOD),
    "NDJSON with digests as a list": b"\n".join(
        msgspec.json.encode(one | {"digests": one["digests"].split()}) for one in GOOD
    ),
}


def judged(data: bytes, spool: Path, name: str = "sent.csv") -> Sheet:
    """Read bytes as a file."""
    folder = spool / "spool"
    folder.mkdir()
    path = spool / name
    path.write_bytes(data)
    return read(path, TERMS, spool=folder)


@pytest.mark.parametrize("sentence", GOOD_FILES)
def test_good_file(sentence: str, tmp_path: Path) -> None:
    """A good file of each dialect gives its rows, and its digest is the SHA-256 of its bytes."""
    sheet = judged(GOOD_FILES[sentence], tmp_path)
    assert sheet.faults == ()
    assert sheet.digest == hashlib.sha256(GOOD_FILES[sentence]).hexdigest()
    batches = list(sheet.batches(2))
    assert [batch.height for batch in batches] == [2, 2, 1]
    rows = pl.concat(batches)
    assert rows["handle"].to_list() == [one["handle"] for one in GOOD]
    assert rows["connected"].to_list() == [date(2006, 10, 2)] * 5
    assert set(rows["act"]) == {"new"}


def test_good_parquet(tmp_path: Path) -> None:
    """Parquet with real dates is read as the CSV is, from a path and from a stream."""
    frame = pl.DataFrame(GOOD).with_columns(pl.col("connected").str.to_date())
    frame.write_parquet(tmp_path / "sent.parquet")
    data = (tmp_path / "sent.parquet").read_bytes()
    for name, source in (("path", tmp_path / "sent.parquet"), ("stream", io.BytesIO(data))):
        (tmp_path / name).mkdir()
        sheet = read(source, TERMS, spool=tmp_path / name)
        assert sheet.faults == ()
        assert (sheet.rows, sheet.digest) == (5, hashlib.sha256(data).hexdigest())


def changed(**given: str) -> bytes:
    """A file of good rows, the fourth of which (row 4 of the sheet) has something given."""
    return text([*GOOD[:2], row("bad") | given, *GOOD[2:]]).encode()


def blank(**given: str) -> dict[str, str]:
    """A row of empty cells, but for what is given."""
    return dict.fromkeys(COLUMNS, "") | given


LINES = text(GOOD).splitlines(keepends=True)
BAD_FILES: dict[str, tuple[bytes, int, str, str]] = {
    "a day and a month nobody can tell apart": (changed(connected="02/10/2006"), 4, "connected", "date-shape"),
    "a day that does not exist": (changed(connected="2006-02-30"), 4, "connected", "date-shape"),
    "a date without hyphens": (changed(connected="20061002"), 4, "connected", "date-shape"),
    "a spreadsheet's day number": (changed(connected="38992"), 4, "connected", "date-shape"),
    "a date in Chinese characters": (changed(connected="2006年10月2日"), 4, "connected", "date-shape"),
    "a date to come": (changed(connected="2007-01-01"), 4, "connected", "date-range"),
    "an unknown district": (changed(district="510103"), 4, "district", "district-unknown"),
    "an unknown kind": (changed(kind="Household"), 4, "kind", "kind-unknown"),
    "an unknown act": (text([row("x") | {"act": "delete"}]).encode(), 2, "act", "act-unknown"),
    "a handle twice": (text([*GOOD, row("h-1")]).encode(), 7, "handle", "handle-duplicate"),
    **{
        f"{what} for a handle": (changed(handle=number), 4, "handle", "handle-form")
        for what, number in {
            "an identity number": "11010519491231002X",
            "an identity number of 15 digits": "110105491231002",
            "a Chinese mobile number": "13812345678",
            "a Kenyan telephone number": "254712345678",
            "a Philippine telephone number": "639171234567",
            "a Brazilian CPF": "529.982.247-25",
            "a number within a word": "adsl:13812345678",
            "an account number of our own": "acc-0000042",
            "a UUID": "7b7c5f0e-6f0d-4a1e-9a55-2f4f3c1d9e10",
            "a name": "王小明",
            "a formula": "=cmd|'/c calc'!A1",
            "a plus sign before a number": "+8613812345678",
            "nothing": "",
            "a handle in capitals": GOOD[0]["handle"].upper(),
        }.items()
    },
    "a handle and a blank": (changed(handle=GOOD[0]["handle"] + " "), 4, "handle", "handle-blank"),
    "a blank that does not break, within a handle": (
        changed(handle=GOOD[0]["handle"][:9] + "\xa0" + GOOD[0]["handle"][9:]),
        4,
        "handle",
        "handle-blank",
    ),
    "a telephone number and a blank for a handle": (changed(handle="254712345678 "), 4, "handle", "handle-form"),
    "a handle with a wrong character": (changed(handle="h1" + "a" * 33 + "b"), 4, "handle", "handle-check"),
    "a number to change what was filed": (
        text([row("x") | {"act": "change", "handle": "+254712345678", "connected": "", "on": "2006-12-01"}]).encode(),
        2,
        "handle",
        "handle-shape",
    ),
    "a number for a new handle": (
        text([blank(act="rehandle", handle="acc-1", new_handle="254712345678")]).encode(),
        2,
        "new_handle",
        "handle-form",
    ),
    "a new handle where nothing is rehandled": (
        text([row("x") | {"new_handle": GOOD[0]["handle"]}]).encode(),
        2,
        "new_handle",
        "not-empty",
    ),
    "a day of a new handle": (
        text([blank(act="rehandle", handle="acc-1", new_handle=GOOD[0]["handle"], on="2006-12-01")]).encode(),
        2,
        "on",
        "not-empty",
    ),
    "two records with one new handle": (
        text([blank(act="rehandle", handle=f"acc-{n}", new_handle=GOOD[0]["handle"]) for n in range(2)]).encode(),
        3,
        "new_handle",
        "handle-duplicate",
    ),
    "a new handle that another row files": (
        text(
            [blank() | row("h-1"), blank(act="rehandle", handle="acc-1", new_handle=GOOD[1]["handle"])],
        ).encode(),
        3,
        "new_handle",
        "handle-duplicate",
    ),
    "a handle twice, one of the two with another fault": (
        text([*GOOD, row("h-1", connected="x")]).encode(),
        7,
        "handle",
        "handle-duplicate",
    ),
    "a right-to-left override": (changed(handle="abc\u202edef"), 4, "handle", "character-hidden"),
    "a NUL byte": (changed(handle="abc\0def"), 4, "handle", "character-hidden"),
    "a cell of a megabyte": (changed(access="x" * 1_000_000), 4, "access", "cell-too-long"),
    "a quoted cell of a megabyte": (changed(access='"' * 1_000_000), 4, "access", "cell-too-long"),
    "a digest too few": (changed(digests=digests("x", 1)), 4, "digests", "digests-shape"),
    "digests out of order": (changed(digests=" ".join(reversed(digests("x").split()))), 4, "digests", "digests-shape"),
    "a row with a cell too many": (
        "".join([*LINES[:3], LINES[3].strip() + ",x\n", *LINES[4:]]).encode(),
        4,
        "",
        "row-ragged",
    ),
    "one row too short and one too long": (
        "".join([*LINES[:3], LINES[3].strip() + ",x\n", LINES[4].replace(",adsl", ""), *LINES[5:]]).encode(),
        4,
        "",
        "row-ragged",
    ),
    "an empty row": ("".join([*LINES[:3], "\n", *LINES[3:]]).encode(), 4, "", "row-empty"),
    "cut off in the middle of a row": ("".join(LINES).encode()[:-60], 6, "", "file-cut-off"),
    "cut off in a quoted cell": (("".join(LINES) + 'h-9,"house').encode(), 7, "", "file-cut-off"),
    "another encoding from the fourth row on": (
        text(GOOD[:2]).replace(",".join(HEADER), ",".join(CHINESE)).encode() + "王".encode("gb18030") + b",x\n",
        4,
        "",
        "encoding",
    ),
    "a first line for Excel alone": (b"sep=,\n" + text(GOOD).encode(), 1, "", "header-separator"),
    "a first line for Excel alone, quoted": (b'"sep=;"\r\n' + text(GOOD, ";").encode(), 1, "", "header-separator"),
    "a missing column": (
        text([{k: v for k, v in one.items() if k != "district"} for one in GOOD]).encode(),
        1,
        "district",
        "column-missing",
    ),
    "a column with names": (text([one | {"name": "王小明"} for one in GOOD]).encode(), 1, "name", "column-unknown"),
    "a column twice": ((",".join([*HEADER, "kind"]) + "\n").encode(), 1, "kind", "column-doubled"),
    "nothing at all": (b"", 0, "", "file-empty"),
    "a header only": (LINES[0].encode(), 0, "", "file-empty"),
    "an Excel workbook": (b"PK\x03\x04" + bytes(100), 0, "", "not-a-list"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), 0, "", "not-a-list"),
    "bytes that are text in no encoding": (b"\x81\xff\x00\x81\xff\xfe\x81" * 40, 0, "", "not-a-list"),
    "a gzip archive": (b"\x1f\x8b" + bytes(100), 0, "", "not-a-list"),
    "a Parquet file without its end": (b"PAR1" + bytes(1000), 0, "", "file-cut-off"),
    "NDJSON cut off": (b"\n".join(map(msgspec.json.encode, GOOD))[:-20], 5, "", "file-cut-off"),
    "NDJSON with a number for text": (msgspec.json.encode(row("x") | {"district": 500103}), 1, "district", "not-text"),
    "NDJSON with a name": (msgspec.json.encode(row("x") | {"name": "王小明"}), 1, "name", "column-unknown"),
    "NDJSON nested without end": (b"{" + b'"a":[' * 5000, 1, "", "row-broken"),
    "bytes that are nothing": (bytes(range(128, 256)) * 40, 0, "", "encoding-unsure"),
}


@pytest.mark.parametrize("sentence", BAD_FILES)
def test_bad_file(sentence: str, tmp_path: Path) -> None:
    """Each bad file is refused with its row, its column, its code, an expectation and a remedy."""
    data, number, column, code = BAD_FILES[sentence]
    sheet = judged(data, tmp_path)
    assert not sheet.ok
    said = [(fault.row, fault.column, fault.code) for fault in sheet.faults]
    assert (number, column, code) in said, sheet.faults
    fault = sheet.faults[said.index((number, column, code))]
    assert fault.expected
    assert fault.remedy
    assert "\0" not in fault.value
    assert "\u202e" not in fault.value
    assert len(fault.value) < 400


CUT = {
    "commas": text(GOOD[:3]).encode(),
    "quoted": text(GOOD[:3], quoting=csv.QUOTE_ALL).encode(),
    "line ends of old Macs, and the digests first": text([dict(reversed(one.items())) for one in GOOD[:3]])
    .replace("\n", "\r")
    .encode(),
    "UTF-16": text(GOOD[:3], "\t").encode("utf-16"),
    "NDJSON": b"".join(msgspec.json.encode(one) + b"\n" for one in GOOD[:3]),
}


@pytest.mark.parametrize("dialect", CUT)
def test_a_file_that_was_cut_off_is_told_as_that_and_cannot_be_mended(dialect: str, tmp_path: Path) -> None:
    """Wherever in a row a file ends, that it was cut off is all that is said of the row, and it does not wait to be put right."""
    whole, said = CUT[dialect], set()
    for end in {*range(len(whole) - 1, len(whole) // 2, -11), len(whole) - 20}:
        sheet = read(io.BytesIO(whole[:end]), TERMS, spool=tmp_path)
        said.add(found := tuple((fault.row, fault.code) for fault in sheet.faults))
        # A cut between two rows, or before nothing but a line end, leaves a whole list.
        assert found == () or (len(found) == sheet.fault_count == 1 and not keepable(sheet.faults)), (end, found)
    first = 1 if dialect == "NDJSON" else 2
    assert {((first + 1, "file-cut-off"),), ((first + 2, "file-cut-off"),)} <= said <= {
        (), ((first, "file-cut-off"),), ((first + 1, "file-cut-off"),), ((first + 2, "file-cut-off"),)
    }  # fmt: skip


def act_last(last: str, **given: str) -> bytes:
    """A list that ends with an act, `last` in its last column, without its line end."""
    cells = {name: "" for name in COLUMNS if name != last} | {last: ""}
    rows = [{"act": "end", "handle": handle("z"), "on": "2006-12-01"}, given]
    return text([cells | one for one in rows]).encode().rstrip(b"\n")


CHANGE = {"act": "change", "handle": handle("a"), "on": "2006-12-01"}
END = CHANGE | {"act": "end"}
MAY_GO_ON = {
    "a move without its district": (act_last("district", **CHANGE, access="lan"), True),
    "a change without its way in": (act_last("access", **CHANGE, district="500103"), True),
    "a change without its digests": (act_last("digests", **CHANGE, access="lan"), True),
    "a district that no longer one begins with": (act_last("district", **CHANGE, district="500103"), False),
    "an end, which has no more cells to fill": (act_last("digests", **END), False),
    "a filing, which needs each of its cells": (text(GOOD).encode()[:-1], False),
}


@pytest.mark.parametrize("sentence", MAY_GO_ON)
def test_a_good_last_row_that_may_go_on_is_cut_off(sentence: str, tmp_path: Path) -> None:
    """Cut right behind its last comma a row is another act than was filed: its line end says that it is whole."""
    data, cut = MAY_GO_ON[sentence]
    for end, codes in ((data, ["file-cut-off"] * cut), (data + b"\n", [])):
        sheet = read(io.BytesIO(end), TERMS, spool=tmp_path)
        assert [fault.code for fault in sheet.faults] == codes


def test_a_code_with_which_a_longer_one_begins_is_cut_off(tmp_path: Path) -> None:
    """Nobody can tell `lan` from `lan-office` that lost its end, so the line end is asked for."""
    terms = msgspec.structs.replace(TERMS, accesses=TERMS.accesses | {"lan-office"})
    data = act_last("access", **CHANGE, access="lan")
    for end, codes in ((data, ["file-cut-off"]), (data + b"-office", []), (data + b"\n", [])):
        sheet = read(io.BytesIO(end), terms, spool=tmp_path)
        assert [fault.code for fault in sheet.faults] == codes


def test_a_cut_is_told_before_a_thousand_other_faults(tmp_path: Path) -> None:
    """A file with more faults than are kept says that it was cut off; a wrong last row that is whole does not."""
    wrong = text([row(f"h-{n}", kind="x") for n in range(1100)]).encode()
    cut = judged(wrong[:-30], tmp_path)
    assert (cut.fault_count, cut.faults[0].code, cut.faults[0].row) == (1100, "file-cut-off", 1101)
    for data in (text([row("a"), row("b", digests="x")]).encode(), text([row("a"), row("b", kind="x")]).encode()[:-1]):
        assert keepable(read(io.BytesIO(data), TERMS, spool=tmp_path).faults)


def test_a_folder_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A folder, or a name with nothing behind it, is a fault like any other."""
    for path in (tmp_path, tmp_path / "none.csv"):
        assert [fault.code for fault in read(path, TERMS, spool=tmp_path).faults] == ["file-unreadable"]


def test_an_identity_is_not_repeated_in_its_fault(tmp_path: Path) -> None:
    """The fault of what stands for a handle does not show it, as it may be a number of somebody; nor does one that changes."""
    rows = [row("x", handle="254712345678"), blank(act="end", handle="+254712345678", on="2006-12-01")]
    rows.append(blank(act="rehandle", handle="+254712345678", new_handle="254712345678"))
    sheet = judged(text([blank() | one for one in rows]).encode(), tmp_path)
    assert {fault.row for fault in sheet.faults} == {2, 3, 4}
    assert "254712" not in str(sheet.faults)


def test_faults_as_csv_run_no_formula(tmp_path: Path) -> None:
    """In the list of faults no cell begins as a formula does."""
    sheet = judged(changed(access="=1+1", kind="＝1+1"), tmp_path)
    cells = [cell for line in csv.reader(io.StringIO(sheet.faults_csv())) for cell in line]
    assert {"'=1+1", "'＝1+1"} <= set(cells)
    assert not any(cell[:1] in "=+-@＝＋－＠" for cell in cells if cell)


def test_every_fault_is_counted_and_the_first_thousand_kept(tmp_path: Path) -> None:
    """A file wrong in every row says how wrong, and shows a thousand of it."""
    sheet = judged(text([row(f"h-{n}", kind="x") for n in range(3000)]).encode(), tmp_path)
    assert (sheet.fault_count, len(sheet.faults), sheet.rows) == (3000, 1000, 3000)


def test_an_old_handle_still_names_what_is_filed(tmp_path: Path) -> None:
    """What was filed under a handle without a form can be changed, ended and given a new handle under it."""
    rows = [
        blank(act="change", handle="u-110105491331002", on="2006-12-01", access="lan"),
        blank(act="end", handle="13812345678", on="2006-12-01"),
        blank(act="rehandle", handle="acc:7", new_handle=handle("acc:7")),
    ]
    sheet = judged(text(rows).encode(), tmp_path)
    assert sheet.faults == ()
    assert [one["new_handle"].to_list() for one in sheet.batches(9)] == [["", "", handle("acc:7")]]


def test_the_kept_faults_are_the_first_of_the_file(tmp_path: Path) -> None:
    """Doubles are found last and in no order; those that stand first in the file are shown all the same."""
    rows = [row("a"), row("a"), *(row(f"h-{n}", kind="x") for n in range(1500)), *(row(f"h-{n}") for n in range(1500))]
    sheet = judged(text(rows).encode(), tmp_path)
    assert (sheet.fault_count, [fault.row for fault in sheet.faults]) == (3001, list(range(3, 1003)))


def test_large_quoted_cells_do_not_pile_up(tmp_path: Path) -> None:
    """However many cells of a megabyte a file has, few of them are in memory at a time."""
    line = f'h,household,"{"x" * 1_000_000}",500103,2006-10-02,{digests("x")}\n'.encode()
    lots = [cells.height for _, cells, _ in _careful(iter([line] * 100), HEADER, ",", 2)]
    assert sum(lots) == 100
    assert max(lots) <= 17


def test_a_damaged_parquet_file_is_a_fault(tmp_path: Path) -> None:
    """Parquet with any bytes changed is judged; where the library panics, that is a fault too."""
    whole = io.BytesIO()
    pl.DataFrame(GOOD * 50).write_parquet(whole)
    draw = random.Random(1)
    for turn in range(300):
        data = bytearray(whole.getvalue())
        for _ in range(draw.randint(1, 6)):
            data[draw.randrange(len(data) - 900 if turn % 2 else 4, len(data) - 4)] = draw.randrange(256)
        folder = tmp_path / str(turn)
        folder.mkdir()
        assert read(io.BytesIO(data), TERMS, spool=folder).fault_count >= 1, "handles stand twice in it at the least"


def test_known_handles_are_faults_of_new_rows_and_needed_by_others(tmp_path: Path) -> None:
    """A new row's handle must not be filed yet; a change's and an end's must be."""
    path = tmp_path / "sent.csv"
    rows = [blank() | row("old"), blank(act="end", handle="none", on="2006-12-01")]
    path.write_text(text(rows))
    sheet = read(path, TERMS, spool=tmp_path, known=lambda _: {handle("old")})
    assert [(fault.row, fault.code) for fault in sheet.faults] == [(2, "handle-filed"), (3, "handle-unknown")]


WORDS = st.sampled_from(
    ["", "new", "change", "end", "rehandle", handle("h"), handle("h")[:-1] + "a",
     "household", "Household", "adsl", "500103", "2006-10-02", "2006-02-30", "2006-10-2", "h-1",
     "13812345678", "＝", "a b", " x", "x ", "\u200b",
     "0-1-1", "-001-01-01", "99999-01-01"]
)  # fmt: skip
CELLS = {name: WORDS | st.text(max_size=12) for name in COLUMNS} | {
    "digests": WORDS
    | st.sampled_from([digests("q"), digests("q", 1), digests("q", 3), digests("q") + " ", digests("q").lower()]),
    "handle": WORDS | st.from_regex(r"[A-Za-z0-9._:-]{1,70}", fullmatch=True) | st.from_regex(FORM, fullmatch=True),
    "connected": WORDS | st.dates().map(str),
}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(CELLS)
        | st.builds(
            lambda change: dict.fromkeys(COLUMNS, "") | row("h") | change,
            st.dictionaries(st.sampled_from(COLUMNS), WORDS, max_size=1),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_both_lanes_judge_alike(rows: list[dict[str, str]]) -> None:
    """A row that the columns call good has no fault by the exact lane; a good new row is not sent there in vain."""
    good = good_rows(pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String)), TERMS)
    for cells, sure in zip(rows, good, strict=True):
        faults = check_row(cells, TERMS, 2)
        if sure:
            assert faults == []
        else:
            assert faults or cells["act"] not in ("", "new")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bytes_give_a_traceback(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Random and mutated files are judged, never anything else; what is called good gives as many rows as it says."""
    whole = data.draw(st.sampled_from(sorted(GOOD_FILES.items())))[1]
    cut = data.draw(st.integers(0, len(whole)))
    inserted = data.draw(
        st.binary(max_size=20) | st.text(max_size=10).map(str.encode) | st.sampled_from([b'"', b"\n", b"\r", b","])
    )
    mutated = whole[:cut] + inserted + whole[cut + data.draw(st.integers(0, 10)) :]
    sheet = read(io.BytesIO(mutated), TERMS, spool=tmp_path_factory.mktemp("spool"))
    assert sheet.rows >= 0
    if sheet.ok:
        assert sum(batch.height for batch in sheet.batches(3)) == sheet.rows


class Endless(io.RawIOBase):
    """A file made as it is read: a header, then good rows up to a size."""

    def __init__(self, rows: int) -> None:
        self._rows = self._made(rows)
        self._held = b""

    def _made(self, rows: int) -> Iterator[bytes]:
        yield ",".join(HEADER).encode() + b"\n"
        tail = f",household,adsl,500103,2006-10-02,{digests('x')}\n".encode()
        for start in range(0, rows, 10_000):
            yield b"".join(one + tail for one in many_handles(start, min(10_000, rows - start)))

    def read(self, size: int = -1) -> bytes:
        while len(self._held) < size and (more := next(self._rows, b"")):
            self._held += more
        given, self._held = self._held[:size], self._held[size:]
        return given


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Reading four times as many rows takes no more memory: 120 MB of rows after 30 MB grow the process by little."""
    sizes = []
    for rows in (250_000, 1_000_000):
        folder = tmp_path / str(rows)
        folder.mkdir()
        sheet = read(Endless(rows), TERMS, spool=folder)  # type: ignore[arg-type] # it has what is read of a BinaryIO
        assert (sheet.rows, sheet.faults) == (rows, ())
        sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert sizes[1] - sizes[0] < 60_000, sizes


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        ("31.12.2005", "day-first"),
        ("31/12/2005", "day-first"),
        ("1.2.2006", "day-first"),
        ("12/31/2005", "month-first"),
        ("1.31.2006", "month-first"),
        ("1/2/2006", "day-or-month"),
        ("31/31/2005", "no-such-day"),
        ("41/12/2005", "no-such-day"),
        ("2005/12/31", "slashes"),
        ("2005-02-30", "no-such-day"),
    ],
)
def test_a_date_is_called_unclear_only_where_it_is(cell: str, shape: str) -> None:
    """There is no month 31, and with points the day stands first: only what can be read in two ways is called so."""
    (fault,) = check_row(row("x", connected=cell), TERMS, 2)
    assert fault.params["shape"] == shape


def test_a_day_to_come_is_told_from_a_wrong_year() -> None:
    """The day after the last that may be filed is still to come; nobody is sent to look at its year."""
    (early,) = check_row(row("x", connected="1906-10-02"), TERMS, 2)
    (late,) = check_row(row("x", connected=str(TERMS.latest + timedelta(days=1))), TERMS, 2)
    assert early.remedy.startswith("Check the year.")
    assert late.remedy == "This day is still to come. What has not happened yet is filed when it has."
