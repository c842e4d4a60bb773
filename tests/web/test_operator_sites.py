"""An operator's pages of its sites: filed in the open with all faults at once, changed, told of, ended; and by list."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from openroll.register.site.number import read_number
from openroll.service.sites import lookup
from tests.handles import handle
from tests.service.filings import digest
from tests.sites import covering_sites
from tests.web.house import House


def day(name: str, year: int = 2006, month: int = 12, day: int = 1) -> dict[str, str]:
    """The boxes of a day."""
    return {f"{name}-year": str(year), f"{name}-month": str(month), f"{name}-day": str(day)}


SHOP = {
    "kind": "site",
    "sponsor": "重庆书店",
    "domains": "页面书店.example.org\nbooks.example.org",
    "services": "books",
    "control": "word",
    **day("began", month=11),
}


@pytest.fixture
def hosting(inside: House) -> Iterator[House]:
    """The house under a rule that covers sites."""
    with covering_sites(inside.roll):
        yield inside


def test_a_site_is_filed_changed_told_of_and_ended_on_pages(hosting: House) -> None:
    """Sent again it is the same site; what the register says already is no fault; what ended takes nothing more."""
    clerk = hosting.sitting("east/clerk")
    assert 'href="/en/operator/sites"' in clerk.get("/en/operator").text
    filed = clerk.post("/en/operator/sites/new", SHOP)
    assert (filed.status_code, "done=site-filed" in filed.headers["location"]) == (303, True)
    path = filed.headers["location"].partition("?")[0]
    assert "done=site-same" in clerk.post("/en/operator/sites/new", SHOP).headers["location"]
    shown = clerk.get(path).text
    assert "页面书店.example.org" in shown
    assert clerk.get("/en/operator/sites?site=books.example.org").headers["location"] == path
    steps: list[tuple[dict[str, str], str]] = [
        ({"act": "tell", "state": "silent", "shown": "word"}, "site-tell"),
        ({"act": "tell", "state": "silent", "shown": "word"}, "site-same"),
        ({"act": "change", "services": "books and tea", **day("changed")}, "site-change"),
        ({"act": "end", "sure": "yes", **day("ended")}, "site-end"),
    ]
    for form, done in steps:
        answer = clerk.post(path, form)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"{path}?done={done}"), answer.text
    number = read_number(path.rpartition("/")[2])
    assert number is not None
    seen = lookup.by_number(hosting.roll, number)
    assert seen is not None
    assert (seen.services, seen.state, seen.control, len(seen.domains)) == ("books and tea", "ended", "word", 2)
    assert clerk.post(path, steps[0][0]).status_code == 409


def test_all_that_is_wrong_stands_beside_its_field(hosting: House) -> None:
    """At once: of a filing, of a change, and of an end that nobody was sure of."""
    clerk = hosting.sitting("east/clerk")
    wrong = SHOP | {
        "sponsor": "",
        "services": " ",
        "domains": "http://x.example/ co.uk",
        "began-month": "13",
        "control": "magic",
    }
    page = clerk.post("/en/operator/sites/new", wrong)
    assert page.status_code == 422
    for name in ("sponsor", "services", "domains", "began", "control"):
        assert f'id="{name}-error"' in page.text, name
    assert "co.uk" in page.text.split('id="domains-error"')[1][:600]
    filed = clerk.post("/en/operator/sites/new", SHOP | {"domains": "faults.example.org"}).headers["location"]
    path = filed.partition("?")[0]
    page = clerk.post(path, {"act": "change", "domains": "", "sponsor": "", "changed-year": "2036"})
    for name in ("sponsor", "domains", "changed"):
        assert f'id="{name}-error"' in page.text, name
    page = clerk.post(path, {"act": "end", "ended-year": "2006", "ended-month": "12", "ended-day": "1"})
    assert 'id="sure-error"' in page.text
    assert clerk.post(path, {"act": "tell", "state": "retired", "shown": "none"}).status_code == 409


def test_another_operators_site_is_none_of_yours(hosting: House) -> None:
    """Nor a number that is mistyped; a person's site is opened by number alone, and says nothing that can be read."""
    clerk, other = hosting.sitting("east/clerk"), hosting.sitting("west/clerk")
    sites = json.dumps(
        [
            {
                "is": "private",
                "handle": handle("page-li"),
                "digests": list(map(digest, "pqr")),
                "began": "2006-11-01",
                "kind": "site",
                "control": "",
            }
        ]
    )
    answer = clerk.post("/en/operator/sites/list", {"sites": sites, "write": "yes"})
    (filed,) = answer.json()["filed"]
    path = f"/en/operator/sites/{filed['number']}"
    assert clerk.get(path).status_code == 200
    assert other.get(path).status_code == other.post(path, {"act": "end"}).status_code == 404
    assert clerk.get(f"/en/operator/sites?site={filed['number']}").headers["location"] == path
    assert clerk.get("/en/operator/sites?site=0000-0000").status_code == 404
    assert (
        clerk.post(path, {"act": "tell", "state": "silent", "shown": "none"}).headers["location"].endswith("site-tell")
    )


def test_a_list_from_the_page_is_judged_whole_and_filed_whole(hosting: House) -> None:
    """Every fault of every site by its place; looked at first, nothing is written; of a person nothing readable is taken."""
    clerk = hosting.sitting("east/clerk")
    good: dict[str, Any] = {
        "is": "open",
        "sponsor": "A",
        "domains": ["页.example.org"],
        "services": "s",
        "began": "2006-11-01",
        "kind": "site",
        "control": "",
    }

    def sent(*sites: dict[str, Any], write: str = "") -> Any:
        return clerk.post("/en/operator/sites/list", {"sites": json.dumps(sites), "write": write})

    wrong = sent(good, good | {"domains": ["co.uk"], "sponsor": " "}, write="yes")
    assert wrong.status_code == 422
    assert [(one["at"], one["field"]) for one in wrong.json()["faults"]] == [(1, "sponsor"), (1, "domains")]
    assert sent(good).json() == {"filed": [{"number": "", "repeated": False, "state": "live"}]}
    (filed,) = sent(good, write="yes").json()["filed"]
    assert read_number(filed["number"])
    assert sent(good, write="yes").json()["filed"] == [filed | {"repeated": True}]
    for shape in (
        "",
        "[]",
        "{}",
        json.dumps([good | {"account": "1"}]),
        json.dumps([good | {"is": "private"}]),
        json.dumps([good] * 101),
    ):
        assert clerk.post("/en/operator/sites/list", {"sites": shape, "write": "yes"}).status_code == 422
