"""What a server carries that nobody asked a what-if, a file, a paper or a chart: none of the libraries that only these need.

And what is left of it when it is killed: nothing.
"""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from tests.api.test_api import row
from tests.web.conftest import serving
from tests.web.house import name_of

NOT_LOADED = (
    "altair", "alembic", "dask", "distributed", "llvmlite", "numba", "openroll.bench", "openroll.cli", "openroll.report",
    "openroll.sheet.reading", "openroll.whatif", "pandas", "polars", "pyarrow", "SALib", "scipy", "typst", "vl_convert"
)  # fmt: skip
"""Modules that come with the first question, file, paper or chart."""
OF_THE_SERVER = ("granian", "litestar", "openroll.api", "openroll.web", "openroll.bench.measuring")
LIBRARIES = ("llvmlite", "polars", "typst", "vl_convert", "scipy")
"""Those that are compiled, by what stands in the names of their files."""
MOST_MEGABYTES = 160


def test_starting_a_server_loads_only_what_a_filing_needs() -> None:
    """A fresh interpreter that has the whole application holds none of the libraries of what-ifs, files, papers and charts; and
    where those that draw are loaded too, not the grammars of web addresses that jsonschema would build (rules/json_schema.py).
    """
    code = f"""
    import sys
    import openroll.compose.server
    print([name for name in {NOT_LOADED!r} if name in sys.modules])
    import openroll.report.answer
    print("jsonschema" in sys.modules, "rfc3987_syntax" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "True False"]


def test_a_command_loads_no_web_framework_and_no_benchmark() -> None:
    """All commands are one program: what only the server and the benchmarks need would delay each of them by a second."""
    code = f"""
    import sys
    import openroll.compose.main
    print([name for name in {OF_THE_SERVER!r} if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Roll, int]]:
    """A server that nobody has asked anything yet: its address, its roll, and its process, which the last test kills."""
    home = tmp_path_factory.mktemp("loaded")
    with serving(database_url, home, name_of("m")) as (address, roll):
        yield address, roll, int((home / "server.pid").read_text())


def test_a_server_that_files_and_shows_pages_stays_small(server: tuple[str, Roll, int]) -> None:
    """After a hundred filings and the public pages the worker holds none of the libraries, and has at no time held 160 MB."""
    address, roll, process = server
    token = issue_token(roll, "east", "test")
    with httpx.Client(base_url=address, headers={"authorization": f"Bearer {token}"}) as client:
        for number in range(100):
            filed = client.post("/api/v1/filings", json=row(f"h-{number}"), headers={"idempotency-key": f"k-{number}"})
            assert filed.status_code == 201
        for page in ("/en/", "/zh/rule", "/en/figures", "/figures/csv", "/en/log", "/en/file", "/en/verify"):
            assert client.get(page).status_code == 200
    worker = _worker(process)
    maps = (worker / "maps").read_text()
    assert [name for name in LIBRARIES if f"/{name}" in maps] == []
    peak = int((worker / "status").read_text().partition("VmHWM:")[2].split()[0]) // 1024
    assert peak < MOST_MEGABYTES


def test_a_worker_ends_with_the_server_that_started_it(server: tuple[str, Roll, int]) -> None:
    """kill -9 of the serving process alone: its worker goes too and lets the port go, so that no second sequencer is left."""
    address, _, process = server
    os.kill(process, signal.SIGKILL)
    assert _refuses(urlsplit(address).port or 0), "the worker still serves"


def _worker(server: int) -> Path:
    """The folder of the system's account of a server's worker: the largest of its children."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    folders = [Path(f"/proc/{child}") for child in children]
    return max(folders, key=lambda one: int((one / "statm").read_text().split()[1]))


def _refuses(port: int) -> bool:
    """Whether nobody listens there any more, after ten seconds at most."""
    for _ in range(200):
        try:
            socket.create_connection(("localhost", port)).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.05)  # waits for a real process
    return False
