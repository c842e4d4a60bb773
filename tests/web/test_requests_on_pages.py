"""A request from the officer's form to the checked answer, each body in a browser of its own: what is sealed never leaves it."""

import hashlib
from datetime import UTC
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from openroll.disclosure.envelope import HeldKey, key_line, public_line, published_of
from openroll.disclosure.notice import bucket_of, notice_secret, own_notices
from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import KEEPER
from openroll.register.request.content import Notice, notice_context, read_content
from openroll.service.acts import Acted
from openroll.service.identity.people import admit_organisation
from openroll.service.requests import notices, rights
from openroll.service.roll import Roll
from openroll.web.auth import SESSION
from tests.handles import KEY, handle
from tests.seats import seated
from tests.web.test_requests_by_command import OFFICE, Scene, filed, runner
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser
ACCOUNT, GROUNDS = "u-9", "Fraud, reported on 2 December."
KEPT = {"bench2": "reviewer-lead", "east": "operator-lead"}
"""Bodies whose keys the command made; the authority's is made on its page."""


@pytest.fixture
def scene(
    served: tuple[str, Roll], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Scene:
    """An authority and a reviewer in a served roll, keys of reviewer and operator in files, and one filing with its receipt."""
    address, roll = served
    for name, kind in (("guard", "authority"), ("bench2", "reviewer")):
        admit = AdmitOrganisation(organisation=name, kind=kind, title={"zh": "某机构", "en": name.title()})
        assert isinstance(admit_organisation(roll, admit, KEEPER), Accepted)
    for name, lead in KEPT.items():
        held = HeldKey(hashlib.sha256(name.encode()).digest())
        assert isinstance(rights.publish_key(roll, public_line(held.published), seated(roll, name, lead)), Acted)
        (tmp_path / f"{name}.key").write_text(key_line(held))
    made = Scene(address, tmp_path, runner(tmp_path, capsys, monkeypatch))
    filed(made, roll, ACCOUNT)
    return made


def at(scene: Scene, browser: Browser, seat: str) -> BrowserContext:
    """A browser in which somebody sits in a seat."""
    context, https = browser.new_context(), scene.address.replace("http:", "https:")
    session = Visitor(scene.address).take_seat(seat).jar[SESSION]
    context.add_cookies([{"name": SESSION, "value": session, "url": https, "secure": True, "httpOnly": True}])
    context.set_default_timeout(20_000)
    return context


def test_a_request_on_pages(scene: Scene, served: tuple[str, Roll], browser: Browser) -> None:
    """Asked, decided on, answered from the operator's file, checked at the officer's, told: record and grounds stay sealed."""
    sent: list[str] = []
    seats = {
        "chief": "guard/officer-lead",
        "officer": "guard/officer",
        "judge": "bench2/reviewer",
        "clerk": "east/clerk",
    }
    pages = {}
    for who, seat in seats.items():
        pages[who] = at(scene, browser, seat).new_page()
        pages[who].on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    before(scene, pages["chief"])
    number = ask(scene, pages["officer"])
    decide(scene, pages["judge"], number)
    answer(scene, pages["clerk"], number)
    officer = pages["officer"]
    officer.reload()
    opens(officer, scene.folder / "guard.key", "Open the envelopes")
    given = officer.locator("[data-part=answer]")
    expect(given).to_contain_text(
        "Checked: unaltered since it was filed, complete, and nothing beyond what was approved."
    )
    expect(given).to_contain_text("Li Si")
    expect(given).not_to_contain_text("Jiefangbei")
    tell(scene, pages["clerk"], served[1], int(number))
    assert not any(
        word in one
        for one in sent
        for word in (f"={ACCOUNT}", f'"{ACCOUNT}', "Fraud", "Li+Si", "openroll-envelope-key")
    )
    for page in pages.values():
        page.context.close()


def before(scene: Scene, page: Page) -> None:
    """The lead makes a key, saves it before it may be published, and registers what may be asked for."""
    page.goto(f"{scene.address}/en/desk/keys")
    page.get_by_role("button", name="Make a key").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status")).to_contain_text("keep a copy before you publish")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the key file").click()
    saved.value.save_as(scene.folder / "guard.key")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("It stands in the public log")
    page.goto(f"{scene.address}/en/desk/uses")
    page.get_by_label("Purpose").select_option(index=1)
    page.get_by_label("Legal basis").fill("Act 100")
    for field in ("name", "address"):
        page.locator(f"input[name=field-{field}]").check()
    page.get_by_label("Who hears complaints").fill("Commissioner")
    page.get_by_label("How they are reached").fill("c@s.example")
    page.get_by_label("Telephone of your office").fill(OFFICE)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_contain_text("It stands in the public log")


