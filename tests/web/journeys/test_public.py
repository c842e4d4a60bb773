"""For anyone: the roll, its rule and the rule's history, figures, the log, checking a receipt, help; by keyboard; light pages."""

import io
import re
from collections.abc import Callable
from datetime import date

import httpx
import polars as pl
import pytest
from playwright.sync_api import Browser, Locator, expect

from openroll.rules import full_title, load
from openroll.service.governance import figures
from openroll.service.roll import Roll
from tests.seats import words_read
from tests.web.journeys.conftest import Another
from tests.web.journeys.walker import Walker
from tests.web.visitor import Visitor

pytestmark = pytest.mark.browser
OPEN = ("", "rule", "rule/history", "figures", "what-if", "log", "verify", "help", "find", "file", "sign-in", "join")
OF_A_LEAD = (
    *("operator", "operator/files", "operator/duties", "operator/records", "operator/unconfirmed"),
    *("operator/letters", "operator/tokens", "people"),
)


def test_home_says_what_the_roll_is_and_leads_on(walker: Walker) -> None:
    """The first page says what the roll is and never does, and leads to all that anyone can do."""
    walker.go()
    walker.reads("It cuts nobody off.")
    for text, path in (
        ("Check a receipt; nothing is uploaded", "verify"),
        ("Read the rule and its safeguards", "rule"),
        ("See the figures and take them away", "figures"),
        ("See your filing, tell more by choice, take it back", "find"),
    ):
        walker.go().follow(text)
        walker.at(path)
    walker.page.get_by_role("contentinfo").get_by_role("link", name=walker.words("Help"), exact=True).click()
    walker.heading("Help")
    walker.reads("Must I register to go online?")


def publish_another_rule(address: str, roll: Roll) -> date:
    """Two people of the registrar put another rule in force from February 2007; the day."""
    day = date(2007, 2, 1)
    if "notification-2006" in Visitor(address).get("/en/rule/history").text:
        return day
    one, other = (Visitor(address).take_seat(f"registrar/{role}") for role in ("registrar", "registrar-lead"))
    fields = {"starts-year": "2007", "starts-month": "2", "starts-day": "1", "act": "propose", "text": ""}
    assert one.post("/en/registrar/rules", fields | {"reference": "notification-2006"}).status_code == 303
    words_read(roll, load("notification-2006"))
    number = re.findall(r"/en/registrar/rules/(\d+)/publish", other.get("/en/registrar/rules").text)[-1]
    assert other.post(f"/en/registrar/rules/{number}/publish").status_code == 303
    return day


def test_the_rule_and_its_history(walker: Walker, served: tuple[str, Roll]) -> None:
    """The rule stands in both languages; its history shows the rule to come, from which day, and what it changes."""
    address, roll = served
    publish_another_rule(address, roll)
    walker.go("rule")
    for text in full_title(roll.rule).values():
        expect(walker.main.get_by_role("heading", name=text, exact=True)).to_be_visible()
    day = "2007年2月1日" if walker.lang == "zh" else "1 February 2007"
    coming = walker.words(
        "From %(day)s on another version is in force: %(title)s.",
        day=day,
        title=full_title(load("notification-2006"))[walker.lang],
    )
    walker.reads(coming)  # who reads the rule of today to pack under it is told of tomorrow's
    walker.follow("Safeguards")
    walker.follow("Its history")
    walker.at("rule/history")
    walker.reads("2007年2月1日" if walker.lang == "zh" else "1 February 2007")
    walker.reads("when the roll was opened")
    new = load("notification-2006").title
    walker.reads(new[walker.lang])
    changed = walker.main.get_by_role("table", name=walker.words("Changes: version %(number)s", number=2))
    expect(changed).to_have_count(1)  # a name that two tables share tells a screen reader nothing
    assert changed.get_by_role("row").count() > 2
    # The rule of today is still the first.
    expect(walker.main.locator("tr", has=walker.page.locator(".govuk-tag"))).to_contain_text(
        full_title(roll.rule)[walker.lang]
    )


