"""What the tests share: a real PostgreSQL, and rolls opened in it, each in its own schema."""

import ast
import gc
import itertools
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo
from xdist.scheduler import LoadScopeScheduling

from openroll import places
from openroll.compose import server
from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.roll.commands import OpenRoll
from openroll.rules import json_schema, load
from openroll.rules.language import PRESET_LANGUAGES
from openroll.service.governance.open_roll import Basis, admit_operator, open_roll
from openroll.service.roll import Roll
from openroll.store.connect import Database
from openroll.store.schema import drop
from tests import kept_answers
from tests.browsing import browser, still  # noqa: F401 - fixtures of every folder: one a worker, however many use it
from tests.certificates import read_once
from tests.hours import keep_hours
from tests.program import Program
from tests.quick import keep_quick
from tests.ready_roll import ReadyRoll
from tests.shared_cluster import folder_of_run, shared_cluster
from tests.vectors import require_in_ci, skip_if_absent

assert (
    json_schema
)  # before a test has jsonschema itself, which is then the same: without grammars that take 1.5 s to build

# How long an example takes says how busy this machine is, and nothing about what is true.
settings.register_profile("looking", parent=settings(), deadline=None)
# The same examples each time, so that a commit is not refused for what another one brought; new ones are looked for by
# `--hypothesis-profile=looking`.
settings.register_profile("patient", parent=settings(), deadline=None, derandomize=True)
settings.load_profile("patient")

# The garbage collector looks through what is young after 20,000 objects more instead of 700, and through all of it so much less
# often too: at 700 that is a twelfth of a worker's time, most of it for tests that parse or draw much and make no cycles.
gc.set_threshold(20_000)

read_once()

# CPython 3.11 counts the depth of a tree that it makes in one place for all threads: two that parse at once fail with SystemError
# (python/cpython, gh-106905). A worker has servers and commands in threads, and help and some tests parse.
_parse, _ONE_AT_A_TIME = ast.parse, threading.RLock()


def _parse_alone(*given: Any, **more: Any) -> Any:
    with _ONE_AT_A_TIME:
        return _parse(*given, **more)


ast.parse = _parse_alone

NOW = datetime(2006, 12, 20, 4, 0, tzinfo=UTC)
_count = itertools.count()


TOGETHER = ("tests/watch/cheats/",)
"""Beginnings of the names of tests of several files that share something long in the making: a roll behind its server, a copy.
All that begin alike run on one worker."""


def groups_of(names: Sequence[str]) -> dict[str, str]:
    """The group of each test, by their names in the order in which they run: a file's tests that stand together, or TOGETHER's.

    What a file makes once for all its tests (some sixty make a roll, a server, a cluster) is then made on one worker alone. The
    tests with a browser, which come last, are a group apart from the others of their file.
    """
    found, run, last = {}, 0, ""
    for name in names:
        file = name.partition("::")[0]
        run, last = run + (file != last), file
        found[name] = next((group for group in TOGETHER if name.startswith(group)), f"{file} {run}")
    return found


