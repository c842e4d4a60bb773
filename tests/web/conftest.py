"""A real server process and a real Chromium."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import traceback
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from openroll.service.roll import Roll
from tests.conftest import NOW, Beside, opened
from tests.web.house import House, house, name_of
from tests.web.walk import Walk

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="session")
def served(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Roll]]:
    """The address of a server over a roll of its own, and that roll."""
    with serving(database_url, tmp_path_factory.mktemp("home"), f"w{os.getpid()}") as made:
        yield made


@pytest.fixture(scope="session")
def walk(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Every page in every state, over a roll that no other test writes to; it asks its first what-if at the start."""
    at_start = {"OPENROLL_WHAT_IF_AT_START": "1"}
    with serving(database_url, tmp_path_factory.mktemp("walk"), f"k{os.getpid()}", given=at_start) as made:
        yield Walk(*made)


@contextmanager
def serving(
    database_url: str, home: Path, name: str, later: int = 0, given: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[str, Roll]]:
    """A server over a new roll: its address, and the roll. Its clock is `later` by so many days than the tests' own.

    `given` are further settings, by the names they have in the environment.
    """
    # The day of the tests is in 2006, whatever the hour: both clocks are moved there by whole days of the roll's own zone.
    days = (NOW.astimezone(ZONE).date() - datetime.now(ZONE).date()).days
    roll = opened(database_url, home / "rolls" / name, name, Beside(timedelta(days=days)))
    port = free_port()
    settings = {
        "DATABASE_URL": database_url,
        "OPENROLL_HOME": str(home),
        "OPENROLL_ROLL": name,
        "OPENROLL_SHIFT_DAYS": str(days + later),
        "OPENROLL_NULL_SIGN_IN": "1",
        "OPENROLL_WHAT_IF_CITY": "village",
        "OPENROLL_WHAT_IF_AT_START": "0",
        "OPENROLL_WHAT_IF_IDLE": "0",  # the tests beside it leave nothing over
        "OPENROLL_FILINGS_ALONE": "1000000",
        "OPENROLL_SITE_LOOK_UPS": "1000000",
    }
    command = [str(Path(sys.executable).with_name("openroll")), "serve", "--port", str(port)]
    with Path(home / "server.log").open("wb") as log:
        env = os.environ | settings | dict(given)
        process = subprocess.Popen(command, env=env, cwd=somebody_elses_folder(home), stdout=log, stderr=log)
        (home / "server.pid").write_text(str(process.pid))
        try:
            wait_for(f"http://localhost:{port}/en/", process, home / "server.log")
            yield f"http://localhost:{port}", roll
        finally:
            process.terminate()
            process.wait(20)


HIJACKED = "hijacked"
"""A file of the server's home: there when a module of `somebody_elses_folder` was imported."""


def somebody_elses_folder(home: Path) -> Path:
    """A folder to start a server in that holds modules named like those it imports, early and late."""
    here = home / "here"
    here.mkdir(exist_ok=True)
    code = f"open({str(home / HIJACKED)!r}, 'a').write(__name__ + chr(10))\nraise ImportError(__name__)\n"
    for name in (
        "segno",
        "polars",
        "typst",
        "webauthn",
        "jinja2",
        "psycopg",
        "msgspec",
        "numba",
        "multiprocessing",
        "babel",
    ):
        (here / f"{name}.py").write_text(code)
    return here


def free_port() -> int:
    """A port of loopback that nobody had a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers; what it said in its log where it ended or never did."""
    for _ in range(1200):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address):  # noqa: S310 - our own server, on loopback
                return
        except OSError:
            time.sleep(0.1)  # waits for a real process
    raise AssertionError(log.read_text())


@pytest.fixture(autouse=True)
def _clock_of_the_house(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that moved the house's clock on puts it back; the roll, which writes nothing by such a clock, is told so."""
    yield
    if "inside" in request.fixturenames:
        request.getfixturevalue("inside").roll.latest = None


@pytest.fixture(scope="session")
def inside(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application in this process over a roll of its own: for what needs its clock moved, or many requests."""
    with house(database_url, tmp_path_factory.mktemp("inside"), name_of("i")) as found:
        yield found


@pytest.fixture
def on_the_loop(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the database was asked, or connected to, on a thread that runs an event loop."""
    found: list[str] = []

    def watched(asked: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            if asyncio._get_running_loop() is not None:
                ours = [frame for frame in traceback.extract_stack() if "/openroll/" in frame.filename]
                found.append(f"{ours[-1].filename}:{ours[-1].lineno} {ours[-1].name}" if ours else "?")
            return asked(*args, **kwargs)

        return ask

    monkeypatch.setattr(psycopg.Cursor, "execute", watched(psycopg.Cursor.execute))
    monkeypatch.setattr(psycopg.Connection, "execute", watched(psycopg.Connection.execute))
    monkeypatch.setattr(
        psycopg.Connection, "connect", classmethod(watched(vars(psycopg.Connection)["connect"].__func__))
    )
    monkeypatch.setattr(psycopg, "connect", watched(psycopg.connect))
    return found
