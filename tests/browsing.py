"""The one browser of a worker: Playwright's synchronous interface stands once in a process, for whoever needs it."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",  # draws in a thread of its own, and hands each picture to no other process and back
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Absent, that is a failure that says what to do.

    The headless shell comes first: the same engine, built from the same source at the same version, without the windows of
    Chromium, which draw a menu and a toolbar for every context although nobody looks (five times the processor time a context).
    """
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, "these tests need Chromium: apt-get install chromium-headless-shell fonts-noto-cjk"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()
