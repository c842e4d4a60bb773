"""The report in a real browser: no barrier, nothing asked of the network, nothing wider than the screen."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Request

from tests.report.outcomes import few
from tests.report.test_report import page as page_of

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": {"assets": ["media"]}}


def test_a_report_is_no_barrier(still: Browser, tmp_path: Path) -> None:
    """axe finds nothing on a telephone with the tables under the plots open; nothing is wider than a screen, or asked for."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page = still.new_page()
    page.on("request", note)
    for lang, width in (("zh", 1280), ("en", 320), ("en", 390)):
        path = tmp_path / f"{lang}.html"
        path.write_text(page_of(few, lang), encoding="utf-8")
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options=AXE).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found] == []
    page.close()
    assert [url for url in asked if not url.startswith("file:")] == []
