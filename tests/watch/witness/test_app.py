"""The witness's face, spoken to as a server speaks to it: what a sender could do that no client of ours does."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from openroll.watch.witness import witness as witness_module
from openroll.watch.witness.app import application
from openroll.watch.witness.settings import LogSettings, read_settings
from openroll.watch.witness.start import StartedWitness
from tests.watch.made_log import MadeLog
from tests.watch.witness.process import new_witness

LOG = MadeLog()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[StartedWitness]:
    """A witness that three requests a minute of one source may be made to, and that has asked nobody yet."""
    new_witness(tmp_path, [LogSettings(LOG.origin, tuple(LOG.keys))])
    path = tmp_path / "witness.yaml"
    path.write_text(path.read_text().replace("per_source_minute: 1200", "per_source_minute: 3"))
    started = StartedWitness(read_settings(path), tmp_path)
    yield started
    started.close()


def told(
    app: Litestar, body: bytes | None, headers: dict[str, str] | None = None, path: str = "/add-checkpoint"
) -> tuple[int, dict[str, str], str]:
    """Send a request from 192.0.2.1, one whose body never ends where it is None; status, headers and body of the answer."""
    sent: list[Any] = []
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": ("192.0.2.1", 4_000),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        if body is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type] # plain dictionaries, as a server hands them over
    answer = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answer, b"".join(one.get("body", b"") for one in sent[1:]).decode()


def test_a_request_that_does_not_end_is_given_up(started: StartedWitness) -> None:
    """A sender has a time for its request; then it is told so, and its connection is closed."""
    status, headers, _ = told(application(started, patience=0.01), None)
    assert (status, headers["connection"]) == (408, "close")


def test_a_witness_that_still_asks_says_when_to_come_again(started: StartedWitness) -> None:
    """Before others were asked for its past nothing is signed; the answer is 503 and says when to ask again."""
    app = application(started)
    status, headers, text = told(app, LOG.submission(0, 3))
    assert (status, headers["retry-after"], headers["cache-control"]) == (503, "5", "no-store")
    assert "ask again" in text
    started.ask_all()
    assert told(app, LOG.submission(0, 3))[0] == 200


def test_the_address_a_proxy_wrote_counts_only_where_there_is_one(started: StartedWitness) -> None:
    """Behind a proxy the last address it wrote is the source; without one the header is a stranger's word."""
    behind, open_ = application(started, behind_proxy=True), application(started)
    one, other = ({"x-forwarded-for": f"203.0.113.9, 198.51.100.{last}"} for last in (1, 2))
    assert [told(behind, b"", one)[0] for _ in range(4)] == [400, 400, 400, 429]
    assert told(behind, b"", other)[0] == 400
    assert [told(open_, b"", {"x-forwarded-for": f"198.51.100.{n}"})[0] for n in range(10, 14)] == [400, 400, 400, 429]
    assert int(told(open_, b"")[1]["retry-after"]) in range(1, 21)


def test_a_fault_of_our_own_signs_nothing_and_tells_no_secret(
    started: StartedWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What should not happen is logged whole and said in a sentence, without a traceback."""

    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    started.ask_all()
    monkeypatch.setattr(witness_module, "judge", broken)
    status, _, text = told(application(started), LOG.submission(0, 3))
    assert (status, text) == (500, "the witness met a fault of its own; nothing was signed\n")


def test_a_place_that_breaks_the_asking_holds_up_its_own_log_only(
    started: StartedWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong while the past is asked for, that log is asked for again and nothing is signed before."""

    def broken(*_: object) -> None:
        raise RuntimeError("unheard of")

    with monkeypatch.context() as breaking:
        breaking.setattr("openroll.watch.witness.start.recollect", broken)
        started.ask_all()
    assert started.witness.halts[LOG.origin].wait == 60
    started.ask_all()
    assert LOG.origin not in started.witness.halts
