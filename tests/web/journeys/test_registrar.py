"""The registrar: the board, what waits, rules under four eyes, published figures, organisations, one record at a time."""

import msgspec
import pytest
from playwright.sync_api import expect

from openroll.register.command import Actor
from openroll.rules import canonical, load, parse_rule
from openroll.service.filing.submit import Taken, take
from openroll.service.governance.open_roll import rule_versions
from openroll.service.identity.people import organisations
from openroll.service.queries import Record, by_handle
from openroll.service.roll import Roll
from openroll.web.changes import changes
from openroll.words import say
from openroll.words.catalogue import name_in
from tests.handles import handle
from tests.service.filings import filing, submission_of
from tests.web.journeys.conftest import Another
from tests.web.journeys.walker import Walker

pytestmark = pytest.mark.browser

NAMED = "Name in %(language)s"


def test_the_board(walker: Walker) -> None:
    """The board says how duties stand, what falls due, and how much waits for somebody."""
    walker.sit("registrar/registrar")
    walker.heading("Duties board")
    for name in ("By operator", "The coming rush: what falls due in 30 days"):
        expect(walker.main.get_by_role("table", name=walker.words(name))).to_be_visible()
    walker.main.locator("a[href$='/registrar/work']").click()
    walker.heading("What waits for somebody")


def a_rule(note: str) -> str:
    """The text of a rule like the roll's own but for a note. JSON is YAML."""
    rule = msgspec.json.decode(canonical(load("cn-cq-2006-regulation+with-safeguards")))
    del rule["overlays"]  # a rule file holds the rule as it stands
    rule["notes"].append({"zh": note, "en": note})
    return msgspec.json.encode(rule).decode()


def read_the_words(reader: Walker, note: str) -> None:
    """Read the words of the rule that waits, and sign."""
    reader.menu("Rules to read")
    reader.main.get_by_role("row").filter(has_text=reader.words("waits")).get_by_role("link").click()
    reader.reads(note)
    reader.press("Sign that you read them")
    reader.mistakes()
    reader.main.get_by_role("checkbox").check()
    reader.press("Sign that you read them")
    reader.done("Signed. That it was read for your organisation stands in the public log.")


def propose(walker: Walker) -> None:
    """Propose the rule of the form, and say that it is meant where it takes back what others published on this roll."""
    walker.press("Propose")
    meant = walker.main.get_by_label(walker.words("It is meant to go back to what it was"))
    if meant.count():
        meant.check()
        walker.press("Propose")


def test_a_rule_needs_four_eyes(another: Another, served: tuple[str, Roll], lang: str, scripts: bool) -> None:
    """A proposed rule waits in the work queue, is taken, cannot be published by who proposed it, and is by another."""
    first, second = another(), another()
    note = f"A note of {lang}, {'with' if scripts else 'without'} JavaScript"
    changed = len(changes(served[1].rule, parse_rule(a_rule(note), "the test"), lang))
    first.sit("registrar/registrar").go("registrar/rules")
    first.fill("Or the text of a rule file (YAML)", a_rule(note))
    first.press("Check")
    first.reads("It changes %(count)s values of today's rule.", count=changed)
    first.fill_day("In force from", 2006, 12, 1)
    first.press("Propose")
    first.mistakes()
    # After every one that the others published: an earlier one would be undone by those, and is not published.
    first.fill_day("In force from", 2007, 3, len(rule_versions(served[1].database)))
    propose(first)
    first.done("Proposed. Another person of the registrar can publish it.")
    expect(first.main).to_contain_text(say("second-eyes-needed", {}, lang))
    expect(first.button("Publish")).to_have_count(0)

    second.sit("registrar/registrar-lead").menu("Work")
    second.reads("A proposed rule waits for a second pair of eyes")
    second.main.locator("form[action$='/take'] button").last.click()
    second.done("It is yours now.")
    second.reads("owner: %(who)s", who="null registrar-lead")
    expect(second.main.locator("form[action$='/take']")).to_have_count(0)
    second.main.get_by_role("link").first.click()
    second.at("registrar/rules")
    second.main.locator("summary").click()
    second.reads(note)
    expect(second.button("Publish")).to_have_count(0)
    for reader in (second, another().sit("east/operator-lead")):
        read_the_words(reader, note)
    second.go("registrar/rules").press("Publish")
    second.done("Published. It takes effect on its day by itself.")
    second.menu("Work")
    second.reads("Nothing waits.")
    second.go("rule/history").reads(note)


