"""The way of one filing, on real PostgreSQL: stored, placed, proved."""

import hashlib
from datetime import date

import msgspec
import psycopg
import pytest

from openroll import tlog
from openroll.register.command import Actor, Command
from openroll.register.decision import Refused
from openroll.register.organisation.refusals import TokenUnknown
from openroll.register.subscription.commands import Change, End, File, Notify, Withdraw
from openroll.register.subscription.refusals import (
    HandleTaken,
    KeyReused,
    NotInLogYet,
    RecordEnded,
    SubscriptionUnknown,
)
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Failed, Outcome, Submission, Taken, take
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity.api_tokens import issue_token, revoke_token
from openroll.service.log.fsck import fsck
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from tests.handles import handle
from tests.service.filings import digest, filing

EAST, WEST = Actor("operator", "east"), Actor("operator", "west")
SUBSCRIBER = Actor("subscriber")


def submission(command: Command, actor: Actor | None = EAST, **given: object) -> Submission:
    """A submission of a command, under a key made from it."""
    request = hashlib.sha256(msgspec.json.encode(command)).digest()
    own = command.handle if isinstance(command, File) and actor != SUBSCRIBER else ""
    whole = {"key": request.hex()[:20], "request": request, "handle": own}
    return Submission(command=command, actor=actor, **(whole | given))  # type: ignore[arg-type] # as above


def taken(roll: Roll, *submissions: Submission) -> list[Outcome]:
    """Take submissions together, on a connection of their own."""
    with roll.database.open() as connection:
        connection.autocommit = True
        return take(connection, submissions, roll, roll.clock())


def test_a_filing_is_stored_placed_and_proved(roll: Roll) -> None:
    """A filing is acknowledged, gets its place, and its receipt verifies with the public keys alone."""
    outcome = taken(roll, submission(filing()))[0]
    assert isinstance(outcome, Taken)
    early = receipt(roll, outcome.number, 1)
    assert isinstance(early, Refused)
    assert isinstance(early.refusal, NotInLogYet)
    assert Sequencer(roll).run_until_empty().size == 4  # opening, two operators, the filing
    proof = receipt(roll, outcome.number, 1)
    assert isinstance(proof, bytes)
    proved = tlog.verify_receipt(proof, roll.keys.verifiers)
    assert (proved.entry.kind, proved.entry.act) == ("subscription.filed/1", None)
    assert f'"handle":"{handle("a-1")}"'.encode() in proved.body
    assert fsck(roll).fault is None
    assert rebuild(roll, replace=False).differences == ()


def test_sending_again_changes_nothing(roll: Roll) -> None:
    """The same key with the same filing gives the same answer; with another filing it is refused."""
    first = submission(filing())
    one, again = taken(roll, first)[0], taken(roll, first)[0]
    assert isinstance(one, Taken)
    assert isinstance(again, Taken)
    assert (again.number, again.repeated) == (one.number, True)
    other = submission(filing(handle="a-2"), key=first.key)
    refused = taken(roll, other)[0]
    assert isinstance(refused, Refused)
    assert isinstance(refused.refusal, KeyReused)


def test_one_bad_filing_never_harms_its_neighbours(roll: Roll) -> None:
    """In one group, good filings are taken and bad ones refused, each alone."""
    nul = submission(filing(), handle="nul\0")
    group = [
        submission(filing(handle="a-1")),
        submission(filing(handle="a-1", kind="person")),
        submission(filing(handle="a-2", district="999999")),
        nul,
        submission(filing("west", "a-1"), WEST),
        submission(filing("west", "b-1"), EAST),
        submission(filing(handle="a-3")),
    ]
    outcomes = taken(roll, *group)
    assert [type(outcome) for outcome in outcomes] == [Taken, Refused, Refused, Failed, Taken, Refused, Taken]
    assert isinstance(outcomes[1], Refused)
    assert isinstance(outcomes[1].refusal, HandleTaken)


