"""A person gives some of what they told by a page; whoever gets the link checks it without an account; and it is taken back."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from playwright.sync_api import FilePayload, expect

from openroll.cli.giving import _of_link
from openroll.register.given import link, read_given
from openroll.register.grant import grant_of, word_of
from openroll.service.roll import Roll
from openroll.words.catalogue import day
from openroll.words.labels import GIVEN
from tests.watch.fake_witness import FakeWitness
from tests.web.journeys.test_subscriber import PHONE, disclosures, title
from tests.web.journeys.test_telling import ADDRESS, CONTACT, NAME, Wire, file_a_works
from tests.web.journeys.walker import Walker

pytestmark = pytest.mark.browser
Walkers = Callable[[str, bool], Walker]
GOOD = "Good: what you were given is unaltered since it stands in the log"
BAD = "Not good: something of what you were given does not hold"
BACK = "Unaltered, but its giver took it back"
BEFORE = "Unaltered, but it was to be shown once, and was shown before"
OVER = "Unaltered, but the day until which it was given is over"
ONCE = "Unaltered, good once, and shown to nobody yet"


def verdict(walker: Walker, address: str, heading: str) -> str:
    """What the check page says of a link, opened anew."""
    walker.page.goto("about:blank")
    walker.page.goto(address)
    shown = walker.page.locator("[data-verdict]")
    expect(shown.locator("h2")).to_have_text(walker.words(heading))
    assert "#" not in walker.page.url, "no history keeps what was given"
    return str(shown.inner_text())


def test_what_is_given_is_checked_and_taken_back(walkers: Walkers, served: tuple[str, Roll]) -> None:
    """Two of four fields are given: no request carries a value; the link checks in another language; then it is taken back."""
    _, roll = served
    giver, other = walkers("en", True), walkers("zh", True)
    file_a_works(giver, roll)
    giver.press("File")
    kept = disclosures(giver)
    wire, theirs = Wire(giver), Wire(other)
    giver.page.clock.set_fixed_time(
        datetime(2031, 1, 1, tzinfo=UTC)
    )  # an end goes by the roll's clock, not by this one
    giver.go("mine").follow("Give what you told to somebody")
    files = [FilePayload(name="d.txt", mimeType="text/plain", buffer=one.encode()) for one in kept.splitlines()]
    giver.press("Make it")
    expect(giver.page.get_by_role("alert")).to_have_text(
        giver.words("Choose your file of disclosures, and in it what to give.")
    )
    giver.box("Your disclosures (text)").set_input_files(files)  # what was told later is kept in a file of its own
    expect(giver.main.get_by_label(ADDRESS)).to_have_count(1, timeout=70_000)  # all of it is in the log in a minute
    giver.press("Make it")
    expect(giver.page.get_by_role("alert")).to_have_text("Tick at least one thing of your file to give.")
    for name, value in (("address", ADDRESS), ("phone", PHONE)):
        giver.main.get_by_label(f"{title(roll, name, 'en')}", exact=False).and_(giver.main.get_by_label(value)).check()
    giver.fill("For whom and for what (optional)", "my landlord")
    giver.fill("Until which day (optional)", "2001-01-01")
    giver.press("Make it")
    expect(giver.page.get_by_role("alert")).to_contain_text("This day is over")
    giver.fill("Until which day (optional)", "")
    giver.press("Make it")
    word = giver.page.locator("[data-word]").inner_text()
    address = giver.box("Or this link").input_value()
    giver.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for button, text in (("Copy the word", word), ("Copy the link", address)):
        giver.press(button)
        status = giver.page.locator("p", has=giver.page.get_by_role("button", name=button)).get_by_role("status")
        expect(status).to_have_text("Copied")
        assert giver.page.evaluate("navigator.clipboard.readText()") == text
    made = read_given(giver.download("Download the file").read_bytes())
    assert made.grant == grant_of(word)
    assert made.until == roll.day(roll.clock()) + timedelta(days=365)
    for words in (
        f"it is {day('en', made.until)};",
        f"It is good until {day('en', made.until)}, by the clock of this roll.",
    ):
        expect(giver.main).to_contain_text(words)
    assert {json.loads(json.dumps(one)) for one in made.disclosures} <= set(kept.split())
    assert len(made.disclosures) == 2
    said = verdict(other, address.replace("/en/", "/zh/"), GOOD)
    for value in (ADDRESS, PHONE, "my landlord"):
        assert value in said
    assert NAME not in said
    assert CONTACT not in said
    for mistyped in (word[:-1], f"{word[:2]}{'a' if word[2] != 'a' else 'b'}{word[3:]}"):
        giver.fill("The word that you kept", mistyped)
        giver.press("Take back")
        expect(giver.page.get_by_role("alert")).to_be_visible()
    giver.fill("The word that you kept", word.upper())
    giver.press("Take back")
    giver.reads("Taken back. Whoever asks this roll is told so from now on.")
    assert other.words("Its giver took it back on {day}.").partition("{day}")[0] in verdict(
        other, address.replace("/en/", "/zh/"), BACK
    )
    assert not wire.holds(NAME, CONTACT, ADDRESS, PHONE, *kept.splitlines())
    assert not theirs.holds(ADDRESS, PHONE, *made.disclosures, made.receipts[0])


def test_what_is_good_once_is_used_up_by_who_presses(walkers: Walkers, served: tuple[str, Roll]) -> None:
    """Opened by whatever opens links it shows and uses up nothing; pressed it is good; then it says that it was shown before."""
    _, roll = served
    giver, scanner, other = walkers("zh", True), walkers("en", True), walkers("en", True)
    file_a_works(giver, roll)
    giver.press("File")
    kept = disclosures(giver)
    giver.go("mine/give")
    giver.box("Your disclosures (text)").set_input_files(
        {"name": "d.txt", "mimeType": "text/plain", "buffer": kept.encode()}
    )
    giver.main.get_by_label(NAME).check()
    giver.box("It is good once").check()
    giver.press("Make it")
    address = giver.box("Or this link").input_value().replace("/zh/", "/en/")
    sent: list[str] = []
    for walker in (scanner, other):
        walker.page.on("request", lambda request: sent.append(request.method))
        assert NAME not in verdict(walker, address, ONCE)
    expect(scanner.page.locator("[data-link-gone]")).to_be_hidden()
    scanner.page.reload()
    expect(scanner.page.locator("[data-link-gone]")).to_be_visible()
    made = read_given(_of_link(address))
    bad = ({"until": date(2006, 1, 1)}, OVER), ({"disclosures": (*made.disclosures, made.disclosures[0])}, BAD)
    for wrong, heading in bad:
        said = verdict(other, link(address.partition("#")[0], msgspec.structs.replace(made, **wrong)), heading)
        assert NAME not in said
        assert other.words(GIVEN["unshown"]) in said
    verdict(other, address, ONCE)
    policy = f"{FakeWitness('one').lines}quorum one\n".encode()
    other.page.set_input_files("#policy", {"name": "p", "mimeType": "text/plain", "buffer": policy})
    shown = other.page.locator("[data-verdict]")
    expect(shown.locator("h2")).to_have_text("The log holds exactly this, but too few witnesses have cosigned it")
    assert NAME not in shown.inner_text()
    verdict(other, address, ONCE)
    assert set(sent) == {"GET"}, "to open a link is no act"
    other.press("Show it now")
    expect(other.page.locator("[data-verdict] h2")).to_have_text(GOOD)
    said = other.page.locator("[data-verdict]").inner_text()
    assert f"{other.words('Name (of a person or an organisation)')}: {NAME}" in said
    assert other.words("It was given to be shown once, and this is the first time.") in said
    assert "Signed by nobody: for whom, until when" in said
    before = other.words("It was given to be shown once, and was shown before, on {day}.").partition("{day}")[0]
    assert before in verdict(scanner, address, BEFORE)
    assert "cut off" in verdict(other, address[: len(address) // 2], "Not good")


def test_slowed_down_is_neither_good_nor_bad(walkers: Walkers, served: tuple[str, Roll]) -> None:
    """Where the roll answers 429 the page says that it was not looked up, and when to try again; what is known is known."""
    _, roll = served
    giver, other = walkers("en", True), walkers("en", True)
    file_a_works(giver, roll)
    giver.press("File")
    kept = disclosures(giver)
    # What does not answer once is asked again: a page does not give up before the log does.
    giver.page.route("**/mine/receipts/*/proof", lambda route: route.abort(), times=1)
    giver.go("mine/give")
    giver.box("Your disclosures (text)").set_input_files(
        {"name": "d.txt", "mimeType": "text/plain", "buffer": kept.encode()}
    )
    giver.main.get_by_label(NAME).check()
    giver.press("Make it")
    address = giver.box("Or this link").input_value()
    slow = "**/api/v1/grants/*"
    other.page.route(slow, lambda route: route.fulfill(status=429, headers={"retry-after": "120"}, body="{}"))
    said = verdict(other, address, "Unaltered; whether it still stands was not looked up")
    assert "It may have been taken back, or not. Try again at " in said
    other.page.unroute(slow)
    anothers = {"grant": "0" * 64, "taken_back": "2006-12-01T00:00:00Z", "shown": None}
    for walker in (other, giver):  # what is said of another grant is said of none
        walker.page.route("**/api/v1/grants/*", lambda route: route.fulfill(json=anothers))
    verdict(other, address, "Unaltered; whether it still stands was not looked up")
    giver.fill("The word that you kept", word_of(bytes(15)))
    giver.press("Take back")
    giver.reads(GIVEN["unknown"])
    other.page.unroute(slow)
    verdict(other, address, GOOD)
    _days_are_the_rolls(other, address)


def _days_are_the_rolls(other: Walker, address: str) -> None:
    """The last day is judged by the roll's clock in its zone, which is said beside it; so is the day of taking back."""
    late, made, page = "2006-11-30T17:00:00Z", read_given(_of_link(address)), address.partition("#")[0]
    until, over = (link(page, msgspec.structs.replace(made, until=date(2006, *day))) for day in ((12, 1), (11, 30)))
    grant = {"grant": made.grant, "taken_back": late, "shown": None}
    other.page.route("**/api/v1/log", lambda route: route.fulfill(json={"now": late}))
    assert "By the clock of this roll it is 1 December 2006. By the clock of this computer it is" in verdict(
        other, until, GOOD
    )
    assert "that day is over. By the clock of this roll it is 1 December 2006." in verdict(other, over, OVER)
    zone = other.page.locator("[data-verify]").get_attribute("data-zone")
    assert f"Days are counted in the time zone {zone}." in other.page.locator("[data-verdict]").inner_text()
    other.page.route("**/api/v1/grants/*", lambda route: route.fulfill(json=grant))
    assert "Its giver took it back on 1 December 2006." in verdict(other, until, BACK)
    never = grant | {"taken_back": "never"}
    other.page.route("**/api/v1/grants/*", lambda route: route.fulfill(json=never))
    assert "Its giver took it back on never." in verdict(other, until, BACK)
    no_day = "9999-12-31T23:00:00Z"  # in Chongqing it would be the year 10000
    other.page.route("**/api/v1/log", lambda route: route.fulfill(json={"now": no_day}))
    assert "By the clock of this roll" not in verdict(other, until, BACK)
    other.page.route("**/api/v1/log", lambda route: route.abort())
    assert "By the clock of this computer it is" in verdict(other, until, BACK)
