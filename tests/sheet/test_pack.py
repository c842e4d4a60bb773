"""Packing on the operator's side: what travels holds no name, and what stays opens every digest."""

import csv
import errno
import os
import re
import stat
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec
import pytest

from openroll import places
from openroll.disclosure import Disclosure, reveal
from openroll.places import District
from openroll.register.subscription.number_salt import opens
from openroll.register.subscription.terms import terms_of
from openroll.rules import load
from openroll.sheet import read
from openroll.sheet.pack import Kept, Packed, pack
from openroll.sheet.reading import fault_of_disk
from openroll.words.faults import say_fault
from tests.handles import KEY, handle

RULE = load("cn-cq-2006-regulation+with-safeguards")
TERMS = terms_of(RULE, places.load("cn-cq-2006"), date(2006, 12, 20))
HEADER = "account,kind,access,district,connected,name,contact,address,phone\n"
ROWS = (
    "u-1,organisation,lan,500103,2006-11-01,重庆某某公司,王小明,解放碑1号,02361234567\n"
    "u-2,household,adsl,500103,2006-11-02,,,,\n"
    "u-3,household,adsl,500103,2006-11-03,李四,,,13912345678\n"
)


def packed(
    folder: Path, text: str | bytes, again: Sequence[Path] = (), kept: str = "kept.ndjson", encoding: str = ""
) -> Packed:
    """Pack a text; the results are filing.csv and kept.ndjson in the folder."""
    (folder / "subscribers.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    paths = (folder / "subscribers.csv", folder / "filing.csv", folder / kept)
    return pack(*paths, fields=RULE.fields, terms=TERMS, random=os.urandom, again=again, key=KEY, encoding=encoding)


def test_no_name_travels_and_every_digest_opens(tmp_path: Path) -> None:
    """The filing file holds no personal value; the disclosures open exactly what was told; all rows look alike."""
    assert packed(tmp_path, HEADER + ROWS) == Packed(3, 0, ())
    travels = (tmp_path / "filing.csv").read_text()
    for value in ("重庆某某公司", "王小明", "解放碑", "02361234567", "李四", "13912345678"):
        assert value not in travels
    filed = {row["handle"]: row["digests"].split() for row in csv.DictReader(travels.splitlines())}
    assert [len(digests) for digests in filed.values()] == [4, 4, 4]
    kept = [msgspec.json.decode(line, type=Kept) for line in (tmp_path / "kept.ndjson").read_bytes().splitlines()]
    opened = {one.account: reveal({"_sd": filed[one.handle]}, one.disclosures) for one in kept}
    assert opened["u-1"] == {
        "name": "重庆某某公司",
        "contact": "王小明",
        "address": "解放碑1号",
        "phone": "02361234567",
    }
    assert opened["u-2"] == {}
    assert opened["u-3"] == {"name": "李四", "phone": "13912345678"}


def test_a_list_without_a_last_line_end_is_told(tmp_path: Path) -> None:
    """A list that ends in half a character, or with cells lacking, was cut off; of a whole row without line end it is said."""
    text = (HEADER + ROWS).encode()
    name = text.rindex("四".encode())
    for end in (name + 1, name + 3):
        assert [(fault.row, fault.code) for fault in packed(tmp_path, text[:end]).faults] == [(4, "file-cut-off")]
    assert packed(tmp_path, text[:-1]) == Packed(3, 0, (), open_end=True)
    phone = text[: text.rindex(b",") + 1]
    assert [(fault.row, fault.code) for fault in packed(tmp_path, phone, kept="cut").faults] == [(4, "file-cut-off")]
    assert packed(tmp_path, phone + b"\n", kept="whole") == Packed(3, 0, ())


def test_what_stays_is_for_its_owner_only(tmp_path: Path) -> None:
    """The disclosures file can be read by its owner alone."""
    packed(tmp_path, HEADER + ROWS)
    assert stat.S_IMODE((tmp_path / "kept.ndjson").stat().st_mode) == 0o600


def test_what_was_packed_is_a_good_filing_file(tmp_path: Path) -> None:
    """The roll's own reading finds no fault in what `pack` wrote."""
    packed(tmp_path, HEADER + ROWS)
    sheet = read(tmp_path / "filing.csv", TERMS, spool=tmp_path)
    assert (sheet.rows, sheet.faults) == (3, ())


def test_packing_again_keeps_the_digests_of_what_did_not_change(tmp_path: Path) -> None:
    """With the earlier disclosures, an unchanged list gives the same filing file; a changed value changes one digest."""
    packed(tmp_path, HEADER + ROWS)
    first = (tmp_path / "filing.csv").read_text()
    (tmp_path / "kept.ndjson").rename(tmp_path / "earlier.ndjson")
    packed(tmp_path, HEADER + ROWS, again=[tmp_path / "earlier.ndjson"])
    assert (tmp_path / "filing.csv").read_text() == first
    changed = (HEADER + ROWS).replace("王小明", "王大明")
    packed(tmp_path, changed, again=[tmp_path / "earlier.ndjson"], kept="third.ndjson")
    old, new = set(first.split()), set((tmp_path / "filing.csv").read_text().split())
    assert (len({w for w in old - new if "," not in w}) <= 1, old == new) == (True, False)


def test_packing_again_takes_what_several_months_packed(tmp_path: Path) -> None:
    """Of lists that were packed month by month the whole list keeps every digest: the newest file counts, and an end has none."""
    lines, ended = (
        ROWS.splitlines(keepends=True),
        "account,kind,access,district,connected,act,on\nu-3,,,,,end,2006-12-01\n",
    )
    months = (ROWS.replace("王小明", "王大明"), lines[0], lines[2])
    files = [tmp_path / f"{name}.ndjson" for name in ("first", "second", "third", "ended")]
    rows: dict[str, str] = {}
    for path, text in zip(files, [*(HEADER + one for one in months), ended], strict=True):
        assert packed(tmp_path, text, kept=path.name).fault_count == 0
        if path != files[-1]:
            rows |= {row.split(",")[0]: row for row in (tmp_path / "filing.csv").read_text().splitlines()}
    packed(tmp_path, HEADER + ROWS, again=files)
    assert {*(tmp_path / "filing.csv").read_text().splitlines()} == {*rows.values()}


@pytest.mark.parametrize("name", ["kept.ndjson", "filing.csv", "subscribers.csv"])
def test_nothing_that_is_needed_is_written_over(tmp_path: Path, name: str) -> None:
    """Disclosures that are there, the list, and the filing file itself: none is destroyed by packing under its name."""
    packed(tmp_path, HEADER + ROWS)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    result = packed(tmp_path, HEADER + ROWS, kept=name)
    assert [fault.code for fault in result.faults] == ["file-kept"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_one_run_at_a_time_writes_a_file(tmp_path: Path) -> None:
    """Else one's filing file had the other's rows, which its disclosures never open: the second is refused."""
    seen: list[Packed] = []

    def midway(_: int) -> None:
        if not seen:
            seen.append(packed(tmp_path, HEADER + ROWS))

    (tmp_path / "list.csv").write_text(HEADER + ROWS)
    paths = (tmp_path / "list.csv", tmp_path / "filing.csv", tmp_path / "kept.ndjson")
    first = pack(*paths, fields=RULE.fields, terms=TERMS, random=os.urandom, key=KEY, progress=midway)
    assert [fault.code for fault in seen[0].faults] == ["file-unreadable"]
    assert "another run is writing it" in seen[0].faults[0].remedy
    assert first == Packed(3, 0, ())
    kept = [msgspec.json.decode(line, type=Kept) for line in (tmp_path / "kept.ndjson").read_bytes().splitlines()]
    filed = {row["handle"]: row["digests"].split() for row in csv.DictReader((tmp_path / "filing.csv").open())}
    assert [reveal({"_sd": filed[one.handle]}, one.disclosures).get("name") for one in kept] == [
        "重庆某某公司",
        None,
        "李四",
    ]
    assert list(tmp_path.glob("*.new")) == []


def test_a_full_disk_is_told_of_what_is_written(tmp_path: Path) -> None:
    """Not of the list, which is only read."""
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    fault = fault_of_disk(error, tmp_path / "list.csv", tmp_path / "filing.csv")
    assert fault.remedy.startswith(f"{tmp_path / 'filing.csv'} does not fit on its disk, which has ")


def test_the_list_is_not_written_over_by_its_filing_file(tmp_path: Path) -> None:
    """Packing a list onto itself, or onto the earlier disclosures, is refused, and both stay what they were."""
    (tmp_path / "list.csv").write_text(HEADER + ROWS)
    (tmp_path / "earlier.ndjson").write_bytes(b"")
    for filing in ("list.csv", "earlier.ndjson", "new.ndjson"):
        paths = (tmp_path / "list.csv", tmp_path / filing, tmp_path / "new.ndjson")
        result = pack(
            *paths, fields=RULE.fields, terms=TERMS, random=os.urandom, again=[tmp_path / "earlier.ndjson"], key=KEY
        )
        assert [fault.code for fault in result.faults] == ["file-kept"]
    assert (tmp_path / "list.csv").read_text() == HEADER + ROWS
    assert (tmp_path / "earlier.ndjson").read_bytes() == b""


@pytest.mark.parametrize(
    "kept",
    [
        b"none",
        b"\xff\n",
        b'{"handle":"u-1","disclosures":["!!"]}\n',
        b'{"handle":"u-2","disclosures":[],"decoys":["!"]}\n',
    ],
)
def test_damaged_earlier_disclosures_are_a_fault(tmp_path: Path, kept: bytes) -> None:
    """What --again is given may be no disclosures file, be damaged or be missing: that is said, and nothing is written."""
    if kept != b"none":
        (tmp_path / "earlier.ndjson").write_bytes(kept)
    result = packed(tmp_path, HEADER + ROWS, again=[tmp_path / "earlier.ndjson"])
    assert [fault.code for fault in result.faults] == ["file-unreadable"]
    assert {path.name for path in tmp_path.iterdir()} <= {"subscribers.csv", "earlier.ndjson"}


@pytest.mark.parametrize(
    ("text", "row", "column", "code"),
    [
        (HEADER + ROWS.replace("重庆某某公司", ""), 2, "name", "field-missing"),
        (HEADER + ROWS + "u-1,household,adsl,500103,2006-11-02,,,,\n", 5, "account", "handle-duplicate"),
        (HEADER.replace("phone", "shoe size") + ROWS, 1, "shoe size", "column-unknown"),
        (HEADER.replace("kind,", "") + ROWS, 1, "kind", "column-missing"),
        (HEADER + ROWS.replace("2006-11-01", "1.11.2006"), 2, "connected", "date-shape"),
        (HEADER + ROWS + "ｕ－１,household,adsl,500103,2006-11-02,,,,\n", 5, "account", "handle-duplicate"),
        (HEADER + ROWS.replace("u-1", ""), 2, "account", "account-shape"),
        (HEADER + ROWS.replace("u-1", "u\u200b1"), 2, "account", "account-shape"),
        (HEADER.replace("account", "handle") + ROWS, 2, "handle", "handle-form"),
        (HEADER.replace("account", "handle,account") + ROWS, 1, "handle", "column-unknown"),
        (HEADER, 0, "", "file-empty"),
    ],
)
def test_with_any_fault_nothing_is_written(tmp_path: Path, text: str, row: int, column: str, code: str) -> None:
    """A list with a fault says so by row and column, and leaves neither file nor half of one."""
    result = packed(tmp_path, text)
    assert (row, column, code) in [(fault.row, fault.column, fault.code) for fault in result.faults]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["subscribers.csv"]


def test_account_numbers_without_a_key_are_a_fault(tmp_path: Path) -> None:
    """A list of account numbers needs the key that makes handles of them."""
    (tmp_path / "list.csv").write_text(HEADER + ROWS)
    paths = (tmp_path / "list.csv", tmp_path / "filing.csv", tmp_path / "kept.ndjson")
    result = pack(*paths, fields=RULE.fields, terms=TERMS, random=os.urandom)
    assert [(fault.row, fault.column, fault.code) for fault in result.faults] == [(1, "account", "handle-key-missing")]


def test_no_account_number_travels(tmp_path: Path) -> None:
    """Whatever an operator calls its accounts by, telephone numbers too, the filing file has handles made by the key."""
    assert packed(tmp_path, HEADER + ROWS.replace("u-1", "254712345678")).faults == ()
    travels = (tmp_path / "filing.csv").read_text()
    assert "254712345678" not in travels
    assert [line.partition(",")[0] for line in travels.splitlines()[1:]] == [
        handle("254712345678"),
        handle("u-2"),
        handle("u-3"),
    ]


def test_what_was_packed_before_handles_had_keys_keeps_its_digests(tmp_path: Path) -> None:
    """Disclosures of that time name an account number as the handle; packing again finds them by it."""
    packed(tmp_path, HEADER + ROWS)
    before = [line.partition(",")[2] for line in (tmp_path / "filing.csv").read_text().splitlines()]
    kept = [msgspec.json.decode(line, type=Kept) for line in (tmp_path / "kept.ndjson").read_bytes().splitlines()]
    old = [{"handle": one.account, "disclosures": one.disclosures, "decoys": one.decoys} for one in kept]
    (tmp_path / "earlier.ndjson").write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in old))
    packed(tmp_path, HEADER + ROWS, again=[tmp_path / "earlier.ndjson"], kept="again.ndjson")
    assert [line.partition(",")[2] for line in (tmp_path / "filing.csv").read_text().splitlines()] == before


