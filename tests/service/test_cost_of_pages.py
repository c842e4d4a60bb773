"""What each page costs in journeys to the database and work handed to threads: fewer is better, more needs a reason."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from litestar.config.csrf import CSRFConfig
from litestar.middleware.csrf import CSRFMiddleware

from openroll.compose.server import application
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.submit import Taken
from openroll.service.identity import sessions
from openroll.service.identity.people import create_seat
from openroll.service.identity.sessions import begin
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.store import connect
from openroll.web import public
from openroll.web.auth import TOKEN
from openroll.web.csrf import FormTokens
from tests.service.cost import counted
from tests.service.filings import filing, submission_of
from tests.service.test_cost import EAST

COSTS = {
    "/en/rule": ("", 2, 1),
    "/en/rule/history": ("", 2, 1),
    "/en/figures": ("", 2, 1),
    "/en/figures/districts/chart": ("", 0, 0),
    "/figures/csv": ("", 0, 0),
    "/en/log": ("", 3, 1),
    "/en/sign-in": ("", 3, 1),
    "/en/mine": ("record", 3, 2),
    "/en/mine/passkey": ("record", 5, 2),
    "/en/mine/erase": ("record", 3, 2),
    "/en/mine/end": ("record", 3, 2),
    "/en/mine/receipts/1/proof": ("record", 3, 2),
    "/en/operator": ("operator", 3, 2),
    "/en/operator/letters": ("operator", 5, 2),
    "/en/people": ("operator", 4, 2),
    "/en/registrar": ("registrar", 5, 2),
    "/en/registrar/work": ("registrar", 6, 2),
}
"""Who asks for each page, the journeys to the database, and the threads that work is handed to."""


def test_pages_cost_what_they_cost(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes is asked in one journey; then each question is one, and the end one more, all in one thread."""
    monkeypatch.setattr(
        connect, "SURE", 600.0
    )  # however long a page takes here, its connection is not asked whether it lives
    monkeypatch.setattr(sessions, "_SEEN_EVERY", timedelta(hours=1))  # nor is it kept anew that its reader was seen
    assert _costs(roll, monkeypatch) == {path: (journeys, threads) for path, (_, journeys, threads) in COSTS.items()}


def _costs(roll: Roll, patch: pytest.MonkeyPatch) -> dict[str, tuple[int, float]]:
    group = GroupCommit(roll)
    filed = group.submit_and_wait(submission_of(filing(handle="first"), EAST))
    group.close()
    assert isinstance(filed, Taken)
    Sequencer(roll).run_until_empty()
    cookies = {"": "", "record": begin(roll, record=filed.number)}
    for organisation, who in (("east", "operator"), ("registrar", "registrar")):
        seat = create_seat(roll, organisation, f"{who}-lead", "test")
        assert isinstance(seat, int)
        cookies[who] = begin(roll, person=seat)

    async def each() -> dict[str, tuple[int, float]]:
        app = application(roll)
        found = {}
        async with app.lifespan():
            for path, (who, *_) in COSTS.items():
                for _ in range(2):  # what is made once is made then
                    assert await _got(app, path, cookies[who]) == 200, path
                with counted(patch) as cost:
                    await _got(app, path, cookies[who])
                spent = [cost.of(name) for name in cost.threads if name.startswith("pages") or name == "MainThread"]
                # Each is handed over and back; who finds it done already hands it back to itself.
                handed = sum(one.get("hand-overs", 0) for one in spent) / 2
                found[path] = (sum(one.get("journeys", 0) for one in spent), handed)
        return found

    return asyncio.run(each())


def test_figures_are_put_into_words_and_files_once(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many look at a table, its chart and its files, until the figures are counted anew."""
    made: list[object] = []
    for name in ("_lines_of", "written"):
        real = getattr(public, name)

        def making(*given: Any, _real: Any = real, **named: Any) -> Any:
            made.append((given[1:-1], named))
            return _real(*given, **named)

        monkeypatch.setattr(public, name, making)

    async def each() -> None:
        app = application(roll)
        async with app.lifespan():
            for _ in range(3):
                for path in ("/en/figures/districts/chart", "/figures/csv", "/figures/json"):
                    assert await _got(app, path, "") == 200, path

    asyncio.run(each())
    assert len(made) == 3


def test_no_request_has_its_handler_copied(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Litestar copies a handler for each guard that looks at it; ours are handed the one that there is."""
    monkeypatch.setattr("litestar.handlers.base.copy", lambda _: pytest.fail("a handler was copied"))

    async def each() -> None:
        app = application(roll)
        async with app.lifespan():
            assert await _got(app, "/en/help", "") == 200

    asyncio.run(each())


def test_the_cookie_of_a_form_is_what_litestar_would_set() -> None:
    """With a token of its own in it each time."""
    config = CSRFConfig(secret="s", cookie_name=TOKEN, cookie_secure=True, cookie_httponly=True, cookie_samesite="lax")
    set_by: list[list[Any]] = []
    for middleware in (FormTokens, CSRFMiddleware):
        for token in ("0" * 128, "f" * 128):
            message: Any = {"type": "http.response.start", "status": 200, "headers": []}
            middleware(_nobody, config)._set_cookie_if_needed(message, token)
            set_by.append(message["headers"])
    assert set_by[:2] == set_by[2:]


async def _nobody(*_: Any) -> None:
    """Nothing that answers."""


async def _got(app: Any, path: str, cookie: str) -> int:
    """The status of a page."""
    headers = [(b"host", b"localhost:8000"), (b"cookie", f"__Host-session={cookie}".encode())]
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": "GET",
    }
    scope |= {"path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"", "headers": headers}
    scope |= {"client": ("192.0.2.1", "1"), "server": ("localhost", "8000"), "state": {}}
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    status: int = sent[0]["status"]
    return status
