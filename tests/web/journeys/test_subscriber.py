"""Subscribers: filing in three steps, telling and taking back, moving, ending, erasing, proving, passkeys, sessions."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from openroll.register.command import Actor
from openroll.register.subscription.commands import Confirm
from openroll.register.subscription.filing_code import number_of
from openroll.rules import Field
from openroll.service.filing.submit import Taken
from openroll.service.roll import Roll
from openroll.tlog import verify_receipt
from openroll.words import say
from tests.paper.reading import text_of
from tests.paper.squares import squares_of
from tests.service.test_unconfirmed import act
from tests.web.journeys.conftest import Another
from tests.web.journeys.walker import Walker, with_authenticator

pytestmark = pytest.mark.browser
PHONE = "13912345678"


def title(roll: Roll, name: str, lang: str) -> str:
    """A personal field's title in a language."""
    field: Field = next(field for field in roll.rule.fields if field.name == name)
    return field.title[lang]


def told_box(walker: Walker, roll: Roll, name: str) -> str:
    """The label of a field that need not be told."""
    return walker.words("{field} (optional)", field=title(roll, name, walker.lang))


def fill_told(walker: Walker, roll: Roll, name: str, value: str) -> None:
    """Type what is told by choice."""
    walker.main.get_by_label(told_box(walker, roll, name), exact=True).fill(value)


def disclosures(walker: Walker) -> str:
    """The disclosures on the page."""
    return walker.box("Your disclosures").input_value().strip()


def test_filing_in_three_steps(walker: Walker, served: tuple[str, Roll]) -> None:
    """Somebody files in three steps, goes back and changes an answer, and gets what they told back once."""
    _, roll = served
    walker.go().follow("File a subscription yourself")
    walker.heading("The subscription")
    walker.reads("Step %(step)s of %(steps)s", step=1, steps=3)
    walker.file_subscription()
    walker.heading("About you")
    fill_told(walker, roll, "phone", PHONE)
    walker.press("Back")
    walker.heading("The subscription")
    assert walker.box("District").input_value() == "500103"
    assert [box.input_value() for box in walker.day("When the subscription began")] == ["2006", "11", "27"]
    walker.choose("How you connect", "lan")
    walker.press("Continue")
    walker.press("Continue")
    walker.heading("Check your answers")
    expect(walker.main).to_contain_text({"zh": "小区宽带", "en": "Building network"}[walker.lang])
    walker.reads(PHONE)
    walker.press("Change", "District")
    walker.heading("The subscription")
    walker.choose("District", "500105")
    walker.press("Continue")
    walker.press("Continue")
    phone = title(roll, "phone", walker.lang)
    walker.main.get_by_role("button", name=f"{walker.words('Change')} {phone}", exact=True).click()
    walker.heading("About you")
    assert walker.main.get_by_label(told_box(walker, roll, "phone"), exact=True).input_value() == PHONE
    walker.press("Continue")
    walker.press("File")
    walker.reads("Your filing code")
    code, kept = walker.code(), disclosures(walker)
    assert walker.download("Download disclosures").read_text().strip() == kept
    walker.follow("Your filing")
    walker.at("mine")
    assert walker.code() == code
    expect(walker.main).to_contain_text({"zh": "小区宽带", "en": "Building network"}[walker.lang])
    walker.reads("You have no duty under this rule. What you tell, you tell by choice.")
    walker.happened("Filed", "Told by choice")
    walker.reads_not(PHONE)
    expect(walker.link("Take back what you told").locator("..")).to_contain_text("1")


def test_mistakes_keep_what_was_typed(walker: Walker, served: tuple[str, Roll]) -> None:
    """A step sent with mistakes comes back with a focused summary that links to them, and with all that was typed."""
    _, roll = served
    name = "Some Works Ltd <b>&</b>"
    walker.go("file")
    walker.choose("Who subscribes", "organisation")
    walker.fill_day("When the subscription began", 2006, 13, 1)
    walker.press("Continue")
    real = walker.words("Enter a real date: year, month and day in numbers")
    walker.mistakes(walker.words("Choose your operator"), walker.words("Choose your district"), real)
    assert walker.box("Who subscribes").input_value() == "organisation"
    assert [box.input_value() for box in walker.day("When the subscription began")] == ["2006", "13", "1"]
    walker.page.locator(".govuk-error-summary").get_by_role("link", name=real, exact=True).click()
    expect(walker.day("When the subscription began")[0]).to_be_focused()
    walker.fill_day("When the subscription began", 2031, 1, 1)
    walker.choose("Your operator", "east")
    walker.choose("How you connect", "lan")
    walker.choose("District", "500103")
    walker.press("Continue")
    walker.mistakes()
    walker.file_subscription("organisation", "lan")
    walker.main.get_by_label(title(roll, "name", walker.lang), exact=True).fill(name)
    walker.press("Continue")
    address = title(roll, "address", walker.lang)
    walker.mistakes(walker.words("The rule asks this of you: {field}", field=address))
    assert walker.main.get_by_label(title(roll, "name", walker.lang), exact=True).input_value() == name
    for field in ("contact", "address"):
        walker.main.get_by_label(title(roll, field, walker.lang), exact=True).fill("x")
    walker.press("Continue")
    walker.heading("Check your answers")
    walker.reads(name)
    walker.press("File")
    assert len(disclosures(walker).splitlines()) == 3