def test_figures_are_charts_tables_and_files(walker: Walker, served: tuple[str, Roll]) -> None:
    """Charts load as images beside their numbers, and the three files hold the same rows as the roll counts."""
    _, roll = served
    walker.file_alone()
    walker.go("figures")
    for chart in walker.main.get_by_role("img").all():
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_js_property("complete", True)
        assert chart.evaluate("image => image.naturalWidth") > 0
        assert chart.get_attribute("alt")
    walker.main.locator("summary").first.click()
    expect(walker.main.get_by_role("table").first).to_be_visible()
    texts = {"table": pl.String, "key": pl.String, "event": pl.String, "count": pl.Int64}
    for _ in range(5):
        read = {
            "CSV": pl.read_csv(walker.download("CSV").read_bytes(), schema=texts),
            "JSON": pl.read_json(walker.download("JSON").read_bytes(), schema=texts),
            "Parquet": pl.read_parquet(io.BytesIO(walker.download("Parquet").read_bytes())),
        }
        # The roll counts anew every ten seconds: files taken on both sides of that are of two counts.
        if read["CSV"].equals(read["JSON"]) and read["CSV"].equals(read["Parquet"]):
            break
    assert read["CSV"].equals(read["JSON"])
    assert read["CSV"].equals(read["Parquet"])
    assert read["CSV"].schema == pl.Schema(texts)
    counted = {(row.table, row.key, row.event) for row in figures.rows(roll)}
    assert {row[:3] for row in read["CSV"].rows()} <= counted


def test_the_log_shows_official_acts_whole(walker: Walker) -> None:
    """The log's page shows its head, its keys and the newest official acts as they stand in it."""
    walker.go().page.get_by_role("contentinfo").get_by_role("link", name=walker.words("The public log")).click()
    walker.heading("The public log")
    walker.main.locator("summary").first.click()
    expect(walker.main.locator("details[open] .roll-hash")).to_contain_text("{")
    assert walker.page.request.get(f"{walker.address}/log/checkpoint").text().startswith("roll.example/")


def focused(walker: Walker) -> Locator:
    """What has the focus; expects it to be seen: an outline, a shadow or a ground of its own."""
    found = walker.page.locator(":focus")
    look = "e => { const s = getComputedStyle(e); return s.outlineStyle !== 'none' || s.boxShadow !== 'none'; }"
    assert found.evaluate(look), found.evaluate("e => e.outerHTML")
    return found


def test_by_keyboard_alone(walker: Walker) -> None:
    """Tab reaches everything, first of all a way past the menu; the focus is seen; mistakes get it, and lead to their fields."""
    keys = walker.go("file").page.keyboard
    keys.press("Tab")
    expect(focused(walker)).to_have_text(walker.words("Skip to main content"))
    keys.press("Enter")
    for name in ("operator", "kind", "access", "district", "connected-year", "connected-month", "connected-day"):
        keys.press("Tab")
        expect(focused(walker)).to_have_id(name)
        keys.press("ArrowDown") if not name.startswith("connected") else keys.type("13")
    keys.press("Enter")
    summary = walker.mistakes()
    keys.press("Tab")
    expect(focused(walker)).to_have_text(summary.get_by_role("link").first.inner_text())
    keys.press("Enter")
    expect(focused(walker)).to_have_id("connected-year")
    for value in ("2006", "11", "27"):
        keys.press("ControlOrMeta+A")
        keys.type(value)
        keys.press("Tab")
    expect(focused(walker)).to_have_text(walker.words("Continue"))
    keys.press("Enter")
    walker.heading("About you")


