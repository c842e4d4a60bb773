"""The public journeys, walked on a copy behind a plain static file server: what the live pages can do without their server."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from openroll.service.roll import Roll
from tests.web.copied import Copied, copying
from tests.web.journeys.test_public import (
    publish_another_rule,
    test_a_receipt_is_checked_in_the_browser,
    test_figures_are_charts_tables_and_files,
    test_home_says_what_the_roll_is_and_leads_on,
    test_the_log_shows_official_acts_whole,
    test_the_rule_and_its_history,
    test_without_javascript_the_page_tells_the_command,
)
from tests.web.journeys.walker import Walker

__all__ = [
    "test_a_receipt_is_checked_in_the_browser",
    "test_figures_are_charts_tables_and_files",
    "test_home_says_what_the_roll_is_and_leads_on",
    "test_the_log_shows_official_acts_whole",
    "test_the_rule_and_its_history",
    "test_without_javascript_the_page_tells_the_command",
]
pytestmark = pytest.mark.browser
COPIED = ("", "rule", "rule/history", "figures", "log", "verify", "help")


class CopyWalker(Walker):
    """A walker on a copy. What only the roll itself can do it does there: its links lead there."""

    def __init__(self, browser: Browser, copied: Copied, lang: str, *, scripts: bool = True) -> None:
        super().__init__(browser, copied.address, lang, scripts=scripts)
        self._browser = browser
        self.live = copied.live

    def go(self, path: str = "") -> "CopyWalker":
        """To a page of the copy."""
        self.page.goto(f"{self.address}/{self.lang}/{path}".rstrip("/") + "/index.html")
        return self

    def at(self, path: str) -> None:
        """Expect to be at a page of the copy, or at one of the roll's that a copy cannot have."""
        here = re.escape(f"{self.address}/{self.lang}/{path}".rstrip("/")) + r"/index\.html(#|$)"
        there = re.escape(f"{self.live}/{self.lang}/{path}") + r"(\?|$)"
        expect(self.page).to_have_url(re.compile(here if path in COPIED else there))

    def link(self, *texts: str) -> Locator:
        """A link in the page's main part, which may say besides that it leads to the roll."""
        elsewhere = re.escape(self.words("only at {host}").split("{")[0])
        name = re.compile(rf"^{re.escape(self.name(*texts))}( \({elsewhere}.*\))?$")
        return self.main.get_by_role("link", name=name)

    def file_alone(self) -> str:
        """Nothing: what was filed before the copy was made is in it."""
        return ""

    def receipt(self) -> bytes:
        """A receipt from the roll itself, to be checked on the copy."""
        there = Walker(self._browser, self.live, self.lang)
        receipt = there.receipt()
        there.close()
        return receipt


@pytest.fixture(scope="module")
def copied(served: tuple[str, Roll], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copied]:
    """The copy of a served roll whose rule will change."""
    publish_another_rule(*served)
    with copying(served[0], tmp_path_factory.mktemp("copied")) as made:
        yield made


@pytest.fixture
def walkers(browser: Browser, copied: Copied) -> Iterator[Callable[[str, bool], Walker]]:
    """Makes walkers on the copy, and sees that no page complained on their way."""
    made: list[Walker] = []

    def make(lang: str, scripts: bool) -> Walker:
        made.append(CopyWalker(browser, copied, lang, scripts=scripts))
        return made[-1]

    yield make
    for walker in made:
        walker.close()


def test_how_to_check_a_copy_is_told(walker: Walker) -> None:
    """The banner opens to say how the copy is checked and what is not vouched for, without JavaScript too."""
    walker.go()
    banner = walker.page.get_by_role("complementary", name=walker.words("A copy"), exact=True)
    expect(banner.get_by_text("openroll mirror")).to_be_hidden()
    banner.get_by_text(walker.words("How to check this copy")).click()
    expect(banner.get_by_text("openroll mirror")).to_be_visible()