def test_a_mistyped_code_is_said_to_be_mistyped(walker: Walker) -> None:
    """A code with a wrong digit is caught by its check digits, stays in its box, and is said to be mistyped."""
    walker.open("1234 5678 1234 5678")
    walker.mistakes(say("code-wrong", {}, walker.lang))
    assert walker.box("Filing code").input_value() == "1234 5678 1234 5678"


def test_tell_take_back_move_correct_end(walker: Walker, served: tuple[str, Roll]) -> None:
    """Opened by its code, a filing is told to a named organisation, taken back, moved, corrected, ended, and kept."""
    _, roll = served
    walker.open(walker.file_alone().replace(" ", "-"))
    walker.heading("Your filing")
    walker.follow("Tell more, by choice")
    walker.press("Tell")
    walker.mistakes(walker.words("Fill in what you want to tell"))
    walker.choose("To whom (optional)", "west")
    fill_told(walker, roll, "phone", PHONE)
    walker.press("Tell")
    west = "某网" if walker.lang == "zh" else "West"
    walker.reads("Meant for %(whom)s. Hand over the text below yourself; the roll cannot.", whom=west)
    kept = walker.download("Download disclosures").read_text().strip()
    walker.follow("Your filing")
    walker.happened("Filed", "Told by choice")
    expect(walker.main.get_by_role("row").filter(has_text=walker.words("Told by choice"))).to_contain_text(west)
    walker.follow("Take back what you told")
    walker.reads("Told by choice and still on the record: %(count)s.", count=1)
    walker.fill("The disclosure to take back", "not a disclosure")
    walker.press("Take back")
    walker.mistakes(walker.words("Paste the text that you kept of what you want to take back"))
    walker.fill("The disclosure to take back", kept)
    walker.press("Take back")
    walker.done("Taken back. It stands in the history below.")
    walker.follow("Moved, or something changed")
    walker.choose("District now", "500105")
    walker.fill_day("Since when", 2006, 12, 1)
    walker.press("Report the change")
    walker.done("Changed. It stands in the history below.")
    jiangbei = roll.districts["500105"]
    walker.reads(jiangbei.title[walker.lang])
    walker.follow("Correct what was wrong from the start")
    walker.press("Correct")
    walker.mistakes(say("nothing-asked", {}, walker.lang))
    walker.choose("Who really subscribes", "person")
    walker.press("Correct")
    walker.done("Corrected. It stands in the history below.")
    walker.reads("A person")
    walker.follow("Erase, and what remains")
    walker.reads("The subscription goes on, so its record does too.")
    walker.reads(
        "What you told by choice you can take back as long as the record is there, with the text that you kept."
    )
    walker.go("mine").follow("The subscription has ended")
    walker.press("Continue")
    walker.mistakes(walker.words("Enter a real date: year, month and day in numbers"))
    walker.fill_day("Since when", 2006, 12, 10)
    walker.press("Continue")
    walker.press("Report the end")
    walker.done("Ended. It stands in the history below.")
    walker.happened("Filed", "Told by choice", "Taken back", "Changed", "Corrected", "Ended")
    expect(walker.link("Tell more, by choice")).to_have_count(0)


def test_erasing_waits_for_the_rule(walker: Walker, served: tuple[str, Roll]) -> None:
    """An ended record is not erased before the day the rule names, and the page says the day."""
    number = number_of(walker.file_alone(), served[1].keys.code_key) or 0
    assert isinstance(act(served[1], number, Confirm(), Actor("operator", "east")), Taken)
    walker.go("mine/end")
    walker.fill_day("Since when", 2006, 12, 10)
    walker.press("Continue")
    walker.press("Report the end")
    walker.follow("Erase, and what remains")
    walker.reads("2007年12月31日" if walker.lang == "zh" else "31 December 2007")
    expect(walker.button("Erase this record")).to_have_count(0)


def test_erasing_what_nobody_confirmed(walker: Walker, lang: str) -> None:
    """Of a filing that ended while it waited no rule keeps a record: it is erased once its subscriber is sure."""
    code = walker.file_alone()
    walker.go("mine/end")
    walker.fill_day("Since when", 2006, 12, 10)
    walker.press("Continue")
    walker.press("Report the end")
    walker.follow("Erase, and what remains")
    walker.press("Erase this record")
    walker.mistakes(walker.words("Say that you are sure: what is erased cannot come back"))
    walker.main.get_by_role("checkbox", name=walker.words("I am sure")).check()
    walker.press("Erase this record")
    walker.done("Erased. The code opens nothing any more.")
    walker.go("mine").at("find")
    walker.open(code)
    walker.mistakes(say("subscription-unknown", {"sought": ""}, lang))