def test_an_unsafe_rule_is_refused_with_the_reasons(walker: Walker) -> None:
    """A rule that lacks a safeguard cannot be proposed; checking it says which, and refusing it what would pass."""
    walker.sit("registrar/registrar").go("registrar/rules")
    walker.choose("A shipped rule", "cn-cq-2006-notice")
    walker.press("Check")
    assert walker.main.get_by_text(walker.words("not kept"), exact=True).count() >= 8
    walker.fill_day("In force from", 2007, 4, 1)
    walker.press("Propose")
    summary = walker.mistakes()
    for word in ("cn-cq-2006-notice", walker.words("a person is not cut off for not filing"), "notification-2006"):
        expect(summary).to_contain_text(word)
    walker.choose("A shipped rule", "")
    walker.fill("Or the text of a rule file (YAML)", "this is no rule")
    walker.press("Check")
    walker.mistakes()


def test_a_proposal_is_dropped_by_who_made_it(walker: Walker) -> None:
    """Who proposed a rule may drop it, and nothing waits any more."""
    walker.sit("registrar/registrar").go("registrar/rules")
    walker.fill("Or the text of a rule file (YAML)", a_rule("to be dropped"))
    walker.fill_day("In force from", 2007, 5, 1)
    propose(walker)
    walker.press("Drop")
    walker.done("Dropped.")
    walker.reads("Nothing waits.")


def test_figures_are_published_once_a_day(walker: Walker) -> None:
    """Published figures stand with their digest, and the page says that the next can be tomorrow."""
    walker.sit("registrar/registrar").menu("Publish figures")
    digests = walker.main.locator("li .roll-hash")
    first = not digests.count()
    if first:
        walker.press("Publish the figures of today")
        walker.done("The figures are published; their digest stands in the log.")
    digest = digests.first.inner_text()
    walker.reads("Today's figures are published. The next can be tomorrow.")
    walker.go("figures").reads(digest)
    if first:  # later the newest official acts may be others
        walker.go("log").reads("Figures were published")
        walker.reads(digest)


def test_an_authority_and_a_reviewer_are_admitted(
    another: Another, served: tuple[str, Roll], lang: str, scripts: bool
) -> None:
    """The registrar's lead admits organisations; others of the registrar see them and cannot."""
    chinese, english = name_in(lang, "zh"), name_in(lang, "en")
    lead, other = another(), another()
    lead.sit("registrar/registrar-lead").menu("Organisations")
    lead.press("Admit")
    lead.mistakes(
        lead.words("Write its name in this language: {language}", language=chinese), lead.words("Choose what it is")
    )
    for kind in ("authority", "reviewer"):
        name = f"{kind}-{lang}-{int(scripts)}"
        lead.fill("Short name", name)
        lead.fill(NAMED, f"{name}局", language=chinese)
        lead.fill(NAMED, f"{name} office", language=english)
        lead.choose("What it is", kind)
        lead.press("Admit")
        lead.done("Admitted. Now invite its first lead.")
        expect(lead.main.get_by_role("row").filter(has_text=name)).to_have_count(1)
    kinds = {one.name: one.kind for one in organisations(served[1])}
    assert kinds[f"authority-{lang}-{int(scripts)}"] == "authority"
    lead.fill("Short name", f"authority-{lang}-{int(scripts)}")
    lead.fill(NAMED, "x", language=chinese)
    lead.fill(NAMED, "x", language=english)
    lead.choose("What it is", "authority")
    lead.press("Admit")
    lead.mistakes()
    other.sit("registrar/registrar").go("registrar/organisations")
    other.reads(f"authority-{lang}-{int(scripts)}")
    expect(other.button("Admit")).to_have_count(0)
    for kind in ("authority/officer", "reviewer/reviewer"):
        name, _, role = kind.partition("/")
        other.sit(f"{name}-{lang}-{int(scripts)}/{role}").at("office")


def test_one_record_is_found_by_code_and_by_handle(
    walker: Walker, served: tuple[str, Roll], lang: str, scripts: bool
) -> None:
    """One record's public part is found by its code or by its operator's handle, and by nothing else."""
    _, roll = served
    sought = handle(f"sought-{lang}-{int(scripts)}")
    with roll.database.open() as connection:
        connection.autocommit = True
        submission = submission_of(filing("west", sought), Actor("operator", "west"))
        assert isinstance(take(connection, [submission], roll, roll.clock())[0], Taken)
    record = by_handle(roll, "west", sought)
    assert isinstance(record, Record)
    walker.sit("registrar/registrar").menu("Records")
    walker.fill("Filing code, or handle", record.code)
    walker.press("Find")
    walker.happened("Filed", "The registrar looked at it")
    walker.fill("Filing code, or handle", sought)
    walker.choose("Operator, for a handle", "west")
    walker.press("Find")
    expect(walker.main.get_by_role("heading", level=2).first).to_have_text(sought)
    walker.happened("Filed", "The registrar looked at it", "The registrar looked at it")
    walker.choose("Operator, for a handle", "east")
    walker.press("Find")
    walker.mistakes(say("subscription-unknown", {"sought": sought}, lang))
    assert walker.box("Filing code, or handle").input_value() == sought
