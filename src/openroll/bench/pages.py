"""Benchmark `pages`: the time of each page with a full roll, beside a bare `hello` route of the same framework.

One visitor at a time over one connection: what is measured is the work of the server, not how many it can do at once. Pages that
are counted behind the reader (boards, figures) are asked for once before.
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from openroll.bench.figure import Figure
from openroll.bench.filings import write_packed
from openroll.register.decision import Refused
from openroll.register.subscription.terms import personal_fields
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.identity import people, sessions
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll

TIMES = 200
PAGES: Mapping[str, tuple[str, ...]] = {
    "anyone": (
        "/en/",
        "/zh/",
        "/en/rule",
        "/en/rule/history",
        "/en/figures",
        "/en/figures/districts/chart",
        "/figures/csv",
        "/figures/parquet",
        "/en/log",
        "/en/verify",
        "/en/help",
        "/en/find",
        "/en/file",
        "/en/sign-in",
        "/en/join",
    ),
    "subscriber": (
        "/en/mine",
        "/en/mine/tell",
        "/en/mine/take-back",
        "/en/mine/move",
        "/en/mine/correct",
        "/en/mine/end",
        "/en/mine/erase",
        "/en/mine/passkey",
        "/en/mine/receipts/1",
        "/en/mine/receipts/1/proof",
        "/en/mine/receipts/1/pdf",
    ),
    "operator": (
        "/en/operator",
        "/en/operator/files",
        "/en/operator/duties",
        "/en/operator/records",
        "/en/operator/letters",
        "/en/operator/tokens",
        "/en/people",
    ),
    "registrar": (
        "/en/registrar",
        "/en/registrar/work",
        "/en/registrar/rules",
        "/en/registrar/figures",
        "/en/registrar/organisations",
        "/en/registrar/records",
    ),
    "authority": ("/en/office",),
}
"""The pages, by who looks at them."""


def measure(roll: Roll, count: int, folder: Path) -> Iterator[Figure]:
    """Measure milliseconds a page at the median (the 99th percentile is in the name), with so many subscriptions."""
    _fill(roll, count, folder)
    cookies = _cookies(roll)
    with (
        Served(
            [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "openroll.bench.hello:app"]
        ) as baseline,
        Served([sys.executable, "-m", "openroll", "serve"]) as ours,
    ):
        for who, paths in PAGES.items():
            for path in paths:
                hello, _ = times_of(baseline.port, ["/"] * TIMES)
                median, late = times_of(ours.port, [path] * TIMES, cookies.get(who, ""))
                name = f"{path} ({who}; p99 {late:,.1f} ms)"
                yield Figure(name, "ms", median, hello, "a hello route", "")


def _fill(roll: Roll, count: int, folder: Path) -> None:
    """Fill the roll with synthetic subscriptions."""
    path = folder / "packed.csv"
    write_packed(path, count, len(personal_fields(roll.rule)))
    taken = take_file(roll, "bench", path)
    if not isinstance(taken, FileTaken):
        raise RuntimeError(f"the file was not taken: {taken.faults[:1]}")
    path.unlink()
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    sequencer.close()


def _cookies(roll: Roll) -> dict[str, str]:
    """Session cookies for the benchmark: signs in as a subscriber, an operator and the registrar."""
    with roll.database.own() as connection:
        row = connection.execute("select min(number) from subscription").fetchone()
    sessions_by_role = {"subscriber": sessions.begin(roll, record=row[0] if row else 0)}
    for who, organisation, role in (
        ("operator", "bench", "operator-lead"),
        ("registrar", "registrar", "registrar-lead"),
        ("authority", "bench-police", "officer-lead"),
    ):
        person = people.create_seat(roll, organisation, role, "bench")
        if isinstance(person, Refused):
            raise RuntimeError(f"nobody sat down: {person.refusal}")
        sessions_by_role[who] = sessions.begin(roll, person=person)
    return {who: f"__Host-session={cookie}" for who, cookie in sessions_by_role.items()}


class Served:
    """A server process on a free port, while it is measured."""

    def __init__(self, command: list[str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._command = [*command, "--port", str(self.port)]

    def __enter__(self) -> "Served":
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            self._command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"GRANIAN_HOST": "127.0.0.1"},
        )
        for _ in range(600):
            try:
                http.client.HTTPConnection("127.0.0.1", self.port, timeout=5).request("GET", "/")
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise RuntimeError(f"{self._command[2]} did not start")

    def processor(self) -> float:
        """Seconds of processor time that the server and its own processes have taken."""
        pids = {self._process.pid}
        spent = 0
        for path in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parent.name)):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended meanwhile
            if int(path.parent.name) in pids or int(fields[1]) in pids:
                pids.add(int(path.parent.name))
                spent += int(fields[11]) + int(fields[12])
        return spent / os.sysconf("SC_CLK_TCK")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


def times_of(port: int, paths: Sequence[str], cookie: str = "") -> tuple[float, float]:
    """The median and 99th percentile of pages, in milliseconds, over one connection, after the first of them thrice."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    spent = []
    for turn, path in enumerate([*[paths[0]] * 3, *paths]):
        started = time.perf_counter()
        connection.request("GET", path, headers={"cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        if turn >= 3:
            spent.append(1e3 * (time.perf_counter() - started))
    connection.close()
    spent.sort()
    return spent[len(spent) // 2], spent[len(spent) * 99 // 100]
