"""Markup in every field that somebody else's page shows: it is text there, and no browser runs it."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Dialog

from openroll.service.identity import people
from openroll.service.roll import Roll
from tests.handles import handle
from tests.web.attacks.test_others_things import ended, sent
from tests.web.house import House
from tests.web.visitor import Visitor

EVIL = "</title></textarea><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
SHORT = "<img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    """What of a page a browser could run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Scripts in the page, images from elsewhere, attributes that listen, addresses that run."""
        said = dict(attrs)
        ours = str(said.get("src", "")).startswith("/")
        if tag in ("style", "iframe", "object", "embed", "base") or (tag in ("script", "img") and not ours):
            self.found.append(tag)
        self.found += [name for name in said if name.startswith("on") or name == "style"]
        self.found += [
            str(said[name]) for name in ("href", "action", "src") if str(said.get(name)).startswith("javascript")
        ]


def harmless(page: str) -> None:
    """Nothing that somebody typed stands in a page as markup."""
    assert Tags(page).found == []


def every_page(inside: House, paths: dict[str, tuple[str, ...]]) -> str:
    """All these pages in both languages, as those who may see them."""
    shown = ""
    for who, some in paths.items():
        visitor = inside.sitting(who)
        for path in some:
            for lang in ("en", "zh"):
                page = visitor.get(f"/{lang}/{path}").text
                harmless(page)
                shown += page
    return shown


def test_names_that_organisations_give_are_text(inside: House) -> None:
    """Seats, tokens, invitations, titles of organisations in both languages: on every page that shows them."""
    lead, keeper = inside.sitting("east/operator-lead"), inside.sitting("registrar/registrar-lead")
    harmless(lead.post("/en/people/invite", {"role": "clerk", "label": SHORT}).text)
    harmless(lead.post("/en/operator/tokens", {"label": SHORT}).text)
    admitted = {"name": "markup", "kind": "operator", "title-zh": SHORT, "title-en": SHORT}
    assert keeper.post("/en/registrar/organisations", admitted).status_code == 303
    harmless(keeper.post("/en/registrar/organisations", dict.fromkeys(admitted, EVIL)).text)
    secret = people.invite(inside.roll, "markup", "operator-lead", SHORT)
    assert isinstance(secret, str)
    for lang in ("en", "zh"):
        harmless(inside.visitor().get(f"/{lang}/join?invitation={secret}").text)
    subscriber, _ = inside.filed()
    for path in ("file", "mine/tell", "figures", "log", "", "sign-in"):
        harmless(subscriber.get(f"/en/{path}").text)
    shown = every_page(
        inside,
        {
            "registrar/registrar-lead": ("registrar", "registrar/organisations", "registrar/records", "people"),
            "east/operator-lead": ("people", "operator/tokens", "operator"),
            "markup/operator-lead": ("operator", "people", "operator/files", "operator/duties"),
        },
    )
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown


def test_cells_and_names_of_files_are_text(inside: House) -> None:
    """A file's name and every cell of it that a verdict shows."""
    clerk = inside.sitting("east/clerk")
    cell = '"' + EVIL.replace('"', '""') + '"'
    good = handle("markup-1")
    for row in (f"new,{good},{cell},{cell},{cell},{cell},{cell},{cell}", f"{cell},{good},b,c,d,e,f,g"):
        content = f"act,handle,kind,access,district,connected,on,digests\n{row}\n".encode()
        page = ended(clerk, sent(clerk, content, name=f"{SHORT}.csv"))
        harmless(page)
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
    header = f"{cell},handle\n1,2\n".encode()
    harmless(ended(clerk, sent(clerk, header)))
    every_page(inside, {"east/clerk": ("operator", "operator/files")})


def test_what_is_typed_comes_back_as_text(inside: House) -> None:
    """Every form that is shown again with what was typed in it."""
    lead, keeper = inside.sitting("east/operator-lead"), inside.sitting("registrar/registrar")
    subscriber, code = inside.filed()
    harmless(lead.post("/en/operator/records", {"sought": EVIL}).text)
    harmless(lead.post("/en/operator/records/release", {"sought": code, "why": EVIL}).text)
    harmless(keeper.post("/en/registrar/records", {"sought": EVIL, "operator": EVIL}).text)
    harmless(keeper.post("/en/registrar/work/1/done", {"outcome-1": EVIL}).text)
    harmless(keeper.post("/en/registrar/rules", {"text": EVIL, "reference": EVIL, "act": "check"}).text)
    harmless(keeper.post("/en/registrar/rules", {"text": f"title: '{SHORT}'", "act": "check"}).text)
    harmless(inside.visitor().post("/en/join", {"invitation": EVIL}).text)
    for act in ("tell", "take-back", "move", "correct", "end", "erase"):
        form = subscriber.get(f"/en/mine/{act}").text
        fields = dict.fromkeys(re.findall(r' name="([^"_][^"]*)"', form), EVIL)
        harmless(subscriber.post(f"/en/mine/{act}", fields).text)
    gone = inside.visitor().post("/en/operator/records", {"sought": EVIL, EVIL: EVIL})
    assert gone.status_code == 401
    harmless(gone.text)
    assert unquote(gone.request.url.path) == "/en/operator/records"


@pytest.mark.browser
def test_no_browser_runs_it(served: tuple[str, Roll], browser: Browser) -> None:
    """In Chromium: a seat's name, a token's, and what was typed before signing in open no dialog and break no policy."""
    address, _ = served
    lead = Visitor(address).take_seat("west/operator-lead")
    lead.post("/en/people/invite", {"role": "clerk", "label": SHORT})
    lead.post("/en/operator/tokens", {"label": SHORT})
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/en/sign-in")
    page.select_option("#seat", "west/operator-lead")
    page.get_by_role("button", name="Sit down").click()
    page.wait_for_url("**/operator")
    heard: list[str] = []

    def heard_dialog(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", heard_dialog)
    page.on("console", lambda said: heard.append(said.text) if "Content Security Policy" in said.text else None)
    for path in ("/en/people", "/en/operator/tokens"):
        page.goto(f"{address}{path}")
        assert page.get_by_text(SHORT).count() > 0
    page.goto(f"{address}/en/find")
    page.fill("#code", EVIL)
    page.locator("main form button").click()
    assert page.input_value("#code") == EVIL
    context.close()
    assert heard == []
