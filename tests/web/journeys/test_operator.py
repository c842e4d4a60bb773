"""Operators: files with progress, verdicts and mending, comparing, records, letters, tokens."""

import csv
import os
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, expect

from openroll.register.subscription.terms import terms_of
from openroll.service.filing import uploads
from openroll.service.queries import Record, by_handle
from openroll.service.roll import Roll
from openroll.sheet.pack import pack
from openroll.store.uploads import UploadRow
from openroll.words import say_fault
from tests.handles import KEY, handle
from tests.paper.reading import text_of
from tests.web.journeys.conftest import Another
from tests.web.journeys.walker import Walker

pytestmark = pytest.mark.browser


@pytest.fixture
def prefix(lang: str, scripts: bool, request: pytest.FixtureRequest) -> str:
    """What the account numbers of this test begin with."""
    return f"{request.function.__name__[5:15].strip('_')}-{lang}-{int(scripts)}".replace("_", "-")


def packed(folder: Path, roll: Roll, prefix: str, rows: int = 3) -> Path:
    """A packed file of so many new households."""
    header = "account,kind,access,district,connected,name,contact,address,phone\n"
    lines = (f"{prefix}-{number},household,adsl,500103,2006-11-02,,,,\n" for number in range(rows))
    (folder / "list.csv").write_text(header + "".join(lines))
    terms = terms_of(roll.rule, roll.place, roll.day(roll.clock()))
    filing = folder / f"{prefix}.csv"
    paths = (folder / "list.csv", filing, folder / "kept.ndjson")
    pack(*paths, fields=roll.rule.fields, terms=terms, random=os.urandom, key=KEY)
    return filing


def send(walker: Walker, file: Path, purpose: str = "File it") -> None:
    """Send a file by the page."""
    walker.go("operator/files")
    walker.box("Send a file").set_input_files(file)
    walker.main.get_by_role("radio", name=walker.words(purpose), exact=True).check()
    walker.press("Send")


def filed(walker: Walker, rows: int) -> str:
    """What a page says of a file that was filed."""
    return walker.words("Filed: {stored} of {rows} rows are new to the roll.", stored=rows, rows=rows)


def sent_name(walker: Walker) -> str:
    """What the pages call the file that was sent just now: nothing keeps its own name."""
    return walker.words("File {number}", number=walker.page.url.rsplit("/", 1)[1])


def message(walker: Walker, name: str) -> Locator:
    """The message about a file, or none, on the overview."""
    walker.go("operator").heading("某网" if walker.lang == "zh" else "East")
    return walker.main.locator(".govuk-notification-banner").filter(
        has=walker.page.get_by_role("link", name=name, exact=True)
    )


def test_a_good_file_is_filed_before_the_eyes(
    walker: Walker, served: tuple[str, Roll], tmp_path: Path, prefix: str
) -> None:
    """A file is taken behind its page, which moves on by itself with JavaScript and by looking again without."""
    _, roll = served
    walker.sit("east/operator-lead")
    walker.heading("某网" if walker.lang == "zh" else "East")
    with roll.database.open() as connection:
        # Nothing can be filed until this is let go: the page is seen while the file is being taken.
        connection.execute("lock table event in share row exclusive mode")
        send(walker, packed(tmp_path, roll, prefix))
        name = sent_name(walker)
        expect(walker.main.get_by_role("progressbar")).to_be_visible()
        walker.reads("You may close this page: the work goes on, and a message waits for you.")
        connection.rollback()
    if walker.scripts:
        walker.reads("Filed: {stored} of {rows} rows are new to the roll.", stored=3, rows=3)
    else:
        walker.until(filed(walker, 3))
    expect(walker.main.get_by_role("progressbar")).to_have_count(0)
    walker.follow("All files")
    expect(walker.main.get_by_role("row").filter(has_text=name).first).to_contain_text(filed(walker, 3))


def test_a_message_waits_until_somebody_looks(
    walker: Walker, served: tuple[str, Roll], tmp_path: Path, prefix: str
) -> None:
    """A file that ended while nobody looked leaves a message on the overview, until it is looked at."""
    _, roll = served
    file = packed(tmp_path, roll, prefix)
    walker.sit("east/operator-lead")
    with roll.database.open() as connection:
        connection.execute("lock table event in share row exclusive mode")
        send(walker, file)
        name = sent_name(walker)
        expect(message(walker, name)).to_have_count(0)
        connection.rollback()
    for _ in range(100):
        if message(walker, name).count():
            break
        walker.page.wait_for_timeout(100)  # waits for a real process
    waiting = message(walker, name)
    expect(waiting).to_contain_text(walker.words("Message"))
    waiting.get_by_role("link", name=name, exact=True).click()
    walker.reads("Filed: {stored} of {rows} rows are new to the roll.", stored=3, rows=3)
    expect(message(walker, name)).to_have_count(0)


def spoilt(file: Path) -> Path:
    """The same file with a district in row 3 and a day in row 4 that are none."""
    lines = file.read_text().splitlines()
    head = lines[0].split(",")
    for row, column, value in ((2, "district", "999999"), (3, "connected", "2006-02-30")):
        cells = next(csv.reader([lines[row]]))
        cells[head.index(column)] = value
        lines[row] = ",".join(cells)
    file.write_text("\n".join(lines) + "\n")
    return file


