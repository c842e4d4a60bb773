"""Whatever a program of an operator asks, and whatever it is answered, shows that the operator is there."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from tests.api.test_api import row
from tests.handles import handle
from tests.service.test_porting import code, filed
from tests.service.test_unasked import announced
from tests.service.test_unconfirmed import on

from openroll.compose.server import application
from openroll.service.access import ROUTES
from openroll.service.application import Application
from openroll.service.filing import submit
from openroll.service.governance.lives import offer_succession, succeed, withdraw_succession
from openroll.service.identity import people, sessions
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens
from openroll.service.log.signing_hold import SigningHold, hold
from openroll.service.roll import Roll

API = sorted(line for line in ROUTES if " /api/v1/" in line)
"""Every route of the API, those that need a token and those that do not."""
FILLED = {"handle": handle("a-1"), "version": "1", "digest": "0" * 64}
"""What stands in addresses; any other part is `1`."""
BODIES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "broken": {"content": b"{", "headers": {"content-type": "application/json"}},
    "of another shape": {"json": {"colour": "red"}},
    "of another kind": {"content": b"\x00", "headers": {"content-type": "image/png"}},
}
"""What any route that takes a body may be sent."""

CHANGE: dict[str, Any] = {"act": "change", "on": "2006-12-21", "access": "cable"} | {
    "kind": "",
    "district": "",
    "connected": "",
    "digests": [],
}


class Silent:
    """A succession of east is announced; its program asks, and nothing else is heard of it."""

    def __init__(self, roll: Roll, client: TestClient[Litestar]) -> None:
        self.roll, self.client = roll, client
        self.token = str(issue_token(roll, "east", "test"))
        filed(roll, "a-1")
        on(roll, 1)
        self.first, self.second, _ = announced(roll)

    def ask(self, method: str, path: str, **given: Any) -> Response:
        """Ask under the token."""
        headers = {"authorization": f"Bearer {self.token}"} | given.pop("headers", {})
        return self.client.request(method, path, headers=headers, **given)

    def file(self, account: str, key: str = "", **given: Any) -> Response:
        """File one."""
        return self.ask(
            "POST", "/api/v1/filings", json=row(account, **given), headers={"idempotency-key": key or account}
        )

    def heard(self) -> bool:
        """Whether a sign was kept since this was last asked; it is forgotten then."""
        with self.roll.database.open() as connection:
            row = connection.execute(
                "with kept as (delete from sign_of_life where organisation = 'east' returning 1)"
                " select exists (select from kept)"
            ).fetchone()
        return bool(row and row[0])


@pytest.fixture
def silent(roll: Roll) -> Iterator[Silent]:
    """One over a fresh roll."""
    with TestClient(application(roll)) as client:
        yield Silent(roll, client)


def test_every_route_hears_its_operator_whatever_it_answers(silent: Silent) -> None:
    """By the table of access: a route that is new is asked here by itself, well and badly."""
    assert not silent.heard()
    for line in API:
        method, template = line.split()
        path = re.sub(r"{(\w+)}", lambda part: FILLED.get(part[1], "1"), template)
        for sent in BODIES if method == "POST" else ("nothing",):
            for query in ("", "?dry_run=perhaps&after=%00&encoding=none"):
                answer = silent.ask(method, path + query, **BODIES[sent])
                assert silent.heard(), (line, sent, query, answer.status_code)


def test_what_is_stopped_before_any_route_sees_it_is_a_sign_too(silent: Silent) -> None:
    """No such route or method, an address or cookies too long, what the API says of itself: whatever bears the token."""
    asked: list[tuple[int, str, str, dict[str, Any]]] = [
        (404, "GET", "/api/v1/nothing", {}),
        (404, "POST", "/api/v2/filings", {"json": {}}),
        (405, "PUT", "/api/v1/filings", {}),
        (405, "DELETE", "/api/v1/porting", {}),
        (414, "GET", "/api/v1/porting?" + "a" * 9000, {}),
        (414, "POST", "/api/v1/filings?" + "a" * 9000, {"json": {}}),
        (431, "GET", "/api/v1/porting", {"headers": {"cookie": "a=" + "b" * 9000}}),
        (200, "GET", "/api/openapi.json", {}),
        (200, "HEAD", "/api/v1/porting", {}),
    ]
    assert not silent.heard()
    for status, method, path, given in asked:
        assert silent.ask(method, path, **given).status_code == status, (method, path[:40])
        assert silent.heard(), (method, path[:40])
    assert silent.client.get("/api/v1/nothing", headers={"authorization": "Basic x"}).status_code == 404
    assert not silent.heard()


def test_a_request_that_came_to_the_guard_is_looked_up_once(silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept for requests that are stopped before costs the others nothing."""
    looked_up: list[bytes] = []

    async def noted(_: Application, hashed: bytes, __: object) -> None:
        looked_up.append(hashed)

    monkeypatch.setattr(Application, "hear", noted)
    assert silent.ask("GET", "/api/v1/porting").status_code == 200
    assert silent.file("b-1").status_code == 201
    assert looked_up == []
    assert silent.ask("GET", "/api/v1/rule").status_code == 200
    assert len(looked_up) == 1


