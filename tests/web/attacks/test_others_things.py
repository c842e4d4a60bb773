"""Other people's things: whatever number, name or code of somebody else's is asked for, it is not there."""

import os
import re
from base64 import urlsafe_b64encode

import pytest

from openroll.service.identity import people
from tests.handles import handle
from tests.web.house import House
from tests.web.visitor import Visitor

ROW = {"kind": "household", "access": "adsl", "district": "500103", "connected": "2006-11-27"}
FAULTY = b"act,handle,kind,access,district,connected,on,digests\n"
FAULTY += f"new,{handle('his-1')},nonsense,adsl,500103,2006-11-27,,\n".encode()


def sent(visitor: Visitor, content: bytes = FAULTY, name: str = "list.csv", purpose: str = "file") -> str:
    """Send a file; its address."""
    fields = {"_csrf_token": visitor.token, "purpose": purpose}
    answer = visitor.ask("POST", "/en/operator/files", data=fields, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def ended(visitor: Visitor, path: str) -> str:
    """The page of a file once it was taken or refused."""
    for _ in range(3_000):
        if visitor.get(f"{path}/progress").json()["state"] not in ("waiting", "working"):
            break
    return visitor.get(path).text


def digests(inside: House) -> list[str]:
    """As many digests as the rule asks for, of nothing."""
    count = inside.roll.setting(inside.roll.day(inside.roll.clock())).terms.digests
    return sorted(urlsafe_b64encode(os.urandom(32)).decode().rstrip("=") for _ in range(count))


def filed_by(inside: House, operator: str, account: str) -> str:
    """File as an operator's program; the filing code."""
    headers = {"authorization": f"Bearer {inside.token(operator)}", "idempotency-key": f"{operator}-{account}"}
    answer = inside.visitor().ask(
        "POST", "/api/v1/filings", json=ROW | {"handle": handle(account), "digests": digests(inside)}, headers=headers
    )
    assert answer.status_code == 201, answer.text
    code: str = answer.json()["code"]
    return code


def test_a_file_of_another_operator_is_not_there(inside: House) -> None:
    """Page, progress, verdicts and mending: nothing of it is shown, and it is not read or seen for its owner."""
    east, west = inside.sitting("east/clerk"), inside.sitting("west/operator-lead")
    path = sent(east)
    page = ended(east, path)
    assert "his-1" in east.get(f"{path}/faults").text or "nonsense" in page
    assert west.get(path).status_code == 404
    assert west.get(f"{path}/progress").json() == {"state": "gone", "said": "", "percent": 0}
    assert west.get(f"{path}/faults").status_code == 303
    before = inside.acts()
    assert west.post(f"{path}/mend", {"cell-0": "household"}).status_code == 303
    assert inside.acts() == before
    assert "nonsense" not in west.get("/en/operator/files").text
    assert "list.csv" not in west.get("/en/operator").text


def test_a_record_of_another_operator_is_not_there(inside: House) -> None:
    """By handle or by code, on pages and for programs: what is another operator's looks like what never was."""
    code = filed_by(inside, "east", "east-secret")
    west = inside.sitting("west/operator-lead")
    nowhere = west.post("/en/operator/records", {"sought": "never-was"})
    for sought in (handle("east-secret"), code, code.replace(" ", "")):
        answer = west.post("/en/operator/records", {"sought": sought})
        assert answer.status_code == nowhere.status_code == 404
        assert "500103" not in answer.text
    bearer = {"authorization": f"Bearer {inside.token('west')}"}
    for path in ("", "/duties", "/receipts/1"):
        assert (
            inside.visitor().ask("GET", f"/api/v1/filings/{handle('east-secret')}{path}", headers=bearer).status_code
            == 404
        )
    row = {"handle": handle("east-secret"), "act": "end", "on": "2006-12-01"}
    answer = inside.visitor().ask("POST", "/api/v1/filings", json=row, headers=bearer | {"idempotency-key": "steal"})
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("sought", ["", " ", "%", "_", "null", "None", "0", "*"])
def test_no_handle_finds_records_that_have_none(inside: House, sought: str) -> None:
    """People who filed alone have no handle: an empty one, or a pattern, finds none of them."""
    inside.filed()
    assert inside.sitting("east/clerk").post("/en/operator/records", {"sought": sought}).status_code == 404
    keeper = inside.sitting("registrar/registrar")
    assert keeper.post("/en/registrar/records", {"sought": sought, "operator": "east"}).status_code == 404


def test_a_release_of_another_operators_record_does_nothing(inside: House) -> None:
    """Neither code nor handle of another's record lets it go, and its subscriber's session lives on."""
    subscriber, code = inside.filed()
    west = inside.sitting("west/operator-lead")
    before = inside.acts()
    for sought in (code, code.replace(" ", ""), handle("east-secret")):
        west.post("/en/operator/records/release", {"sought": sought, "why": "mine now", "key": "a" * 24})
    assert inside.acts() == before
    assert subscriber.get("/en/mine").status_code == 200


def test_letters_hold_ones_own_codes_alone(inside: House) -> None:
    """How many letters there are to print counts the own records."""
    filed_by(inside, "east", "east-letter")
    west = inside.sitting("west/operator-lead")
    assert west.get("/en/operator/letters/0").status_code == 404
    assert west.post("/en/operator/letters/0").status_code == 404


def test_tokens_of_another_operator_are_not_ended(inside: House) -> None:
    """A number of another operator's token is nobody's here."""
    east, west = inside.sitting("east/operator-lead"), inside.sitting("west/operator-lead")
    made = east.post("/en/operator/tokens", {"label": "billing-of-east"}).text
    token = re.search(r"openroll_[\w-]+", made)
    numbers = re.findall(r"/operator/tokens/(\d+)/end", made)
    assert token
    for number in numbers:
        west.post(f"/en/operator/tokens/{number}/end")
    assert "billing-of-east" not in west.get("/en/operator/tokens").text
    bearer = {"authorization": f"Bearer {token[0]}"}
    assert inside.visitor().ask("GET", "/api/v1/filings/none", headers=bearer).status_code == 404


def test_receipts_of_another_record_are_not_there(inside: House) -> None:
    """A subscriber's receipts are found by version within the own record: no version reaches another's."""
    one, code = inside.filed()
    two, other = inside.filed()
    two.post("/en/mine/move", _day("changed") | {"district": "500104", "key": "b" * 24})
    for version in ("2", "3", "0", "-1", "99"):
        answer = one.get(f"/en/mine/receipts/{version}")
        assert other not in answer.text
        assert one.get(f"/en/mine/receipts/{version}/proof").status_code in (303, 404)
    assert code != other


def _main(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def _day(name: str) -> dict[str, str]:
    return {f"{name}-year": "2006", f"{name}-month": "12", f"{name}-day": "1"}


def test_fields_that_name_another_record_are_not_read(inside: House) -> None:
    """An act is on the session's record, whatever number or code the form holds besides."""
    one, _ = inside.filed()
    two, other = inside.filed()
    before = _main(two.get("/en/mine").text)
    fields = {"record": "1", "number": "1", "code": other, "operator": "west", "person": "1"}
    assert one.post("/en/mine/end", _day("ended") | fields | {"key": "c" * 24, "sure": "yes"}).status_code == 303
    assert _main(two.get("/en/mine").text) == before


def test_people_of_another_organisation_stay(inside: House) -> None:
    """Seats are numbers within the own organisation; another's invitations cannot be taken back or seen."""
    west, east = inside.sitting("west/operator-lead"), inside.sitting("east/operator-lead")
    east_clerk = inside.sitting("east/clerk")
    secret = people.invite(inside.roll, "east", "clerk", "Invited by east")
    assert isinstance(secret, str)
    digest = re.findall(r'name="digest" value="([0-9a-f]{64})"', east.get("/en/people").text)
    for one in digest:
        west.post("/en/people/uninvite", {"digest": one, "organisation": "east"})
    for number in range(2, 12):
        west.post(f"/en/people/{number}/end", {"organisation": "east"})
    assert "You are invited" in inside.visitor().get(f"/en/join?invitation={secret}").text
    assert east_clerk.get("/en/operator").status_code == 200
    assert "Invited by east" not in west.get("/en/people").text


def test_nobody_invites_into_another_organisation_or_kind(inside: House) -> None:
    """The organisation of an invitation is the inviter's, and its roles are those of its kind."""
    lead = inside.sitting("east/operator-lead")
    for role in ("registrar", "registrar-lead", "officer", "reviewer-lead", "keeper", "anyone", "", "token"):
        answer = lead.post(
            "/en/people/invite", {"role": role, "label": "x", "organisation": "registrar", "kind": "registrar"}
        )
        assert answer.status_code == 422, role
    assert lead.post("/en/registrar/organisations/registrar/invite").status_code == 403


@pytest.mark.parametrize("key", ["", "1", "a", "key", "0" * 24, "x" * 64])
def test_a_form_sent_with_a_key_that_anyone_may_choose_opens_nobody_elses_filing(inside: House, key: str) -> None:
    """Two strangers whose forms carry the same weak key, and say the same, file two filings with two codes."""
    fields = {
        "key": key,
        "step": "check",
        "operator": "east",
        "kind": "household",
        "access": "adsl",
        "district": "500103",
    }
    fields |= _day("connected")
    codes = []
    for _ in range(2):
        answer = inside.visitor().post("/en/file", fields)
        found = re.search(r"\d{4} \d{4} \d{4} \d{4}", answer.text)
        codes.append(found[0] if found else answer.status_code)
    assert codes[0] != codes[1], codes


def test_an_act_with_a_key_of_another_record_is_done_on_ones_own(inside: House) -> None:
    """Keys belong to the record they were used on: another's key does not make an act count as done."""
    one, two = inside.filed()[0], inside.filed()[0]
    for visitor in (one, two):
        assert visitor.post("/en/mine/end", _day("ended") | {"key": "d" * 24, "sure": "yes"}).status_code in (303, 422)
    shown = [visitor.get("/en/mine").text.count("Ended") for visitor in (one, two)]
    assert shown[0] == shown[1] > 0
