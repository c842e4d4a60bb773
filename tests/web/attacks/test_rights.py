"""Every route that acts by a right, with the right ended within each of its transactions in turn: nothing is done by it.

The table is `service/access.py` itself, so a route that is added is walked from its first day.
"""

import json
import re
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest

from openroll.disclosure.envelope import public_line
from openroll.register.subscription.filing_code import reference_of
from openroll.service.access import ROUTES
from openroll.service.identity import filing_code, passkeys
from openroll.service.identity.api_tokens import issue_token
from openroll.store.connect import Database
from openroll.store.rights import Right, SessionRight, right_of_act
from tests.handles import handle
from tests.register.asked import CASE, OFFICE, held, sealed
from tests.register.asked import FIELDS as FIELDS_ASKED
from tests.seats import seated
from tests.service.filings import rows_file
from tests.service.test_rights import meanwhile
from tests.web.attacks.test_late_bodies import SESSION
from tests.web.attacks.test_passkeys import P, first, passkey
from tests.web.attacks.test_uploads import FORM, _form, _part
from tests.web.house import House
from tests.web.test_access import FILING, FILLED, PROGRAMS, _as
from tests.web.visitor import Visitor

BY_RIGHT = sorted(line for line, roles in ROUTES.items() if "anyone" not in roles)
WHO = (
    "subscriber",
    "east/operator-lead",
    "registrar/registrar-lead",
    "bureau/officer",
    "bureau/officer-lead",
    PROGRAMS,
)
"""Of those whom a route lets in, the first here calls it: a lead may do what the others may."""
NOTHING_ASKED = {
    "GET /{lang}/operator/records": "an empty form",
    "GET /{lang}/operator/sites/new": "an empty form",
    "GET /{lang}/operator/sites/list": "an empty form",
    "GET /{lang}/registrar/records": "an empty form",
    "GET /{lang}/operator/duties": "counts that are kept for half a minute, of an organisation and of nobody",
    "GET /{lang}/office": "what the organisation is called, which comes with whose session it is",
    "GET /api/v1/seat": "which seat it is, which comes with whose token it is",
    "GET /{lang}/registrar/jurisdiction": "the jurisdiction of today, which is everybody's to read",
    "GET /{lang}/desk/lists": "what every copy of Openroll has: endings of domains, names of time zones",
    "POST /{lang}/registrar/jurisdiction": "a text that is no jurisdiction is refused before the roll is asked",
    "POST /api/v1/filings": "its token is held from the look at it on:"
    " tests/service/test_rights.py::test_the_end_of_a_token_waits_for_the_filings_it_is_filing",
    "POST /api/v1/files": "its token is held from the look at it on:"
    " tests/service/test_rights.py::test_the_end_of_a_token_waits_for_the_rows_of_its_file",
}
"""Routes that begin no transaction on behalf of a right, and why."""
SITE: dict[str, Any] = {"began": "2006-12-01", "sponsor": "late", "domains": ["late.example.org"], "services": "late"}
FIELDS: dict[str, dict[str, str]] = {
    "POST /{lang}/operator/tokens": {"label": "late"},
    "POST /{lang}/desk/tokens": {"label": "late"},
    "POST /{lang}/people/invite": {"role": "clerk", "label": "late"},
    "POST /{lang}/operator/records": {"sought": handle("late")},
    "POST /{lang}/operator/records/receipts": {"sought": handle("late"), "version": "1"},
    "POST /{lang}/operator/records/release": {"sought": handle("late"), "why": "late"},
    "POST /{lang}/operator/sites/list": {"sites": json.dumps([SITE | {"is": "open", "kind": "site", "control": ""}])},
    "POST /{lang}/registrar/organisations": {"kind": "authority", "name": "late", "title-zh": "迟", "title-en": "Late"},
    "POST /{lang}/registrar/rules": {
        "reference": "notification-2006", "act": "propose", "starts-year": "2007", "starts-month": "9", "starts-day": "1",
    },
    "POST /{lang}/registrar/records": {"sought": handle("late"), "operator": "east"},
    "POST /{lang}/registrar/records/receipts": {"sought": handle("late"), "operator": "east", "version": "1"},
    "POST /{lang}/mine/{act}": {
        "changed-year": "2006", "changed-month": "12", "changed-day": "1", "district": "500105",
    },
    "POST /{lang}/desk/{number}": {"act": "withdraw"},
    "POST /{lang}/sign-out": {"everywhere": "1"},
}  # fmt: skip
"""What is sent besides the parameters, where without it nothing would be done."""
SEATED: dict[str, dict[str, Any]] = {
    "POST /api/v1/envelope-keys": {"public": public_line(held("east").published)},
    "POST /api/v1/envelope-keys/{key}/end": {"why": "late"},
    "POST /api/v1/uses": {
        "purpose": 0, "basis": "late", "fields": FIELDS_ASKED, "supervisor": "late", "supervised_at": "late", "office": OFFICE,
    },
    "POST /api/v1/uses/{number}/end": {"why": "late"},
    "POST /api/v1/requests": {
        "use": 1, "operator": "east", "reviewer": "court", "fields": FIELDS_ASKED, "case_digest": CASE,
        "envelope": b64encode(sealed(b"late", ("police", "court", "east"))).decode(),
    },
    "POST /api/v1/requests/{number}/envelopes": {},
    "GET /api/v1/requests/own": {},
    "GET /api/v1/seat": {},
    "GET /api/v1/sites/{site}/facts": {},
    "POST /api/v1/requests/{number}/steps": {"act": "preserve"},
    "POST /api/v1/sites": {"sites": [SITE]},
    "POST /api/v1/sites/{site}/steps": {"act": "end", "on": "2006-12-01"},
}  # fmt: skip
"""What programs send that act for a seat, here a lead's: by a token of no seat the roll is asked for nothing."""
MOST = 8
"""Transactions of one request."""