def test_a_filing_shows_that_its_operator_is_there_whatever_becomes_of_it(
    silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken in either way, repeated, refused for whatever reason, or broken off: each time the sign is kept."""

    def broken(*_: object) -> None:
        raise psycopg.errors.InternalError_

    outcomes: list[tuple[str, int, Callable[[], Response]]] = [
        ("new", 201, lambda: silent.file("b-1")),
        ("new, when its token is known", 201, lambda: silent.file("b-2")),
        ("repeated", 200, lambda: silent.file("b-1")),
        ("another under its key", 409, lambda: silent.file("b-3", key="b-1")),
        ("a handle that is taken", 409, lambda: silent.file("a-1")),
        ("faulty", 422, lambda: silent.file("b-4", kind="king")),
        ("without a key", 400, lambda: silent.file("b-4", key=" ")),
        ("a change of nothing", 404, lambda: silent.file("none", **CHANGE)),
    ]
    for sentence, status, ask in outcomes:
        assert ask().status_code == status, sentence
        assert silent.heard(), sentence
    with monkeypatch.context() as patch:
        patch.setattr(submit, "append", broken)
        assert silent.file("b-5").status_code == 503
    assert silent.heard()
    hold(silent.roll.home, SigningHold(silent.roll.clock(), "keeper", why="a look at the disk"))
    assert silent.file("b-6").status_code == 503
    assert silent.heard()


def test_its_program_is_answered_no_each_day_and_nothing_is_carried_out(silent: Silent) -> None:
    """What a program sends again and again is refused each time, and the operator lives."""
    on(silent.roll, 40)
    assert silent.file("a-1").status_code == 409
    assert code(succeed(silent.roll, "east", by=silent.second)) == "operator-lives"


def test_ending_its_tokens_while_the_notice_runs_does_not_silence_it(silent: Silent) -> None:
    """A token that let in when it was announced is heard when it lets in no more; one that ended before, or never was, is not."""
    (live,) = live_tokens(silent.roll, "east")
    assert end_token(silent.roll, "east", live.number, silent.first, "by mistake") is None
    assert silent.file("b-1").status_code == 401
    assert silent.heard()
    assert silent.ask("GET", "/api/v1/porting").status_code == 401
    assert silent.heard()
    assert silent.ask("GET", "/api/v1/nothing").status_code == 404
    assert silent.heard()
    assert code(withdraw_succession(silent.roll, "east", by=silent.first)) == ""
    assert code(offer_succession(silent.roll, "east", "west", silent.first)) == ""
    for token in (silent.token, "never-was"):
        silent.token = token
        assert silent.file("b-1").status_code == 401
        assert silent.ask("GET", "/api/v1/porting").status_code == 401
        assert not silent.heard()


def test_a_page_is_a_sign_however_soon_after_the_one_before(silent: Silent) -> None:
    """Somebody looked at a page a moment before the announcement, and looks at one a moment after it."""
    person = people.create_seat(silent.roll, "east", "clerk", "somebody")
    assert isinstance(person, int)
    cookie = sessions.begin(silent.roll, person=person)
    assert silent.heard()
    assert sessions.someone(silent.roll, cookie).person == person
    assert silent.heard()
