"""Asking the city model: other rules, another city, an assumption held fixed; mistakes by field; without JavaScript too."""

import re

import pytest
from playwright.sync_api import expect

from openroll import places
from tests.web.journeys.walker import Walker

pytestmark = pytest.mark.browser


def answered(walker: Walker) -> None:
    """Wait, as the page offers, until the answer is there."""
    link = walker.link("Show the answer as soon as it is there")
    if link.count() and not walker.scripts:
        link.click(timeout=60_000, no_wait_after=True)
    expect(walker.page.locator("#answer")).to_be_visible(timeout=60_000)


def first_row(walker: Walker) -> str:
    """The first answer of the table under the first rule."""
    return str(walker.main.get_by_role("table").first.get_by_role("cell").first.inner_text())


def test_anyone_asks_what_a_rule_would_do(walker: Walker) -> None:
    """From the menu to an answer; then other rules and an assumption held fixed: address, numbers and plots change."""
    walker.go().menu("What if")
    walker.heading("What would a rule do to a city?")
    answered(walker)
    expect(walker.main.locator(".roll-letters li")).to_have_count(3)
    before = first_row(walker)
    walker.main.locator("summary").first.click()
    walker.main.locator('input[value="cn-cq-2006-regulation"]').uncheck()
    walker.page.locator("#filing-heed").fill("0.95")
    walker.press("Work it out")
    answered(walker)
    walker.at(r"what-if\?city=village&rule=cn-cq-2006-notice&rule=notification-2006&filing.heed=0.95")
    expect(walker.main.locator(".roll-letters li")).to_have_count(2)
    walker.reads("0.95")
    assert first_row(walker) != before
    for chart in walker.main.get_by_role("img").all():
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_js_property("complete", True, timeout=30_000) if walker.scripts else None
        assert chart.get_attribute("alt")
    walker.main.get_by_text(walker.words("The numbers"), exact=False).first.click()
    expect(walker.main.get_by_role("table").nth(1)).to_be_visible()
    # What was asked stands in the form again, and the other language answers the same question.
    expect(walker.page.locator("#filing-heed")).to_have_value("0.95")
    walker.page.get_by_role("link", name="English" if walker.lang == "zh" else "中文", exact=True).click()
    expect(walker.page).to_have_url(re.compile(r"filing\.heed=0\.95$"))


def test_mistakes_are_told_by_field(walker: Walker) -> None:
    """No rule and a number that is none: both are told at the top and beside their fields, what was typed stays."""
    walker.go("what-if")
    answered(walker)
    walker.main.locator("summary").first.click()
    for rule in places.load("cn-cq-2006").jurisdiction.compare:
        walker.main.locator(f'input[value="{rule}"]').uncheck()
    walker.page.locator("#filing-heed").fill("most of them")
    walker.press("Work it out")
    walker.mistakes(walker.words("Choose at least one rule"))
    expect(walker.page.locator("#filing-heed")).to_have_value("most of them")
    walker.page.locator(".govuk-error-summary").get_by_role("link").nth(1).click()
    expect(walker.page.locator("#filing-heed")).to_be_focused()