def test_a_faulty_file_is_mended_on_the_page(
    walker: Walker, served: tuple[str, Roll], tmp_path: Path, prefix: str
) -> None:
    """A refused file's verdicts are said in the page's language; mended in place, a row left out, it is filed."""
    _, roll = served
    walker.sit("east/operator-lead")
    send(walker, spoilt(packed(tmp_path, roll, prefix)))
    walker.until(walker.words("Put it right here, or in your own list"))
    found = uploads.find(roll, "east", int(walker.page.url.rsplit("/", 1)[1]))
    assert isinstance(found, UploadRow)
    faults = uploads.quoted_faults(roll, found)
    assert [(fault.row, fault.column) for fault in faults] == [(3, "district"), (4, "connected")]
    table = walker.main.get_by_role("table", name=walker.words("Verdicts"))
    for place, fault in enumerate(faults, 1):
        for sentence in say_fault(fault, walker.lang):
            expect(table.get_by_role("row").nth(place)).to_contain_text(sentence.replace("`", ""))
    rows = list(csv.reader(walker.download("All verdicts as CSV").read_text("utf-8-sig").splitlines()))
    assert [row[:3] for row in rows[1:]] == [["3", "district", "999999"], ["4", "connected", "2006-02-30"]]
    district = walker.box("Right value for row %(row)s, %(column)s", row=3, column="district")
    assert district.input_value() == "999999"
    district.fill("500105")
    walker.box("Leave out row %(row)s", row=4).check()
    walker.press("Put right and send again")
    walker.until(filed(walker, 2))
    mended = by_handle(roll, "east", handle(f"{prefix}-1"))
    assert isinstance(mended, Record)
    assert mended.state.district == "500105"
    assert not isinstance(by_handle(roll, "east", handle(f"{prefix}-2")), Record)


def test_a_list_is_compared_with_the_roll(
    walker: Walker, served: tuple[str, Roll], tmp_path: Path, prefix: str
) -> None:
    """Comparing shows what the roll and a list do not share, and changes nothing."""
    _, roll = served
    walker.sit("west/operator-lead")
    file = packed(tmp_path, roll, prefix)
    send(walker, file)
    walker.until(filed(walker, 3))
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:-1], lines[-1].replace(handle(f"{prefix}-2"), handle(f"{prefix}-9"))]) + "\n")
    send(walker, file, "Compare it with the roll")
    walker.until(walker.words("Compared: {rows} rows.", rows=3))
    for epoch, count in (("The same in both", "2"), ("Only in your list", "1"), ("Different", "0")):
        row = walker.main.locator(".govuk-summary-list__row").filter(
            has=walker.page.get_by_text(walker.words(epoch), exact=True)
        )
        expect(row.locator("dd")).to_have_text(count)
    assert handle(f"{prefix}-9") in walker.download("The differences as CSV").read_text("utf-8-sig")
    assert not isinstance(by_handle(roll, "west", handle(f"{prefix}-9")), Record)


def test_what_is_no_file_is_refused(walker: Walker) -> None:
    """Sending nothing says so beside the field."""
    walker.sit("east/clerk").go("operator/files")
    walker.press("Send")
    walker.mistakes(walker.words("Choose a file"))


def test_duties_records_and_letters(walker: Walker, served: tuple[str, Roll], tmp_path: Path, prefix: str) -> None:
    """Duties stand on a board; a record is found by its handle and by its code; its letter is printed as PDF."""
    _, roll = served
    walker.sit("east/clerk")
    send(walker, packed(tmp_path, roll, prefix, 1))
    walker.until(filed(walker, 1))
    walker.menu("Duties")
    walker.heading("Duties and deadlines")
    for name in ("By operator", "The coming rush: what falls due in 30 days"):
        expect(walker.main.get_by_role("table", name=walker.words(name))).to_be_visible()
    record = by_handle(roll, "east", handle(f"{prefix}-0"))
    assert isinstance(record, Record)
    for sought in (handle(f"{prefix}-0"), record.code, record.code.replace(" ", "-")):
        walker.go("operator/records").fill("Handle or filing code", sought)
        walker.press("Open")
        expect(walker.main.get_by_role("heading", level=2).first).to_have_text(handle(f"{prefix}-0"))
        walker.happened("Filed")
    walker.go("operator/records").fill("Handle or filing code", "nobody")
    walker.press("Open")
    walker.mistakes()
    walker.menu("Letters")
    with walker.page.expect_download() as download:
        walker.main.get_by_role("button", name=re.compile("PDF")).first.click()
    paper = Path(download.value.path()).read_bytes()
    assert paper.startswith(b"%PDF-")
    read = "".join(text_of(paper))
    assert handle(f"{prefix}-0") in read
    assert record.code.replace(" ", "") in read


def test_a_token_is_issued_used_and_ended(
    another: Another, served: tuple[str, Roll], tmp_path: Path, prefix: str
) -> None:
    """A token is shown once, lets a program in, and lets nobody in once it is ended."""
    walker = another().sit("east/operator-lead").go("operator/tokens")
    walker.press("Issue a token")
    walker.mistakes()
    walker.fill("What it is for", prefix)
    walker.press("Issue a token")
    token = walker.main.locator(".govuk-inset-text .roll-hash").inner_text()
    headers = {"authorization": f"Bearer {token}"}
    asked = f"{walker.address}/api/v1/filings/{prefix}"
    assert httpx.get(asked, headers=headers).status_code == 404
    walker.go("operator/tokens").reads_not(token)
    walker.press("End", prefix)
    walker.done("Ended.")
    assert httpx.get(asked, headers=headers).status_code == 401