class InGroups(LoadScopeScheduling):  # type: ignore[misc] # xdist is published without types
    """Gives out groups of tests whole, each where its first test stands.

    Not xdist's own `loadgroup`: with pytest 9.2 that gives out every test alone and says nothing (pytest-dev/pytest-xdist#1386).
    """

    def schedule(self) -> None:
        """Begin, once every worker has said which tests there are."""
        if self.collection is None:
            self._groups = groups_of(next(iter(self.registered_collections.values())))
        super().schedule()

    def remove_node(self, node: Any) -> str | None:
        """Take a worker away, give what it had left to the others, and say which test ended it, if one did.

        Not xdist's own: that gives out again also the groups that were done, and waits for ever for a word on them (CI ran into
        its limit so), and the test that ended this worker, which then ends each of the others in turn.
        """
        left = self.assigned_work.pop(node)
        waiting = [name for group in left.values() for name, done in group.items() if not done]
        for name, group in left.items():
            rest = OrderedDict((test, False) for test in group if test in waiting[1:])
            if rest:
                self.workqueue[name] = rest
        for other in self.assigned_work:
            self._reschedule(other)
        return waiting[0] if waiting else None

    def _split_scope(self, nodeid: str) -> str:
        return self._groups[nodeid]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> InGroups:
    """How xdist gives out the tests, whatever `--dist` says."""
    config.option.loadscopereorder = False
    return InGroups(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--quick` for `script/test quick`, and `--hours` for `script/test at HH:MM`."""
    parser.addoption("--quick", action="store_true", help="only what takes little time, and what a change touches")
    parser.addoption("--hours", action="store_true", help="only what the hour of the day could turn")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Have the tests write into memory where there is room; `--basetemp` names a folder that stays to be looked into."""
    if config.option.basetemp is None and "PYTEST_XDIST_WORKER" not in os.environ:
        until_the_end = ExitStack()
        config.add_cleanup(until_the_end.close)
        workers = config.getoption("numprocesses", None) or 1
        config.option.basetemp = until_the_end.enter_context(folder_of_run(workers))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests with a browser come last, and of these the walks of all pages first.

    Last, because Playwright's loop runs in its worker from then on, and no other can be started there (`asyncio.run`).
    First, because each walk takes a minute, and begun at the end it would leave a worker of two idle.
    """

    def place(item: pytest.Item) -> tuple[bool, bool]:
        fixtures = getattr(item, "fixturenames", ())
        return "browser" in fixtures or item.get_closest_marker("browser") is not None, "walk" not in fixtures

    keep_quick(config, items)
    keep_hours(config, items)
    items.sort(key=place)
    require_in_ci(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have the garbage collector pass over what was imported and collected: half a million objects that stay to the end."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what wants vectors of others where there are none (tests/vectors.py)."""
    skip_if_absent(item)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL: DATABASE_URL's, or a private one for this run, which does not wait for the disk.

    What it then risks is a crash of its own or of the machine, and no test has that: the kill tables kill our processes, which
    see of a commit the same as ever. The tests of backups, where the files of a cluster are what is tested, start clusters of
    their own as Openroll makes them.
    """
    if os.environ.get("DATABASE_URL"):
        yield os.environ["DATABASE_URL"]
        return
    with shared_cluster(tmp_path_factory.mktemp("postgres")) as url:
        yield url


class Ticking:
    """A clock that goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.now = NOW
        self.step = timedelta(seconds=1)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


class Beside:
    """A clock that goes with a server's, so many days from the time of day it is; each reading is after the last."""

    def __init__(self, shift: timedelta) -> None:
        self._shift, self._last = shift, datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        self._last = max(self._last + timedelta(microseconds=1), datetime.now(UTC) + self._shift)
        return self._last


def whole_days_to(then: datetime) -> int:
    """Whole days by which a clock that goes with the machine's stands nearest `then`: never a day off at midnight."""
    return round((then - datetime.now(UTC)) / timedelta(days=1))


def opened(
    database_url: str,
    home: Path,
    name: str,
    clock: Callable[[], datetime] | None = None,
    *,
    runtime_password: str = "",
    languages: tuple[str, ...] = PRESET_LANGUAGES,
) -> Roll:
    """A roll open under the safeguarded regulation, with two operators; its clock ticks, if no other is given."""
    place = places.speaking(places.load("cn-cq-2006"), languages)
    command = OpenRoll(
        roll=name,
        title={lang: {"zh": "试验", "en": "Trial"}.get(lang, f"Trial {lang}") for lang in languages},
        languages=languages,
        registrar={
            lang: {"zh": "试验登记机构", "en": "Trial registrar"}.get(lang, f"Registrar {lang}") for lang in languages
        },
        jurisdiction=places.full_name(place),
        demonstration=True,
    )
    roll = open_roll(
        Database(database_url, name, runtime_password=runtime_password),
        home,
        command,
        Basis(place, load("cn-cq-2006-regulation+with-safeguards")),
        origin=f"roll.example/{name}",
        clock=clock or Ticking(),
        random_bytes=os.urandom,
    )
    assert isinstance(roll, Roll), roll
    for operator in ("east", "west"):
        admit = AdmitOperator(operator=operator, title={"zh": "某网", "en": operator.title()}, kind="access-operator")
        assert isinstance(admit_operator(roll, admit), Accepted)
    return roll


@pytest.fixture(scope="session", autouse=True)
def _kept_answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Houses in this process are told by the city model what another was told in this run (tests/kept_answers.py)."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "kept-answers"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "SIMULATOR", (sys.executable, str(Path(kept_answers.__file__)), str(folder)))
        yield


@pytest.fixture
def new_roll(database_url: str, tmp_path: Path) -> Iterator[Callable[[], Roll]]:
    """Opens fresh rolls; their schemas go when the test ends."""
    names: list[str] = []

    def make() -> Roll:
        names.append(f"t{os.getpid()}-{next(_count)}")
        return opened(database_url, tmp_path / names[-1], names[-1])

    yield make
    for name in names:
        drop(database_url, name)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Program]]:
    """Programs to run in processes of their own, by the names of their modules; each is imported once."""
    made: dict[str, Program] = {}

    def of(module: str) -> Program:
        if module not in made:
            made[module] = Program(module, tmp_path_factory.mktemp("program"))
        return made[module]

    yield of
    for one in made.values():
        one.close()


@pytest.fixture(scope="session")
def ready_roll(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> ReadyRoll | None:
    """A roll to copy; None where the tests were given a database, whose login may make no other and whose disk is waited for."""
    if os.environ.get("DATABASE_URL"):
        return None
    name = f"t{os.getpid()}-ready"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    url = make_conninfo(database_url, dbname=name)
    return ReadyRoll(database_url, opened(url, tmp_path_factory.mktemp("ready") / name, name))


@pytest.fixture
def roll(ready_roll: ReadyRoll | None, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Roll]:
    """One fresh roll: a copy of one that was opened as every roll is."""
    if ready_roll is None:
        yield request.getfixturevalue("new_roll")()
        return
    with ready_roll.copy(tmp_path / "roll", Ticking()) as copy:
        yield copy
