"""What is told on pages: with script it never leaves the browser; without, the server keeps nothing it could be found from."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, unquote_plus

import pytest
from playwright.sync_api import Request, Route, expect

from openroll.disclosure import Disclosure
from openroll.register.subscription.filing_code import number_of
from openroll.service.roll import Roll
from tests.web.journeys.test_subscriber import PHONE, disclosures, fill_told, title, told_box
from tests.web.journeys.walker import Walker

pytestmark = pytest.mark.browser
Walkers = Callable[[str, bool], Walker]
OTHER_PHONE = "15800002222"
NAME, CONTACT, ADDRESS = "山城火锅店", "王小明", "民生路100号"


def digests_on(roll: Roll, code: str) -> dict[str, list[str]]:
    """The digests that the facts of a record hold, by the name of the fact."""
    number = number_of(code, roll.keys.code_key)
    with roll.database.own() as connection:
        rows = connection.execute("select name, body from event where stream = %s order by version", (number,))
        bodies = {name: json.loads(body) for name, body in rows}
    return {name: body.get("digests") or body.get("added") or [] for name, body in bodies.items()}


def opened(text: str) -> dict[str, tuple[str, str]]:
    """Disclosures by field: the value and the digest."""
    found = [Disclosure.parse(line) for line in text.splitlines()]
    return {str(one.name): (str(one.value), one.digest()) for one in found}


class Wire:
    """All that a browser sends, as somebody at the server could read it."""

    def __init__(self, walker: Walker) -> None:
        self.sent: list[str] = []
        walker.context.on("request", self._saw)

    def _saw(self, request: Request) -> None:
        body = (request.post_data_buffer or b"").decode("utf-8", "replace")
        self.sent.append(f"{request.url}\n{unquote_plus(body)}")

    def holds(self, *values: str) -> bool:
        """Whether any of these was sent, in letters, in base64url or as a digest of the bare value."""
        plain = "\n".join(self.sent)
        forms = [
            form
            for value in values
            for form in (
                value,
                urlsafe_b64encode(value.encode()).decode().rstrip("="),
                hashlib.sha256(value.encode()).hexdigest(),
            )
        ]
        return any(form in plain for form in forms)


def file_a_works(walker: Walker, roll: Roll) -> None:
    """File as an organisation, which the rule asks for three fields, and tell the fourth."""
    walker.go("file")
    walker.file_subscription("organisation", "lan")
    walker.heading("About you")
    for name, value in (("name", NAME), ("contact", CONTACT), ("address", ADDRESS)):
        walker.main.get_by_label(title(roll, name, walker.lang), exact=True).fill(value)
    fill_told(walker, roll, "phone", PHONE)
    walker.press("Continue")
    for value in (NAME, CONTACT, ADDRESS, PHONE):
        walker.reads(value)


def test_with_script_nothing_typed_leaves_the_page(walkers: Walkers, served: tuple[str, Roll]) -> None:
    """Filed, told and taken back with script: no request carries a value or a disclosure, and the page's own copy opens all."""
    _, roll = served
    scripted = walkers("zh", True)
    wire = Wire(scripted)
    file_a_works(scripted, roll)
    scripted.press("File")
    scripted.reads("Your filing code")
    code, kept = scripted.code(), disclosures(scripted)
    told = opened(kept)
    values = {"name": NAME, "contact": CONTACT, "address": ADDRESS, "phone": PHONE}
    assert {name: value for name, (value, _) in told.items()} == values
    facts = digests_on(roll, code)
    assert len(facts["subscription.filed/1"]) == sum(field.personal for field in roll.rule.fields)
    assert {told[name][1] for name in ("name", "contact", "address")} <= set(facts["subscription.filed/1"])
    assert facts["subscription.notified/1"] == [told["phone"][1]]
    assert scripted.download("Download disclosures").read_text().strip() == kept
    scripted.go("mine/tell")
    fill_told(scripted, roll, "phone", PHONE)
    scripted.press("Tell")
    scripted.heading("Told")
    again = disclosures(scripted)
    assert opened(again)["phone"][1] != told["phone"][1], "another telling has another salt"
    scripted.go("mine/take-back")
    scripted.main.locator("#take-back-file").set_input_files(
        {"name": "d.txt", "mimeType": "text/plain", "buffer": f"what I kept: {again}\n".encode()}
    )
    expect(scripted.box("The disclosure to take back")).to_have_value(f"what I kept: {again}")
    scripted.press("Take back")
    scripted.done("Taken back. It stands in the history below.")
    assert not wire.holds(*values.values(), *kept.splitlines(), again)
    assert any("in-page" in sent for sent in wire.sent), "the forms did come by"