class Ender:
    """Ends the right that a request acts by, from elsewhere, at the begin of its so-manieth transaction on its behalf."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.left = 0
        self.ended = False

    def begun(self, right: Right | None) -> None:
        """A transaction has begun, and has found the right still there."""
        if right is None or not self.left:
            return
        self.left -= 1
        if not self.left:
            self.ended = True
            self._end(right)

    def _end(self, right: Right) -> None:
        end = "delete from session where hash = %s"
        if not isinstance(right, SessionRight):
            end = "update token set revoked = now() where hash = %s"
        with self.house.roll.database.open_runtime("ender", role="application") as elsewhere:
            elsewhere.execute("set local lock_timeout = 5000")
            elsewhere.execute(end, (right.hash,))


@pytest.fixture
def ender(inside: House, monkeypatch: pytest.MonkeyPatch) -> Ender:
    """One for the roll of these tests."""
    ends, real = Ender(inside), Database.transaction

    @contextmanager
    def transaction(self: Database, role: str, **more: Any) -> Iterator[psycopg.Connection]:
        with real(self, role, **more) as connection:
            ends.begun(right_of_act())
            yield connection

    monkeypatch.setattr(Database, "transaction", transaction)
    return ends


def _who(line: str) -> str:
    for who in WHO:
        role = {"subscriber": "subscriber", PROGRAMS: "token"}.get(who, who.partition("/")[2])
        known = {role, role.removesuffix("-lead").replace("operator", "clerk")}
        if ROUTES[line] & known:
            return who
    raise AssertionError(f"nobody here may call {line}")


def _call(house: House, visitor: Visitor, line: str, headers: dict[str, str]) -> httpx.Response:
    method, _, template = line.partition(" ")
    path = re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], template)
    if method != "POST":
        return visitor.ask(method, path, headers=headers)
    if path == "/api/v1/files":
        return visitor.ask(method, path, headers=headers, content=rows_file(1, "late-").getvalue())
    if line in SEATED:
        return visitor.ask(method, path, headers=headers, json=SEATED[line])
    if path.startswith("/api/"):
        word = {"reference": reference_of(10**6, house.roll.keys.code_key), "word": "take"}
        body: Any = [word] if path.endswith("/unconfirmed") else FILING | {"handle": handle("late")}
        body = {"step": "agree", "reference": word["reference"]} if path.endswith("/porting") else body
        return visitor.ask(method, path, headers=headers | {"idempotency-key": "late"}, json=body)
    if "/passkey/" in path:
        return visitor.json(path, {"ceremony": "none"})
    if path.endswith("/operator/files"):
        body = _form(_part("_csrf_token", visitor.token.encode()), _part("file", rows_file(1).getvalue(), "a.csv"))
        return visitor.ask(method, path, content=body, headers=FORM)
    return visitor.post(path, FIELDS.get(line))


def _seated(house: House) -> dict[str, str]:
    """The headers of a program that acts for a lead."""
    token = issue_token(house.roll, "east", "late", seat=seated(house.roll, "east", "operator-lead").number)
    return {"authorization": f"Bearer {token}"}


def _acts(house: House) -> dict[str, int]:
    """What was done so far, but for the ends that come from here."""
    with house.roll.database.own() as connection:
        row = connection.execute("select count(*) from token").fetchone()
    return house.acts() | {"token": int(row[0]) if row else 0}


def _files_done(house: House) -> None:
    """Wait for files that were taken: they are filed behind an answer, and would count as what the next one did."""
    end = time.monotonic() + 30
    with house.roll.database.own() as connection:
        while connection.execute("select 1 from upload where state in ('waiting', 'working') limit 1").fetchone():
            assert time.monotonic() < end
            time.sleep(0.01)  # a thread is waited for


def _turned_away(answer: httpx.Response) -> bool:
    if answer.is_redirect:
        return "?next=" in answer.headers["location"]
    return answer.status_code == 401


@pytest.mark.parametrize("line", BY_RIGHT)
def test_nothing_is_done_by_a_right_that_ended_since_it_was_let_in(inside: House, ender: Ender, line: str) -> None:
    """Whichever of its transactions the end comes in: that one is undone, no other is begun, and the answer says so."""
    who = _who(line)
    for nth in range(1, MOST):
        visitor, headers, _ = _as(inside, who)
        if line in SEATED:
            headers = _seated(inside)
        visitor.get("/en/find")
        _files_done(inside)
        before = _acts(inside)
        ender.left, ender.ended = nth, False
        answer = _call(inside, visitor, line, headers)
        ender.left = 0
        if not ender.ended:
            assert nth > 1 or line in NOTHING_ASKED, f"{line} asks the roll for something by nobody's right"
            return
        assert line not in NOTHING_ASKED
        # Behind what stands nobody is asked to sign in and send it again: that it may be done is said.
        told = answer.status_code == 503 and _acts(inside) != before
        assert _turned_away(answer) or told, (line, nth, answer.status_code, answer.text[:300])
        if nth == 1:
            assert _acts(inside) == before, line
    raise AssertionError(f"{line} begins more than {MOST} transactions")


def test_a_bare_code_in_flight_gains_no_passkey(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its act is under way when the holder's passkey comes to hold the record: it is undone, and its session opens nothing."""
    holder, code = inside.filed()
    thief = inside.visitor()
    assert thief.post("/en/find", {"code": code}).status_code == 303
    mine, theirs = passkey(), passkey()
    answer, stolen = mine.made(first(holder, "hold")), theirs.made(first(thief, "hold"))
    held: list[httpx.Response] = []
    meanwhile(monkeypatch, passkeys, "registered_but_not_spent", lambda: held.append(holder.json(f"{P}/hold", answer)))
    late = thief.json(f"{P}/hold", stolen)
    assert [one.status_code for one in held] == [200]
    assert (late.status_code, late.json()["code"]) == (401, "sign-in-needed")
    assert holder.get("/en/mine").status_code == 200
    assert thief.get("/en/mine").is_redirect
    assert thief.post("/en/find", {"code": code}).status_code == 403
    someone = inside.visitor()
    assert someone.json(f"{P}/sign-in", theirs.used(first(someone, "sign-in"))).status_code == 403
    assert someone.json(f"{P}/sign-in", mine.used(first(someone, "sign-in"))).status_code == 200


def test_a_code_in_flight_begins_no_session(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page looked whether a passkey holds the record, and one came to hold it before the session began."""
    holder, code = inside.filed()
    answer = passkey().made(first(holder, "hold"))
    thief = inside.visitor()
    thief.get("/en/find")
    meanwhile(monkeypatch, filing_code, "open_by_code", lambda: holder.json(f"{P}/hold", answer))
    refused = thief.post("/en/find", {"code": code})
    assert refused.status_code == 403
    assert SESSION not in thief.jar
    assert holder.get("/en/mine").status_code == 200