def ask(scene: Scene, page: Page) -> str:
    """The officer asks; a list of two is refused by its field before anything is sealed. The request's number."""
    page.goto(f"{scene.address}/en/desk/ask")
    page.get_by_label("Registered use").select_option(index=1)
    page.get_by_label("Operator", exact=True).select_option("east")
    page.get_by_label("Reviewer", exact=True).select_option("bench2")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_label("Urgency").select_option("ordinary")
    page.get_by_label("Wished").select_option("now")
    page.get_by_label("The record", exact=True).fill(f"{ACCOUNT},u-8")
    for label, text in {
        "Article or order": "order 7",
        "Case reference": "K-9",
        "Role of who asks": "inspector",
    }.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Seal and file").click()
    expect(page.locator("#ask-record-wrong")).to_have_text("It means several records; a request is about one.")
    expect(page.locator("#ask-grounds-wrong")).to_have_text("It is not there.")
    page.get_by_label("The record", exact=True).fill(ACCOUNT)
    page.get_by_label("Grounds").fill(GROUNDS)
    page.get_by_label("Your organisation's key file").set_input_files(scene.folder / "guard.key")
    page.get_by_role("button", name="Only check").click()
    expect(page.get_by_role("status")).to_have_text("It is complete and would be taken. Nothing was filed.")
    page.get_by_role("button", name="Seal and file").click()
    page.wait_for_url("**/en/desk/*?done=request")
    return page.url.split("/")[-1].split("?")[0]


def opens(page: Page, key: Path, button: str) -> None:
    """Open the envelopes of the request that a page shows."""
    page.locator("#desk-key").set_input_files(key)
    page.get_by_role("button", name=button).click()


def decide(scene: Scene, page: Page, number: str) -> None:
    """The reviewer finds it in its list, in another language, reads what is asked, and approves one field of two."""
    page.goto(f"{scene.address}/zh/desk")
    page.get_by_role("rowheader").get_by_role("link", name=number).click()
    opens(page, scene.folder / "bench2.key", "打开信封")
    read = page.locator("[data-part=ask]")
    expect(read).to_contain_text(ACCOUNT)
    expect(read).to_contain_text(GROUNDS)
    page.locator("#act-approve input[name=approve-is-address]").uncheck()
    page.locator("#act-approve").get_by_role("button", name="批准").click()
    expect(page.get_by_role("alert")).to_contain_text("公开日志")


def answer(scene: Scene, page: Page, number: str) -> None:
    """The clerk answers from the operator's own file; without the record's receipt nothing is sent."""
    page.goto(f"{scene.address}/en/desk/{number}")
    page.locator("#desk-key").set_input_files(scene.folder / "east.key")
    act = page.locator("#act-answer")
    act.locator("#answer-file").set_input_files(scene.folder / "list.disclosures.ndjson")
    act.locator("button").click()
    expect(act.locator("[data-state]")).to_contain_text("no receipt says what was filed")
    act.locator("#answer-receipts").set_input_files(scene.folder / "receipts" / "1.tlog-proof")
    act.locator("button").click()
    expect(page.get_by_role("alert")).to_contain_text("It stands in the public log")


def tell(scene: Scene, page: Page, roll: Roll, number: int) -> None:
    """The clerk tells the person: the notice lies in the heap of their code, and says what was given and how to complain."""
    page.locator("#desk-key").set_input_files(scene.folder / "east.key")
    act = page.locator("#act-tell")
    act.locator("#tell-file").set_input_files(scene.folder / "list.disclosures.ndjson")
    act.locator("#tell-handle-key").set_input_files(scene.folder / "handle.key")
    act.locator("button").click()
    expect(page.locator("#act-tell")).to_have_count(0)
    secret = notice_secret(KEY, handle(ACCOUNT))
    heap, lines = notices.heap_with_senders(roll, bucket_of(secret, f"{roll.clock().astimezone(UTC):%Y-%m}"))
    contexts = [(notice_context(roll.origin, one.request), one.data) for one in heap]
    (own,) = own_notices(contexts, secret, [published_of(line).verifying for line in lines])
    assert own.content is not None
    notice = read_content(own.content, Notice)
    assert (notice.request, notice.given, notice.approved) == (number, ("name",), ("name",))
    assert (notice.outcome, notice.basis, notice.supervisor) == ("given", "Act 100", "Commissioner")
