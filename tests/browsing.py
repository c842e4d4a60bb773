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


STILL = ["--enable-begin-frame-control", "--run-all-compositor-stages-before-draw"]
"""Arguments of the headless shell by which it draws a frame when it is told to, and nobody tells it."""


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


@pytest.fixture(scope="session")
def still(browser: Browser) -> Iterator[Browser]:
    """A browser that lays pages out and draws none of them, which is a third of its time: for what asks by scripts alone.

    Nothing is clicked in it: Playwright waits for two frames first. Without the headless shell it is the other browser.
    """
    path = shutil.which(BROWSERS[0])
    if path is None:
        yield browser
        return
    still = browser.browser_type.launch(executable_path=path, args=[*_ARGUMENTS, *STILL])
    yield still
    still.close()
