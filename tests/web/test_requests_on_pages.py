"""A request from the officer's form to the checked answer, each body in a browser of its own: what is sealed never leaves it."""

import hashlib
import json
import re
from base64 import b64encode
from pathlib import Path
from urllib.parse import parse_qs

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from openroll.disclosure.envelope import HeldKey, key_line, key_of, public_line, published_of, seal
from openroll.disclosure.notice import bucket_of, nobody_secret, notice_secret, own_notices, word_of
from openroll.disclosure.notice_code import code_of
from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import KEEPER
from openroll.register.request import commands
from openroll.register.request.content import Notice, complaint_digest, context_of, notice_context, read_content
from openroll.register.request.events import PersonToldByWord, RequestSigned
from openroll.register.request.words import TEXT
from openroll.register.subscription.handle import key_line as handle_key_line
from openroll.service.acts import Acted
from openroll.service.identity.people import admit_organisation
from openroll.service.requests import notices, rights, shown, steps
from openroll.service.roll import Roll
from openroll.web.auth import SESSION
from openroll.words.catalogue import gettext
from openroll.words.desk import SAID, WAITS
from openroll.words.labels import EVENTS, words
from openroll.words.requests import OUTCOMES
from tests.handles import KEY, handle
from tests.register.test_given import TODAY
from tests.register.test_given_in_page import JUDGE, given_files, links, ours, ours_behind
from tests.register.test_request_checked import SIGNER
from tests.register.test_request_in_browser import LISTS, asks
from tests.register.test_request_in_browser import NOW as IN_BROWSER
from tests.seats import seated
from tests.web.test_requests_by_command import OFFICE, Scene, filed, rewritten, runner
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
    (tmp_path / "unknown.key").write_text(key_line(HeldKey(bytes(32))))
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
    """Asked, decided on, answered from the operator's file, checked at the officer's, told and complained about,
    each party in a browser of its own: record and grounds stay sealed."""
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
    ask_back_badly(scene, served[1], pages["officer"], number)
    decide(scene, served[1], pages["judge"], number)
    answer(scene, pages["clerk"], pages["judge"], number)
    officer = pages["officer"]
    officer.reload()
    opens(officer, scene.folder / "guard.key", "Open the envelopes")
    given = officer.locator("[data-part=answer]")
    expect(given).to_contain_text(
        "Checked: unaltered since it was filed, complete, and nothing beyond what was approved."
    )
    expect(given).to_contain_text("Name of the person")
    expect(given).to_contain_text("Li Si")
    expect(given.locator("dl > div").filter(has_text="Filed under the number")).to_contain_text(ACCOUNT)
    expect(given).to_contain_text("what the register holds of the record in public")
    expect(given).to_contain_text("Operator: east")
    expect(given).not_to_contain_text("Jiefangbei")
    tell(scene, pages["clerk"], served[1], int(number))
    pages["person"] = browser.new_page()
    pages["person"].on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    complain(scene, pages["person"])
    judge = pages["judge"]
    judge.goto(f"{scene.address}/zh/desk/{number}")
    expect(judge.locator("main")).to_contain_text(gettext("zh", "The person has complained about this request."))
    anybody = pages["person"]
    anybody.goto(f"{scene.address}/zh/requests/{number}")
    expect(anybody.locator("main")).to_contain_text(words("zh", EVENTS, "request.complained/1"))
    expect(anybody.locator("main")).not_to_contain_text("Li Si")
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
    page.get_by_label("How the one record is named").select_option("domain")
    page.get_by_label("The record", exact=True).fill("gov.cn")
    page.get_by_role("button", name="Seal and file").click()
    expect(page.locator("#ask-record-wrong")).to_have_text("It means several records; a request is about one.")
    page.get_by_label("How the one record is named").select_option("subscription")
    page.get_by_label("The record", exact=True).fill(ACCOUNT)
    page.get_by_label("Your organisation's key file").set_input_files(scene.folder / "unknown.key")
    page.get_by_role("button", name="Only check").click()
    expect(page.locator("#desk-key-wrong")).to_contain_text("Your organisation has not published this key")
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


