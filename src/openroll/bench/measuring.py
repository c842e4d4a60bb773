"""Runs one benchmark, in a roll of its own where it needs one: all that the command `openroll bench` loads when it is called."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from openroll import places
from openroll.bench import beside_simulation, duties, filings, log, mirror, online, pages, requests, sites, witness
from openroll.bench.child import Progress, in_child
from openroll.bench.figure import Figure, Item
from openroll.bench.growing import Point
from openroll.bench.sequencing import sequence
from openroll.cli.output import bar
from openroll.cli.wiring import Wiring
from openroll.register.decision import Refused
from openroll.register.organisation.commands import AdmitOperator, AdmitOrganisation
from openroll.register.organisation.roles import KEEPER
from openroll.register.roll.commands import OpenRoll
from openroll.rules import load
from openroll.service.governance.open_roll import Basis, admit_operator, open_roll
from openroll.service.identity.api_tokens import issue_token
from openroll.service.identity.people import admit_organisation
from openroll.service.roll import Roll
from openroll.store import schema
from openroll.store.connect import Database

ROLL = "bench"
SWEEP_RUNS = 1_000


def measure(item: Item, wiring: Wiring, rows: int, seconds: int) -> Iterator[Figure]:
    """Run one benchmark and give its figures."""
    if item == "log":
        with bar() as show:
            yield from log.measure(rows, partial(_sequenced, wiring), show)
    elif item == "mirror":
        yield from mirror.measure(rows)
    elif item == "witness":
        yield from witness.measure()
    elif item == "duties":
        yield from duties.measure(rows)
    elif item == "whatif":
        from openroll.bench import whatif  # noqa: PLC0415 - the model takes seconds to load, and every command imports this file

        with bar() as show:
            yield from whatif.measure(rows, min(max(rows // 1_000, 10), SWEEP_RUNS), show)
    else:
        with tempfile.TemporaryDirectory(prefix="openroll-bench-") as folder:
            yield from _in_a_roll(item, wiring, rows, seconds, Path(folder))


def _in_a_roll(item: Item, wiring: Wiring, rows: int, seconds: int, folder: Path) -> Iterator[Figure]:
    """Run a benchmark that needs a roll, in a temporary one."""
    with _roll(wiring, folder) as roll:
        # The processes that file and serve are started with this roll's settings.
        os.environ.update(DATABASE_URL=roll.database.url, OPENROLL_HOME=str(folder), OPENROLL_ROLL=ROLL)
        yield from _with_operator(item, roll, rows, seconds, folder)


def _sequenced(wiring: Wiring, told: Progress, count: int) -> Point:
    """Sequence so many events in a fresh roll, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="openroll-bench-") as folder, _roll(wiring, Path(folder)) as roll:
        return in_child(partial(sequence, url=roll.database.url, name=ROLL, home=roll.home, count=count), told)


@contextmanager
def _roll(wiring: Wiring, folder: Path) -> Iterator[Roll]:
    url = wiring.database(making=True).url
    database = Database(url, ROLL)
    _drop(database)
    place = places.load("cn-cq-2006")
    command = OpenRoll(
        roll=ROLL,
        title={"zh": "测速", "en": "Bench"},
        registrar={"en": "bench"},
        jurisdiction=places.full_name(place),
        demonstration=True,
    )
    roll = open_roll(
        database,
        folder / "rolls" / ROLL,
        command,
        Basis(place, load(duties.RULE)),
        origin="bench.example/log",
        clock=wiring.clock,
        random_bytes=wiring.random,
    )
    if isinstance(roll, Refused):
        raise RuntimeError(f"the bench roll was refused: {roll.refusal}")
    try:
        yield roll
    finally:
        _drop(database)


def _with_operator(item: Item, roll: Roll, rows: int, seconds: int, folder: Path) -> Iterator[Figure]:
    admit_operator(roll, AdmitOperator(operator="bench", title={"zh": "测速", "en": "Bench"}, kind="access-operator"))
    if item == "import":
        yield from filings.measure(roll, rows, folder)
        return
    if item == "requests":
        yield from requests.measure(roll, rows, folder)
        return
    if item == "sites":
        yield from sites.measure(roll, rows, seconds)
        return
    if item == "pages":
        police = AdmitOrganisation(
            organisation="bench-police", kind="authority", title={"zh": "某机关", "en": "An authority"}
        )
        admit_organisation(roll, police, KEEPER)
        yield from pages.measure(roll, rows, folder)
        return
    token = issue_token(roll, "bench", "bench")
    if isinstance(token, Refused):
        raise RuntimeError(f"no token: {token.refusal}")
    if item == "beside":
        yield from beside_simulation.measure(token, seconds)
        return
    yield from online.measure(roll, token, seconds, folder)


def _drop(database: Database) -> None:
    schema.drop(database.url, database.roll)
    with psycopg.connect(database.url) as connection:
        connection.execute("drop schema if exists bench_bare cascade")
