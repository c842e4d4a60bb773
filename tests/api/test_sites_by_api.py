"""Sites by program: one or many, all or none; anybody looks one up, and of a person's site there is nothing to read."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.api.test_api import Client
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import digest
from tests.sites import covering_sites

from openroll.cli import site_filing
from openroll.compose.server import application
from openroll.register.site.number import number_text, read_number
from openroll.register.subscription.handle import key_line
from openroll.service.identity.api_tokens import issue_token
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.service.sites.filing import MOST
from openroll.watch.probe import Control
from openroll.watch.roll_api import RollApi

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
    check = {"act": "check", "state": "silent"}
    assert client.post(f"/api/v1/sites/{own}/steps", json=check).status_code == 200
    again = client.post("/api/v1/sites", json={"sites": [OPEN, OWN]}).json()["sites"]
    assert [tuple(one.values()) for one in again] == [(number, True, "live"), (own, True, "silent")]
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


@pytest.fixture
def site_command(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs `openroll site` beside a list against the roll itself, with a clerk's token; the status with which it ends.

    What is asked goes to the application without a socket, and no proof of control is looked for.
    """

    async def answered(_: object, method: str, address: str, body: bytes | None, __: int) -> tuple[int, bytes]:
        headers = {} if body is None else {"content-type": "application/json"}
        answer = client.request(method, address.removeprefix("https://roll.example"), content=body, headers=headers)
        return answer.status_code, answer.content

    async def controls(*_: object) -> AsyncIterator[tuple[str, Control]]:
        return
        yield

    monkeypatch.setattr(RollApi, "_sent", answered)
    monkeypatch.setattr(site_filing, "controls", controls)
    token, key = tmp_path / "token", tmp_path / "key"
    for path, text in ((token, str(client.headers["authorization"]).split()[1]), (key, key_line(bytes(32)))):
        path.write_text(text)
        path.chmod(0o600)
    shared = ["--roll", "https://roll.example"]
    options = {"show": shared, "file": [*shared, "--token", str(token), "--key", str(key)]}

    def run(command: str, of: str) -> int:
        with suppress(SystemExit):
            site_filing.app([command, of, *options[command]], exit_on_error=False, result_action="return_value")
            return 0
        return 1

    return run


def test_the_command_files_and_shows_sites_at_the_roll_itself(
    client: Client, site_command: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a person's site as many digests travel as the roll's rule has fields."""
    sites = tmp_path / "sites.csv"
    shop = "sponsor,domains,services,began,account\n重庆书店,书店.example.org,books,2006-11-01,\n"
    sites.write_text(f"{shop}Li Wei,li.example.org,a diary,2006-11-01,4711\n", "utf-8")
    assert site_command("file", str(sites)) == 0
    numbers = json.loads((tmp_path / "sites.numbers.json").read_text())["sites"]
    capsys.readouterr()
    for number in (*numbers, "书店.example.org"):
        assert site_command("show", number) == 0
    assert capsys.readouterr().out.count("  of: 重庆书店; hosted by east; services: books\n") == 2
    sites.write_text(
        sites.read_text("utf-8").replace("diary", "shop") + "Wu,shu.example.org,a diary,2500-01-01,4712\n", "utf-8"
    )
    assert site_command("file", str(sites)) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "2. (h1" in said
    assert "If something changed, file a change. 3. (h1" in said  # each by its place


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