def ask_back_badly(scene: Scene, roll: Roll, page: Page, number: str) -> None:
    """A reviewer's program seals a question that is none: at the officer's it is named, hides nothing else, and is answered."""
    by = HeldKey(hashlib.sha256(b"bench2").digest())
    keys = [by.published.sealing, key_of((scene.folder / "guard.key").read_text()).published.sealing]
    asked = msgspec.structs.asdict(shown.public(roll, number=int(number))[0].history[0][0])
    envelope = seal(b"no question", keys, by.signing, context_of(roll.origin, asked, "ask-back"), pad_to=TEXT)
    asking = commands.AskBack(request=int(number), envelope=envelope)
    assert isinstance(steps.step(roll, asking, seated(roll, "bench2", "reviewer")), Acted)
    page.goto(f"{scene.address}/en/desk/{number}")
    opens(page, scene.folder / "guard.key", "Open the envelopes")
    expect(page.locator("[data-part=ask]")).to_contain_text(GROUNDS)
    expect(page.locator("[data-part=ask-back]")).to_contain_text("What is sealed in it is not what should stand there.")
    opens(page, scene.folder / "unknown.key", "Open the envelopes")
    expect(page.get_by_text("Nothing here is sealed to this key.")).to_be_visible()
    expect(page.locator("[data-opened]")).to_be_empty()  # what another key opened is not left there
    page.locator("#desk-key").set_input_files(scene.folder / "guard.key")
    act = page.locator("#act-answer-back")
    act.locator("#answer-back-text").fill("Which question?")
    act.locator("button").click()
    expect(page.get_by_role("alert")).to_contain_text("It stands in the public log")


def decide(scene: Scene, roll: Roll, page: Page, number: str) -> None:
    """The reviewer finds it in its list, in another language, reads what is asked, and approves one field of two."""
    for lang in ("en", "zh"):
        page.goto(f"{scene.address}/{lang}/desk")
        assert page.evaluate("(one => one.scrollWidth <= one.clientWidth)(document.querySelector('.roll-scroll'))")
    page.get_by_role("rowheader").get_by_role("link", name=number).click()
    unread(scene, page)
    page.reload()
    left_out(scene, page, number)
    opens(page, scene.folder / "bench2.key", "打开信封")
    expect(page.get_by_text(gettext("zh", SAID["part-missing"]))).to_have_count(0)
    read = page.locator("[data-part=ask]")
    expect(read).to_contain_text(ACCOUNT)
    expect(read).to_contain_text(GROUNDS)
    expect(page.locator("[data-waits]:visible")).to_have_count(0)
    page.locator("#act-approve").get_by_role("button", name="批准").click()
    expect(page.locator("#approve-which-wrong")).to_be_visible()
    expect(read).to_contain_text(GROUNDS)  # a mistake takes nothing away that was opened
    page.locator("#act-approve input[name=approve-is-name]").check()
    with rewritten(roll, RequestSigned.name, "decision"):
        page.locator("#act-approve").get_by_role("button", name="批准").click()
        # What the log has otherwise is said, and nothing goes on as if it were done.
        expect(page.locator("#act-approve [data-state]")).to_contain_text(gettext("zh", SAID["otherwise"]))
    with page.expect_download() as saved:
        page.get_by_role("link", name=gettext("zh", SAID["save-receipt"])).click()
    assert Path(saved.value.path()).read_text().startswith("c2sp.org/tlog-proof@v1")


def unread(scene: Scene, page: Page) -> None:
    """Nothing is approved that was not opened here; where it does not open it is sent back by pressing once more."""
    act, back = page.locator("#act-approve"), page.locator("#act-return")
    expect(act.get_by_text(gettext("zh", WAITS["approve"]))).to_be_visible()
    act.locator("input[name=approve-is-name]").check()
    act.get_by_role("button", name="批准").click()
    expect(page.locator("#desk-key-wrong")).to_have_text(gettext("zh", SAID["open-first"]))
    expect(page.locator("#desk-key")).to_be_focused()
    back.locator("summary").click()
    expect(back.get_by_text(gettext("zh", WAITS["return"]))).to_be_visible()
    for sentence in ("warned-return", None):
        back.locator("button").click()
        if sentence:
            expect(back.locator("[data-state]")).to_have_text(gettext("zh", SAID[sentence]))
            expect(back.locator("[data-state]")).to_be_focused()
    expect(page.locator("#return-which-wrong")).to_be_visible()  # it was sent, and nothing was ticked
    opens(page, scene.folder / "unknown.key", "打开信封")
    expect(page.get_by_text(gettext("zh", SAID["not-ours"]))).to_be_visible()
    act.get_by_role("button", name="批准").click()
    expect(act.locator("[data-state]")).to_contain_text(gettext("zh", SAID["not-read"]))
    before, after = map(re.escape, gettext("zh", SAID["bracketed"]).format(one="", more="|").split("|"))
    expect(act.locator("[data-state]")).to_contain_text(re.compile(f"{before}[0-9-]+ [0-9:]+ UTC{after}$"))
    expect(act.locator("[data-waits]")).to_be_visible()
    act.locator("input[name=approve-is-name]").uncheck()


