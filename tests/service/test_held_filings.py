"""What one filing needs and somebody else's transaction holds, no other filing waits for."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from datetime import date
from hashlib import sha256

import msgspec
import psycopg
import pytest

from openroll.register.command import Actor
from openroll.register.subscription.commands import Change
from openroll.service.filing import slow_lane
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Outcome, Submission, Taken
from openroll.service.governance.lives import offer_succession, succeed
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from openroll.store import operators
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import filing, submission_of
from tests.service.test_porting import code, filed
from tests.service.test_unasked import admitted

EAST, WEST, ALONE = Actor("operator", "east"), Actor("operator", "west"), Actor("subscriber")
LONG = 60.0
"""Seconds within which what is not held is answered, though what is held is not let go: nobody waits for them."""


class Sending:
    """Filings on their way, by the account that each is of."""

    def __init__(self, group: GroupCommit) -> None:
        self.group = group
        self.on_their_way: dict[str, Future[Outcome]] = {}

    def send(self, name: str, submission: Submission) -> None:
        """Send one, and wait for nothing."""
        future: Future[Outcome] = Future()
        self.on_their_way[name] = future
        self.group.submit(submission, future.set_result)

    def of(self, beginning: str) -> list[Outcome]:
        """What became of all whose names begin so, once that is known."""
        return [future.result(LONG) for name, future in self.on_their_way.items() if name.startswith(beginning)]

    def open(self, beginning: str) -> bool:
        """Whether none of those was answered."""
        return not any(future.done() for name, future in self.on_their_way.items() if name.startswith(beginning))


@contextmanager
def sending(roll: Roll, patience: float = slow_lane.PATIENCE) -> Iterator[Sending]:
    """Over a queue of its own."""
    with closing(GroupCommit(roll, patience=patience)) as group:
        yield Sending(group)


def by_program(operator: str, account: str, token: str) -> Submission:
    """A new filing under a token."""
    command = filing("", account)
    request = sha256(msgspec.json.encode(command) + operator.encode()).digest()
    return Submission(
        command=command,
        key=account,
        request=request,
        secret=token.encode(),
        token=token_hash(token),
        handle=handle(account),
    )


def everything(roll: Roll, east: str, west: str, number: int) -> dict[str, Submission]:
    """What names east in any way, and what does not, mixed."""
    change = Change(on=date(2006, 12, 5), access="cable")
    return {
        "east program": by_program("east", "p-1", east),
        "west program": by_program("west", "p-1", west),
        "east pages": submission_of(filing("east", "a-2"), EAST),
        "east alone": submission_of(filing("east", "", connected=date(2006, 11, 2)), ALONE),
        "west pages": submission_of(filing("west", "a-2"), WEST),
        "west alone": submission_of(filing("west", "", connected=date(2006, 11, 2)), ALONE),
        "east record": msgspec.structs.replace(submission_of(change, ALONE), number=number),
        "west program again": by_program("west", "p-2", west),
    }


@contextmanager
def held(roll: Roll) -> Iterator[psycopg.Connection]:
    """East is held, as it is while it is being succeeded."""
    with roll.database.own() as connection:
        operators.hold_alone(connection, "east")
        yield connection


def rows(roll: Roll, operator: str) -> int:
    """How many records an operator has."""
    with roll.database.open() as connection:
        row = connection.execute("select count(*) from subscription where operator = %s", (operator,)).fetchone()
    return int(row[0]) if row else 0


def test_while_one_operator_is_held_the_filings_of_all_others_are_taken(roll: Roll) -> None:
    """Each is answered while the lock is still there, whoever sends it; what names the held one waits, and is taken then."""
    east, west = (str(issue_token(roll, name, "test")) for name in ("east", "west"))
    every = everything(roll, east, west, filed(roll, "a-1"))
    with sending(roll) as sent:
        sent.send("west first", by_program("west", "p-0", west))
        assert all(isinstance(one, Taken) for one in sent.of("west"))
        with held(roll):
            for name, one in every.items():
                sent.send(name, one)
            assert all(isinstance(one, Taken) for one in sent.of("west"))
            for number in range(20):
                sent.send(f"east later {number}", submission_of(filing("east", f"l-{number}"), EAST))
                sent.send(f"west later {number}", by_program("west", f"l-{number}", west))
            assert all(isinstance(one, Taken) for one in sent.of("west"))
            assert sent.open("east")
        assert all(isinstance(one, Taken) for one in sent.of("east"))
    assert (rows(roll, "east"), rows(roll, "west")) == (24, 25)
    assert rebuild(roll, replace=False).differences == ()


def test_what_is_held_for_too_long_is_refused_as_busy_and_loses_nothing(roll: Roll) -> None:
    """Of what was refused nothing is stored; sent again under its key it is taken; what was taken is there."""
    east, west = (str(issue_token(roll, name, "test")) for name in ("east", "west"))
    every = everything(roll, east, west, filed(roll, "a-1"))
    with sending(roll, patience=0.1) as sent:
        with held(roll):
            for name, one in every.items():
                sent.send(name, one)
            assert {code(one) for one in sent.of("east")} == {"database-busy"}
            assert all(isinstance(one, Taken) for one in sent.of("west"))
        assert (rows(roll, "east"), rows(roll, "west")) == (1, 4)
        for name, one in every.items():
            sent.send(f"again {name}", one)
        assert [isinstance(one, Taken) and one.repeated for one in sent.of("again west")] == [True] * 4
        assert [isinstance(one, Taken) and not one.repeated for one in sent.of("again east")] == [True] * 4
    assert (rows(roll, "east"), rows(roll, "west")) == (4, 4)


def test_a_succession_that_takes_long_holds_up_nobody_else(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third operator files while it is being written; who files alone under the one that goes is answered afterwards."""
    admitted(roll, "third")
    leads = seated(roll, "east", "operator-lead"), seated(roll, "west", "operator-lead")
    filed(roll, "a-1")
    assert code(offer_succession(roll, "east", "west", leads[0])) == ""
    begun, go_on, real = threading.Event(), threading.Event(), operators._pass_on

    def slowly(*given: object) -> None:
        begun.set()
        assert go_on.wait(LONG)
        real(*given)  # type: ignore[arg-type] # as they came

    monkeypatch.setattr(operators, "_pass_on", slowly)
    outcome: Future[object] = Future()
    thread = threading.Thread(target=lambda: outcome.set_result(succeed(roll, "east", "west", leads[1])))
    thread.start()
    assert begun.wait(LONG)
    with sending(roll) as sent:
        for number in range(5):
            alone = filing("east", "", connected=date(2006, 11, 1 + number))
            sent.send(f"east {number}", submission_of(alone, ALONE))
            sent.send(f"third {number}", submission_of(filing("third", f"t-{number}"), Actor("operator", "third")))
        assert all(isinstance(one, Taken) for one in sent.of("third"))
        assert sent.open("east")
        go_on.set()
        assert {code(one) for one in sent.of("east")} == {"operator-unknown"}
    thread.join()
    assert code(outcome.result()) == ""
    assert rebuild(roll, replace=False).differences == ()


