"""Two real servers over one roll: one is restarted while filings stream through both, and one is killed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from openroll.service.identity.api_tokens import issue_token
from openroll.service.log.fsck import fsck
from openroll.service.queries import log_head
from openroll.service.roll import Roll
from openroll.store.schema import drop
from tests.conftest import NOW, Beside, opened
from tests.handles import handle
from tests.service.filings import digests
from tests.service.test_processes import published
from tests.web.conftest import ZONE, free_port, wait_for
from tests.web.house import name_of


class Servers:
    """Servers of one roll, each a process of its own, with its workers."""

    def __init__(self, roll: Roll, home: Path, settings: dict[str, str]) -> None:
        self.roll, self._home, self._settings = roll, home, settings
        self._started = 0

    @contextmanager
    def server(self, port: int, *, workers: int = 1) -> Iterator[subprocess.Popen[bytes]]:
        """A server on a port, up before another answers there for it; ended in the end if it is not."""
        self._started += 1
        path = self._home / f"server-{self._started}.log"
        command = [sys.executable, "-m", "openroll", "serve", "--port", str(port), "--workers", str(workers)]
        with path.open("wb") as log:
            process = subprocess.Popen(command, env=os.environ | self._settings, stdout=log, stderr=log)
            try:
                wait_for(f"http://localhost:{port}/log/checkpoint", process, path)
                yield process
            finally:
                if process.poll() is None:
                    process.terminate()
                process.wait(30)


class Stream:
    """An operator's program that files one by one, and sends a filing again under its key until it is acknowledged."""

    def __init__(self, name: str, port: int, token: str, most: int = 100_000) -> None:
        self._name, self._port, self._token, self._most = name, port, token, most
        self.acknowledged: dict[str, str] = {}
        self.wrong: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._file_all)
        self._thread.start()

    def end(self) -> None:
        """File no more; what is under way is finished."""
        self._stop.set()
        self._thread.join()

    def more(self, count: int) -> None:
        """Wait until so many more are acknowledged."""
        wanted = len(self.acknowledged) + count
        until(lambda: len(self.acknowledged) >= wanted or bool(self.wrong))

    def _file_all(self) -> None:
        number = 0
        with httpx.Client(timeout=30) as client:
            while not self._stop.is_set() and number < self._most:
                number += 1
                self._file(client, f"{self._name}-{number}")

    def _file(self, client: httpx.Client, account: str) -> None:
        row = {"handle": handle(account), "kind": "household", "access": "adsl", "district": "500103"}
        row |= {"connected": "2006-11-01"}
        headers = {"authorization": f"Bearer {self._token}", "idempotency-key": account}
        body = row | {"digests": list(digests(account))}
        address = f"http://localhost:{self._port}/api/v1/filings"
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                answer = client.post(address, json=body, headers=headers)
            except httpx.TransportError:
                time.sleep(0.05)  # the server goes: the filing is sent again under its key
                continue
            if answer.status_code in (200, 201):
                self.acknowledged[account] = answer.json()["code"]
            else:
                self.wrong.append(f"{answer.status_code} {answer.text}")
                self._stop.set()
            return
        self.wrong.append("nobody answered")


def until(true: Callable[[], bool], patience: float = 60) -> None:
    """Wait for something that real processes do."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)  # processes are waited for


@pytest.fixture
def servers(database_url: str, tmp_path: Path) -> Iterator[Servers]:
    """A roll that servers may be started over, by their own clock."""
    name = name_of("r")
    days = (NOW.astimezone(ZONE).date() - datetime.now(ZONE).date()).days
    roll = opened(database_url, tmp_path / "rolls" / name, name, Beside(timedelta(days=days)))
    settings = {
        "DATABASE_URL": database_url,
        "OPENROLL_HOME": str(tmp_path),
        "OPENROLL_ROLL": name,
        "OPENROLL_SHIFT_DAYS": str(days),
        "OPENROLL_WHAT_IF_CITY": "village",
        "OPENROLL_WHAT_IF_AT_START": "0",
    }
    yield Servers(roll, tmp_path, settings)
    drop(database_url, name)


def test_filings_stream_through_two_servers_while_one_is_restarted_and_one_is_killed(servers: Servers) -> None:
    """Nothing acknowledged is lost, no number and no place is given twice, and a rule published through one shows in the other.

    A new server starts beside the old one on its port, the old one is stopped; later whoever gives the places is killed. The one
    that takes its place is stopped in the end while a filing waits in it, whose sender gets its answer all the same.
    """
    roll, first, second = servers.roll, free_port(), free_port()
    token = issue_token(roll, "east", "stream")
    assert isinstance(token, str)
    with ExitStack() as stack:
        old = stack.enter_context(servers.server(first))
        stack.enter_context(servers.server(second, workers=2))
        streams = [Stream("a", first, token), Stream("b", second, token)]
        for stream in streams:
            stack.callback(stream.end)
            stream.more(8)
        new = stack.enter_context(servers.server(first))
        old.send_signal(signal.SIGTERM)
        assert old.wait(30) == 0
        for stream in streams:
            stream.more(8)
        os.kill(new.pid, signal.SIGKILL)
        streams[1].more(8)
        last = stack.enter_context(servers.server(first))
        streams[0].more(4)
        for stream in streams:
            stream.end()
            assert stream.wrong == []
        name = published(roll)
        for port in (first, second):
            until(lambda port=port: shows(port, name), 10)  # type: ignore[misc] # a port
        slow = acknowledged_though_stopped(roll, last, first, token)
    whole = streams[0].acknowledged | streams[1].acknowledged | slow
    assert len(set(whole.values())) == len(whole), "a code, and so a number, was given twice"
    check_kept(roll, whole)


def shows(port: int, name: str) -> bool:
    """Whether the server shows a version of the rule to anybody."""
    return name.partition("@")[2][:8] in httpx.get(f"http://localhost:{port}/en/rule/history", timeout=30).text


def check_kept(roll: Roll, acknowledged: dict[str, str]) -> None:
    """Every filing that was acknowledged is a record with one fact, and the log holds each fact once."""
    with roll.database.open() as connection:
        handles = {one for (one,) in connection.execute("select handle from subscription").fetchall()}
        facts = connection.execute(
            "select count(*), count(distinct stream) from event where name = 'subscription.filed/1'"
        ).fetchone()
        every = connection.execute("select count(*) from event").fetchone()
    assert {handle(account) for account in acknowledged} <= handles
    assert facts == (len(handles), len(handles))
    until(lambda: (head := log_head(roll)) is not None and every == (head.size,), 1)
    assert fsck(roll, lambda *_: None).fault is None


def acknowledged_though_stopped(roll: Roll, server: subprocess.Popen[bytes], port: int, token: str) -> dict[str, str]:
    """Stop a server while the sender of a filing waits for its answer; what was acknowledged of it."""
    with roll.database.open() as connection:
        connection.execute("lock table event in share mode")  # the filing waits for this
        stream = Stream("slow", port, token, most=1)
        until(lambda: _waits(roll))
        server.send_signal(signal.SIGTERM)
        until(lambda: _refuses(port))
        connection.commit()
        stream.end()
        assert server.wait(30) == 0
    assert list(stream.acknowledged) == ["slow-1"]
    return stream.acknowledged


def _waits(roll: Roll) -> bool:
    with roll.database.open() as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where application_name like 'openroll-filings%' and wait_event_type = 'Lock'"
        ).fetchone()
    return bool(row and row[0])


def _refuses(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port), 1).close()
    except ConnectionRefusedError:
        return True
    return False
