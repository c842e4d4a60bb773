"""A corrected copy: what is named is mended, and every other byte is as it was."""

import codecs
import csv
import io
import resource
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openroll.sheet import COLUMNS, Fault, read
from openroll.sheet.mend import Mended, mend
from openroll.sheet.reading import column_of
from tests.handles import handle
from tests.sheet.test_reading import BAD_FILES, GOOD, GOOD_FILES, HEADER, TERMS, Endless, changed, digests, row, text

FAULTY_COLUMNS = ("handle", "kind", "access", "district", "connected", "digests")


def read_again(path: Path, folder: Path) -> tuple[tuple[Fault, ...], int]:
    """The faults and the count of rows of a file."""
    folder.mkdir()
    sheet = read(path, TERMS, spool=folder)
    return sheet.faults, sheet.rows


def mended(data: bytes, folder: Path, fixes: dict[tuple[int, str], str], drop: tuple[int, ...] = ()) -> bytes:
    """The bytes of the corrected copy."""
    (folder / "sent").write_bytes(data)
    mend(folder / "sent", folder / "right", fixes, drop)
    return (folder / "right").read_bytes()


RIGHT = {
    "connected": "2006-10-02",
    "district": "500103",
    "kind": "household",
    "act": "new",
    "handle": handle("right-1"),
    "new_handle": handle("right-2"),
    "access": "adsl",
    "digests": digests("x"),
}
DROPPED = ("row-ragged", "row-empty", "file-cut-off", "encoding", "header-separator")
CANNOT = {
    "a missing column": "a cell cannot add a column",
    "a column with names": "a cell cannot take a column out",
    "a column twice": "a cell cannot take a column out",
    "nothing at all": "there is nothing to mend",
    "a header only": "there is nothing to mend",
    "an Excel workbook": "this is no list",
    "a picture": "this is no list",
    "bytes that are text in no encoding": "this is no list",
    "a gzip archive": "this is no list",
    "a Parquet file without its end": "its rows are lost",
    "NDJSON with a name": "a cell cannot take a column out",
    "bytes that are nothing": "there is no header",
}
"""Bad files without a cell or a row that could be put right, and why."""


@pytest.mark.parametrize("sentence", [sentence for sentence in BAD_FILES if sentence not in CANNOT])
def test_each_bad_file_can_be_put_right(sentence: str, tmp_path: Path) -> None:
    """Cell by cell, or by leaving out the row that is none, each bad file becomes one without a fault."""
    data, number, _, code = BAD_FILES[sentence]
    (tmp_path / "sent").write_bytes(data)
    faults, _ = read_again(tmp_path / "sent", tmp_path / "first")
    fixes: dict[tuple[int, str], str] = {}
    for fault in faults:
        if fault.column:
            fixes[fault.row, fault.column] = "" if fault.code == "not-empty" else RIGHT[fault.column]
    if code == "row-broken":
        fixes = {(number, column): RIGHT[column] for column in FAULTY_COLUMNS}
    drop = {fault.row for fault in faults if fault.code in DROPPED}
    fixes = {place: value for place, value in fixes.items() if place[0] not in drop}
    right = mended(data, tmp_path, fixes, tuple(drop))
    if right.strip().count(b"\n") == 0 and not right.startswith(b"{"):
        return  # the only row was left out
    (tmp_path / "again").write_bytes(right)
    assert read_again(tmp_path / "again", tmp_path / "second")[0] == ()


@pytest.mark.parametrize("sentence", GOOD_FILES)
def test_only_the_named_cell_changes(sentence: str, tmp_path: Path) -> None:
    """In each dialect a cell is mended and a row left out; nothing mended leaves every byte; the rest is as it was."""
    data = GOOD_FILES[sentence]
    assert mended(data, tmp_path, {}) == data
    first = 1 if "NDJSON" in sentence else 2
    fixes = {(first + 1, "district"): "500105", (first + 2, "digests"): digests("other")}
    right = mended(data, tmp_path, fixes, (first + 3,))
    encoding = "utf-16" if "UTF-16" in sentence else "gb18030" if "GB18030" in sentence else "utf-8"
    lines, old = right.decode(encoding).splitlines(), data.decode(encoding).splitlines()
    expected = list(old)
    at = 1 if "NDJSON" in sentence else 2
    expected[at] = old[at].replace("500103", "500105")
    for given_digest, other in zip(digests("h-2").split(), digests("other").split(), strict=True):
        expected[at + 1] = expected[at + 1].replace(given_digest, other)
    del expected[at + 2]
    assert lines == expected
    assert right[:3] == data[:3]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    """In Parquet a date stays a date; a new text that is none makes the column text; rows count from 2."""
    frame = pl.DataFrame(GOOD).with_columns(pl.col("connected").str.to_date())
    frame.write_parquet(tmp_path / "sent")
    data = (tmp_path / "sent").read_bytes()
    right = pl.read_parquet(io.BytesIO(mended(data, tmp_path, {(3, "connected"): "2006-10-05"}, (2,))))
    assert right.schema == frame.schema
    assert [str(day) for day in right["connected"]] == ["2006-10-05", *["2006-10-02"] * 3]
    text_now = pl.read_parquet(io.BytesIO(mended(data, tmp_path, {(3, "connected"): "soon"})))
    assert text_now["connected"].to_list() == ["2006-10-02", "soon", *["2006-10-02"] * 3]


