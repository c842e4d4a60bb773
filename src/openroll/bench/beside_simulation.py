"""Benchmark: filing while a visitor asks what-ifs, beside filing alone: what the simulation process costs filings.

Both are measured in turn, several times over, on one server; a visitor asks one new question after another, as fast as they are
answered.
"""

import asyncio
import itertools
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from openroll.bench.figure import Figure
from openroll.bench.online import served
from openroll.bench.sender import load

CONNECTIONS = (8, 64)
ROUNDS = 3
QUESTION = "city=chongqing-2006&rule=cn-cq-2006-notice&rule=cn-cq-2006-regulation&rule=notification-2006&filing.heed="


def measure(token: str, seconds: int) -> Iterator[Figure]:
    """Measure filings a second at 8 and 64 connections, with a visitor's what-ifs and without."""
    questions = itertools.count(1)
    with served() as server:
        for count in CONNECTIONS:
            alone, beside = 0.0, 0.0
            for _ in range(ROUNDS):
                alone += len(asyncio.run(load(server.port, token, count, seconds))) / seconds
                with _visitor(server.port, questions):
                    beside += len(asyncio.run(load(server.port, token, count, seconds))) / seconds
            name = f"filing beside a what-if, {count} connections"
            limit = f"filing alone, {count} connections, in turn {ROUNDS} times"
            yield Figure(name, "filings/s", beside / ROUNDS, alone / ROUNDS, limit, "0.85 or more", server.memory())


@contextmanager
def _visitor(port: int, questions: Iterator[int]) -> Iterator[None]:
    """Load generator: a visitor who asks the city model one question after the other."""
    stop = threading.Event()

    def ask() -> None:
        address = f"http://127.0.0.1:{port}/en/what-if?{QUESTION}0.{next(questions):06d}"
        while not stop.is_set():
            try:
                with urllib.request.urlopen(f"{address}&wait=1", timeout=60) as answer:  # noqa: S310 - our own server
                    if "wait=1" in answer.url:
                        continue  # it is not there yet: the same is waited for again
            except urllib.error.HTTPError as error:
                error.close()
                stop.wait(1)
                continue
            address = f"http://127.0.0.1:{port}/en/what-if?{QUESTION}0.{next(questions):06d}"

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
