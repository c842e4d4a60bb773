"""Benchmark `online`: filings a second by HTTP, each durable before it is acknowledged, beside pgbench running the same SQL."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from openroll.bench.figure import Figure
from openroll.register.subscription.handle import KEY_BYTES, handle_of
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.store.numbers import RECORD
from openroll.store.postgres_tools import tool
from openroll.store.roles import role_of

CONNECTIONS = (1, 8, 64)
_AIMS = {1: "0.4 or more", 8: "", 64: "0.5 or more; 160 MB"}
_KEY = os.urandom(KEY_BYTES)
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


def measure(roll: Roll, token: str, seconds: int, folder: Path) -> Iterator[Figure]:
    """Measure filings a second at 1, 8 and 64 connections; server, load generator and PostgreSQL share the machine."""
    with served() as server:
        rates = {count: asyncio.run(load(server.port, token, count, seconds)) for count in CONNECTIONS}
        memory = server.memory()
    for count, (rate, p50, p99) in rates.items():
        name = f"online, {count} connections (p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms)"
        limit = f"pgbench, {count} clients, the same SQL"
        limit_rate, limit_p99 = _pgbench(roll, count, seconds, folder)
        yield Figure(name, "filings/s", rate, limit_rate, limit, _AIMS[count], memory)
        aim = "4 or less" if count == 64 else ""
        yield Figure(f"online, {count} connections, p99", "ms", p99 * 1e3, limit_p99, limit, aim)


def _wait(port: int) -> None:
    for _ in range(300):
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


async def load(port: int, token: str, count: int, seconds: int) -> tuple[float, float, float]:
    """Load generator: filings a second over so many connections, with the median and 99th percentile in seconds."""
    end = time.perf_counter() + seconds
    waits = await asyncio.gather(*(_one(port, token, end) for _ in range(count)))
    every = sorted(wait for one in waits for wait in one)
    return len(every) / seconds, every[len(every) // 2], every[len(every) * 99 // 100]


async def _one(port: int, token: str, end: float) -> list[float]:
    """One connection of the load generator: files, waits for the acknowledgement, and files again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waits: list[float] = []
    while (started := time.perf_counter()) < end:
        writer.write(_request(token))
        status = await reader.readline()
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE).group(1))  # type: ignore[union-attr] # every answer has one
        await reader.readexactly(length)
        if b" 201 " not in status:
            raise RuntimeError(f"a filing was not taken: {status!r}")
        waits.append(time.perf_counter() - started)
    writer.close()
    return waits


def _request(token: str) -> bytes:
    random = os.urandom(140)
    told = sorted(urlsafe_b64encode(random[at : at + 32]).decode()[:43] for at in range(0, 128, 32))
    handle = handle_of(random[128:].hex(), _KEY)
    body = json.dumps(
        {
            "handle": handle,
            "kind": "household",
            "access": "adsl",
            "district": "500103",
            "connected": "2006-11-01",
            "digests": told,
        }
    ).encode()
    return (
        f"POST /api/v1/filings HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\nidempotency-key: {handle}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body


def _pgbench(roll: Roll, count: int, seconds: int, folder: Path) -> tuple[float, float]:
    """Baseline: pgbench's transactions a second, and its 99th percentile in milliseconds."""
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
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own tool
        [*command, roll.database.runtime_url], capture_output=True, text=True, check=True, env=environment
    )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if not found:
        raise RuntimeError(done.stdout + done.stderr)
    lines = [line.split() for path in folder.glob(f"pgbench-{count}.*") for line in path.read_text().splitlines()]
    waits = sorted(int(line[2]) for line in lines)  # microseconds
    return float(found.group(1)), waits[len(waits) * 99 // 100] / 1e3