def test_a_name_in_the_header_is_mended(tmp_path: Path) -> None:
    """Row 1 is the header: a mistyped name is put right, and only by a column's name."""
    data = text(GOOD).replace("district", "distrikt").encode()
    right = mended(data, tmp_path, {(1, "distrikt"): "district"})
    assert right == text(GOOD).encode()
    with pytest.raises(ValueError, match="cannot be named 'county'"):
        mended(data, tmp_path, {(1, "distrikt"): "county"})


def test_json_keeps_how_it_was_written(tmp_path: Path) -> None:
    """Only the value changes: blanks, order, escapes stay; a list stays a list; what is lacking is added."""
    line = b'{ "handle" : "h\\u002d1","kind":"x", "digests":["a", "b"] }\r\n'
    fixes = {(1, "kind"): "household", (1, "digests"): "c d", (1, "access"): "adsl"}
    assert (
        mended(line, tmp_path, fixes)
        == b'{ "handle" : "h\\u002d1","kind":"household", "digests":["c","d"] , "access": "adsl"}\r\n'
    )


@pytest.mark.parametrize(
    ("fixes", "drop", "sentence"),
    [
        ({(99, "kind"): "household"}, (), "no row 99"),
        ({(0, "kind"): "household"}, (), "no row 0"),
        ({(4, "on"): "2006-10-02"}, (), "Row 4: there is no column 'on'"),
        ({}, (7, 99), "no row 99"),
        ({}, (1,), "no row 1 "),
        ({(4, "kind"): "household"}, (4,), "Row 4 is to be mended and to be left out"),
        ({(4, "kind"): "\ud800"}, (), "is not text"),
    ],
)
def test_what_cannot_be_mended_is_said(
    fixes: dict[tuple[int, str], str], drop: tuple[int, ...], sentence: str, tmp_path: Path
) -> None:
    """A row or a column that is not there is a sentence, and leaves no output and no half of one."""
    with pytest.raises(ValueError, match=sentence):
        mended(changed(kind="x"), tmp_path, fixes, drop)
    assert [path.name for path in tmp_path.iterdir()] == ["sent"]


@pytest.mark.parametrize("sentence", ["an Excel workbook", "a gzip archive", "a Parquet file without its end"])
def test_no_list_is_said(sentence: str, tmp_path: Path) -> None:
    """What is no list at all is refused in a sentence."""
    with pytest.raises(ValueError, match=r"\w+\."):
        mended(BAD_FILES[sentence][0], tmp_path, {})


def test_the_source_is_not_written_over(tmp_path: Path) -> None:
    """The corrected file needs a name of its own."""
    (tmp_path / "sent").write_bytes(changed(kind="x"))
    with pytest.raises(ValueError, match="written over"):
        mend(tmp_path / "sent", tmp_path / "sent", {(4, "kind"): "household"})
    assert (tmp_path / "sent").read_bytes() == changed(kind="x")


def test_a_quotation_mark_left_open_takes_no_rows_with_it(tmp_path: Path) -> None:
    """Where an open quoted cell runs over many lines nothing is left out for it: those lines may be good rows."""
    data = changed(kind='"household').replace(b'"""household"', b'"household')
    with pytest.raises(ValueError, match="row 4 a quotation mark is not closed"):
        mended(data, tmp_path, {}, (4,))


ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
CELLS = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ['a"b', "a,b", "a\nb", "a\r\nb", '"', "王小明"]
)


