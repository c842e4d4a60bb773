"""A country's own words: begun, checked, translated in a spreadsheet, and said before those that ship; files only."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openroll.paper.typeface import typeface
from openroll.places import JurisdictionFaults, own_files, read_bundle
from openroll.words import catalogue, own
from openroll.words.agreement import differing
from openroll.words.check import Checked, check_catalogue
from openroll.words.plurals import plural_fault, plural_header, plural_names
from openroll.words.po import read_catalogue
from openroll.words.po_text import new_catalogue, with_new
from openroll.words.spreadsheet import COLUMNS, TableFaults, table_of, taken
from openroll.words.template import ROOMS, Words, every_text

SHIPPED = [tag for tag in catalogue.shipped() if tag != "en"]
HEADER = 'msgid ""\nmsgstr ""\n"Language: {tag}\\n"\n"Plural-Forms: {plural}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'


@cache
def texts() -> dict[tuple[str, str], Words]:
    """Every text there is. Asked for by tests alone: what reads all of the package as a file is imported, each worker does."""
    return {(one.context, one.text): one for one in every_text()}


def shipped(tag: str) -> bytes:
    """A catalogue that ships, as its file has it."""
    return (files("openroll.words") / "locale" / tag / "LC_MESSAGES" / "messages.po").read_bytes()


def po(tag: str, *messages: tuple[str, str], plural: str = "") -> bytes:
    """A catalogue with a few messages, each on three lines from line 6 on."""
    head = HEADER.format(tag=tag, plural=plural or plural_header(tag))
    return (head + "".join(f'\nmsgid "{text}"\nmsgstr "{said}"\n' for text, said in messages)).encode()


def checked(data: bytes, tag: str) -> Checked:
    """What a check finds."""
    return check_catalogue(data, tag, f"{tag}.po", typeface().can_show)


@pytest.fixture
def words(tmp_path: Path) -> Iterator[Path]:
    """A folder of own words, which are said until the end of the test."""
    yield tmp_path
    catalogue.use_own(None)


@pytest.mark.parametrize("tag", SHIPPED)
def test_what_ships_passes_its_own_check(tag: str) -> None:
    """No shipped catalogue has a fault, and each says everything."""
    found = checked(shipped(tag), tag)
    assert (list(map(str, found.faults)), list(map(str, found.missing))) == ([], [])
    assert set(found.rooms) <= set(ROOMS.values())
    assert sum(one.here for one in found.rooms.values()) == len(texts())


def test_a_new_catalogue_has_every_text_and_where_it_is_seen() -> None:
    """It reads as a catalogue without a fault, every text of it missing, each with the page or table that has it."""
    data = new_catalogue("am", "አማርኛ", "nobody yet", every_text(), lambda _: "").encode()
    found = checked(data, "am")
    assert found.faults == ()
    assert len(found.missing) == len(texts())
    assert b"#. pages: mine\n" in data
    text, added = with_new(po("am", ("Filed", "x")).decode(), "am", every_text(), {("", "Filed")})
    assert added == len(texts()) - 1
    assert checked(text.encode(), "am").faults == ()


def test_every_fault_comes_at_once_with_its_line() -> None:
    """Doubtful, unknown, unlike its English, twice, and a broken header: one check says all of it."""
    data = po(
        "am",
        ("Filed", "<b>Filed</b>"),
        ("No such text of ours", "x"),
        ("A copy of {address}", "A copy of {adress}"),
        ("Filed", "again"),
        ("Hello %", "x"),
        plural="nplurals=3; plural=n;",
    ).replace(b'msgid "Hello %"', b'#, fuzzy\nmsgid "Ended"')
    found = {fault.line: str(fault) for fault in checked(data, "am").faults}
    assert "plural forms cannot be used" in found[1]
    assert "markup is <b> </b>" in found[7]
    assert "says this nowhere" in found[10]
    assert "It fills in {adress}. Expected: {address}" in found[13]
    assert "stands twice" in found[16]
    assert "fuzzy" in found[20]
    broken, wrong = read_catalogue(b'msgid "a"\nmsgstr "b"\nmsgfoo "c"\nmsgid "d"\n', "am")
    assert [line for line, _, _ in wrong] == [3, 4]
    assert "a" in broken


@pytest.mark.parametrize(
    "said",
    [
        "{registrar.__class__}",
        "{registrar!s:>9999999}{0}",
        "{registrar:>900000000}",
        "{registrar:{registrar.__class__}}",
        "{registrar!a}",
        "{registrar}" * 9,
        "%(registrar)s" * 9,
        "long {registrar} " + "and longer " * 99,
        "{registrar!r}",
        "{",
        "%(registrar)s %",
        "%(registrar)900000000s",
        "%(registrar)r",
        "%(other)s",
        '" onfocus="alert(1)',
        "<script>alert(1)</script>",
        "<!-- ",
        "&#60;script",
        "http://elsewhere.example",
        "javascript:alert(1)",
        "\u202egnorw",
        "\x1b[2J",
    ],
)
def test_words_that_would_break_a_page_are_not_said(words: Path, said: str) -> None:
    """A translation with other places, markup, addresses or hidden marks is a fault, and until it is mended English stands."""
    text = "Filed {registrar}" if "{" in said else "Filed %(registrar)s" if "%" in said else "Filed"
    assert list(differing(text, said))
    escaped = said.replace("\\", "\\\\").replace('"', '\\"')
    (words / "am.po").write_bytes(po("am", (text, escaped), ("Ended", "Tamam")))
    catalogue.use_own(words)
    assert catalogue.gettext("am", text) == text
    assert catalogue.gettext("am", "Ended") == "Tamam"


@pytest.mark.parametrize("tag", ["ar", "fr", "pl", "sw-TZ", "zh", "qaa"])
def test_plural_forms_are_those_of_cldr(tag: str) -> None:
    """The header of a new catalogue tells the same numbers apart as CLDR; that of another language does not pass."""
    catalog, wrong = read_catalogue(po(tag), tag)
    assert wrong == []
    assert plural_fault(catalog, tag) is None
    assert catalog.num_plurals == len(plural_names(tag))
    other, _ = read_catalogue(po(tag, plural="nplurals=2; plural=(n != 1);"), tag)
    assert (plural_fault(other, tag) is None) == (tag in ("sw-TZ", "qaa"))


def test_a_region_says_single_words_its_own_way(words: Path) -> None:
    """`sw-TZ` says its own word where it has one, Swahili's where not; `sw` stays as it is; the digest is the file's."""
    (words / "sw-TZ.po").write_bytes(po("sw-TZ", ("Filed", "Imesajiliwa")))
    (words / "am.po").write_bytes(po("am", ("Filed", "Filed-am")))
    (words / "notes.txt").write_text("no catalogue", encoding="utf-8")
    before = catalogue.gettext("sw", "Filed")
    catalogue.use_own(words)
    assert catalogue.gettext("sw-TZ", "Filed") == "Imesajiliwa"
    assert catalogue.gettext("sw-TZ", "Ended") == catalogue.gettext("sw", "Ended") != "Ended"
    assert catalogue.gettext("sw", "Filed") == before
    assert catalogue.own_digests("sw-TZ") == (("sw-TZ", own.digest("sw-TZ")),)
    assert catalogue.own_digests("sw") == ()
    assert (catalogue.missing("sw-TZ"), catalogue.missing("am")) == (0, len(texts()) - 1)


def test_a_catalogue_just_begun_makes_no_page_of_its_language(words: Path) -> None:
    """Below one in twenty of all texts what stands around its words is English: dates, direction, what a page is marked as."""
    words.joinpath("ar.po").write_bytes(po("ar", ("Filed", "مسجل")))
    catalogue.use_own(words)
    said = (catalogue.spoken("ar-MA"), catalogue.direction("ar-MA"), catalogue.day("ar-MA", date(2026, 7, 1)))
    assert said == ("en", "ltr", "1 July 2026")
    assert catalogue.gettext("ar-MA", "Filed") == "مسجل"
    some = [one.text for one in texts().values() if not one.context and not one.plural]
    words.joinpath("ar.po").write_bytes(po("ar", *((text, f"م {text}") for text in some[: len(texts()) // 15])))
    catalogue.use_own(words)
    assert (catalogue.spoken("ar-MA"), catalogue.direction("ar-MA")) == ("ar-MA", "rtl")


@pytest.mark.parametrize("tag", SHIPPED)
def test_out_and_in_again_changes_nothing(tag: str) -> None:
    """A table that nobody touched, saved with semicolons or not, leaves the catalogue as it was to the byte."""
    data = shipped(tag)
    table = table_of(data, tag, texts())
    assert taken(data, tag, table.encode("utf-8-sig"), "t.csv", texts()) == (data, 0)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(csv.reader(io.StringIO(table, newline="")))
    assert taken(data, tag, out.getvalue().encode(), "t.csv", texts()) == (data, 0)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30),
    st.sampled_from(["", "Why", "=note"]),
)
@settings(max_examples=40, deadline=None)
def test_what_a_translator_writes_comes_back_as_written(said: str, note: str) -> None:
    """Any words and note that are taken stand in the next table as they were typed; all else in the file stays."""
    data = b"# Ours.\n" + po("am", ("Filed", ""), ("Ended", "Tamam")) + b'\n#~ msgid "Old"\n#~ msgstr "x"\n'
    rows = list(csv.reader(io.StringIO(table_of(data, "am", texts()), newline="")))
    rows[1][3:5] = said, note
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    table = out.getvalue().encode()
    if said[0] in "=＝@＠":
        with pytest.raises(TableFaults, match="formula"):
            taken(data, "am", table, "t.csv", texts())
        return
    made, count = taken(data, "am", table, "t.csv", texts())
    again = list(csv.DictReader(io.StringIO(table_of(made, "am", texts()), newline="")))
    assert count == 1
    assert again[0]["translation"].removeprefix("'") == said.removeprefix("'")
    assert again[0]["note"].removeprefix("'") == note
    assert (again[1]["translation"], made.startswith(b"# Ours.\n"), b'#~ msgid "Old"' in made) == ("Tamam", True, True)


def test_hostile_and_mistaken_tables_are_refused_whole() -> None:
    """A formula, a control, an unknown or doubled id, another English: every fault with its row, and nothing is taken."""
    data = po("am", ("Filed", ""), ("Ended", ""), ("Yes", ""))
    rows = list(csv.reader(io.StringIO(table_of(data, "am", texts()), newline="")))
    rows[1][3] = "=HYPERLINK(0)"
    rows[2][3] = "\x07bell"
    rows[3][2] = "Yess"
    rows += [["nothing", "", "", "", ""], rows[2]]
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    with pytest.raises(TableFaults) as refused:
        taken(data, "am", out.getvalue().encode(), "t.csv", texts())
    told = [(fault.line, fault.path) for fault in refused.value.faults]
    assert told == [(2, "translation"), (3, "translation"), (4, "english"), (5, "id"), (6, "id"), (6, "translation")]
    for bad in (b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"PK\x03\x04", b'id,english,translation\n"x'):
        with pytest.raises(TableFaults):
            taken(data, "am", bad, "t.csv", texts())
    assert COLUMNS == ("id", "seen", "english", "translation", "note")


def test_no_cell_of_a_table_is_a_formula() -> None:
    """Whatever a catalogue says, a spreadsheet that opens its table runs nothing."""
    data = po("am", ("Filed", "=cmd|' /C calc'!A0"), ("Ended", "+1"), ("Yes", "@SUM(1)"), ("No", "'=x"))
    table = table_of(data, "am", texts())
    cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@＝＋－＠")] == []
    assert taken(data, "am", table.encode(), "t.csv", texts())[1] == 0


def test_a_place_may_name_a_region_that_cldr_does_not_know() -> None:
    """Swahili of Rwanda is a language of a jurisdiction; a tag of which CLDR knows nothing is a fault with its line."""
    files_of = dict(own_files("ke"))
    main = files_of["jurisdiction.yaml"]
    files_of["jurisdiction.yaml"] = main.replace(b"languages: [en, sw]", b"languages: [en, sw, sw-RW]")
    assert files_of["jurisdiction.yaml"] != main
    assert read_bundle(files_of).jurisdiction.languages[-1] == "sw-RW"
    files_of["jurisdiction.yaml"] = main.replace(b"languages: [en, sw]", b"languages: [en, sw, qqq-RW]")
    with pytest.raises(JurisdictionFaults, match="CLDR knows no language 'qqq-RW'"):
        read_bundle(files_of)