def left_out(scene: Scene, page: Page, number: str) -> None:
    """What the log names and the roll does not give is named, and nothing is approved on what is left."""

    def lying(route: Route) -> None:
        got = route.fetch()
        told = got.json()
        left = [one for one in told["envelopes"] if one["part"] != "ask"]
        route.fulfill(response=got, json=told | {"envelopes": left})

    envelopes = f"**/desk/{number}/envelopes"
    page.route(envelopes, lying)
    opens(page, scene.folder / "bench2.key", "打开信封")
    expect(page.get_by_text(gettext("zh", SAID["part-missing"]))).to_be_visible()
    act = page.locator("#act-approve")
    act.locator("input[name=approve-is-name]").check()
    act.get_by_role("button", name="批准").click()
    expect(act.locator("[data-state]")).to_contain_text(gettext("zh", SAID["rests-on"]))
    page.unroute(envelopes)
    act.locator("input[name=approve-is-name]").uncheck()


def unsigned(scene: Scene, judge: Page, act: Locator, number: str) -> None:
    """Nothing is given by a decision whose signature was spoilt on its way into the log, until it is signed for what it is."""
    act.locator("#answer-file").set_input_files(scene.folder / "list.disclosures.ndjson")
    act.get_by_role("button", name="Answer with what was approved").click()
    expect(act.locator("[data-state]")).to_contain_text(SAID["signed-otherwise"])
    expect(act.locator("[data-state]")).to_contain_text("Bench2; by the log: Name (of a person or an organisation)")
    expect(act.get_by_role("link", name=SAID["save-receipt"])).to_have_count(2)
    judge.goto(f"{scene.address}/en/desk/{number}")
    opens(judge, scene.folder / "bench2.key", "Open the envelopes")
    expect(judge.locator("[data-part=ask]")).to_contain_text(GROUNDS)
    sign = judge.locator("#act-sign")
    for ticked, said in ((("address",), SAID["sign-otherwise"]), (("name",), "")):
        for name in ("name", "address"):
            sign.locator(f"input[name=sign-is-{name}]").set_checked(name in ticked)
        sign.get_by_role("button").click()
        if said:
            expect(sign.locator("[data-state]")).to_contain_text(said)
    expect(judge.get_by_role("alert")).to_contain_text("It stands in the public log")


def own_receipt(scene: Scene) -> Path:
    """The receipt of the one filing."""
    (path,) = (scene.folder / "receipts").iterdir()
    return path