def written(rows: list[dict[str, str]], encoding: str, quoting: int, end: str, delimiter: str) -> bytes:
    """Rows as a CSV of a dialect. Python 3.11 leaves a bare carriage return unquoted, which ends a row for every reader."""
    if any("\r" in cell for cells in rows for cell in cells.values()):
        quoting = csv.QUOTE_ALL
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type] # csv's constants are ints
    writer.writeheader()
    writer.writerows(rows)
    made = out.getvalue().encode(encoding)
    return codecs.BOM_UTF16_BE + made if encoding == "utf-16-be" else made


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    encoding=ENCODINGS,
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    delimiter=st.sampled_from(",;\t"),
)
def test_a_cell_mended_with_what_it_was_is_as_faulty(
    data: st.DataObject, encoding: str, quoting: int, end: str, delimiter: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Mending any cells with the text they have gives the same faults, and the same bytes."""
    folder = tmp_path_factory.mktemp("mend")
    rows = [
        row(f"h-{number}") | data.draw(st.dictionaries(st.sampled_from(HEADER), CELLS, max_size=2))
        for number in range(data.draw(st.integers(1, 6)))
    ]
    sent = written(rows, encoding, quoting, end, delimiter)
    (folder / "sent").write_bytes(sent)
    before = read_again(folder / "sent", folder / "first")
    if any(fault.row <= 1 for fault in before[0]):
        return
    picked = data.draw(st.lists(st.tuples(st.integers(0, len(rows) - 1), st.sampled_from(HEADER)), max_size=4))
    fixes = {(at + 2, column): rows[at][column] for at, column in picked}
    done = mend(folder / "sent", folder / "right", fixes)
    assert done == Mended(len(rows), len(fixes), 0)
    assert read_again(folder / "right", folder / "second") == before
    assert (folder / "right").read_bytes() == sent


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_rows_are_counted_as_they_are_read(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is done to a file, nothing mended leaves its bytes, and a row that can be judged is counted alike."""
    folder = tmp_path_factory.mktemp("mend")
    whole = data.draw(st.sampled_from(sorted(GOOD_FILES.items())))[1]
    cut = data.draw(st.integers(0, len(whole)))
    inserted = data.draw(st.binary(max_size=8) | st.sampled_from([b'"', b'""', b"\n", b"\r", b"\r\n", b","]))
    mutated = whole[:cut] + inserted + whole[cut + data.draw(st.integers(0, 5)) :]
    (folder / "sent").write_bytes(mutated)
    faults, rows = read_again(folder / "sent", folder / "spool")
    try:
        done = mend(folder / "sent", folder / "right", {})
    except ValueError:
        assert faults
        return
    assert (folder / "right").read_bytes() == mutated
    if not any(fault.code in ("row-broken", "file-cut-off", "encoding") or fault.row <= 1 for fault in faults):
        assert done.rows == rows


@pytest.mark.parametrize("sentence", [one for one in GOOD_FILES if "NDJSON" not in one and "UTF-16" not in one])
def test_an_empty_line_at_the_end_is_no_row(sentence: str, tmp_path: Path) -> None:
    """To who reads the file and to who mends it alike."""
    (tmp_path / "sent").write_bytes(GOOD_FILES[sentence] + b"\n")
    faults, rows = read_again(tmp_path / "sent", tmp_path / "spool")
    if not faults:
        assert mend(tmp_path / "sent", tmp_path / "right", {}).rows == rows


def test_mending_takes_flat_memory(tmp_path: Path) -> None:
    """A file of 1,000,000 rows, quoted from the second on, is mended in little memory."""
    made = Endless(1_000_000)
    with (tmp_path / "sent").open("wb") as file:
        while block := made.read(1 << 20):
            file.write(block.replace(b"household", b'"household"'))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert mend(tmp_path / "sent", tmp_path / "right", {(900_000, "kind"): "person"}) == Mended(1_000_000, 1, 0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 80_000


def test_columns_are_found_by_their_chinese_titles() -> None:
    """A fix names the column as the fault does, in English, whatever the header's language."""
    assert [column_of(name) for name in ("账号代号", " Kind ", "name")] == ["handle", "kind", "name"]
    assert set(map(column_of, COLUMNS)) == set(COLUMNS)


def test_a_record_of_json_is_given_whole_or_not_at_all(tmp_path: Path) -> None:
    """A line that is no object takes all its columns or none."""
    with pytest.raises(ValueError, match="Row 2 is not a JSON object"):
        mended(msgspec.json.encode(row("a")) + b"\nnothing\n", tmp_path, {(2, "kind"): "person"})
