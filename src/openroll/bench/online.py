"""Benchmark `online`: filings a second by HTTP, each durable before it is acknowledged, beside pgbench running the same SQL."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from openroll.bench.figure import Figure
from openroll.bench.sender import load
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.store.numbers import RECORD
from openroll.store.postgres_tools import tool
from openroll.store.roles import role_of

CONNECTIONS = (1, 8, 64)
_AIMS = {1: "0.4 or more", 8: "", 64: "0.5 or more; 160 MB"}
_SQL = """\\set n random({first}, {last})
begin;
select set_config('role', '{role}', true), set_config('openroll.acts', 'operator', true), set_config('openroll.organisation',
 'bench', true), set_config('openroll.record', '', true), set_config('openroll.seal', '{seal}', true);
select key, request, number, version from idempotency
 where organisation = 'bench' and key = any(array[sha256(('k' || :n)::bytea)]);
select handle, number from subscription where operator = 'bench' and handle = any(array['pg-' || :n]);
insert into event (stream, version, name, role, organisation, at, day, salt, commitment, body) values
 (:n, 1, 'subscription.filed/1', 'operator', 'bench', now(), '2006-12-20', decode(repeat('ab', 32), 'hex'),
  decode(repeat('cd', 32), 'hex'), repeat('x', 420));
insert into subscription (number, operator, handle, kind, access, district, connected, filed, version) values
 (:n, 'bench', 'pg-' || :n, 'household', 'adsl', '500103', '2006-11-01', '2006-12-20', 1);
insert into idempotency values
 ('bench', sha256(('k' || :n)::bytea), decode(repeat('ef', 32), 'hex'), :n, 1, now());
commit;
"""


class Served(NamedTuple):
    """A running server under load, with the roll of the environment."""

    port: int
    pid: int

    def memory(self) -> int:
        """The server worker's peak memory so far, in megabytes."""
        return _memory(self.pid)


@contextmanager
def served() -> Iterator[Served]:
    """Start a server on a free port for the benchmark."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "openroll", "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield Served(port, server.pid)
    finally:
        server.terminate()
        server.wait(30)


TURNS = 3
"""Ours and pgbench are measured in turn: what else the machine does for a while is done to both."""


def measure(roll: Roll, token: str, seconds: int, folder: Path) -> Iterator[Figure]:
    """Filings a second at 1, 8 and 64 connections; the server, the sender and PostgreSQL share the machine."""
    ours: dict[int, list[float]] = {count: [] for count in CONNECTIONS}
    theirs: dict[int, list[float]] = {count: [] for count in CONNECTIONS}
    limits = dict.fromkeys(CONNECTIONS, 0.0)
    each, memory = max(round(seconds / TURNS), 1), 0
    for _ in range(TURNS):
        with closing(Sequencer(roll)) as sequencer:
            sequencer.run_until_empty()  # what pgbench wrote is placed already when ours is measured, and the other way round
        with served() as server:
            asyncio.run(
                load(server.port, token, 1, 0.5)
            )  # until connections and statements are there, as pgbench does not count
            for count in CONNECTIONS:
                ours[count] += asyncio.run(load(server.port, token, count, each))
            memory = max(memory, server.memory())
        for count in CONNECTIONS:
            tps, waits = _pgbench(roll, count, each, folder)
            theirs[count] += waits
            limits[count] += tps / TURNS
    for count in CONNECTIONS:
        rate, (p50, p99), (_, limit_p99) = len(ours[count]) / (each * TURNS), _times(ours[count]), _times(theirs[count])
        name = f"online, {count} connections (p50 {p50:.0f} ms, p99 {p99:.0f} ms)"
        limit = f"pgbench, {count} clients, the same SQL"
        yield Figure(name, "filings/s", rate, limits[count], limit, _AIMS[count], memory)
        yield Figure(f"online, {count} connections, p99", "ms", p99, limit_p99, limit, "4 or less")


def _times(waits: list[float]) -> tuple[float, float]:
    """The milliseconds that one took: the median, and the 99th in a hundred."""
    waits.sort()
    return waits[len(waits) // 2] * 1e3, waits[len(waits) * 99 // 100] * 1e3


def _wait(port: int) -> None:
    for _ in range(1_200):  # on a machine with ten others a server takes more than half a minute to load
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/log/keys"):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _memory(pid: int) -> int:
    """The peak memory of a server's worker, from /proc."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    peaks = [0]
    for child in [str(pid), *children.split()]:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{child}/status").read_text())
        peaks.append(int(found.group(1)) // 1024 if found else 0)
    return max(peaks)


def _pgbench(roll: Roll, count: int, seconds: int, folder: Path) -> tuple[float, list[float]]:
    """Baseline: pgbench's transactions a second, and the seconds that each took."""
    script = folder / "filing.sql"
    claims = roll.database.claims
    assert claims is not None  # noqa: S101 - the roll is open
    role, seal = role_of(roll.database.schema, "operator"), claims.seal("operator", "bench", "")
    # Of so many numbers that no two filings draw the same one; the server keeps its own in blocks, and asks for none here either.
    numbers = new_numbers(roll, RECORD, 10**12)
    script.write_text(_SQL.format(role=role, seal=seal, first=numbers.start, last=numbers.stop - 1))
    command = [
        tool("pgbench"),
        "-n",
        "-M",
        "prepared",
        "-f",
        str(script),
        "-T",
        str(seconds),
        "-c",
        str(count),
        "-j",
        "1",
        "-l",
        f"--log-prefix={folder / f'pgbench-{count}'}",
    ]
    environment = os.environ | {"PGOPTIONS": f"-c search_path={roll.database.schema}"}
    for old in folder.glob("pgbench-*"):
        old.unlink()
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own tool
        [*command, roll.database.runtime_url], capture_output=True, text=True, check=True, env=environment
    )
    lines = [line.split() for path in folder.glob("pgbench-*") for line in path.read_text().splitlines()]
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if not found or not lines:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1]), [int(line[2]) / 1e6 for line in lines]  # it says microseconds
