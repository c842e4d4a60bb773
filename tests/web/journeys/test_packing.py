"""Packing in the browser: the two files are those of `openroll pack`, byte for byte, and nothing leaves the page."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Request, expect

from openroll.places import NumberFormat
from openroll.register.subscription.handle import key_line, key_of
from openroll.register.subscription.terms import Terms
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.roll import Roll
from openroll.sheet.pack import pack
from openroll.web.packing import number_shape
from tests.handles import KEY, handle
from tests.web.journeys.walker import Walker

pytestmark = pytest.mark.browser
Walkers = Callable[[str, bool], Walker]
HEADER = "account,kind,access,district,connected,name,contact,address,phone\n"
DRAWN = """(() => {
  let x = 1;
  crypto.getRandomValues = (bytes) => {
    for (let at = 0; at < bytes.length; at++) { x = (x * 75 + 74) % 65537; bytes[at] = x & 255; }
    return bytes;
  };
})()"""
"""Random bytes that are always the same, for both sides."""


def drawn() -> Callable[[int], bytes]:
    """The same bytes for Python."""

    def stream() -> Iterator[int]:
        x = 1
        while True:
            x = (x * 75 + 74) % 65537
            yield x & 255

    source = stream()
    return lambda count: bytes(next(source) for _ in range(count))


def cells(*rows: tuple[str, ...], mark: str = ",", end: str = "\n") -> str:
    """Rows as CSV, quoted where they must be."""
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator=end).writerows(rows)
    return out.getvalue()


NAMES = (
    "王小明", 'A "quoted", name', unicodedata.normalize("NFD", "José Núñez"), "葛\U000e0100飾", "می\u200cخواهم", "𠮷野家",
    "\u3000O’Neill\u00a0x ", "back\\slash/\u007e<&>", "Nguyễn Văn Ánh", "क्\u200dष",
)  # fmt: skip
ROWS = [
    (
        f"A-{n}" if n % 2 else f"２５４７{n} ",
        "household",
        "adsl",
        "500103",
        "2006-11-02",
        name,
        "",
        "x" * n,
        f"+25471234567{n}",
    )
    for n, name in enumerate(NAMES)
]
CHINESE = "账号,类别,接入方式,区县代码,开通日期,事项,发生日期,name\n"
GOOD = {
    "names of all kinds": HEADER + cells(*ROWS),
    "semicolons and line ends of Windows": HEADER.replace(",", ";").strip()
    + "\r\n"
    + cells(*ROWS, mark=";", end="\r\n"),
    "line ends of old Macs": (HEADER + "A,household,adsl,500103,2006-11-02,王,,,\n").replace("\n", "\r"),
    "a mark and blank rows at the end": "\ufeff" + HEADER + cells(*ROWS[:2]) + ",,,,,,,,\n" * 3 + "\n",
    "Chinese columns, changes and ends": CHINESE
    + "A,household,adsl,500103,2006-11-02,,,甲\nB,,lan,,,change,2006-12-01,\nC,,,,,end,2006-12-02,\n",
    "blanks around words": HEADER + "A,household ,\u00a0adsl,500103\u3000,2006-11-02,,,,\n",
}
FAULTY = {
    "every kind of fault in its row": HEADER
    + cells(
        ("", "household", "adsl", "500103", "2006-11-02", "", "", "", ""),
        ("a\u200bb", "household", "adsl", "500103", "2006-11-02", "", "", "", ""),
        ("A", "king", "telepathy", "999999", "2006-02-30", "", "", "", ""),
        ("1.38E+10", "household", "adsl", "500103", "2036-11-02", "x\u202ey", "", "", "1.38123E+10"),
        ("B", "organisation", "adsl", "500103", "1990-01-01", "", "", "", ""),
        ("Ｂ", "household", "adsl", "500103", "20061102", "\ufffd", "y" * 4097, "", ""),
        ("N", "household", "adsl", "५००१०३", "२००६-११-०२", "", "", "", ""),
        ("P", "household", "adsl", "500103", "2063-07-16", "", "", "", ""),
        ("L", "household", "adsl", "500103", "2006-11-02", "", "", "Ward 3\nHouse 5", "1\t2"),
    ),
    "rows too short, too long and empty": HEADER + "A,household\n,,,,,,,,\n\n" + cells(ROWS[0]) + "B" + "," * 12 + "\n",
    "acts that are none": CHINESE
    + "A,household,adsl,500103,2006-11-02,erase,,\nB,household,,,,end,,\nC,,,,x,change,2006-12-01,\n",
    "columns that are none": HEADER.replace("phone", "shoe size").replace("kind", "account") + cells(ROWS[0]),
    "handles for accounts": HEADER.replace("account", "handle")
    + cells(
        ("254712345678", *ROWS[0][1:]),
        ("h1" + "a" * 33 + "b", *ROWS[0][1:]),
        (f"{handle('k-1')[:9]} {handle('k-1')[9:]}", *ROWS[0][1:]),
    ),
    "cut off behind the last comma": HEADER + "A,household,adsl,500103,2006-11-02,,,,",
    "cut off in a row": HEADER + cells(*ROWS)[:-40],
    "cut off in the last cell": HEADER.strip() + ",on\n" + "A,household,adsl,500103,2006-11-02,,,,,\nB,,adsl,,,,,,,2006-1",
    "a header only": HEADER,
}  # fmt: skip


@pytest.fixture
def packing(walkers: Walkers) -> Walker:
    """Somebody of an operator at the page Files, with JavaScript."""
    walker = walkers("en", True)
    walker.page.add_init_script(DRAWN)
    return walker.sit("east/clerk").go("operator/files")


def choose(walker: Walker, data: bytes, key: str = key_line(KEY)) -> None:
    """Give the page a list and a key, and pack."""
    walker.box("List of subscribers (CSV)").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": data}
    )
    walker.box("Your handle key").set_input_files({"name": "my.key", "mimeType": "text/plain", "buffer": key.encode()})
    walker.press("Pack")


def here(folder: Path, roll: Roll, data: bytes) -> tuple[list[tuple[int, str, str, str]], bytes, bytes]:
    """What `openroll pack` makes of the same: its faults, and its two files."""
    folder.mkdir(exist_ok=True)
    (folder / "list.csv").write_bytes(data)
    terms: Terms = roll.setting(roll.day(roll.clock())).terms
    paths = (folder / "list.csv", folder / "filing", folder / "kept")
    made = pack(*paths, fields=roll.rule.fields, terms=terms, random=drawn(), key=KEY)
    if made.fault_count:
        values = [one.value.replace("(not shown)", "") if one.column else "" for one in made.faults]
        return (
            [(one.row, one.column, value, one.code) for one, value in zip(made.faults, values, strict=True)],
            b"",
            b"",
        )
    return [], paths[1].read_bytes(), paths[2].read_bytes()


def saved(walker: Walker, name: str) -> bytes:
    """What the page gives under a name."""
    with walker.page.expect_download() as download:
        walker.main.get_by_role("link", name=name, exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_the_browser_makes_the_files_that_the_command_makes(
    packing: Walker, served: tuple[str, Roll], tmp_path: Path
) -> None:
    """With the same key and the same random bytes both files are equal to the last byte, and no request leaves the page."""
    sent: list[str] = []

    def heard(request: Request) -> None:
        if not request.url.startswith("blob:"):
            sent.append(request.url)

    packing.page.on("request", heard)
    for number, (_, text) in enumerate(GOOD.items()):
        packing.go("operator/files")
        sent.clear()
        choose(packing, text.encode())
        packing.reads("to keep and guard: it alone opens the digests")
        faults, filing, kept = here(tmp_path / str(number), served[1], text.encode())
        assert (faults, bool(filing)) == ([], True)
        assert saved(packing, "list.filing.csv") == filing
        assert saved(packing, "list.disclosures.ndjson") == kept
        assert sent == []


def test_what_was_packed_there_is_filed(packing: Walker, served: tuple[str, Roll], tmp_path: Path) -> None:
    """The roll takes the file that the page made; the page is not left for it before the disclosures are saved, or given up."""
    choose(packing, (HEADER + "packed-there,household,adsl,500103,2006-11-02,王,,,\n").encode())
    (tmp_path / "filing.csv").write_bytes(saved(packing, "list.filing.csv"))
    packing.press("Send")
    with packing.page.expect_download() as kept:
        packing.main.get_by_role("dialog").get_by_role("button", name="Download disclosures").click()
    assert kept.value.suggested_filename == "list.disclosures.ndjson"
    assert isinstance(take_file(served[1], "east", tmp_path / "filing.csv"), FileTaken)


def test_both_find_the_same_faults(packing: Walker, served: tuple[str, Roll], tmp_path: Path) -> None:
    """Row, column, value and kind of every fault are those that the command finds, with what to do; and no file is offered."""
    for number, (sentence, text) in enumerate(FAULTY.items()):
        packing.go("operator/files")
        choose(packing, text.encode())
        rows = packing.page.locator("[data-pack-said] [data-code]")
        expect(rows.first).to_be_visible()
        told = [(one.locator("td").all_inner_texts(), str(one.get_attribute("data-code"))) for one in rows.all()]
        found = [(int(texts[0] or 0), texts[1], texts[2], code) for texts, code in told]
        assert all(("Check the year." in texts[3]) == (texts[2] == "1990-01-01") for texts, _ in told)
        assert all(texts[3].endswith((".", "…")) and ". " in texts[3] for texts, _ in told), (
            "what is wrong, and what to do"
        )
        if (
            number == 0
        ):  # in the words of whoever made the list: its account numbers, and what a cell has that nobody sees
            whole = " ".join(texts[3] for texts, _ in told)
            assert "account number stands in row" in whole
            assert "U+202E RIGHT-TO-LEFT OVERRIDE" in whole
            assert all(words in whole for words in ("line break", "are of another script", "of another calendar"))
            assert "The nearest are 500103" in whole
        assert sorted(found) == sorted(here(tmp_path / str(number), served[1], text.encode())[0]), sentence
        expect(packing.page.locator("[data-pack-said] a")).to_have_count(0)


@pytest.mark.parametrize(
    ("codec", "name"), [("big5", "陳大文"), ("gb18030", "王小明"), ("shift_jis", "山田太郎"), ("cp1252", "Müller")]
)
def test_an_encoding_is_chosen_from_samples(packing: Walker, codec: str, name: str) -> None:
    """A list that is not UTF-8 is packed only once somebody chose how it reads rightly."""
    choose(packing, (HEADER + f"A,household,adsl,500103,2006-11-02,{name},,,\n").encode(codec))
    packing.reads("The list is not in UTF-8. Choose how it reads rightly, and pack again.")
    packing.main.get_by_role("radio", name=name).first.check()
    packing.press("Pack")
    packing.reads("to keep and guard: it alone opens the digests")


def test_a_key_is_made_here_and_a_damaged_one_refused(packing: Walker) -> None:
    """The page makes a key file that the command reads; without a key, or with one that was changed, nothing is packed."""
    with packing.page.expect_download() as download:
        packing.press("Make a handle key")
    key = Path(download.value.path()).read_text()
    assert key_of(key)
    good = (HEADER + "A,household,adsl,500103,2006-11-02,,,,\n").encode()
    choose(packing, good, key[:-3] + "x" + key[-2:] if key[-3] != "x" else key[:-3] + "y" + key[-2:])
    packing.reads(
        "This is no handle key, or it was changed. Take it from your copy: a new key would find none of your records."
    )
    choose(packing, good, key)
    packing.reads("to keep and guard: it alone opens the digests")
    packing.go("operator/files")
    packing.press("Pack")
    packing.reads("Choose your list")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_javascript_the_command_is_named(walkers: Walkers, lang: str) -> None:
    """Where no script runs, nothing is offered that does not work: the page names the command that does the same."""
    walker = walkers(lang, False).sit("east/clerk").go("operator/files")
    expect(walker.page.locator("[data-pack]")).to_be_hidden()
    expect(walker.page.locator("[data-pack-without]")).to_contain_text("openroll pack")


def test_the_page_holds_a_number_to_its_form(packing: Walker) -> None:
    """Where the place has a form of telephone numbers, one of two digits is told with its row, its column and an example."""
    form = NumberFormat(id="t", title={"en": "T"}, example="0712 345678", phonenumbers="KE")
    shape = json.dumps(number_shape(form))
    packing.page.add_init_script(
        "const plain = JSON.parse; JSON.parse = (text) => { const read = plain(text);"
        f" for (const one of read.fields || []) if (one.name === 'phone') Object.assign(one, {shape}); return read; }}"
    )
    packing.go("operator/files")
    row = ("household", "adsl", "500103", "2006-11-02", "", "", "")
    choose(packing, (HEADER + cells(("a", *row, "+254 712 345-678"), ("b", *row, "12"), ("c", *row, ""))).encode())
    said = packing.page.locator("[data-pack-said] [data-code]")
    expect(said).to_have_count(1)
    expect(said).to_contain_text("3phone")
    expect(said).to_contain_text("is not written as in this example: 0712 345678")
