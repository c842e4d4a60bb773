"""Somebody at a browser of 390 px, in one language: finds things on pages by role and by the words that are read there."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Locator, Page, Response, expect

from openroll.words.catalogue import gettext

SIZE = {"width": 390, "height": 844}
CODE = re.compile(r"\d{4} \d{4} \d{4} \d{4}")
DATE = ("Year", "Month", "Day")


class Walker:
    """One visitor with a browser context of their own. `said` and every name given are English; the page may be Chinese."""

    def __init__(self, browser: Browser, address: str, lang: str, *, scripts: bool = True) -> None:
        self.address, self.lang, self.scripts = address, lang, scripts
        self.context = browser.new_context(java_script_enabled=scripts, viewport=SIZE, accept_downloads=True)  # type: ignore[arg-type] # a plain dict of two numbers
        self.context.set_default_timeout(10_000)
        self.faults: list[str] = []
        self.page = self._watched(self.context.new_page())
        self.context.on("page", self._came)

    def _came(self, page: Page) -> None:
        self._watched(page)

    def _watched(self, page: Page) -> Page:
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._hear)
        page.on("response", self._look)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        # What Chromium says of a policy it had to enforce. An answer of 4xx is said too, and is no fault.
        if "Permissions-Policy" in message.text:
            self.faults.append(message.text)
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def _look(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.url}")

    def close(self) -> None:
        """Leave; whatever the browser complained about on the way is a fault of the page."""
        self.context.close()
        assert not self.faults, self.faults

    # Words

    def words(self, text: str, **given: Any) -> str:
        """A text of the pages in this walker's language, with what stands in it filled in."""
        said = gettext(self.lang, text)
        if not given:
            return said
        return said % given if "%(" in said else said.format(**given)

    def name(self, *texts: str) -> str:
        """Several texts of the pages as one name, as a button's words and what is hidden behind them."""
        return " ".join(self.words(text) for text in texts)

    # Going

    def go(self, path: str = "") -> "Walker":
        """To a page of this language."""
        self.page.goto(f"{self.address}/{self.lang}/{path}")
        return self

    def at(self, path: str) -> None:
        """Expect to be at a page."""
        expect(self.page).to_have_url(re.compile(rf"{re.escape(self.address)}/{self.lang}/{path}(\?|$)"))

    @property
    def main(self) -> Locator:
        """What the page is about: all but head and foot."""
        return self.page.get_by_role("main")

    def link(self, *texts: str) -> Locator:
        """A link in the page's main part."""
        return self.main.get_by_role("link", name=self.name(*texts), exact=True)

    def follow(self, *texts: str) -> None:
        """Follow a link in the main part."""
        self.link(*texts).first.click()

    def menu(self, text: str) -> None:
        """Follow a link of one of the menus."""
        self.page.get_by_role("navigation").get_by_role("link", name=self.words(text), exact=True).first.click()

    def button(self, *texts: str) -> Locator:
        """A button in the page's main part; links that look like buttons are buttons too."""
        return self.main.get_by_role("button", name=self.name(*texts), exact=True)

    def press(self, *texts: str) -> None:
        """Press a button."""
        self.button(*texts).first.click()

    def download(self, *texts: str) -> Path:
        """Press or follow what gives a file; the file."""
        named = self.button(*texts).or_(self.link(*texts)).first
        with self.page.expect_download() as download:
            named.click()
        return Path(download.value.path())

    # Forms

    def box(self, label: str, **given: Any) -> Locator:
        """A field by its label."""
        return self.main.get_by_label(self.words(label, **given), exact=True)

    def fill(self, label: str, value: str, **given: Any) -> None:
        """Type into a field."""
        self.box(label, **given).fill(value)

    def choose(self, label: str, value: str) -> None:
        """Choose from a list by what the choice stands for."""
        self.box(label).select_option(value)

    def day(self, label: str) -> list[Locator]:
        """The three boxes of a date."""
        group = self.main.get_by_role("group", name=self.words(label), exact=True)
        return [group.get_by_label(self.words(part), exact=True) for part in DATE]

    def fill_day(self, label: str, *parts: int | str) -> None:
        """Type a date: year, month, day."""
        for box, part in zip(self.day(label), parts, strict=True):
            box.fill(str(part))

    # Expecting

    def heading(self, text: str, **given: Any) -> None:
        """Expect the page to be headed so."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.words(text, **given))

    def reads(self, text: str, **given: Any) -> None:
        """Expect the page to say something."""
        expect(self.main).to_contain_text(self.words(text, **given))

    def reads_not(self, text: str, **given: Any) -> None:
        """Expect the page not to say something."""
        expect(self.main).not_to_contain_text(self.words(text, **given))

    def done(self, text: str) -> None:
        """Expect to be told what was done."""
        expect(self.page.locator(".govuk-notification-banner--success")).to_contain_text(self.words(text))

    def mistakes(self, *sentences: str) -> Locator:
        """Expect a summary of mistakes that has the focus, says these sentences, and links each to a field of the page."""
        summary = self.page.locator(".govuk-error-summary")
        expect(summary).to_be_focused()
        assert self.page.title().startswith(self.words("Error:"))
        for sentence in sentences:
            expect(summary).to_contain_text(sentence)
        for link in summary.get_by_role("link").all():
            expect(self.page.locator(str(link.get_attribute("href")))).to_have_count(1)
        return summary

    def happened(self, *events: str) -> None:
        """Expect the record's history to hold exactly these events, the oldest first."""
        table = self.main.get_by_role("table", name=self.words("What happened, and its receipts"))
        rows = table.get_by_role("row")
        expect(rows).to_have_count(len(events) + 1)
        for place, event in enumerate(events, 1):
            expect(rows.nth(place).get_by_role("cell").nth(1)).to_contain_text(self.words(event))

    # What many journeys do

    def sit(self, seat: str) -> "Walker":
        """Sign in by the development door, as `east/operator-lead`."""
        self.go("sign-in")
        self.choose("Seat", seat)
        self.press("Sit down")
        return self

    def leave(self) -> None:
        """Sign out."""
        self.page.get_by_role("button", name=self.words("Sign out"), exact=True).click()
        self.done("You are signed out.")

    def file_subscription(self, kind: str = "household", access: str = "adsl", district: str = "500103") -> None:
        """The first step of filing."""
        self.choose("Your operator", "east")
        self.choose("Who subscribes", kind)
        self.choose("How you connect", access)
        self.choose("District", district)
        self.fill_day("When the subscription began", 2006, 11, 27)
        self.press("Continue")

    def file_alone(self) -> str:
        """File as a household that tells nothing; the filing code. Its page stays open."""
        self.go("file")
        self.file_subscription()
        self.press("Continue")
        self.press("File")
        return self.code()

    def receipt(self) -> bytes:
        """File, and get the receipt."""
        self.file_alone()
        self.press("Get the receipt")
        self.placed()
        return self.download("Download the receipt").read_bytes()

    def code(self) -> str:
        """The filing code on the page."""
        code = self.page.locator(".roll-code").first.inner_text()
        assert CODE.fullmatch(code), code
        return code

    def open(self, code: str) -> None:
        """Open a filing by its code."""
        self.go("find")
        self.fill("Filing code", code)
        self.press("Open")

    def until(self, text: str, again: Sequence[str] = ("Look again",)) -> None:
        """Look again, as the page asks, until it says something."""
        for _ in range(60):
            if self.main.get_by_text(text).count():
                return
            self.page.wait_for_timeout(100)  # waits for a real process
            self.press_or_follow(*again)
        raise AssertionError(f"{text!r} never came: {self.main.inner_text()}")

    def press_or_follow(self, *texts: str) -> None:
        """Press or follow what has this name, if it is still there."""
        named = self.button(*texts).or_(self.link(*texts))
        if named.count():
            named.first.click()
        else:
            self.page.reload()

    def placed(self) -> None:
        """On a receipt's page: wait until the log holds it."""
        self.until(self.words("What it proves"))


def with_authenticator(walker: Walker) -> CDPSession:
    """Give a walker's browser an authenticator that says yes."""
    session = walker.context.new_cdp_session(walker.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session
