"""Lending a bridge: off, there is nothing of it anywhere; on, it is offered on pages for reading, and loaded when asked for."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Route

from openroll.compose.settings import WebSettings, settings_from
from openroll.service.access import ROUTES
from openroll.web.bridge import POLICY
from tests.web.house import ADDRESS, House, house, name_of
from tests.web.test_access import FILLED
from tests.web.test_barriers import AXE

READING = ("", "rule", "rule/history", "figures", "log", "help", "requests", "sites/decay")
ALL = [line.removeprefix("GET ") for line in ROUTES if line.startswith("GET ")]
OURS = "default-src 'none'; object-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
OURS += "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
TRACES = re.compile(r"lantern|browsers-unbounded|bridge|iantem", re.IGNORECASE)


@pytest.fixture(scope="module")
def lending(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A roll whose keeper has switched it on."""
    web = WebSettings(address=ADDRESS, null_sign_in=True, lend_a_bridge=True)
    with house(database_url, tmp_path_factory.mktemp("lending"), name_of("b"), web) as found:
        yield found


def _paths() -> list[str]:
    named = [re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], line) for line in ALL]
    # The check as one file is no page: it has the whole theme within it (`journeys/test_checking.py` holds it to its words).
    named = [path for path in named if not path.endswith("/verify/alone")]
    return [path for path in named if not path.startswith(("/static", "/api", "/log/tile"))]


def test_it_is_off_unless_the_setting_says_so() -> None:
    """Nothing but OPENROLL_LEND_A_BRIDGE=1 switches it on."""
    assert not settings_from({}).web.lend_a_bridge
    assert not settings_from({"OPENROLL_LEND_A_BRIDGE": "0"}).web.lend_a_bridge
    assert settings_from({"OPENROLL_LEND_A_BRIDGE": "1"}).web.lend_a_bridge


@pytest.mark.parametrize("seat", ["", "subscriber", "registrar/registrar"])
def test_off_means_not_a_byte_of_it(inside: House, seat: str) -> None:
    """Switched off, no page for anybody has a trace of it, asked for or not, and the policy is the one it always was."""
    visitor = inside.filed()[0] if seat == "subscriber" else inside.visitor()
    if seat and seat != "subscriber":
        visitor.take_seat(seat)
    looked = 0
    for path in _paths():
        for address in (path, f"{path}?bridge=1"):
            answer = visitor.get(address)
            assert answer.headers["content-security-policy"] == OURS, address
            if answer.headers.get("content-type", "").startswith("text/html"):
                looked += 1
                assert not TRACES.search(answer.text.replace("?bridge=1", "")), address
                assert not TRACES.search("".join(answer.headers.values()).replace("bridge%3D1", "")), address
    assert looked > 20


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_offered_on_pages_for_reading_and_nowhere_else(lending: House, lang: str) -> None:
    """Switched on, pages for reading tell what it is and have a link; nothing is loaded, and the policy is unchanged."""
    visitor = lending.visitor()
    for path in READING:
        answer = visitor.get(f"/{lang}/{path}")
        assert f'href="/{lang}/{path}?bridge=1"' in answer.text, path
        assert "embed.lantern.io" not in answer.text
        assert answer.headers["content-security-policy"] == OURS


@pytest.mark.parametrize("seat", ["", "subscriber", "registrar/registrar"])
def test_other_pages_never_load_it(lending: House, seat: str) -> None:
    """Pages of filings, sign-in, operators, officials and receipts know nothing of it, whatever their address says."""
    visitor = lending.filed()[0] if seat == "subscriber" else lending.visitor()
    if seat and seat != "subscriber":
        visitor.take_seat(seat)
    reading = {f"/en/{path}".rstrip("/") for path in READING}
    for path in _paths():
        if path.rstrip("/") not in reading:
            answer = visitor.get(f"{path}?bridge=1")
            assert answer.headers["content-security-policy"] == OURS, path
            assert not TRACES.search(answer.text.replace("bridge=1", "").replace("bridge%3D1", "")), path


@pytest.mark.parametrize("path", READING)
def test_asked_for_the_page_is_of_nobody(lending: House, path: str) -> None:
    """The page that loads it has no session and no token, and its policy lets no script reach this roll."""
    visitor, _ = lending.filed()
    answer = visitor.get(f"/en/{path}?bridge=1")
    assert '<script defer src="https://embed.lantern.io/static/js/main.js"></script>' in answer.text
    assert answer.text.count("<script") == 1
    assert "csrf" not in answer.text
    assert "/mine" not in answer.text
    assert "Sign out" not in answer.text
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cross-origin-opener-policy"] == "unsafe-none"
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    for name in ("script-src", "connect-src", "frame-src", "form-action", "worker-src", "default-src", "base-uri"):
        assert "'self'" not in rules[name], name
    assert "unsafe-eval" not in rules["script-src"].replace("wasm-unsafe-eval", "")
    assert "unsafe-inline" not in rules["script-src"]


