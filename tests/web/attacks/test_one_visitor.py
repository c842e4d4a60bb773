"""One visitor alone: what they hold or waste is theirs, and nobody else waits for it."""

import asyncio
import multiprocessing
import os
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from openroll.compose import admission, rolls, server
from openroll.compose.admission import Admission
from openroll.compose.settings import Settings, WebSettings
from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.organisation.roles import Seat
from openroll.register.subscription.filing_code import code_of, reference_of
from openroll.service.access import ROUTES
from openroll.service.application import Application
from openroll.service.executors import Executor
from openroll.service.filing import group_commit, one_journey, unconfirmed
from openroll.service.filing.submit import Taken
from openroll.service.identity import puzzle, throttle
from openroll.service.identity.wrong_tokens import EACH
from openroll.service.roll import Roll
from openroll.traffic import Proxies
from tests.conftest import Ticking
from tests.handles import handle
from tests.service.filings import filing, submission_of
from tests.service.test_unconfirmed import file_alone
from tests.web.house import ADDRESS, House, house, name_of
from tests.web.test_access import FILLED

PUBLIC = sorted(
    line.partition(" ")[2]
    for line, roles in ROUTES.items()
    if line.startswith("GET ") and roles == frozenset({"anyone"})
)


def test_the_watch_on_the_loop_sees_what_it_should(roll: Roll, on_the_loop: list[str]) -> None:
    """That every route of everyone asks beside the loop can fail (test_access): a question that is asked on one is seen."""

    async def asks() -> None:
        with roll.database.own() as connection:
            connection.execute("select 1")

    asyncio.run(asks())
    assert on_the_loop


# Wrong tokens.


def test_wrong_tokens_from_one_source_wait(database_url: str, tmp_path: Path) -> None:
    """After thirty wrong tokens a source is told to wait, in seconds; the filing route counts with the others."""
    with house(database_url, tmp_path, name_of("v")) as own:
        visitor, wrong = own.visitor(), {"authorization": "Bearer wrong"}
        answers = [visitor.ask("GET", "/api/v1/filings/x", headers=wrong) for _ in range(EACH[0].holds)]
        assert {one.status_code for one in answers} == {401}
        late = visitor.ask("GET", "/api/v1/filings/x", headers=wrong)
        assert (late.status_code, late.json()["code"]) == (429, "too-many-at-once")
        assert 1 <= int(late.headers["retry-after"]) <= 2
        row: dict[str, Any] = {
            "handle": handle("a"),
            "kind": "household",
            "access": "adsl",
            "district": "500103",
            "connected": "2006-11-01",
        }
        row |= {"digests": [f"{n}" * 42 + "A" for n in "abcd"]}
        filed = visitor.ask("POST", "/api/v1/filings", json=row, headers=wrong | {"idempotency-key": "k"})
        assert filed.status_code == 429


def test_a_good_token_never_waits_for_wrong_ones(database_url: str, tmp_path: Path) -> None:
    """While a neighbour sends wrong tokens an operator's program goes on, reading and filing."""
    with house(database_url, tmp_path, name_of("g")) as own:
        visitor, wrong = own.visitor(), {"authorization": "Bearer wrong"}
        good = {"authorization": f"Bearer {own.token()}"}
        tried = [visitor.ask("GET", "/api/v1/unconfirmed", headers=wrong).status_code for _ in range(2 * EACH[0].holds)]
        assert 429 in tried
        for _ in range(3):
            assert visitor.ask("GET", "/api/v1/unconfirmed", headers=good).status_code == 200
        row: dict[str, Any] = {"handle": handle("g"), "kind": "household", "access": "adsl", "district": "500103"}
        row |= {"connected": "2006-11-01", "digests": [f"{n}" * 42 + "A" for n in "abcd"]}
        filed = visitor.ask("POST", "/api/v1/filings", json=row, headers=good | {"idempotency-key": "k"})
        assert filed.status_code == 201, filed.text
        assert visitor.ask("GET", "/api/v1/unconfirmed", headers=wrong).status_code == 429


