"""Sites by program: one or many, all or none; anybody looks one up, and of a person's site there is nothing to read."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.api.test_api import Client
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import digest
from tests.sites import covering_sites

from openroll.compose.server import application
from openroll.register.site.number import number_text, read_number
from openroll.service.identity.api_tokens import issue_token
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.service.sites.filing import MOST

OPEN: dict[str, Any] = {
    "sponsor": "重庆书店",
    "domains": ["书店.example.org"],
    "services": "books",
    "began": "2006-11-01",
}
OWN: dict[str, Any] = {"handle": handle("li"), "digests": list(map(digest, "abc")), "began": "2006-11-01"}


@pytest.fixture
def client(roll: Roll) -> Iterator[Client]:
    """A client of a roll that takes sites, with a token of a clerk."""
    seat = seated(roll, "east", "clerk")
    token = issue_token(roll, "east", "sites", seat=seat.number)
    with covering_sites(roll), Client(application(roll)) as client:
        client.headers["authorization"] = f"Bearer {token}"
        yield client


def test_sites_are_filed_looked_up_changed_and_ended(roll: Roll, client: Client) -> None:
    """A domain in its own script is found in any; each step is proved; a number that is mistyped is none."""
    filed = client.post("/api/v1/sites", json={"sites": [OPEN, OWN]})
    assert filed.status_code == 201
    number, own = (one["number"] for one in filed.json()["sites"])
    again = client.post("/api/v1/sites", json={"sites": [OPEN, OWN]}).json()["sites"]
    assert again == [{"number": number, "repeated": True}, {"number": own, "repeated": True}]
    Sequencer(roll).run_until_empty()
    found = client.get("/api/v1/sites", params={"domain": "书店.Example.org"}).json()
    assert [(one["number"], one["domains"], one["state"]) for one in found] == [
        (number, ["xn--1jqq80b.example.org"], "live")
    ]
    steps = f"/api/v1/sites/{number}/steps"
    for body in (
        {"act": "change", "on": "2006-12-01", "services": "books and tea"},
        {"act": "check", "state": "silent", "control": "record"},
        {"act": "end", "on": "2006-12-01"},
    ):
        assert client.post(steps, json=body | {"dry_run": True}).status_code == 200
        assert client.post(steps, json=body).status_code == 200, body
    Sequencer(roll).run_until_empty()
    proved = client.get(f"/api/v1/sites/{number}").json()
    assert (proved["site"]["state"], proved["site"]["control"], proved["site"]["services"]) == (
        *("ended", "record"),
        "books and tea",
    )
    assert [one["name"] for one in proved["facts"]] == [
        f"site.{what}/1" for what in ("filed", "changed", "checked", "ended")
    ]
    assert all(one["receipt"] for one in proved["facts"])
    value = read_number(number)
    assert value is not None
    mistyped = number_text(value)[:-1] + str((int(number[-1]) + 1) % 10)
    assert client.get(f"/api/v1/sites/{mistyped}").status_code == 404
    assert client.post(steps, json={"act": "end", "on": "2006-12-01"}).json()["code"] == "site-ended"


def test_of_a_person_s_site_the_answer_has_number_state_and_year(client: Client) -> None:
    """Whoever asks, its operator's program among them."""
    (own,) = client.post("/api/v1/sites", json={"sites": [OWN]}).json()["sites"]
    shown = client.get(f"/api/v1/sites/{own['number']}").json()
    said = {name: value for name, value in shown["site"].items() if value not in ("", [], None)}
    assert said == {"number": own["number"], "private": True, "state": "live", "year": said["year"]}
    assert shown["facts"] == []
    changed = {"act": "change", "on": "2006-12-01", "digests": list(map(digest, "def"))}
    assert client.post(f"/api/v1/sites/{own['number']}/steps", json=changed).json()["facts"] == [
        "private-site.changed/1"
    ]


def test_its_operator_has_the_facts_of_a_person_s_site_with_their_receipts(roll: Roll, client: Client) -> None:
    """So it holds the log against what it sent. Another operator learns no more than of a number that none has."""
    (own,) = client.post("/api/v1/sites", json={"sites": [OWN]}).json()["sites"]
    Sequencer(roll).run_until_empty()
    path = f"/api/v1/sites/{own['number']}/facts"
    (fact,) = client.get(path).json()["facts"]
    assert (fact["name"], bool(fact["receipt"]), OWN["handle"] in fact["body"]) == ("private-site.filed/1", True, True)
    other = issue_token(roll, "west", "sites", seat=seated(roll, "west", "clerk").number)
    assert client.get(path, headers={"authorization": f"Bearer {other}"}).status_code == 404
    assert client.get(path, headers={"authorization": ""}).status_code == 401


def test_all_faults_are_said_and_nothing_is_filed(client: Client) -> None:
    """By their places; one that is wrong alone has its own refusal, and a shape that is neither has its own."""
    wrong = [OPEN, OPEN | {"domains": ["co.uk"]}, OWN | {"digests": []}, OPEN | {"domains": []}]
    answer = client.post("/api/v1/sites", json={"sites": wrong})
    assert (answer.status_code, answer.json()["code"]) == (422, "filing-faulty")
    assert [(one["row"], one["code"]) for one in answer.json()["faults"]] == [
        (2, "domain-unfit"),
        (3, "digests-miscounted"),
        (4, "domains-miscounted"),
    ]
    assert client.get("/api/v1/sites", params={"domain": "书店.example.org"}).json() == []
    assert client.post("/api/v1/sites", json={"sites": wrong[1:2]}).json()["code"] == "domain-unfit"
    for mixed in (OPEN | OWN, {"began": "2006-11-01"}, OPEN | {"began": "soon"}):
        assert client.post("/api/v1/sites", json={"sites": [mixed]}).json()["code"] == "request-shape"
    assert client.post("/api/v1/sites", json={"sites": [OPEN] * (MOST + 1)}).json()["code"] == "too-many-sites"
    unfit = {"act": "end", "state": "silent", "on": "2006-12-01"}
    assert client.post(f"/api/v1/sites/{number_text(1)}/steps", json=unfit).json()["code"] == "request-shape"