def test_receipt_on_screen_in_a_file_and_on_paper(walker: Walker, served: tuple[str, Roll]) -> None:
    """A filing's receipt says what it proves, verifies with openroll.tlog, and is printed without its code, or with it."""
    _, roll = served
    code = walker.file_alone()
    walker.press("Get the receipt")
    walker.placed()
    walker.reads("What it does not prove")
    proof = walker.download("Download the receipt").read_bytes()
    proved = verify_receipt(proof, roll.keys.verifiers, origin=roll.origin)
    assert proved.entry.kind == "subscription.filed/1"
    paper = walker.download("Print it (PDF)").read_bytes()
    assert paper.startswith(b"%PDF-")
    digits = code.replace(" ", "")
    assert digits not in "".join(text_of(paper))
    assert squares_of(paper)[0] == [f"{served[0]}/{walker.lang}/verify"]
    # Printed by the browser itself, the page shows no square either until somebody asks for it.
    assert not any(squares_of(walker.page.pdf()))
    walker.main.get_by_text(walker.words("Show the filing code"), exact=True).click()
    assert walker.code() == code
    keep = walker.download("Print the receipt with the filing code (PDF)").read_bytes()
    assert digits in text_of(keep)[0]
    assert squares_of(keep)[0] == [f"{served[0]}/{walker.lang}/verify"]
    walker.go("mine")
    walker.main.get_by_role("link", name=re.compile("^" + walker.words("Receipt"))).click()
    walker.at("mine/receipts/1")


def test_signing_out_and_closing_everywhere(another: Another) -> None:
    """Signing out ends one session; closing the filing on every device ends those of others too."""
    here, there = another(), another()
    code = here.file_alone()
    there.open(code)
    there.leave()
    there.go("mine").at("find")
    there.open(code)
    there.at("mine")
    here.go("mine").press("Close this filing on every device")
    here.done("You are signed out.")
    there.go("mine/tell").at("find")


def test_a_form_sent_too_late_keeps_what_was_typed(another: Another, served: tuple[str, Roll]) -> None:
    """What was typed into a form whose session has ended is kept, and goes through after signing in again."""
    _, roll = served
    here, there = another(), another()
    code = here.file_alone()
    here.go("mine/tell")
    fill_told(here, roll, "phone", PHONE)
    there.open(code)
    there.press("Close this filing on every device")
    here.press("Tell")
    here.heading("Sign in first")
    with here.context.expect_page() as opened:
        here.follow("Sign in (opens in a new tab)")
    kept, here.page = here.page, opened.value
    here.at("find")
    here.fill("Filing code", code)
    here.press("Open")
    here.at("mine")
    here.page = kept
    here.press("Send it again")
    here.heading("Told")
    assert disclosures(here)
    here.go("mine").happened("Filed", "Told by choice")


def test_a_passkey_holds_a_filing_and_its_holder_says_no(another_with_scripts: Another) -> None:
    """A passkey takes the code's place; two clerks say that it is lost, and who holds it ends that with one press."""
    subscriber, operator, finder = another_with_scripts(), another_with_scripts(), another_with_scripts()
    with_authenticator(subscriber)
    code = subscriber.file_alone()
    subscriber.press("Make a passkey")
    subscriber.done("Your passkey is stored.")
    subscriber.reads("a passkey holds this filing")
    finder.open(code)
    finder.mistakes(say("held-by-passkey", {}, finder.lang))
    subscriber.leave()
    subscriber.go("find").press("Open with your passkey")
    subscriber.heading("Your filing")
    subscriber.happened("Filed", "A passkey holds it")

    operator.sit("east/operator-lead").go("operator/records")
    operator.fill("Handle or filing code", code)
    operator.press("Open")
    operator.press("Ask to let it go from the passkey")
    operator.mistakes(say("reason-missing", {}, operator.lang))
    operator.fill("How you made sure", "came to the counter with the contract")
    operator.press("Ask to let it go from the passkey")
    operator.done("Asked. Another clerk confirms it, and its holder has time to say no.")
    expect(operator.button("I made sure as well: confirm")).to_have_count(0)

    finder.sit("east/clerk").go("operator/records")
    finder.fill("Handle or filing code", code)
    finder.press("Open")
    finder.press("I made sure as well: confirm")
    finder.done("Confirmed. It can be let go when its holder had the time to say no.")
    expect(finder.button("Let it go, with a fresh code")).to_have_count(0)

    subscriber.go("mine")
    subscriber.reads("came to the counter with the contract")
    subscriber.press("No, my passkey goes on holding it")
    subscriber.done("Your passkey goes on holding it. Your operator is told so by the history below.")
    subscriber.happened(
        "Filed",
        "A passkey holds it",
        "Asked to let it go from a lost passkey",
        "A second clerk confirmed that",
        "It stays with its passkey",
    )


def test_without_javascript_the_pages_do_not_offer_a_passkey(walkers: Callable[[str, bool], Walker], lang: str) -> None:
    """Without JavaScript no button is shown that could not work, and the page says what goes on working."""
    walker = walkers(lang, False)
    walker.file_alone()
    expect(walker.button("Make a passkey")).to_have_count(0)
    walker.go("mine/passkey")
    kept = "Making a passkey needs JavaScript in your browser. Without it the filing code goes on opening your filing."
    assert walker.words(kept) in walker.main.locator("noscript").inner_text()