def test_what_is_packed_opens_to_its_own_number(tmp_path: Path) -> None:
    """Each value's salt holds the number, by an opening of its own that stays; packing again keeps both, also where one value
    changed. What had salts of before keeps them, and opens to none; a list of handles has no numbers to hold."""
    packed(tmp_path, HEADER + ROWS, kept="first.ndjson")
    packed(tmp_path, HEADER + ROWS.replace("王小明", "王大明"), again=[tmp_path / "first.ndjson"])
    first, again = (
        [msgspec.json.decode(line, type=Kept) for line in (tmp_path / name).read_bytes().splitlines()]
        for name in ("first.ndjson", "kept.ndjson")
    )
    for one in [*first, *again]:
        salts = {found.name: found.salt for found in map(Disclosure.parse, one.disclosures)}
        assert set(one.openings) == set(salts)
        assert all(opens(one.openings[name or ""], salt, one.account) for name, salt in salts.items())
        assert not any(opens(one.openings[name or ""], salt, "u-9") for name, salt in salts.items())
    assert {name for name, one in first[0].openings.items() if again[0].openings[name] != one} == {"contact"}
    assert len({one for kept in first for one in kept.openings.values()}) == 6
    before = [msgspec.structs.replace(one, openings={}) for one in first]
    (tmp_path / "before.ndjson").write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in before))
    packed(tmp_path, HEADER + ROWS, again=[tmp_path / "before.ndjson"], kept="since.ndjson")
    assert (tmp_path / "since.ndjson").read_bytes() == (tmp_path / "before.ndjson").read_bytes()
    handles = HEADER.replace("account", "handle") + ROWS.replace("u-", "").replace("\n3,", f"\n{handle('u-3')},")
    packed(tmp_path, handles.splitlines()[0] + "\n" + handles.splitlines()[-1] + "\n", kept="handles.ndjson")
    (only,) = (msgspec.json.decode(line, type=Kept) for line in (tmp_path / "handles.ndjson").read_bytes().splitlines())
    assert (only.openings, len(only.disclosures)) == ({}, 2)


