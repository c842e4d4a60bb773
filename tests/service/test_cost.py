"""What one filing and one round of the sequencer cost, counted: what changes here changes the speed, whatever the noise.

Fewer is better, and then the figure is lowered here. More needs a reason in the commit.
"""

import asyncio
import json
import subprocess
import sys
import threading
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from openroll.compose.server import application
from openroll.register.command import Actor
from openroll.rules import Rule, words_digest
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.submit import Taken
from openroll.service.governance import rule_readings
from openroll.service.identity.api_tokens import issue_token
from openroll.service.identity.people import create_seat
from openroll.service.identity.sessions import act_for, begin, someone
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import log_head
from openroll.service.roll import Roll
from openroll.store import sessions
from openroll.store.connect import assume, together
from openroll.store.rights import SessionOver, SessionRight
from openroll.tlog import TlogError, Verifier
from tests.handles import handle
from tests.on_behalf import on_behalf_of
from tests.service.cost import counted
from tests.service.filings import digests, filing, submission_of

EAST = Actor("operator", "east")


def test_a_filing_by_page_costs_three_journeys_to_the_database(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two to ask and one that writes and commits; it wakes who asked and nobody else, and brings no file to the disk."""
    group = GroupCommit(roll)
    group.submit_and_wait(submission_of(filing(handle="first"), EAST))  # connects, and takes a block of numbers
    with counted(monkeypatch) as cost:
        group.submit_and_wait(submission_of(filing(handle="second"), EAST))
    group.close()
    assert cost.of("filings") == {"statements": 8, "journeys": 3, "wakes": 1}


def test_a_filing_by_program_costs_one_journey_and_one_hand_over(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five statements and the commit go together; the thread that writes wakes the event loop once for its group, and no thread.

    Where it comes from is found out once. The loop wakes the sequencer.
    """
    token = issue_token(roll, "east", "test")

    async def file(app: Any, account: str) -> int:
        body = json.dumps(
            {"handle": handle(account), "kind": "household", "access": "adsl", "district": "500103"}
            | {"connected": "2006-11-01", "digests": digests(account)}
        ).encode()
        return await _post(app, f"Bearer {token}", account, body)

    async def several() -> dict[str, dict[str, int]]:
        app = application(roll)
        async with app.lifespan():
            assert await file(app, "first") == 201
            with counted(monkeypatch) as cost:
                assert await file(app, "second") == 201
                return {name: cost.of(name) for name in ("MainThread", "filings")}

    spent = asyncio.run(several())
    assert spent == {
        "MainThread": {"wakes": 1, "addresses": 1},
        "filings": {"statements": 5, "journeys": 1, "hand-overs": 1},
    }


async def _post(app: Any, authorization: str, key: str, body: bytes) -> int:
    """The status that a filing is answered with, asked as the server asks."""
    headers = {"authorization": authorization, "idempotency-key": key, "content-type": "application/json"}
    headers["content-length"] = str(len(body))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http",
        "method": "POST",
        "path": "/api/v1/filings",
        "raw_path": b"/api/v1/filings",
        "root_path": "",
        "query_string": b"",
        "client": ("192.0.2.1", "1"),
        "server": ("localhost", "8000"),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "state": {},
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    status: int = sent[0]["status"]
    return status


def test_what_only_reads_costs_one_journey_besides_what_it_asks(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins with its question; then one asks for its session and commits: each page has several such transactions."""
    roll.database.keep_connections(1)
    with roll.database.own() as connection:
        sessions.put_session(connection, b"s", roll.clock(), record=None, person=None)
    for _ in range(10):  # the connection has prepared its statements by then
        with (
            on_behalf_of(SessionRight(b"s", reads=True)),
            counted(monkeypatch) as cost,
            roll.database.own() as connection,
        ):
            assert connection.execute("select 1").fetchone() == (1,)
    roll.database.drop_connections()
    assert cost.of("MainThread") == {"journeys": 2, "statements": 4}


def test_what_is_read_together_is_begun_once_and_its_right_asked_once(
    roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two parts cost a journey each, with the role that each takes on; alone each of them costs one besides."""
    roll.database.keep_connections(1)
    with roll.database.own() as connection:
        sessions.put_session(connection, b"s", roll.clock(), record=None, person=None)
    for _ in range(10):
        with (
            on_behalf_of(SessionRight(b"s", reads=True)),
            counted(monkeypatch) as cost,
            roll.database.reading_together(),
        ):
            for role in ("application", "registrar"):
                with roll.database.transaction(role) as connection:
                    acts = connection.execute("select acting()").fetchone()
                    assert acts == (role,)
    roll.database.drop_connections()
    assert cost.of("MainThread") == {"journeys": 3, "statements": 7}


def test_what_was_read_together_is_nobodys_whose_session_ended_meanwhile(roll: Roll) -> None:
    """The right is asked for last, behind all parts: whichever of them it ended before, nothing of any gets out."""
    with roll.database.own() as connection:
        sessions.put_session(connection, b"s", roll.clock(), record=None, person=None)

    def read() -> None:
        with on_behalf_of(SessionRight(b"s", reads=True)), roll.database.reading_together():
            with roll.database.transaction("operator", organisation="east") as connection:
                connection.execute("select count(*) from subscription")
            with psycopg.connect(roll.database.url) as elsewhere:
                elsewhere.execute(f"delete from {roll.database.schema}.session where hash = %s", (b"s",))

    with pytest.raises(SessionOver):
        read()


def test_whose_session_it_is_costs_one_journey(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the transaction's begin and its end: who sits in the seat, of what kind the organisation is, whether a passkey holds
    the record, and whether anything is to be kept of their coming (not here)."""
    roll.database.keep_connections(1)
    person = create_seat(roll, "east", "operator-lead", "test")
    assert isinstance(person, int)
    group = GroupCommit(roll)
    filed = group.submit_and_wait(submission_of(filing(handle="first"), EAST))
    group.close()
    assert isinstance(filed, Taken)
    for cookie, whose in ((begin(roll, person=person), (person, None)), (begin(roll, record=filed.number), (None, 1))):
        for _ in range(10):
            with counted(monkeypatch) as cost:
                found = someone(roll, cookie)
            assert (found.person, found.record and 1) == whose
        assert cost.of("MainThread") == {"journeys": 1, "statements": 3}
    roll.database.drop_connections()


def test_each_part_of_what_is_read_together_sees_by_its_own_role_alone(roll: Roll) -> None:
    """A part for one operator sees nothing of another's, whatever role the part before it had."""
    group = GroupCommit(roll)
    group.submit_and_wait(submission_of(filing(handle="first"), EAST))
    group.close()
    seen: list[int] = []
    with roll.database.reading_together():
        for role, organisation in (("registrar", ""), ("operator", "west"), ("operator", "east"), ("operator", "west")):
            with roll.database.transaction(role, organisation=organisation) as connection:
                seen += connection.execute("select count(*) from subscription").fetchone() or ()
    assert seen == [1, 0, 1, 0]


def test_a_page_that_only_reads_is_answered_each_question_once(roll: Roll) -> None:
    """Its parts ask for the same without knowing of each other; whoever may write is answered as it stands each time."""
    asked: list[int] = []

    def count(_: Roll, number: int) -> int:
        asked.append(number)
        return len(asked)

    async def twice(*, reads: bool) -> list[int]:
        app = application(roll)
        async with app.lifespan():
            act_for("a cookie", reads=reads)
            return [await app.state.application.ask(count, number) for number in (7, 7, 8)]

    assert asyncio.run(twice(reads=True)) == [1, 1, 2]
    assert asyncio.run(twice(reads=False)) == [3, 4, 5]


def test_a_round_of_the_sequencer_costs_what_it_costs(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that places one filing, and a round that finds nothing to do."""
    group, sequencer = GroupCommit(roll), Sequencer(roll)
    sequencer.round()
    group.submit_and_wait(submission_of(filing(handle="first"), EAST))
    sequencer.round()
    group.submit_and_wait(submission_of(filing(handle="second"), EAST))
    group.close()
    with counted(monkeypatch) as cost:
        assert sequencer.round().placed == 1
    assert cost.of("MainThread") == {"statements": 24, "journeys": 22, "syncs": 8}
    with counted(monkeypatch) as cost:
        assert sequencer.round().placed == 0
    assert cost.of("MainThread") == {"statements": 12, "journeys": 14}
    sequencer.close()


def test_a_thread_that_begins_while_costs_are_counted_does_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting is done within what a thread tells of its own beginning: whoever started it must not wait for ever."""
    counting, began = threading.Event(), threading.Event()

    def start() -> None:
        counting.wait(10)
        threading.Thread(target=began.set, daemon=True).start()

    threading.Thread(target=start, daemon=True).start()
    with counted(monkeypatch):
        counting.set()
        assert began.wait(10)


def test_a_statement_that_fails_leaves_nothing_on_the_connection(roll: Roll) -> None:
    """What was to be committed with it is not, it is said at the end at the latest, and the next transaction goes as ever."""
    with roll.database.open_runtime("test") as connection:
        connection.autocommit = True

        def write_and_divide(by: int) -> None:
            with together(connection):
                assume(connection, "application")
                connection.execute("insert into idempotency values ('east', sha256('k'), sha256('r'), 1, 1, now())")
                connection.execute("select 1 / %s", (by,))

        with pytest.raises(psycopg.errors.DivisionByZero):
            write_and_divide(0)
        assert connection.info.transaction_status == TransactionStatus.IDLE
        write_and_divide(1)  # had the first been kept, its key would be taken


HEAVY = ("numba", "scipy", "altair", "vl_convert", "typst", "jsonschema", "alembic", "openroll.whatif")


def test_a_server_loads_nothing_that_only_some_questions_need() -> None:
    """The city model, charts, printing and the reading of new rules come into memory when somebody first asks for them."""
    said = f"import sys, openroll.compose.server; print(*(one for one in {HEAVY!r} if one in sys.modules))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_what_is_sent_together_may_be_larger_than_what_the_network_takes_at_once(roll: Roll) -> None:
    """Twenty megabytes one way and the other: neither side waits for what the other has not sent."""
    answers: list[int] = []

    def work() -> None:
        with roll.database.open() as connection, together(connection):
            for _ in range(2):
                row = connection.execute("select %s::bytea", (bytes(20_000_000),)).fetchone()
                answers.append(len(row[0]) if row else 0)

    sending = threading.Thread(target=work, daemon=True)
    sending.start()
    sending.join(60)
    assert answers == [20_000_000, 20_000_000]


def test_a_round_of_thousands_costs_a_few_journeys_more(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tiles and bundles are read many at a time, to recompute the root and to write the files: 41 here, in three journeys."""
    sequencer = Sequencer(roll)
    sequencer.round()
    with roll.database.open() as connection:
        connection.execute(
            "insert into event (stream, version, name, role, organisation, at, day, salt, commitment, body)"
            " select nextval('record_number'), 1, 'subscription.filed/1', 'operator', 'east', now(), '2006-12-20',"
            " sha256(('salt' || n)::bytea), sha256(n::text::bytea), 'x' from generate_series(1, 5000) as n"
        )
    with counted(monkeypatch) as cost:
        assert sequencer.round().placed == 5_000
    sequencer.close()
    assert cost.of("MainThread") == {"statements": 25, "journeys": 23, "syncs": 10}


def test_a_published_checkpoint_is_verified_once(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page shows the log's size. What stands there otherwise is verified anew, and is refused where it is altered."""
    Sequencer(roll).run_until_empty()
    verified: list[bytes] = []
    verify = Verifier.verify

    def counting(self: Verifier, text: str, signature: bytes) -> object:
        verified.append(signature)
        return verify(self, text, signature)

    monkeypatch.setattr(Verifier, "verify", counting)
    assert log_head(roll) == log_head(roll)
    assert len(verified) == 2  # by the log's two keys
    path = roll.public / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n3\n", b"\n2\n"))
    with pytest.raises(TlogError):
        log_head(roll)


def test_the_words_of_a_rule_are_gone_through_once(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page that shows the rule says who read it."""
    gone_through: list[Rule] = []

    def counting(rule: Rule) -> str:
        gone_through.append(rule)
        return words_digest(rule)

    monkeypatch.setattr(rule_readings, "words_digest", counting)
    rule_readings._words.cache_clear()
    assert rule_readings.words_of_today(roll) == rule_readings.words_of_today(roll)
    assert len(gone_through) == 1