WIDGET = """
const tried = {};
const keep = (name, promise) => promise.then((got) => { tried[name] = got; }, () => { tried[name] = "refused"; });
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const style = document.createElement("style");
style.textContent = "browsers-unbounded { display: block; block-size: 33px }";
document.head.append(style);
Promise.all([
  keep("wasm", WebAssembly.instantiate(wasm).then(() => "works")),
  keep("own", fetch("https://embed.lantern.io/widget.wasm").then((got) => got.text())),
  keep("mine", fetch("/en/mine").then((got) => got.text())),
  keep("elsewhere", fetch("https://elsewhere.example/").then((got) => got.text())),
]).then(() => {
  tried.style = getComputedStyle(document.querySelector("browsers-unbounded")).blockSize;
  const opened = window.open("/en/find");
  setTimeout(() => {
    try { tried.window = opened.document.body.innerText; } catch { tried.window = "refused"; }
    if (!opened || opened.closed) tried.window = "cut off";
    window.tried = tried;
  }, 1500);
});
"""
"""What another's script may try: what Lantern's needs, and what nobody's may have."""

DONE = """() => new Promise((done) => {
  const looking = setInterval(() => { if (window.tried) { clearInterval(looking); done(window.tried); } }, 100);
})"""


@pytest.mark.browser
def test_a_script_there_can_do_its_own_work_and_reach_nothing_of_ours(
    lending: House, browser: Browser, tmp_path: Path
) -> None:
    """In a real browser: WebAssembly, its own server and its styles work; the roll's pages, other servers and windows do not."""

    def serve(route: Route) -> None:
        address = route.request.url
        if address.startswith("https://embed.lantern.io/static"):
            route.fulfill(body=WIDGET, content_type="text/javascript")
        elif address.startswith("https://embed.lantern.io"):
            route.fulfill(body="widget", headers={"access-control-allow-origin": "*"})
        elif address.startswith(ADDRESS):
            path = address.removeprefix(ADDRESS)
            answer = lending.visitor().get(path)
            kept = ("content-type", "content-security-policy", "cross-origin-opener-policy", "x-frame-options")
            headers = {name: answer.headers[name] for name in kept if name in answer.headers}
            route.fulfill(status=answer.status_code, body=answer.content, headers=headers)
        else:
            route.fulfill(body="elsewhere", headers={"access-control-allow-origin": "*"})

    context = browser.new_context()
    context.route("**/*", serve)
    page = context.new_page()
    page.goto(f"{ADDRESS}/en/help?bridge=1")
    tried = page.evaluate(DONE)
    assert tried == {
        "wasm": "works",
        "own": "widget",
        "style": "33px",
        "mine": "refused",
        "elsewhere": "refused",
        "window": tried["window"],
    }
    assert tried["window"] in ("refused", "cut off")
    context.close()


def _served(lending: House, context: BrowserContext) -> None:
    """The roll in this process, for a browser; what is asked of anyone else never comes."""

    def serve(route: Route) -> None:
        if not route.request.url.startswith(ADDRESS):
            route.abort()
            return
        answer = lending.visitor().get(route.request.url.removeprefix(ADDRESS))
        headers = {"content-type": answer.headers["content-type"]}
        route.fulfill(status=answer.status_code, body=answer.content, headers=headers)

    context.route("**/*", serve)


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "scheme", "width"), [("en", "light", 320), ("zh", "dark", 1280)])
@pytest.mark.parametrize("asked", ["", "?bridge=1"])
def test_the_offer_is_no_barrier(
    lending: House, browser: Browser, lang: str, scheme: Literal["light", "dark"], width: int, asked: str
) -> None:
    """Offered and loaded, in both languages and colours, axe finds nothing and nothing is wider than the screen."""
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    _served(lending, context)
    page = context.new_page()
    page.goto(f"{ADDRESS}/{lang}/help{asked}")
    if not asked:
        page.locator(".roll-bridge summary").click()
    results = Axe().run(page, options=AXE).response["violations"]
    assert [one["id"] for one in results] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()
