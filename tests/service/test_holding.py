"""Who opens a filing, and how it ends: passkeys hold and release it, and erasure leaves days and closed commitments only."""

from datetime import timedelta

import psycopg
import pytest

from openroll.register.command import Actor, Command
from openroll.register.decision import Refused
from openroll.register.subscription.commands import Confirm, End, Erase, Hold
from openroll.register.subscription.filing_code import code_of
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Outcome, Submission, Taken
from openroll.service.identity import filing_code
from openroll.service.log.fsck import fsck
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import Record, by_code
from openroll.service.roll import Roll
from openroll.store import events
from tests.service.filings import filing

SUBSCRIBER = Actor("subscriber")


def submit(roll: Roll, command: Command, number: int | None, actor: Actor = SUBSCRIBER, key: str = "") -> Outcome:
    """One command, taken as a face would have it taken."""
    group = GroupCommit(roll)
    try:
        name = key or f"{type(command).__name__}-{number}-{roll.random_bytes(4).hex()}"
        return group.submit_and_wait(Submission(command=command, key=name, request=b"r", actor=actor, number=number))
    finally:
        group.close()


@pytest.fixture
def number(roll: Roll) -> int:
    """A record that a subscriber filed."""
    taken = submit(roll, filing(handle=""), None)
    assert isinstance(taken, Taken), taken
    return taken.number


def refused(outcome: object) -> str:
    """The code of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return outcome.refusal.code


def later(roll: Roll, **by: float) -> None:
    """Let time pass in the roll."""
    before = roll.clock
    roll.clock = lambda: before() + timedelta(**by)
    roll.adopt(roll.versions)


def test_a_passkey_holds_a_filing(roll: Roll, number: int) -> None:
    """Held, the code opens nothing, and what is held is not held again."""
    code = code_of(number, roll.keys.code_key)
    assert isinstance(filing_code.open_by_code(roll, code, "192.0.2.1"), Record)
    assert isinstance(submit(roll, Hold(), number), Taken)
    assert refused(filing_code.open_by_code(roll, code, "192.0.2.1")) == "held-by-passkey"
    assert refused(submit(roll, Hold(), number)) == "nothing-asked"


def test_erasure_waits_for_the_rule_and_takes_everything_that_can_be_opened(roll: Roll, number: int) -> None:
    """Before the rule's day it is refused with that day; after it body and salt are gone and the log still stands."""
    assert refused(submit(roll, Erase(), number)) == "kept-until"
    assert isinstance(submit(roll, Confirm(), number, Actor("operator", "east")), Taken)
    assert isinstance(submit(roll, End(on=roll.day(roll.clock())), number), Taken)
    too_soon = submit(roll, Erase(), number)
    assert refused(too_soon) == "kept-until"
    assert isinstance(too_soon, Refused)
    assert str(too_soon.refusal.params["until"]) == "2007-12-31"
    Sequencer(roll).run_until_empty()
    later(roll, days=400)
    assert isinstance(submit(roll, Erase(), number), Taken)
    Sequencer(roll).run_until_empty()
    with roll.database.own() as connection:
        rows = list(events.of_streams(connection, [number]))
        left = connection.execute("select count(*) from subscription where number = %s", (number,)).fetchone()
    assert [row.name for row in rows][-1] == "subscription.erased/1"
    assert all(row.body == "" and row.salt == bytes(32) for row in rows[:-1])
    assert left == (0,)
    assert refused(by_code(roll, code_of(number, roll.keys.code_key))) == "subscription-unknown"
    assert refused(receipt(roll, number, 1)) == "subscription-unknown"
    assert fsck(roll).fault is None
    assert rebuild(roll, replace=False).differences == ()


@pytest.mark.parametrize(
    "statement",
    [
        "update event set body = '', salt = decode(repeat('00', 32), 'hex') where stream = %s and version = 1",
        "update event set body = '{}' where stream = %s",
        "update event set commitment = decode(repeat('00', 32), 'hex') where stream = %s",
        "delete from event where stream = %s",
    ],
)
def test_facts_are_emptied_only_after_an_erasure_and_never_otherwise(roll: Roll, number: int, statement: str) -> None:
    """The database itself refuses every other change of a fact, to its owner as well."""
    with pytest.raises(psycopg.Error) as refusal, roll.database.open() as connection:
        connection.execute(statement, (number,))
    assert refusal.value.sqlstate == "OR001"


def test_a_fact_emptied_without_an_erasure_is_found(roll: Roll, number: int) -> None:
    """Whoever owns the tables can switch the trigger off; fsck then names the record."""
    Sequencer(roll).run_until_empty()
    with roll.database.open() as connection:
        connection.execute("alter table event disable trigger only_erased")
        connection.execute(
            "update event set body = '', salt = decode(repeat('00', 32), 'hex') where stream = %s", (number,)
        )
    fault = fsck(roll).fault
    assert fault is not None
    assert str(number) in fault.where