def test_a_record_that_is_held_holds_up_no_other_of_its_operator(roll: Roll) -> None:
    """What is filed on the one waits, and the rest of what its operator files goes on."""
    filed(roll, "a-1")
    change = submission_of(Change(on=date(2006, 12, 5), access="cable"), EAST)
    change = msgspec.structs.replace(change, handle=handle("a-1"))
    with sending(roll) as sent:
        with roll.database.open() as connection:
            connection.execute("select from subscription where handle = %s for update", (handle("a-1"),))
            sent.send("held", change)
            for number in range(5):
                sent.send(f"free {number}", submission_of(filing("east", f"b-{number}"), EAST))
            assert all(isinstance(one, Taken) for one in sent.of("free"))
            assert sent.open("held")
        (changed,) = sent.of("held")
        assert isinstance(changed, Taken)
        assert changed.version == 2


def test_what_waits_for_one_operator_is_bounded(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends more than that is refused at once, and takes nobody's place."""
    monkeypatch.setattr(slow_lane, "MOST_OF_ONE", 2)
    with sending(roll) as sent:
        with held(roll):
            for number in range(5):
                sent.send(f"east {number}", submission_of(filing("east", f"b-{number}"), EAST))
            assert [code(sent.on_their_way[f"east {number}"].result(LONG)) for number in (2, 3, 4)] == [
                "database-busy"
            ] * 3
            assert sent.open("east 0")
            assert sent.open("east 1")
        assert all(isinstance(sent.on_their_way[f"east {number}"].result(LONG), Taken) for number in (0, 1))
