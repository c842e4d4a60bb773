"""After the log's keys have changed, receipts of both times are checked in the browser."""

from collections.abc import Iterator
from os import getpid

import pytest
from playwright.sync_api import Browser, expect

from openroll.service.log.key_rotation import rotate
from openroll.service.roll import Roll
from tests.service.test_key_rotation import first_receipt, sequenced, turned
from tests.web.conftest import serving
from tests.web.journeys.walker import Walker


@pytest.fixture
def turned_over(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Roll]]:
    """A server of its own over a roll whose keys a test may change."""
    with serving(database_url, tmp_path_factory.mktemp("keys"), f"y{getpid()}") as made:
        yield made


def test_receipts_from_before_and_after_a_change_of_keys_are_good(
    browser: Browser, turned_over: tuple[str, Roll]
) -> None:
    """The page takes the keys of the receipt's own size; an old receipt that claims a new size is not good."""
    address, roll = turned_over
    sequenced(roll)
    before = first_receipt(roll)
    turned(rotate(roll, "yearly", overlap=False))
    sequenced(roll)
    after = first_receipt(roll)
    walker = Walker(browser, address, "en", scripts=True)
    page = walker.go("verify").page
    verdict = page.locator("[data-verdict]")
    size = before.split(b"\n\n")[1].split(b"\n")[1]
    for data, said in (
        (before, "Good: the log holds exactly this"),
        (after, "Good: the log holds exactly this"),
        (before.replace(b"\n" + size + b"\n", b"\n99\n"), "Not good"),
    ):
        page.evaluate("document.querySelector('[data-verdict]').replaceChildren()")
        walker.box("Receipt (.tlog-proof)").set_input_files(
            {"name": "r.tlog-proof", "mimeType": "text/plain", "buffer": data}
        )
        expect(verdict.locator("h2")).to_have_text(said)
    walker.close()
