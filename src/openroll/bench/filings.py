"""Benchmark `import`: an operator's file into events, projections and log, beside COPY of the same bytes into bare tables."""

import csv
import os
import resource
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from openroll.bench.figure import Figure
from openroll.register.subscription.handle import KEY_BYTES, handle_of
from openroll.register.subscription.terms import personal_fields
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll

TABLES = ("event", "subscription", "placed", "tile", "bundle", "head")


def write_packed(path: Path, count: int, digests: int) -> None:
    """Write a packed file of synthetic new subscriptions."""
    key = os.urandom(KEY_BYTES)
    with path.open("w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["handle", "kind", "access", "district", "connected", "digests"])
        for number in range(count):
            random = os.urandom(32 * digests)
            parts = (random[at : at + 32] for at in range(0, len(random), 32))
            told = " ".join(sorted(urlsafe_b64encode(part).decode()[:43] for part in parts))
            writer.writerow(
                [
                    handle_of(f"acc-{number:08d}", key),
                    "household",
                    "adsl",
                    "500103",
                    f"2006-11-{number % 28 + 1:02d}",
                    told,
                ]
            )


def measure(roll: Roll, count: int, folder: Path) -> Iterator[Figure]:
    """Measure subscriptions a second, from the file to the last published checkpoint, filed and sequenced side by side."""
    path = folder / "packed.csv"
    write_packed(path, count, len(personal_fields(roll.rule)))
    started = time.perf_counter()
    command = [sys.executable, "-m", "openroll", "file", str(path), "--operator", "bench", "--no-sequence"]
    filing = subprocess.Popen(command)  # noqa: S603 - ourselves
    sequencer = Sequencer(roll)
    while filing.poll() is None:
        if sequencer.round().placed == 0:
            time.sleep(0.05)
    done = sequencer.run_until_empty()
    ours = time.perf_counter() - started
    if filing.returncode or done.size < count:
        raise RuntimeError("the file was not taken: see above")
    sequencer.close()
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    baseline = _copy(roll, folder)
    limit = "COPY of the same bytes into the bare tables, indexes and all"
    yield Figure("import", "subscriptions/s", count / ours, count / baseline, limit, "0.5 or more; 500 MB", memory)


def _copy(roll: Roll, folder: Path) -> float:
    """Baseline: seconds that COPY takes for the same rows into tables like ours, without triggers or policies."""
    schema = sql.Identifier(roll.database.schema)
    seconds = 0.0
    with psycopg.connect(roll.database.url) as connection:
        connection.execute("create schema bench_bare")
        connection.execute("set search_path = bench_bare")
        for table in TABLES:
            name, path = sql.Identifier(table), folder / f"{table}.copy"
            out = sql.SQL("copy {}.{} to stdout").format(schema, name)
            with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(out) as copy:
                file.writelines(bytes(part) for part in copy)
            connection.execute(
                sql.SQL(
                    "create table {} (like {}.{} including defaults including constraints including indexes)"
                ).format(name, schema, name)
            )
        connection.commit()
        connection.execute("set search_path = bench_bare")
        for table in TABLES:
            started = time.perf_counter()
            into = sql.SQL("copy {} from stdin").format(sql.Identifier(table))
            path = folder / f"{table}.copy"
            with path.open("rb") as file, connection.cursor() as cursor, cursor.copy(into) as copy:
                while part := file.read(1 << 20):
                    copy.write(part)
            connection.commit()
            seconds += time.perf_counter() - started
        connection.execute("drop schema bench_bare cascade")
    return seconds