def test_what_is_put_right_does_not_leave_the_page_either(walkers: Walkers, served: tuple[str, Roll]) -> None:
    """Who moved replaces the address by the text that was kept: digests travel, the address and the text do not."""
    _, roll = served
    scripted = walkers("en", True)
    file_a_works(scripted, roll)
    scripted.press("File")
    code, kept = scripted.code(), disclosures(scripted)
    before = set(digests_on(roll, code)["subscription.filed/1"])
    wire = Wire(scripted)
    scripted.go("mine/move")
    scripted.main.get_by_label(title(roll, "address", "en"), exact=True).fill("南坪2号")
    for part, value in (("Year", "2006"), ("Month", "12"), ("Day", "1")):
        scripted.fill(part, value)
    scripted.press("Report the change")
    scripted.reads("Paste the text that you kept of what is to be replaced")
    scripted.fill("The text that you kept of what is to be replaced", kept)
    scripted.press("Report the change")
    scripted.heading("Changed")
    new = opened(disclosures(scripted))
    assert {name: value for name, (value, _) in new.items()} == {"address": "南坪2号"}
    after = set(digests_on(roll, code)["subscription.changed/1"])
    assert after == (before - {opened(kept)["address"][1]}) | {new["address"][1]}
    assert not wire.holds("南坪2号", *kept.splitlines(), disclosures(scripted))


def test_a_form_sent_twice_tells_once(walkers: Walkers, served: tuple[str, Roll]) -> None:
    """The answer to a filing is lost on its way: the page says so, and sent again it is the same filing with the same salts."""
    _, roll = served
    scripted = walkers("en", True)
    file_a_works(scripted, roll)
    lost: list[str] = []

    def lose_first(route: Route) -> None:
        if lost or route.request.method != "POST":
            route.continue_()
            return
        lost.append(route.fetch().text())  # the server did it, and nobody hears
        route.abort()

    scripted.page.route("**/file", lose_first)
    scripted.press("File")
    scripted.reads("The connection was cut, and it is not known whether this arrived. Send it again: it is taken once.")
    scripted.press("File")
    scripted.reads("Your filing code")
    assert scripted.code() in lost[0]
    told = opened(disclosures(scripted))
    assert {told[name][1] for name in ("name", "contact", "address")} <= set(
        digests_on(roll, scripted.code())["subscription.filed/1"]
    )


def test_one_question_before_the_only_copy_is_left(walkers: Walkers, served: tuple[str, Roll]) -> None:
    """Who goes on without having saved the disclosures is asked: Escape stays, the download is the answer, and nobody is kept."""
    scripted = walkers("en", True)
    file_a_works(scripted, served[1])
    scripted.press("File")
    scripted.reads("Save them before you go on")
    question, on = scripted.main.get_by_role("dialog"), scripted.link("Your filing")
    on.press("Enter")
    expect(question).to_have_accessible_name(scripted.words("Leave without the disclosures?"))
    scripted.page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(on).to_be_focused()
    on.press("Enter")
    with scripted.page.expect_download() as saved:
        question.get_by_role("button", name="Download disclosures").press("Enter")
    assert Path(saved.value.path()).read_text().strip() == disclosures(scripted)
    on.press("Enter")
    scripted.at("mine")
    scripted.go("mine/tell")
    fill_told(scripted, served[1], "phone", PHONE)
    scripted.press("Tell")
    scripted.heading("Told")
    scripted.menu("Your filing")
    scripted.main.get_by_role("dialog").get_by_role("button", name="Leave without them").click()
    scripted.at("mine")


