"""An outage of the database: told from a busy one, and said once when it begins and once when it is over."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from openroll.service.roll import Roll
from openroll.service.worker import Worker
from openroll.store import connect
from openroll.store.connect import Database, NothingWritten
from openroll.store.outage import Outage
from openroll.store.unanswered import Unanswered


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for longer than a moment."""
    monkeypatch.setattr(connect, "WAIT", 0.2)


@pytest.fixture
def away(impatient: None, tmp_path: Path) -> Iterator[Database]:
    """A database that is not there, as a serving process keeps it."""
    database = Database(f"postgresql://postgres:@/postgres?host={tmp_path}", "away")
    database.unlock(os.urandom(32))
    database.keep_connections(1)
    yield database
    database.drop_connections()


def test_an_outage_is_said_once_when_it_begins_and_once_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    """However many meet it, and whatever each of them is told."""
    clock = [0.0]
    outage = Outage(monotonic=lambda: clock[0])
    for _ in range(2):
        outage.end()
        outage.begin("no such file")
        outage.begin("the database system is starting up")
        clock[0] += 42
        outage.end()
    assert [one.getMessage() for one in caplog.records] == 2 * [
        "the database is away, and what needs it is refused until it is back: no such file",
        "the database is back, after 42 seconds",
    ]


def test_a_database_that_is_away_is_not_called_busy(away: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Where no connection comes it is asked why: nothing was written, and the log has one line for all who wait."""
    for _ in range(2):
        with pytest.raises(NothingWritten), away.own():
            pass
    said = [one.getMessage() for one in caplog.records if one.name == "openroll"]
    assert len(said) == 1
    assert "the database is away" in said[0]
    assert "\n" not in said[0]
    assert "\t" not in said[0]


def test_the_worker_says_no_more_of_an_outage_that_is_said(away: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Its rounds fail every two seconds, each with the same traceback: it is known."""
    roll: Roll = type("RollAway", (), {"database": away, "clock": staticmethod(lambda: datetime.now(UTC))})()
    worker = Worker(roll, {})
    for _ in range(2):
        worker._round()
        assert worker.trouble == "NothingWritten"
    worker.close()
    assert [one.getMessage()[:24] for one in caplog.records if one.name == "openroll"] == [
        "the database is away, and"[:24]
    ]


@pytest.mark.parametrize("answers", [True, False])
def test_a_server_that_stands_still_keeps_nobody_waiting(
    roll: Roll, impatient: None, answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that lasts is ended where the server gives no other connection, and nothing was written; else it goes on."""
    watch = Unanswered(lambda: answers, monotonic=count(step=60).__next__)
    monkeypatch.setattr(roll.database, "_unanswered", watch)
    monkeypatch.setattr(watch, "start", lambda: None)
    roll.database.keep_connections(1)
    seconds = "0.3" if answers else "60"
    try:
        with ThreadPoolExecutor(1) as pool:
            begun = Event()
            asked = pool.submit(_slow, roll.database, seconds, begun)
            assert begun.wait(10)
            while not asked.done():
                watch.look()
                wait([asked], timeout=0.01)
        if answers:
            assert asked.result() == (1,)
        else:
            assert isinstance(asked.exception(), NothingWritten)
        with roll.database.own() as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        roll.database.drop_connections()


def _slow(database: Database, seconds: str, begun: Event) -> object:
    with database.own() as connection:
        begun.set()
        return connection.execute("select 1 from (select pg_sleep(%s)) as slept", (seconds,)).fetchone()


def test_a_busy_database_is_not_called_away(roll: Roll, impatient: None, caplog: pytest.LogCaptureFixture) -> None:
    """Every kept connection is in use for too long: it may be tried again, and nothing is said of an outage."""
    roll.database.keep_connections(1)
    try:
        with roll.database.own(), ExitStack() as second, pytest.raises(PoolTimeout):
            second.enter_context(roll.database.own())
        assert not roll.database.outage.lasts
        roll.database.outage.begin("x")
        with roll.database.own() as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert not roll.database.outage.lasts
        with pytest.raises(psycopg.errors.DivisionByZero), roll.database.own() as connection:
            connection.execute("select 1 / 0")
    finally:
        roll.database.drop_connections()
