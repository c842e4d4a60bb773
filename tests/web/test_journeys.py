"""People on the pages, in a real Chromium: filing, telling, taking back, proving; with JavaScript and without."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

from openroll.service.roll import Roll

pytestmark = pytest.mark.browser
SCREENS = os.environ.get("OPENROLL_SCREENS", "")
"""A folder for screenshots: set by script/screens, empty in tests."""


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of its own for each test."""
    context = browser.new_context(
        java_script_enabled=request.param == "with JavaScript", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.set_default_timeout(8_000)
    yield page
    context.close()


def file_alone(page: Page, address: str, lang: str = "en") -> str:
    """File as a household, telling a telephone number by choice; the filing code."""
    page.goto(f"{address}/{lang}/file")
    page.select_option("#operator", "east")
    page.select_option("#kind", "household")
    page.select_option("#access", "adsl")
    page.select_option("#district", "500103")
    for part, value in (("year", "2006"), ("month", "11"), ("day", "27")):
        page.fill(f"#connected-{part}", value)
    page.fill("#field-phone", "13912345678")
    page.locator("main form button").click()
    return page.locator(".roll-code").inner_text()


def placed_receipt(page: Page) -> None:
    """Look again until the receipt is there, as its page asks."""
    for _ in range(40):
        if page.locator("form[action$='receipt.tlog-proof']").count():
            return
        page.wait_for_timeout(150)
        page.locator("main form[action$='/receipt'] button").first.click()
    raise AssertionError("the receipt never came")


def test_file_tell_take_back_and_prove(page: Page, served: tuple[str, Roll], tmp_path: Path) -> None:
    """A household files alone, gets code, disclosures and receipt, opens the filing, takes back what it told."""
    address, _ = served
    code = file_alone(page, address)
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", code)
    disclosure = page.locator("#disclosures").input_value().strip()
    with page.expect_download() as download:
        page.locator("form[action$='/disclosures'] button").click()
    assert Path(download.value.path()).read_text().strip() == disclosure
    page.locator("form[action$='/receipt'] button").click()
    placed_receipt(page)
    with page.expect_download() as download:
        page.locator("form[action$='receipt.tlog-proof'] button").click()
    assert Path(download.value.path()).read_bytes().startswith(b"c2sp.org/tlog-proof@v1\n")

    page.goto(f"{address}/en/find")
    page.fill("#code", code.replace(" ", "-"))
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text("Told by choice")
    page.locator("summary", has_text="Take back what you told").click()
    page.fill("#disclosure", disclosure)
    page.locator("form[action$='/withdraw'] button").click()
    expect(page.locator(".govuk-notification-banner")).to_contain_text("stored")
    expect(page.locator("main")).to_contain_text("still on the record: 0")
    page.locator("summary", has_text="Moved").click()
    page.select_option("#district", "500105")
    for part, value in (("year", "2006"), ("month", "12"), ("day", "1")):
        page.fill(f"#changed-{part}", value)
    page.locator("form[action$='/change'] button").click()
    expect(page.locator(".govuk-summary-list")).to_contain_text("Jiangbei District")
    page.locator("summary", has_text="has ended").click()
    for part, value in (("year", "2006"), ("month", "12"), ("day", "10")):
        page.fill(f"#ended-{part}", value)
    page.locator("form[action$='/end'] button").click()
    expect(page.locator("main")).to_contain_text("Ended")
    assert page.locator("details").count() == 0


def test_mistakes_keep_what_was_typed(page: Page, served: tuple[str, Roll]) -> None:
    """A form sent with mistakes comes back with a summary that links to them, and with everything that was typed."""
    address, _ = served
    page.goto(f"{address}/en/file")
    page.select_option("#kind", "organisation")
    page.fill("#field-name", "Some Works Ltd <b>&</b>")
    page.fill("#connected-year", "2006")
    page.fill("#connected-month", "13")
    page.locator("main form button").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("There is a problem")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter a real date")
    assert page.locator("#field-name").input_value() == "Some Works Ltd <b>&</b>"
    assert page.locator("#connected-month").input_value() == "13"
    assert page.title().startswith("Error:")
    for link in page.locator(".govuk-error-summary a").all():
        assert page.locator(str(link.get_attribute("href"))).count() == 1


def test_a_mistyped_code_is_said_to_be_mistyped(page: Page, served: tuple[str, Roll]) -> None:
    """A code with a wrong digit is caught by its check digits, and said so in Chinese too."""
    page.goto(f"{served[0]}/zh/find")
    page.fill("#code", "1234 5678 1234 5678")
    page.locator("main form button").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("校验位")


def test_a_receipt_is_checked_in_the_browser(browser: Browser, served: tuple[str, Roll], tmp_path: Path) -> None:
    """The page says good of a receipt, and not good of the same receipt with any one bit flipped; nothing is sent."""
    address, _ = served
    page = browser.new_page()
    file_alone(page, address)
    page.locator("form[action$='/receipt'] button").click()
    placed_receipt(page)
    with page.expect_download() as download:
        page.locator("form[action$='receipt.tlog-proof'] button").click()
    good = Path(download.value.path()).read_bytes()
    page.goto(f"{address}/en/verify", wait_until="networkidle")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    verdict = page.locator("[data-verdict]")

    def judged(data: bytes) -> str:
        page.evaluate("document.querySelector('[data-verdict]').replaceChildren()")
        page.set_input_files("#receipt", {"name": "r.tlog-proof", "mimeType": "text/plain", "buffer": data})
        expect(verdict.locator("h2")).to_have_count(1)
        return str(verdict.inner_text())

    assert "Good: the log holds exactly this" in judged(good)
    for place in range(0, len(good), max(1, len(good) // 60)):
        flipped = bytearray(good)
        flipped[place] ^= 1
        assert "Not good" in judged(bytes(flipped)), place
    assert "another log" in judged(good.replace(b"\n\nroll.example/", b"\n\nloll.example/"))
    assert sent == []
    page.close()


PAGES = ("", "find", "file", "verify", "nothing-here")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_has_a_barrier(browser: Browser, served: tuple[str, Roll], lang: str, width: int) -> None:
    """axe finds nothing on any page at any width, light or dark, and no page is wider than its screen."""
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{served[0]}/{lang}/")
        for count, state in enumerate((*map(_plain, PAGES), file_alone, _record, _errors)):
            state(page, served[0], lang)
            found = Axe().run(page)
            assert found.violations_count == 0, (page.url, found.generate_report())
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (page.url, wide)
            if SCREENS:
                page.screenshot(path=f"{SCREENS}/{lang}-{width}-{scheme}-{count}.png", full_page=True)
        context.close()


def _plain(name: str) -> Callable[[Page, str, str], object]:
    return lambda page, address, lang: page.goto(f"{address}/{lang}/{name}")


def _record(page: Page, address: str, lang: str) -> None:
    code = file_alone(page, address, lang)
    page.goto(f"{address}/{lang}/find")
    page.fill("#code", code)
    page.locator("main form button").click()
    page.locator("details").first.locator("summary").click()


def _errors(page: Page, address: str, lang: str) -> None:
    page.goto(f"{address}/{lang}/file")
    page.locator("main form button").click()


def test_pages_are_light(browser: Browser, served: tuple[str, Roll]) -> None:
    """The first load of the heaviest pages is under 100 KB on the wire, and runs no script but the check's."""
    for name in ("", "verify", "file"):
        page = browser.new_page()
        weights: list[int] = []

        def weigh(request: Request, into: list[int] = weights) -> None:
            into.append(request.sizes()["responseBodySize"])

        page.on("requestfinished", weigh)
        page.goto(f"{served[0]}/en/{name}", wait_until="networkidle")
        assert 0 < sum(weights) < 100_000, weights
        scripts = page.locator("script").count()
        assert scripts == (1 if name == "verify" else 0)
        page.close()


def test_what_is_typed_cannot_become_markup_or_headers(browser: Browser, served: tuple[str, Roll]) -> None:
    """A page comes with a policy that runs nothing inline, and is framed by nobody; a form without its token is refused."""
    page = browser.new_page()
    answer = page.goto(f"{served[0]}/en/find")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    refused = page.request.post(f"{served[0]}/en/find", form={"code": "1"}, headers={"x-csrftoken": "forged"})
    assert refused.status == 403
    page.close()