def test_the_way_back_keeps_what_was_typed(walkers: Walkers, served: tuple[str, Roll]) -> None:
    """The browser's own way back leads through the steps, with what was typed; after filing it leads into an empty form."""
    _, roll = served
    scripted = walkers("en", True)
    file_a_works(scripted, roll)
    scripted.page.go_back()
    scripted.heading("About you")
    box = scripted.main.get_by_label(told_box(scripted, roll, "phone"), exact=True)
    expect(box).to_have_value(PHONE)
    scripted.page.go_back()
    scripted.heading("The subscription")
    assert scripted.box("District").input_value() == "500103"
    scripted.page.go_forward()
    scripted.heading("About you")
    box.fill(OTHER_PHONE)
    scripted.press("Continue")
    scripted.reads(OTHER_PHONE)
    scripted.press("File")
    scripted.reads("Your filing code")
    assert opened(disclosures(scripted))["phone"][0] == OTHER_PHONE
    scripted.page.go_back()
    expect(scripted.main).not_to_contain_text(NAME)


def test_where_it_is_told_is_said(walker: Walker) -> None:
    """Each browser is told what happens in it: with script that nothing leaves the page, without that it goes to the server."""
    walker.go("file")
    walker.file_subscription()
    stays = walker.words(
        "What you write does not leave this page: your browser turns it into digests, and only these are sent. "
        "You get the only copy on the last page."
    )
    goes = walker.words(
        "Your browser runs no script here, so what you write travels to this server, which turns it into digests "
        "and forgets it. You get the only copy back on the last page."
    )
    shown, hidden = (stays, goes) if walker.scripts else (goes, stays)
    expect(walker.main.get_by_text(shown, exact=True)).to_be_visible()
    expect(walker.main.get_by_text(hidden, exact=True)).to_be_hidden()


def test_without_script_the_seed_is_the_only_way_to_the_salts(walkers: Walkers, served: tuple[str, Roll]) -> None:
    """What hides a value is derived from 32 random bytes of the form's page, which are nowhere in the database or the home."""
    _, roll = served
    walker = walkers("zh", False)
    wire = Wire(walker)
    file_a_works(walker, roll)
    walker.press("File")
    told = opened(disclosures(walker))
    seeds = {seed for sent in wire.sent for seed in parse_qs(sent.partition("\n")[2]).get("seed", [])}
    (seed,) = seeds
    assert len(seed) == 64
    with roll.database.own() as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "select table_name from information_schema.tables where table_schema = current_schema()"
            )
        ]
        for table in tables:
            rows = connection.execute(f'select t::text from "{table}" t').fetchall()
            assert not any(seed in row[0] or bytes.fromhex(seed)[:8].hex() in row[0] for row in rows), table
    assert set(told) == {"name", "contact", "address", "phone"}
    for line in disclosures(walker).splitlines():
        assert len(urlsafe_b64decode(Disclosure.parse(line).salt + "==")) == 16


def test_a_number_of_another_form_does_not_leave_the_page(walkers: Walkers, served: tuple[str, Roll]) -> None:
    """With script the server never sees a number, so the page itself says that it is mistyped, and sends the right one."""
    _, roll = served
    scripted = walkers("en", True)
    scripted.go("file")
    scripted.file_subscription("household", "adsl")
    box = scripted.main.get_by_label(told_box(scripted, roll, "phone"), exact=True)
    box.fill("12")
    scripted.main.get_by_role("button", name="Continue").click()
    expect(scripted.page.locator("#field-phone-shape")).to_be_visible()
    expect(box).to_be_focused()
    box.fill(f"{PHONE}\u202e")  # a mark that turns the direction: the value would read otherwise than it is
    scripted.main.get_by_role("button", name="Continue").click()
    expect(scripted.page.locator("#field-phone-unseen")).to_have_text("It holds a character that nobody sees.")
    expect(scripted.page.locator("#field-phone-shape")).to_be_hidden()
    expect(box).to_be_focused()
    box.fill(f"{PHONE[:3]} {PHONE[3:]}")
    scripted.press("Continue")
    scripted.heading("Check your answers")