def test_a_number_has_the_form_of_its_field(tmp_path: Path) -> None:
    """A telephone number of two digits is refused in Kenya with its row, its column and an example; one of abroad is taken."""
    rule, kenya = load("ke-notification"), places.load("ke")
    rows = "a,person,sim,047,2026-01-02,,,,{}\nb,person,sim,047,2026-01-02,,,,+41 31 633 75 11\n"
    terms = terms_of(rule, kenya, date(2026, 2, 1))
    listed = tmp_path / "list.csv"
    given = (listed, tmp_path / "f.csv", tmp_path / "k.ndjson")
    listed.write_text(HEADER + rows.format("12"))
    (fault,) = pack(*given, fields=rule.fields, terms=terms, random=os.urandom, key=KEY).faults
    assert (fault.row, fault.column, fault.value, fault.code) == (2, "phone", "12", "number-form")
    assert "0712 345678" in str(fault)
    listed.write_text(HEADER + rows.format("0712 345 678"))
    assert pack(*given, fields=rule.fields, terms=terms, random=os.urandom, key=KEY) == Packed(2, 0, ())


def test_a_district_that_ended_says_when_and_what_took_its_place(tmp_path: Path) -> None:
    """Not a hundred codes; one that begins later says when; what ended into one that ended leads to those that stand."""
    rule, kenya = load("ke-notification"), places.load("ke")
    old, title = kenya.by_code["047"], {"en": "New"}
    rows = (
        msgspec.structs.replace(old, until=date(2026, 1, 31), into=("048", "049")),
        District("048", title, since=date(2026, 2, 1)),
        District("049", title, since=date(2026, 2, 1), until=date(2026, 2, 27), into=("050", "051")),
        District("050", title, since=date(2026, 2, 28)),
        District("051", title, since=date(2026, 2, 28), until=date(2026, 2, 28)),
        District("052", title, since=date(2027, 1, 1)),
    )
    place = msgspec.structs.replace(kenya, districts=(*(one for one in kenya.districts if one != old), *rows))
    terms = terms_of(rule, place, date(2026, 3, 1))
    listed = tmp_path / "list.csv"
    row = "a,person,sim,{},2026-01-02,,,,0712 345 678\n"
    listed.write_text(
        HEADER + "".join(row.format(code) for code in ("047", "051", "052", "999")).replace("\na", "\nb", 1)
    )
    given = (listed, tmp_path / "f.csv", tmp_path / "k.ndjson")
    found = {one.value: one for one in pack(*given, fields=rule.fields, terms=terms, random=os.urandom, key=KEY).faults}
    assert {found[code].code for code in ("047", "051", "052", "999")} == {"district-unknown"}
    assert str(found["047"]).endswith("047 ended on 2026-01-31; after it 048, 050. Write one of these: 048, 050.")
    assert "ended on 2026-02-28. The nearest are 050, 001, 002, 003, 004. `openroll jurisdiction show`" in str(
        found["051"]
    )
    assert "nearest" not in say_fault(found["999"], "en")[1]  # none begins so
    assert "052 begins on 2027-01-01" in str(found["052"])
    assert (found["999"].expected[:7], str(found["999"]).count("001, 002")) == ("one of ", 0)
    said = " ".join(say_fault(found["047"], "zh"))
    assert "2026年1月31日" in said
    assert "048" in said


@pytest.mark.parametrize(("name", "rows"), [("A Kenyan list", 2), ("A list of changes", 3)])
def test_the_lists_that_the_page_shows_pack(name: str, rows: int, tmp_path: Path) -> None:
    """The Kenyan lists in docs/operator-file.md have no fault."""
    page = (Path(__file__).parents[2] / "docs" / "operator-file.md").read_text(encoding="utf-8")
    (shown,) = re.findall(rf"{name}:\n\n((?:    .*\n)+)", page)
    rule = load("ke-notification")
    (tmp_path / "list.csv").write_text(shown.replace("    ", ""), encoding="utf-8")
    given = (tmp_path / "list.csv", tmp_path / "f.csv", tmp_path / "k.ndjson")
    terms = terms_of(rule, places.load("ke"), date(2026, 2, 1))
    assert pack(*given, fields=rule.fields, terms=terms, random=os.urandom, key=KEY) == Packed(rows, 0, ())