def test_the_whole_life_of_a_subscription(roll: Roll) -> None:
    """File, change, notify by choice, withdraw and end: each is a fact, and nothing follows an end."""
    filed = taken(roll, submission(filing()))[0]
    assert isinstance(filed, Taken)
    told = digest("told")
    acts = [
        submission(Change(on=date(2006, 12, 1), district="500105"), handle=handle("a-1")),
        submission(Notify(added=(told,)), SUBSCRIBER, number=filed.number),
        submission(Withdraw(dropped=(told,)), SUBSCRIBER, number=filed.number),
        submission(End(on=date(2006, 12, 10)), handle=handle("a-1")),
    ]
    for version, act in enumerate(acts, start=2):
        outcome = taken(roll, act)[0]
        assert outcome == Taken(filed.number, version), outcome
    after = taken(roll, submission(Change(on=date(2006, 12, 11), access="lan"), handle=handle("a-1")))[0]
    assert isinstance(after, Refused)
    assert isinstance(after.refusal, RecordEnded)
    Sequencer(roll).run_until_empty()
    assert rebuild(roll, replace=False).differences == ()
    assert fsck(roll).fault is None


def test_a_subscriber_files_alone_and_tells_by_choice_in_one_breath(roll: Roll) -> None:
    """A subscriber's own filing makes the filing and what they chose to tell as two facts of one record."""
    command = filing(handle="", told=(digest("phone"),))
    outcome = taken(roll, submission(command, SUBSCRIBER))[0]
    assert isinstance(outcome, Taken)
    assert outcome.version == 2


def test_a_subscribers_form_sent_twice_files_once(roll: Roll) -> None:
    """A new filing under a form's key, sent again, gives the same record; another filing under the key is refused."""
    first = submission(filing(handle=""), SUBSCRIBER, key="form-1")
    one, again = taken(roll, first)[0], taken(roll, first)[0]
    assert isinstance(one, Taken)
    assert again == Taken(one.number, one.version, repeated=True)
    other = taken(roll, submission(filing(handle="", kind="person"), SUBSCRIBER, key="form-1"))[0]
    assert isinstance(other, Refused)
    assert isinstance(other.refusal, KeyReused)


def test_another_operators_record_is_as_if_it_were_not(roll: Roll) -> None:
    """An operator that names another's handle is told that there is none."""
    taken(roll, submission(filing()))
    outcome = taken(roll, submission(End(on=date(2006, 12, 10)), WEST, handle=handle("a-1")))[0]
    assert isinstance(outcome, Refused)
    assert outcome.refusal == SubscriptionUnknown(sought=handle("a-1"))


def test_a_token_stands_for_its_operator_until_it_is_revoked(roll: Roll) -> None:
    """A token files for its own operator, is kept hashed, and ends at once when revoked."""
    token = issue_token(roll, "east", "billing")
    assert isinstance(token, str)
    hashed = token_hash(token)
    assert isinstance(taken(roll, submission(filing(handle="t-1"), None, token=hashed))[0], Taken)
    with roll.database.open() as connection:
        kept = connection.execute("select token::text from token").fetchall()
    assert token not in str(kept)
    assert revoke_token(roll, token)
    outcome = taken(roll, submission(filing(handle="t-2"), None, token=hashed))[0]
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, TokenUnknown)


@pytest.mark.parametrize("statement", ["update event set body = ''", "delete from event", "truncate event"])
def test_the_database_itself_refuses_to_rewrite_facts(roll: Roll, statement: str) -> None:
    """Not even the owner of the tables can update, delete or truncate events."""
    with roll.database.open() as connection, pytest.raises(psycopg.Error, match="facts are only ever added"):
        connection.execute(statement)


def test_row_level_security_hides_what_a_query_forgets_to(roll: Roll) -> None:
    """Under an operator's role a query without any condition finds the operator's own rows only, and cannot add others."""
    taken(roll, submission(filing()), submission(filing("west", "w-1"), WEST))
    with roll.database.transaction("operator", organisation="west") as connection:
        assert connection.execute("select operator from subscription").fetchall() == [("west",)]
        assert {row[0] for row in connection.execute("select organisation from event")} == {"west"}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "insert into subscription (number, operator, kind, access, district, connected, filed, version)"
                " values (99, 'east', 'person', 'adsl', '500103', '2006-01-01', '2006-01-01', 1)"
            )


def test_an_event_waits_for_every_older_transaction_of_the_roll_and_no_longer(roll: Roll) -> None:
    """While an older transaction that may write events is open, a newer event has no place; once it is closed it gets one."""
    Sequencer(roll).run_until_empty()
    with roll.database.open_runtime("openroll-test") as older:
        older.execute("select pg_current_xact_id()")
        taken(roll, submission(filing()))
        pauses: list[float] = []
        held = Sequencer(roll).run_until_empty(patience=3, pause=pauses.append)
        assert (held.placed, held.waiting, len(pauses)) == (0, True, 3)
        older.rollback()
    assert Sequencer(roll).run_until_empty().size == 4