def answer(scene: Scene, page: Page, judge: Page, number: str) -> None:
    """The clerk answers from the operator's own file; where a receipt is missing, or it is only checked, nothing is sent."""
    page.goto(f"{scene.address}/en/desk/{number}")
    page.locator("#desk-key").set_input_files(scene.folder / "east.key")
    act = page.locator("#act-answer")
    unsigned(scene, judge, act, number)
    act.locator("#answer-file").set_input_files(scene.folder / "list.disclosures.ndjson")
    send, check = (act.get_by_role("button", name=name) for name in ("Answer with what was approved", "Only check"))
    send.click()
    expect(act.locator("[data-state]")).to_contain_text("no receipt says what was filed")
    receipt = own_receipt(scene).read_bytes()
    (scene.folder / "flipped.tlog-proof").write_bytes(receipt[:-9] + bytes([receipt[-9] ^ 1]) + receipt[-8:])
    act.locator("#answer-receipts").set_input_files(scene.folder / "flipped.tlog-proof")
    check.click()
    expect(act.locator("#answer-receipts-wrong")).to_contain_text("These files prove nothing")
    expect(act.locator("#answer-receipts-wrong")).to_contain_text("flipped.tlog-proof")
    act.locator("#answer-receipts").set_input_files(own_receipt(scene))
    page.route(lambda url: "/desk/" in url, lambda route: route.abort(), times=1)
    check.click()
    expect(act.locator("[data-state]")).to_have_text(SAID["unknown"])  # what is not answered may be done
    given = facts_once(page, number)
    check.click()
    expect(act.locator("[data-state]")).to_contain_text("it would be taken. No answer was sent.")
    assert given == [True]
    page.unroute_all()
    for text in (
        "Name of the person",
        "Li Si",
        "Checked: unaltered",
        "what the register holds of the record in public",
    ):
        expect(act.locator("[data-warned]")).to_contain_text(text)
    expect(act.locator("[data-warned] dd")).to_have_text(["given", "Li Si", ACCOUNT])  # all that the officer will read
    act.locator("#answer-why-name").select_option("immunity")
    for place in ("[data-warned]", "[data-state]"):
        expect(act.locator(place)).to_have_text([] if "warned" in place else "")  # it was of what stood there before
    check.click()
    expect(act.locator("[data-state]")).to_contain_text("Give nothing, and say why: immunity")
    expect(act.locator("[data-warned]")).to_have_count(0)
    act.locator("#answer-why-name").select_option("")
    send.click()
    expect(page.get_by_role("alert")).to_contain_text("It stands in the public log")


def facts_once(page: Page, number: str) -> list[bool]:
    """Have the roll give a request's facts once and never again; whether it gave them, each time that it was asked.

    What is held to be signed and what is given must not be read in two answers of a roll: the second may say something else.
    """
    given: list[bool] = []

    def give(route: Route) -> None:
        given.append(not given)
        if given[-1]:
            route.continue_()
        else:
            route.abort()

    page.route(f"**/api/v1/requests/{number}", give)
    return given


def complain(scene: Scene, page: Page) -> None:
    """The person finds what was told to their code, in another language, without an account, and complains once asked again."""
    page.goto(f"{scene.address}/zh/notices")
    page.locator("#notice-code").fill(code_of(notice_secret(KEY, handle(ACCOUNT))))
    page.locator("form button").first.click()
    told = page.locator("[data-list] section")
    expect(told).to_have_count(1, timeout=60_000)
    for text in ("某机构", "Act 100", "Commissioner", words("zh", OUTCOMES, "given")):
        expect(told).to_contain_text(text)
    until = told.locator("dd[data-at=complaining]")
    expect(until).to_have_text(re.compile(r"20\d\d年\d+月\d+日"))
    told.get_by_role("button").click()
    expect(told.locator("[data-complaint]")).to_have_text(
        gettext("zh", "Nothing was sent yet. A complaint is final: press again to complain.")
    )
    page.route("**/api/v1/complaints", lambda route: route.abort(), times=1)
    told.get_by_role("button").click()
    expect(told.locator("[data-complaint]")).to_have_text(gettext("zh", SAID["unknown"]))
    for _ in range(2):
        told.get_by_role("button").click()
    expect(told.locator("[data-complaint]")).to_have_text(
        gettext("zh", "Your complaint stands in public, without your name.")
    )


def another_supervisor(route: Route) -> None:
    """What a roll says of a use that nothing proves: the person is to complain to somebody else."""
    said = route.fetch().json()
    route.fulfill(json=said | {"supervisor": "Nobody", "basis": "none"})


