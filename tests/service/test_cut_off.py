"""The database goes away while somebody acts: that nothing was done is said where that is so, and nowhere else."""

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from litestar import Litestar, Request
from psycopg import Connection
from psycopg.errors import LockNotAvailable

from openroll import cli
from openroll.compose import server
from openroll.compose.main import main
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.roles import KEEPER
from openroll.service.acts import act
from openroll.service.identity import sessions
from openroll.service.roll import Roll
from openroll.store import rights
from openroll.store.connect import NothingWritten


@pytest.fixture
def request_begun() -> Iterator[None]:
    """A request, of which nothing stands."""
    rights.begin_request()
    yield
    rights.begin_request()


def cut(roll: Roll, connection: Connection) -> None:
    """Have the server end a connection."""
    with roll.database.open() as other:
        other.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))


def admit(connection: Connection, roll: Roll, name: str) -> None:
    """One act, whatever it is."""
    act(connection, roll, AdmitOperator(operator=name, kind="access-operator", title={"zh": "某", "en": name}), KEEPER)


def admit_cut_off(roll: Roll, name: str, *, goes_on: bool) -> None:
    """An act that loses its connection: it finds out at its next statement, where it `goes_on`, or in its commit."""
    with roll.database.own() as connection:
        admit(connection, roll, name)
        cut(roll, connection)
        if goes_on:
            connection.execute("select 1")


@pytest.mark.usefixtures("request_begun")
def test_what_broke_before_its_commit_wrote_nothing(roll: Roll) -> None:
    """A connection that breaks within the act: nothing of it was written, and that is what is raised."""
    with pytest.raises(NothingWritten):
        admit_cut_off(roll, "cut-within", goes_on=True)
    assert not rights.stands()


def test_what_broke_in_its_commit_is_not_said_to_have_written_nothing(roll: Roll) -> None:
    """One that breaks where everything is there but the answer of the commit: nobody knows, so nobody says."""
    with pytest.raises(psycopg.OperationalError) as raised:
        admit_cut_off(roll, "cut-in-commit", goes_on=False)
    assert not isinstance(raised.value, NothingWritten)
    assert answered(raised.value) == "outcome-unknown"


@pytest.mark.usefixtures("request_begun")
def test_what_was_committed_stands_whatever_breaks_then(roll: Roll) -> None:
    """A request that acted, and then looks: what it did stands, and a look that fails is no proof that nothing does."""
    with roll.database.own() as connection:
        connection.execute("select 1")
    assert not rights.stands()  # a look is no act
    with roll.database.own() as connection:
        admit(connection, roll, "stands")
    assert rights.stands()


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.usefixtures("request_begun")
def test_a_command_that_did_something_does_not_say_that_nothing_was_done(
    done: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it did before it met what others hold is named; only one that did nothing says that nothing was done."""

    def app() -> None:
        if done:
            rights.now_stands()
        raise LockNotAvailable("held")

    monkeypatch.setattr(app, "command", lambda _: None, raising=False)
    monkeypatch.setattr(cli, "build", lambda _: app)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().err
    assert ("Nothing was done" in said, "was done before, and stands" in said) == (not done, done)


def answered(error: Exception, *, stands: bool = False) -> str:
    """The code by which a program that acted is told of an error of ours."""

    async def told() -> Any:
        sessions.begin_request()
        if stands:
            sessions.now_stands()
        scope: Any = {"type": "http", "method": "POST", "path": "/api/v1/x", "path_template": "/api/v1/x", "headers": [],
                      "query_string": b"", "scheme": "https", "server": ("roll.example", 443), "client": None, "state": {},
                      "root_path": "", "app": Litestar([], logging_config=None)}  # fmt: skip
        return server.our_fault(Request(scope), error)

    return str(asyncio.run(told()).content.code)


def test_after_an_act_a_database_that_is_away_leaves_doubt() -> None:
    """That nothing was taken is said of a request that did nothing before, and of no other."""
    away = NothingWritten("x")
    assert (answered(away), answered(away, stands=True)) == ("database-away", "outcome-unknown")
