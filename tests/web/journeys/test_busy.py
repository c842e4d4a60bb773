"""Somebody behind a busy address: the page's own script solves the puzzle, and what they wanted is done without waiting."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.conftest import serving
from tests.web.house import name_of
from tests.web.journeys.walker import Walker

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def busy(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server where one network may send one filing at once."""
    with serving(
        database_url, tmp_path_factory.mktemp("busy"), name_of("z"), given={"OPENROLL_FILINGS_ALONE": "1"}
    ) as (address, _):
        yield address


def test_the_page_solves_the_puzzle(browser: Browser, busy: str) -> None:
    """After the first filing from an address the second is asked to wait; its browser solves the puzzle, and it is filed."""
    walker = Walker(browser, busy, "zh")
    walker.file_alone()
    walker.go("file")
    walker.file_subscription()
    walker.press("Continue")
    walker.press("File")
    solved = walker.main.get_by_text(walker.words("The puzzle is solved: send the form again."))
    expect(solved).to_be_visible(timeout=60_000)
    walker.press("File")
    assert walker.code()
    walker.close()


def test_without_script_the_page_says_how_long(browser: Browser, busy: str, tmp_path: Path) -> None:
    """Nothing hidden stands in the way of who has no script: the wait is said in words, and the answers are kept."""
    walker = Walker(browser, busy, "en", scripts=False)
    walker.go("file")
    walker.file_subscription()
    walker.press("Continue")
    walker.press("File")
    expect(walker.main.get_by_text("Too many filings from here").first).to_be_visible()
    walker.heading("Check your answers")
    walker.close()
