"""A list of sites on its page: read in the browser, looked at by the roll, filed whole; of a person nothing readable is sent."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import FilePayload, Route, expect

from openroll.register.site.number import number_text
from openroll.register.subscription.handle import key_line
from tests.handles import KEY
from tests.web.journeys.walker import Walker

pytestmark = pytest.mark.browser
Walkers = Callable[[str, bool], Walker]
LIST = (
    "sponsor,domains,services,began,account\n"
    "重庆书店,书店.example.org books.example.org,books,2006-11-01,\n"
    "Li Wei,li.example.org,a diary,2006-11-01,4711\n"
)


def test_a_list_is_looked_at_saved_and_filed(walkers: Walkers) -> None:
    """Faults first, in the page and by the roll; filed only once what opens a person's site was saved; the numbers are there."""
    walker = walkers("en", True).sit("east/clerk").go("operator/sites/list")
    sent: list[dict[str, str]] = []

    def roll(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        said = {name: values[0] for name, values in parse_qs(route.request.post_data or "").items()}
        sent.append(said)
        if len(sent) == 1:
            route.fulfill(status=422, json={"faults": [{"at": 1, "field": "handle", "said": "You have one there."}]})
            return
        numbers = [number_text(at) if "write" in said else "" for at in (1, 2)]
        route.fulfill(json={"filed": [{"number": one, "repeated": False} for one in numbers]})

    walker.page.route("**/operator/sites/list", roll)

    def choose(text: str, *, key: bool = True) -> None:
        box = walker.page.locator("#sites-list")
        box.set_input_files(FilePayload(name="sites.csv", mimeType="text/csv", buffer=text.encode()))
        if key:
            made = FilePayload(name="k", mimeType="text/plain", buffer=key_line(KEY).encode())
            walker.page.locator("#sites-key").set_input_files(made)
        walker.press("Look at the list")

    choose(LIST, key=False)
    walker.reads("A site of the list has an account: choose your handle key.")
    choose(LIST.replace("books.example.org", "http://x/").replace("2006-11-01,4711", "soon,4711"))
    rows = walker.page.locator("[data-sites-said] tbody tr")
    expect(rows).to_have_count(2)
    assert sent == []
    choose(LIST)
    expect(rows).to_have_text(["3handle4711You have one there."])
    choose(LIST)
    file = walker.main.get_by_role("button", name="File these sites")
    expect(file).to_be_disabled()
    with walker.page.expect_download() as download:
        walker.main.get_by_role("link", name="sites.disclosures.ndjson").click()
    kept = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert kept["account"] == "4711"
    file.click()
    walker.reads("Filed: 2. In the register in the same words already: 0")
    expect(walker.main.get_by_role("link", name="sites.numbers.json")).to_be_visible()
    assert [one.get("write", "") for one in sent] == ["", "", "yes"]
    assert not any(word in json.dumps(sent, ensure_ascii=False) for word in ("Li Wei", "diary", "li.example", "4711"))
    shop, own = json.loads(sent[-1]["sites"])
    assert shop["domains"] == ["xn--1jqq80b.example.org", "books.example.org"]
    assert own["handle"] == kept["handle"]
    assert json.loads(sent[1]["sites"])[1] == own


def test_without_javascript_no_list_is_sent(walkers: Walkers) -> None:
    """It would bring what it says of people along: the page names the command that takes them apart."""
    walker = walkers("zh", False).sit("east/clerk").go("operator/sites/list")
    expect(walker.page.locator("[data-sites]")).to_be_hidden()
    expect(walker.page.locator("main form")).to_have_count(0)
    expect(walker.page.locator("[data-sites-without]")).to_contain_text("openroll site file")