def test_a_receipt_is_checked_in_the_browser(scripted: Walker) -> None:
    """The page says good of a receipt, and not good of the same receipt with any one bit flipped; nothing is sent.

    At fifteen places in each language, and so on a copy: of every place test_receipts.py asks our own check, and of what the
    page's says the corpus is the whole (test_checking.py).
    """
    good = scripted.receipt()
    page = scripted.go("verify").page
    page.wait_for_load_state("networkidle")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    verdict = page.locator("[data-verdict]")

    def judged(data: bytes) -> str:
        page.evaluate("document.querySelector('[data-verdict]').replaceChildren()")
        scripted.box("Receipt (.tlog-proof)").set_input_files(
            {"name": "r.tlog-proof", "mimeType": "text/plain", "buffer": data}
        )
        expect(verdict.locator("h2")).to_have_count(1)
        return str(verdict.inner_text())

    assert scripted.words("Good: the log holds exactly this") in judged(good)
    expect(verdict).to_be_focused()
    apart = len(good) // 15
    for place in range(apart // 2 if scripted.lang == "en" else 0, len(good), apart):
        flipped = bytearray(good)
        flipped[place] ^= 1
        assert scripted.words("Not good") in judged(bytes(flipped)), place
    other = scripted.words("It is from another log.")
    assert other in judged(good.replace(b"\n\nroll.example/", b"\n\nloll.example/"))
    assert sent == []


def test_without_javascript_the_page_tells_the_command(walkers: Callable[[str, bool], Walker], lang: str) -> None:
    """Without JavaScript the check's page shows no field that could not work, and tells the command that does the same."""
    walker = walkers(lang, False).go("verify")
    expect(walker.box("Receipt (.tlog-proof)")).not_to_be_visible()
    walker.reads("python -P -m openroll.tlog verify RECEIPT.tlog-proof --key log.pub --policy log.policy")
    keys = walker.download("Public keys of this log (log.pub)").read_text()
    assert keys.startswith("roll.example/")


SCRIPTS = ("verify.js", "passkey.js", "progress.js", "telling.js", "pack.js", "puzzle.js")


def weighed(walker: Walker, addresses: list[str]) -> list[int]:
    """What each answer weighs on the wire, compressed as a browser asks for it.

    Fetched once more outside the browser: under load Chromium's own counts come to nothing, or less.
    """
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in walker.context.cookies())
    headers = {"accept-encoding": "gzip, deflate, br", "cookie": cookies}
    weights: list[int] = []
    for address in addresses:
        with httpx.stream("GET", address, headers=headers) as answer:
            weights.append(sum(map(len, answer.iter_raw())))
    return weights


@pytest.mark.parametrize("seat", ["", "east/operator-lead"])
def test_every_page_is_light_and_runs_nothing_of_its_own(
    browser: Browser, served: tuple[str, Roll], seat: str, lang: str
) -> None:
    """The first load of each page is under 100 KB on the wire without fonts; it runs no script in the page, framed by nobody.

    On the wire, for nobody and for a seat: the walk of all states (test_barriers) computes the same of every page.
    """
    walker = Walker(browser, served[0], lang)
    if seat:
        walker.sit(seat)
    loaded: list[str] = []
    walker.page.on("request", lambda one: loaded.append(one.url) if one.resource_type != "font" else None)
    for path in OF_A_LEAD if seat else OPEN:
        loaded.clear()
        answer = walker.page.goto(f"{walker.address}/{lang}/{path}", wait_until="load")
        assert answer is not None
        assert answer.ok, path
        weights = weighed(walker, loaded)
        assert min(weights) > 0, (path, weights)
        assert 10_000 < sum(weights) < 100_000, (path, weights)
        policy = answer.headers["content-security-policy"]
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        for script in walker.page.locator("script").all():
            assert str(script.get_attribute("src")).split("?")[0].endswith(SCRIPTS), path
        assert walker.page.locator("[style], style").count() == 0, path
    walker.close()


def test_a_forged_form_is_refused(another: Another) -> None:
    """A form without its token is refused, in words, and nothing is done."""
    walker = another()
    walker.go("find")
    refused = walker.page.request.post(
        f"{walker.address}/{walker.lang}/find", form={"code": "1"}, headers={"x-csrftoken": "forged"}
    )
    assert refused.status == 403
    assert walker.words("This form has gone stale") in refused.text()