def test_references_are_not_guessed_at(database_url: str, tmp_path: Path) -> None:
    """By program and page together an operator guesses so many references that are none of its own, and then it waits with good
    ones too; good ones never count, however many, and another operator goes on."""
    most = throttle.REFERRING.free.target
    assert most is not None
    with house(database_url, tmp_path, name_of("r")) as own:
        assert isinstance(own.roll.clock, Ticking)
        own.roll.clock.step *= 0
        good = [reference_of(file_alone(own.roll), own.roll.keys.code_key) for _ in range(most.holds + 3)]
        theirs = reference_of(file_alone(own.roll, "west"), own.roll.keys.code_key)
        visitor, headers = own.visitor(), {"authorization": f"Bearer {own.token()}"}

        def say(*references: str) -> httpx.Response:
            words = [{"reference": one, "word": "take"} for one in references]
            return visitor.ask("POST", "/api/v1/unconfirmed", json=words, headers=headers)

        assert [one["done"] for one in say(*good[:-2]).json()] == [True] * (most.holds + 1)
        answers = say(*[theirs, f"{7:014d}"] * (most.holds // 2), good[-2]).json()
        assert [one["code"] for one in answers] == ["subscription-unknown"] * most.holds + ["too-many-references"]
        refused = say(good[-2])
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many-references")
        assert int(refused.headers["retry-after"]) <= most.drains_after
        clerk = own.sitting("east/clerk")
        page = clerk.post("/en/operator/unconfirmed", {"reference": good[-2], "word": "take"})
        assert (page.status_code, "retry-after" in page.headers) == (429, True)
        assert "Too many references of late" in page.text
        west = own.sitting("west/clerk").post("/en/operator/unconfirmed", {"reference": theirs, "word": "take"})
        assert west.status_code == 303
        own.pass_time(timedelta(seconds=most.drains_after))
        assert [one["done"] for one in say(good[-2]).json()] == [True]
        guess = {"reference": f"{8:014d}", "word": "take"}
        assert [clerk.post("/en/operator/unconfirmed", guess).status_code for _ in range(2)] == [404, 429]


# Threads.


def test_work_of_one_owner_holds_no_more_than_its_places() -> None:
    """Two files of an operator are taken at once; a third is refused with the seconds to wait, another operator's is taken."""
    go = threading.Event()

    async def tried() -> list[Any]:
        files = Executor("test", threads=4, each=2, in_all=3, retry_after=10)
        first = [asyncio.create_task(files.run("east", go.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        refused = await files.run("east", go.wait)
        other = asyncio.create_task(files.run("west", go.wait))
        await asyncio.sleep(0)
        crowded = await files.run("third", go.wait)
        go.set()
        await asyncio.gather(*first, other)
        await asyncio.sleep(0)
        again = await files.run("east", lambda: 1)
        files.close()
        return [refused, crowded, again]

    refused, crowded, again = asyncio.run(tried())
    assert isinstance(refused, Refused)
    assert (refused.refusal.code, refused.refusal.retry_after) == ("too-many-at-once", 10)
    assert isinstance(crowded, Refused)
    assert crowded.refusal.code == "too-busy"
    assert again == 1


def test_dry_runs_on_one_token_hold_up_no_page(inside: House) -> None:
    """While files hold all their threads pages are answered, and an operator's second file at once is told to wait."""
    application: Application = inside.client.app.state.application
    go, at_work = threading.Event(), threading.Semaphore(0)

    def held() -> bool:
        at_work.release()
        return go.wait(60)

    async def hold() -> None:
        for operator in ("east", "west"):
            asyncio.ensure_future(application.executors.files.run(operator, held))  # noqa: RUF006 - kept by its thread

    inside.client.blocking_portal.call(hold)
    try:
        assert at_work.acquire(timeout=10)
        assert at_work.acquire(timeout=10)
        visitor = inside.visitor()
        assert visitor.get("/en/log").status_code == 200
        answer = visitor.ask(
            "POST",
            "/api/v1/files?dry_run=true",
            content=b"handle,kind,access,district,connected,digests\n",
            headers={"authorization": f"Bearer {inside.token()}"},
        )
        assert (answer.status_code, answer.json()["code"]) == (429, "files-in-hand")
        assert answer.headers["retry-after"] == "10"
    finally:
        go.set()


def test_a_rule_that_is_weighed_holds_up_no_page(inside: House) -> None:
    """While the rule of one seat is read its second waits for none, another's stands in line, and every page is answered."""
    application: Application = inside.client.app.state.application
    go, at_work = threading.Event(), threading.Semaphore(0)

    def held(_: Roll) -> bool:
        at_work.release()
        return go.wait(60)

    portal = inside.client.blocking_portal
    weighed = [portal.start_task_soon(application.weigh, Seat("registrar", seat), held) for seat in (1, 1, 2)]
    try:
        assert at_work.acquire(timeout=10)
        assert inside.visitor().get("/en/rule").status_code == 200
        assert inside.visitor().get("/en/log").status_code == 200
        assert not at_work.acquire(blocking=False)
    finally:
        go.set()
    first, second, other = (one.result() for one in weighed)
    assert (first, other) == (True, True)
    assert isinstance(second, Refused)
    assert second.refusal.code == "too-many-at-once"


# Bodies.


class Sender:
    """A request whose body comes when a test says so."""

    def __init__(
        self, path: str = "/en/find", source: str = "203.0.113.1", kind: str = "", method: str = "POST"
    ) -> None:
        headers = [(b"content-type", kind.encode())] if kind else []
        self.scope: Any = {
            "type": "http", "method": method, "path": path, "headers": headers, "client": (source, 1)
        }  # fmt: skip
        self.parts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def receive(self) -> Any:
        """The next part."""
        return await self.parts.get()


async def reads(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads the whole body."""
    while (await receive()).get("more_body"):
        continue


async def nothing(_: Any) -> None:
    """Where answers go."""


def outcome(task: "asyncio.Task[None]") -> str:
    """How a request ended."""
    if not task.done():
        return "open"
    return "read" if task.exception() is None else str(getattr(task.exception(), "status_code", task.exception()))


def run_slow(senders: list[Sender], after: Callable[[], None] = lambda: None, deadline: float = 5.0) -> list[str]:
    """Send bodies that stop in the middle; how each stands once all have been found slow."""

    async def sent() -> list[str]:
        layer = Admission(reads, Proxies(), moment=0.01, deadline=deadline)
        tasks = []
        for one in senders:
            await one.parts.put({"type": "http.request", "body": b"a", "more_body": True})
            tasks.append(asyncio.create_task(layer(one.scope, one.receive, nothing)))
        await asyncio.sleep(0.15)
        after()
        await asyncio.sleep(0.05)
        stand = [outcome(task) for task in tasks]
        for task in tasks:
            task.cancel()
        return stand

    return asyncio.run(sent())


def test_half_sent_forms_of_one_source_hold_few_places() -> None:
    """Of fifty from one address eight are waited for; of a network sixteen; another network's are waited for as well."""
    stand = run_slow([Sender() for _ in range(50)])
    assert (stand.count("open"), stand.count("429")) == (8, 42)
    stand = run_slow([Sender(source=f"203.0.113.{n % 9}") for n in range(50)] + [Sender(source="198.51.100.1")])
    assert (stand[:50].count("open"), stand[-1]) == (16, "open")
    stand = run_slow([Sender(source=f"2001:db8:0:{n:x}00::1") for n in range(50)])
    assert stand.count("open") == 24


def test_half_sent_forms_of_everyone_are_bounded_and_files_have_places_of_their_own() -> None:
    """In all 64 are waited for, whoever sends them, then 503; an operator's file still comes in."""
    senders = [Sender(source=f"2001:db8:{n:x}::1") for n in range(80)]
    stand = run_slow([*senders, Sender("/api/v1/files", "192.0.2.1")])
    assert (stand[:80].count("open"), stand[:80].count("503"), stand[-1]) == (64, 16, "open")


def test_a_body_that_waits_for_us_is_not_slow() -> None:
    """Where the server itself is late, a body that has come meanwhile is read, also when every place of the slow is taken."""

    async def receive() -> Any:
        time.sleep(0.1)
        for _ in range(3):
            await asyncio.sleep(0)  # the body is there, and its turn is yet to come
        return {"type": "http.request", "body": b"a", "more_body": False}

    async def sent() -> str:
        layer = Admission(reads, Proxies(), moment=0.02)
        layer.forms.take(("everyone",), 8)
        layer.forms.in_all = 8
        task = asyncio.create_task(layer(Sender().scope, receive, nothing))
        await asyncio.wait([task])
        return outcome(task)

    assert asyncio.run(sent()) == "read"


def test_forms_that_drip_hold_few_places() -> None:
    """Of sixty forms from one address whose parts come faster than a moment eight are waited for, like those that stop."""

    async def sent() -> list[str]:
        layer = Admission(reads, Proxies(), moment=0.1)
        senders = [Sender() for _ in range(60)]
        tasks = [asyncio.create_task(layer(one.scope, one.receive, nothing)) for one in senders]
        for _ in range(15):
            for one in senders:
                one.parts.put_nowait({"type": "http.request", "body": b"a", "more_body": True})
            await asyncio.sleep(0.02)
        stand = [outcome(task) for task in tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return stand

    stand = asyncio.run(sent())
    assert (stand.count("open"), stand.count("429")) == (8, 52)


def test_half_sent_forms_hold_few_bytes() -> None:
    """Within their first moment forms of one address hold eight megabytes and no more; what is whole, or gone, holds none."""

    async def sent() -> tuple[list[str], str]:
        layer = Admission(reads, Proxies(), moment=60)
        senders = [Sender() for _ in range(20)]
        tasks = [asyncio.create_task(layer(one.scope, one.receive, nothing)) for one in senders]
        for one in senders:
            one.parts.put_nowait({"type": "http.request", "body": b"a" * 900_000, "more_body": True})
        await asyncio.sleep(0.05)
        stand = [outcome(task) for task in tasks]
        for task in tasks[:4]:
            task.cancel()
        for one in senders[4:]:
            one.parts.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        await asyncio.gather(*tasks, return_exceptions=True)
        again = Sender()
        again.parts.put_nowait({"type": "http.request", "body": b"a" * 8_000_000, "more_body": True})
        again.parts.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        task = asyncio.create_task(layer(again.scope, again.receive, nothing))
        await asyncio.gather(task, return_exceptions=True)
        return stand, outcome(task)

    stand, after = asyncio.run(sent())
    assert (stand.count("open"), stand.count("429"), after) == (8, 12, "read")


def test_a_body_that_does_not_come_is_given_up() -> None:
    """A form that is not whole by its deadline is answered with 408; one that comes in time, however it was cut, is read."""
    assert run_slow([Sender()], deadline=0.05) == ["408"]
    late = Sender()

    def rest() -> None:
        late.parts.put_nowait({"type": "http.request", "body": b"b", "more_body": False})

    assert run_slow([late], rest) == ["read"]


def test_a_body_that_is_there_holds_no_place() -> None:
    """A thousand whole requests of one source at once are all read: only slowness is bounded."""

    async def sent() -> int:
        layer = Admission(reads, Proxies(), moment=0.01)
        senders = [Sender("/api/v1/filings") for _ in range(1_000)]
        for one in senders:
            await one.parts.put({"type": "http.request", "body": b"{}", "more_body": False})
        await asyncio.gather(*(layer(one.scope, one.receive, nothing) for one in senders))
        return len(senders)

    assert asyncio.run(sent()) == 1_000


def test_half_sent_forms_do_not_stop_a_real_server(served: tuple[str, Roll]) -> None:
    """Of thirty half-sent forms most are refused within a moment, with a page in words, and other pages are answered."""
    address = urlsplit(served[0])
    half = b"POST /en/find HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    half += b"Cookie: __Host-csrf=a\r\nContent-Length: 90000\r\n\r\na="
    streams = [socket.create_connection((address.hostname, address.port), timeout=20) for _ in range(30)]
    try:
        for one in streams:
            one.sendall(half)
        first = select.select(streams, [], [], 5)[0][0]
        refused = first.recv(65_536)
        assert refused.startswith(b"HTTP/1.1 429")
        assert b"retry-after: 10" in refused.lower()
        assert b"Too much at once" in refused or b"Too much at once" in first.recv(65_536)
        page = socket.create_connection((address.hostname, address.port), timeout=20)
        page.sendall(b"GET /en/sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert page.recv(65_536).startswith(b"HTTP/1.1 200")
        page.close()
    finally:
        for one in streams:
            one.close()


FILE_FORM = "multipart/form-data; boundary=x"


def test_a_file_may_take_long_and_not_pause_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's parts have their time each: one that goes on is read, one that stops is given up."""
    monkeypatch.setattr(admission, "FILE_IDLE", 0.3)
    monkeypatch.setattr(admission, "FILE_RATE", 1)

    async def sent(pause: float) -> str:
        layer = Admission(reads, Proxies(), moment=0.01)
        one = Sender("/en/operator/files", kind=FILE_FORM)
        task = asyncio.create_task(layer(one.scope, one.receive, nothing))
        for part in range(5):
            await one.parts.put({"type": "http.request", "body": b"a", "more_body": part < 4})
            await asyncio.sleep(pause)
        return outcome(task)

    assert asyncio.run(sent(0.1)) == "read"
    assert asyncio.run(sent(0.6)) == "408"


@pytest.mark.parametrize("path", ["/api/v1/files", "/en/operator/files", "/zh/operator/files"])
def test_a_file_comes_at_a_least_rate_and_ends_at_last(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever drips is given up although no pause is long, so is whoever takes the longest time; a file that flows is read."""

    async def sent(size: int, parts: int, longest: float = 60.0) -> tuple[str, float]:
        monkeypatch.setattr(admission, "FILE_IDLE", 0.2)
        monkeypatch.setattr(admission, "FILE_RATE", 1_000)
        monkeypatch.setattr(admission, "FILE_LONGEST", longest)
        layer = Admission(reads, Proxies(), moment=0.01)
        one = Sender(path, kind=FILE_FORM)
        task = asyncio.create_task(layer(one.scope, one.receive, nothing))
        begun = asyncio.get_running_loop().time()
        for part in range(parts):
            await one.parts.put({"type": "http.request", "body": b"a" * size, "more_body": part < parts - 1})
            await asyncio.sleep(0.02)
            if task.done():
                break
        await asyncio.wait([task], timeout=1)
        return outcome(task), asyncio.get_running_loop().time() - begun

    stand, seconds = asyncio.run(sent(1, 100))
    assert (stand, seconds < 1.0) == ("408", True)
    assert asyncio.run(sent(1_000, 30))[0] == "read"
    assert asyncio.run(sent(1_000, 100, longest=0.3))[0] == "408"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "", "multipart/form-datax"])
def test_what_is_no_file_has_a_form_s_time_where_files_are_sent(kind: str) -> None:
    """Nobody drips a form into the places and the time of files: what kind of body it is decides, not the address alone."""

    async def sent() -> str:
        layer = Admission(reads, Proxies(), moment=0.01, deadline=0.05)
        one = Sender("/en/operator/files", kind=kind)
        await one.parts.put({"type": "http.request", "body": b"a", "more_body": True})
        task = asyncio.create_task(layer(one.scope, one.receive, nothing))
        await asyncio.sleep(0.3)
        return outcome(task)

    assert asyncio.run(sent()) == "408"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "PUT", "PATCH", "TRACE", "PURGE"])
def test_only_a_post_has_a_body(method: str) -> None:
    """Whatever is sent behind another method is never read: the application finds an empty body, at once."""
    taken = [0]

    async def sent() -> tuple[str, bytes]:
        found: list[Any] = []

        async def application(_: Any, receive: Any, __: Any) -> None:
            found.append(await receive())

        layer = Admission(application, Proxies(), moment=0.01)
        one = Sender(method=method, kind="application/x-www-form-urlencoded")

        async def receive() -> Any:
            taken[0] += 1
            await asyncio.sleep(10)

        task = asyncio.create_task(layer(one.scope, receive, nothing))
        await asyncio.sleep(0.05)
        return ("read" if task.done() else "open"), found[0]["body"]

    assert asyncio.run(sent()) == ("read", b"")
    assert taken == [0]


def test_a_get_with_a_slow_body_is_answered_at_once(inside: House) -> None:
    """Also where the check of forms would read it: a GET of a page with a form behind it is that page."""
    data = {"a": "x" * 900_000}
    for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
        answer = inside.visitor().ask(method, "/en/find", data=data)
        assert answer.status_code in (200, 204, 405), method


def test_a_form_that_is_too_large_is_refused_in_words(inside: House) -> None:
    """More than a form of ours holds is 413 and a page, more than a megabyte of a filing 413 and a problem."""
    visitor = inside.visitor()
    page = visitor.post("/zh/find", {"code": "1" * 100_001})
    assert (page.status_code, "这份表格超过" in page.text) == (413, True)
    problem = visitor.ask(
        "POST", "/api/v1/record", content=b"x" * 1_000_001, headers={"content-type": "application/json"}
    )
    assert (problem.status_code, problem.headers["content-type"]) == (413, "application/problem+json")


def test_the_server_is_told_how_long_a_head_may_take(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Half a head is closed by the server itself after the seconds of the table."""
    given: dict[str, Any] = {}

    class Recorded:
        def __init__(self, *_: Any, **settings: Any) -> None:
            given.update(settings)

        def serve(self, **_: Any) -> None:
            """Nothing is served."""

    monkeypatch.setattr(server, "Granian", Recorded)
    monkeypatch.setattr(rolls, "roll", lambda _: None)
    monkeypatch.setattr(server, "check_durability", lambda *_: None)
    monkeypatch.setattr(server, "join_port", lambda *_: None)
    monkeypatch.setattr(server, "database_url", lambda _: "")
    monkeypatch.setattr(multiprocessing, "set_start_method", lambda *_, **__: None)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    server.serve(Settings(home=tmp_path, roll="x"), "127.0.0.1", 8459)
    assert given["http1_settings"].header_read_timeout == server.HEADERS_WITHIN == 10_000


def test_printing_of_one_record_holds_up_no_page(inside: House) -> None:
    """While a record's receipts are typeset twice over, a third is refused with a page; other pages are answered."""
    application: Application = inside.client.app.state.application
    visitor, _ = inside.filed()
    with inside.roll.database.own() as connection:
        row = connection.execute("select max(number) from subscription").fetchone()
    assert row
    owner, go = f"record {row[0]}", threading.Event()

    async def hold() -> None:
        for _ in range(2):
            asyncio.ensure_future(application.executors.paper.run(owner, lambda: go.wait(60)))  # noqa: RUF006 - kept by its thread

    inside.client.blocking_portal.call(hold)
    try:
        for _ in range(100):
            answer = visitor.get("/en/mine/receipts/1/pdf")
            if answer.status_code != 303:
                break
            time.sleep(0.1)  # waits for the sequencer's thread
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
        assert "hold all places" in answer.text
        assert visitor.get("/en/log").status_code == 200
    finally:
        go.set()


def test_more_filings_than_can_wait_are_refused_with_the_time_to_wait(
    roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the queue is full a filing is refused at once and says when to try again; nothing of it was taken."""
    go = threading.Event()
    monkeypatch.setattr(group_commit, "MOST_WAITING", 1)
    monkeypatch.setattr(one_journey, "take", lambda _, group, *__: go.wait(60) and [Taken(1, 1)] * len(group))
    answers: list[Any] = []
    queue = group_commit.GroupCommit(roll)
    submission = submission_of(filing(), Actor("operator", "east"))
    for _ in range(6):
        queue.submit(submission, answers.append)
    go.set()
    queue.close()
    refused = [one for one in answers if isinstance(one, Refused)]
    assert len(refused) >= 3
    assert {(one.refusal.code, one.refusal.retry_after) for one in refused} == {("too-busy", 30)}


# HEAD.


@pytest.mark.parametrize("template", PUBLIC)
def test_head_is_answered_as_get_without_the_body(inside: House, template: str) -> None:
    """Every public page, file and picture answers HEAD with the status, type and length of its GET (RFC 9110 section 9.3.2)."""
    path = re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], template)
    visitor = inside.visitor()
    get, head = visitor.get(path), visitor.ask("HEAD", path)
    assert head.content == b""
    assert head.status_code == get.status_code
    assert head.headers.get("content-type") == get.headers.get("content-type")
    if "content-encoding" not in get.headers and "{lang}" not in template:
        assert head.headers.get("content-length") == get.headers.get("content-length")


# Filing alone.


@pytest.fixture(scope="module")
def narrow(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house where one network may send two filings at once."""
    given = WebSettings(address=ADDRESS, null_sign_in=True, what_if_city="village", filings_alone=2)
    with house(database_url, tmp_path_factory.mktemp("narrow"), name_of("n"), given) as own:
        yield own


def test_a_flood_of_filings_ends_and_a_puzzle_lets_the_next_one_in(
    narrow: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two the third gets 429, the minutes to wait, and its own answers back with a puzzle; solved, it is filed."""
    monkeypatch.setattr(puzzle, "EASIEST", 4)
    monkeypatch.setattr(puzzle, "HARDEST", 8)
    visitor = narrow.visitor()
    for _ in range(2):
        visitor.file_alone()
    fields = {
        "key": "k",
        "step": "check",
        "operator": "east",
        "kind": "household",
        "access": "adsl",
        "district": "500103",
    }
    fields |= {"connected-year": "2006", "connected-month": "11", "connected-day": "27"}
    refused = visitor.post("/en/file", fields)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 60
    assert "Too many filings" in refused.text
    challenge = re.search(r'data-puzzle="([^"]+)"', refused.text)
    assert challenge
    filed = visitor.post("/en/file", fields | {"proof": puzzle.solve(challenge[1])})
    assert filed.status_code == 200
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", filed.text)
    assert visitor.post("/en/file", fields | {"key": "l", "proof": puzzle.solve(challenge[1])}).status_code == 429


def test_an_operator_takes_and_disowns_on_its_page_and_by_program(inside: House) -> None:
    """Both see what waits; the page takes one under a handle, the program disowns another; the person's page says so."""
    clerk = inside.sitting("east/clerk")
    program = {"authorization": f"Bearer {inside.token()}"}
    before = {one["reference"] for one in clerk.ask("GET", "/api/v1/unconfirmed", headers=program).json()}
    mine, other = inside.filed()[0], inside.filed()[0]
    assert "has not confirmed it yet" in mine.get("/en/mine").text
    listed = clerk.ask("GET", "/api/v1/unconfirmed", headers=program).json()
    one, two = [row["reference"] for row in listed if row["reference"] not in before]
    assert one in clerk.get("/en/operator/unconfirmed").text
    assert one not in inside.sitting("registrar/registrar").get("/en/operator/unconfirmed").text
    done = clerk.post("/en/operator/unconfirmed", {"reference": one, "word": "take", "handle": handle("taken-1")})
    assert done.status_code == 303
    assert "has not confirmed it yet" not in mine.get("/en/mine").text
    assert "Confirmed by the operator" in mine.get("/en/mine").text
    words = [{"reference": two, "word": "disown", "why": "no such line"}, {"reference": "1", "word": "take"}]
    answers = clerk.ask("POST", "/api/v1/unconfirmed", headers=program, json=words).json()
    assert [answer["done"] for answer in answers] == [True, False]
    assert answers[1]["code"] == "subscription-unknown"
    assert "none of its own" in other.get("/en/mine").text
    assert "no such line" in other.get("/en/mine").text
    again = clerk.post("/en/operator/unconfirmed", {"reference": two, "word": "take"})
    assert (again.status_code, "waits for nobody" in again.text) == (409, True)


def test_too_many_words_at_once_are_refused(inside: House) -> None:
    """A program gives a thousand words in a request and not one more."""
    program = {"authorization": f"Bearer {inside.token()}"}
    words = [{"reference": "1", "word": "take"}] * unconfirmed.MOST
    assert (
        len(inside.visitor().ask("POST", "/api/v1/unconfirmed", headers=program, json=words).json()) == unconfirmed.MOST
    )
    more = inside.visitor().ask("POST", "/api/v1/unconfirmed", headers=program, json=[*words, words[0]])
    assert (more.status_code, more.json()["code"]) == (400, "request-shape")


def test_a_page_of_too_many_tries_has_the_wait_the_puzzle_and_the_passkey(narrow: House) -> None:
    """Who must wait is told how long in a header and in words, and the ways that need no waiting stand on the page."""
    visitor = narrow.visitor()
    key = narrow.roll.keys.code_key
    # A slow machine gives the bucket time to fill again: then it takes a few more.
    answers = (visitor.post("/zh/find", {"code": code_of(70_000_000_000_000 + n, key)}) for n in range(40))
    late = next(answer for answer in answers if answer.status_code == 429)
    assert (late.status_code, late.headers["retry-after"]) == (429, "60")
    assert "data-puzzle=" in late.text
    assert "puzzle.js" in late.text
    assert "通行密钥" in late.text
    assert visitor.json("/en/passkey/sign-in/options", {}).status_code == 200


def test_limits_are_what_the_module_says() -> None:
    """The bounds that are tested above are those the server runs with."""
    assert (admission.SLOW_EACH, admission.SLOW_ALL, admission.FORM_DEADLINE) == ((8, 16, 24), 64, 10.0)


def test_a_get_whose_body_does_not_end_is_answered_by_a_real_server(served: tuple[str, Roll]) -> None:
    """Thirty from one address, each with most of a megabyte behind it that never ends: every one has its page at once."""
    address = urlsplit(served[0])
    head = b"GET /en/find HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    head += b"Content-Length: 990000\r\n\r\na=" + b"x" * 20_000
    streams = [socket.create_connection((address.hostname, address.port), timeout=20) for _ in range(30)]
    try:
        for one in streams:
            one.sendall(head)
        assert [one.recv(12) for one in streams] == [b"HTTP/1.1 200"] * 30
    finally:
        for one in streams:
            one.close()
