"""The serving process: no core of it is left, one worker's end ends nobody else, and a database that is away is said to be."""

import subprocess
import sys

import psycopg
import pytest
from granian import Granian
from granian.constants import Interfaces
from psycopg_pool import PoolTimeout

from openroll.compose import guarded_process
from openroll.compose.guarded_process import Restarts
from openroll.service.application import Application
from openroll.store.connect import NothingWritten
from tests.web.house import House

_LOOK = """
import ctypes, resource, subprocess, sys
from openroll.compose.guarded_process import leave_no_core
leave_no_core()
ask = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
child = subprocess.run([sys.executable, "-c", ask], capture_output=True)
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), child.stdout.decode().strip())
"""


def test_no_core_is_left_of_the_server_or_of_what_it_starts() -> None:
    """Hard and soft limit are nothing, also of children; the process lets no other read it."""
    said = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True).stdout
    assert said == "(0, 0) 0 (0, 0)\n"


def test_a_worker_that_ends_twice_ends_no_server() -> None:
    """What granian asks before it gives the whole server up is never within its bound; the second start waits a little."""
    now = [100.0]
    slept: list[float] = []
    restarts = Restarts(lambda: now[0], slept.append)
    assert now[0] - restarts.get(1, 0) > 5.5
    restarts[1] = now[0]
    now[0] += 1
    assert now[0] - restarts.get(1, 0) > 5.5
    now[0] += 60
    assert now[0] - restarts.get(1, 0) > 5.5
    assert slept == [guarded_process.BACK_OFF]


def test_granian_asks_that_table() -> None:
    """Of the version that is installed: another one would need to be looked at again."""
    granian = Granian("openroll.compose.server:from_environment", interface=Interfaces.ASGI, factory=True)
    assert granian.respawned_wrks == {}


@pytest.mark.parametrize(
    ("fault", "said", "code"),
    [
        (PoolTimeout("none"), "has more to do than it can", "database-busy"),
        (NothingWritten("gone"), "database does not answer", "database-away"),
        (psycopg.OperationalError("gone"), "database does not answer", "database-away"),
    ],
)
def test_a_page_says_that_the_database_is_away(
    inside: House, monkeypatch: pytest.MonkeyPatch, fault: psycopg.Error, said: str, code: str
) -> None:
    """503 with a sentence for who reads and sent nothing, and a problem with its code; not a fault of the roll's own."""

    async def away(*_: object) -> None:
        raise fault

    for name in ("official_acts", "figures"):
        monkeypatch.setattr(Application, name, away)
    page = inside.client.get("/en/log")
    assert (page.status_code, said in page.text) == (503, True), page.text
    assert "Load the page again" in page.text
    assert not any(word in page.text for word in ("Nothing was written", "send it again", "Send it again"))
    told = inside.client.get("/api/v1/figures")
    assert (told.status_code, told.json()["code"]) == (503, code)