def tell(scene: Scene, page: Page, roll: Roll, number: int) -> None:
    """The clerk tells the person: the notice lies in the heap of their code, and says what was given and how to complain."""
    page.locator("#desk-key").set_input_files(scene.folder / "east.key")
    act = page.locator("#act-tell")
    act.locator("button").click()
    for code in ("nothing-sent", "file-missing", "handle-key-missing"):  # at the button too, far below the fields
        expect(act.locator("[data-state]")).to_contain_text(SAID[code])
    for each in ("#tell-file-wrong", "#tell-handle-key-wrong"):
        expect(act.locator(each)).to_be_visible()  # everything that is missing at once
    act.get_by_label("I hold no such record").check()
    act.locator("#tell-handle-key").set_input_files(scene.folder / "handle.key")
    act.locator("button").click()
    expect(act.locator("[data-state]")).to_contain_text("read below whom this tells")
    expect(act.locator("[data-warned]")).to_contain_text("the notice would be sealed to nobody")
    page.route(re.compile(f"/desk/{number}$"), lambda route: route.fulfill(status=422, json={"detail": "held back"}))
    with page.expect_request(re.compile(f"/desk/{number}$")) as held:
        act.locator("button").click()
    expect(act.locator("[data-state]")).to_have_text("held back")
    page.unroute(re.compile(f"/desk/{number}$"))
    bucket = bucket_of(nobody_secret(KEY, number), number)
    posted = parse_qs(held.value.post_data)
    assert posted["bucket"] == [str(bucket)], "the same each time"
    nobodys = word_of(nobody_secret(KEY, number), notice_context(roll.origin, number))
    assert (posted["complaint"], posted["by-word"]) == ([complaint_digest(nobodys)], ["yes"])
    act.get_by_label("I hold no such record").uncheck()
    expect(act.locator("[data-warned]")).to_have_count(0)
    act.locator("#tell-file").set_input_files(scene.folder / "list.disclosures.ndjson")
    (scene.folder / "other.key").write_text(handle_key_line(bytes(32)))
    act.locator("#tell-handle-key").set_input_files(scene.folder / "other.key")
    act.locator("button").click()
    expect(act.locator("#tell-handle-key-wrong")).to_contain_text(
        "This handle key did not make the handle of that record"
    )
    act.locator("#tell-handle-key").set_input_files(scene.folder / "handle.key")
    page.route(re.compile("/api/v1/uses/"), another_supervisor)
    act.locator("button").click()
    expect(page.locator("#act-tell")).to_have_count(0)
    secret = notice_secret(KEY, handle(ACCOUNT))
    heap, lines = notices.heap_with_senders(roll, bucket_of(secret, number))
    contexts = [(notice_context(roll.origin, one.request), one.data) for one in heap]
    (own,) = own_notices(contexts, secret, [published_of(line).verifying for line in lines])
    assert own.content is not None
    notice = read_content(own.content, Notice)
    assert (notice.request, notice.given, notice.approved) == (number, ("name",), ("name",))
    assert (notice.outcome, notice.basis, notice.supervisor) == ("given", "Act 100", "Commissioner")
    assert notice.word == word_of(secret, contexts[0][0])
    fact = shown.public(roll, number=number)[0].history[-1][0]
    assert isinstance(fact, PersonToldByWord)
    assert fact.complaint == complaint_digest(notice.word)


ASKS = """(packed) => {
  const [lists, drafts, now] = JSON.parse(packed);
  openrollDesk.know(lists);
  return JSON.stringify(drafts.map((draft) => {
    const { ask, lacks } = openrollDesk.askOf(draft, new Uint8Array(16), now);
    if (lacks) return lacks.map(({ field, why }) => [field, why]);
    return [openrollDesk.canonical(ask), openrollDesk.caseDigest(ask.case, ask.salt)];
  }));
}"""
GIVEN = f"""(packed) => {{
  {JUDGE}
  const [files, links, key, today] = JSON.parse(packed), check = (bytes) => openrollCheck(bytes, [key], undefined);
  return [files.map((one) => judge(openrollGiven, check, one, today)), links.map((one) => linked(openrollGiven, one))];
}}"""


def test_chromium_judges_as_the_commands_do(served: tuple[str, Roll], browser: Browser) -> None:
    """The pages' own scripts, in Chromium, make of every ask, given file and link of the corpora what the commands make of it."""
    every, files = asks(), given_files()
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{served[0]}/en/verify")
        page.add_script_tag(url=f"{served[0]}/static/build/desk.js")
        page.wait_for_function("globalThis.openrollDesk")
        drafts = [draft for draft, _ in every]
        asked = json.loads(page.evaluate(ASKS, json.dumps([LISTS, drafts, IN_BROWSER.timestamp() * 1000])))
        packed = [b64encode(file).decode() for file in files]
        given, linked = page.evaluate(GIVEN, json.dumps([packed, links(), str(SIGNER.verifier), TODAY.isoformat()]))
    assert [(one, page) for (one, said), page in zip(every, asked, strict=True) if page != said] == []
    assert [(file[:300], page) for file, page in zip(files, given, strict=True) if page != ours(file)] == []
    assert linked == [ours_behind(one) for one in links()]
