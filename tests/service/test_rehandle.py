"""A record's handle is changed: by file and one by one, from an old handle or another key, and counted until it is done."""

from datetime import date

import msgspec

from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.subscription.commands import Change, End, Rehandle
from openroll.register.subscription.decide import evolve
from openroll.register.subscription.events import SubscriptionFiled
from openroll.register.subscription.handle import handle_of
from openroll.register.subscription.refusals import HandleForm, HandleTaken, NothingAsked, SubscriptionUnknown
from openroll.service.event_rows import event_row
from openroll.service.filing.bulk import FileRefused, FileTaken, take_file
from openroll.service.filing.handles import old_handles
from openroll.service.filing.projections import projected
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Outcome, Taken
from openroll.service.governance.duties_board import board
from openroll.service.log.fsck import fsck
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import Record, by_handle
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.store import events, subscriptions
from openroll.store.numbers import RECORD
from tests.handles import handle
from tests.service.filings import digests, filing
from tests.service.test_bulk import new, sent
from tests.service.test_filing import SUBSCRIBER, WEST, submission, taken


def filed_before(roll: Roll, *handles: str) -> None:
    """Records as they were filed before handles had a form, which nothing takes any more."""
    now = roll.clock()
    for own in handles:
        with roll.database.own() as connection:
            number = new_numbers(roll, RECORD).start
            fact = SubscriptionFiled(
                operator="east",
                handle=own,
                kind="household",
                access="adsl",
                district="500103",
                connected=date(2006, 11, 1),
                digests=digests(own),
                by="operator",
                rule=roll.rule_name,
            )
            state = evolve(None, fact, roll.day(now))
            assert state
            events.append(
                connection,
                [event_row(roll, now, fact, stream=number, version=1, actor=Actor("operator", "east"), owner="east")],
            )
            subscriptions.put(connection, [projected(number, state)])


def refusal(outcome: Outcome) -> object:
    """Why a submission was refused."""
    assert isinstance(outcome, Refused), outcome
    return outcome.refusal


def test_nothing_is_filed_under_a_raw_number(roll: Roll) -> None:
    """What has not the form of a handle is refused by the register itself, whoever asks, and is not repeated."""
    for own in ("254712345678", "13812345678", "acc-1", "h1" + "a" * 33 + "b", ""):
        raw = msgspec.structs.replace(filing(), handle=own)
        assert refusal(taken(roll, submission(raw, key=own))[0]) == HandleForm()
    raw = msgspec.structs.replace(filing(), handle="254712345678")
    assert refusal(taken(roll, submission(raw, SUBSCRIBER))[0]) == HandleForm()


def test_an_old_handle_is_changed_and_the_record_goes_on(roll: Roll) -> None:
    """The record answers to its new handle alone, ended ones too; facts, log and projections agree; there is a receipt."""
    filed_before(roll, "254712345678", "acc:7")
    end = submission(End(on=date(2006, 12, 10)), handle="acc:7")
    assert isinstance(taken(roll, end)[0], Taken)
    for own in ("254712345678", "acc:7"):
        done = taken(roll, submission(Rehandle(handle=handle(own)), handle=own))[0]
        assert isinstance(done, Taken)
        record = by_handle(roll, "east", handle(own))
        assert isinstance(record, Record)
        assert record.history[-1].name == "subscription.rehandled/1"
        assert not isinstance(by_handle(roll, "east", own), Record)
    Sequencer(roll).run_until_empty()
    assert isinstance(done, Taken)
    assert isinstance(receipt(roll, done.number, done.version), bytes)
    assert fsck(roll).fault is None
    assert rebuild(roll, replace=False).differences == ()
    moved = submission(Change(on=date(2006, 12, 1), access="lan"), handle=handle("254712345678"))
    assert isinstance(taken(roll, moved)[0], Taken)


def test_what_no_record_is_called_by_anew(roll: Roll) -> None:
    """A raw number, a handle that is taken (also in the same breath), the handle it has, another's record, a subscriber."""
    filed = taken(roll, submission(filing()), submission(filing(handle="a-2")), submission(filing("west"), WEST))[0]
    assert isinstance(filed, Taken)
    a, b, c = (handle(f"a-{n}") for n in (1, 2, 3))
    assert refusal(taken(roll, submission(Rehandle(handle="254712345678"), handle=a))[0]) == HandleForm()
    assert refusal(taken(roll, submission(Rehandle(handle=b), handle=a))[0]) == HandleTaken(handle=b)
    assert refusal(taken(roll, submission(Rehandle(handle=a), handle=a))[0]) == NothingAsked()
    assert refusal(taken(roll, submission(Rehandle(handle=c), handle=c))[0]) == SubscriptionUnknown(sought=c)
    asked = submission(Rehandle(handle=c), SUBSCRIBER, number=filed.number)
    assert refusal(taken(roll, asked)[0]) == NotAllowed(role="subscriber", act="rehandle")
    both = [submission(Rehandle(handle=c), handle=a), submission(Rehandle(handle=c), handle=b, key="second")]
    first, second = taken(roll, *both)
    assert isinstance(first, Taken)
    assert refusal(second) == HandleTaken(handle=c)
    west = by_handle(roll, "west", a)
    assert isinstance(west, Record), "another operator's handle of the same name is its own"


def test_a_new_key_by_file(roll: Roll) -> None:
    """A file of changes gives every record its new handle; sent again it changes nothing; what is taken refuses it whole."""
    take_file(roll, "east", sent(*[new(account) for account in "abc"]))
    fresh = {account: handle_of(account, bytes(32)) for account in "abc"}
    rows = [{"act": "rehandle", "handle": handle(one), "new_handle": fresh[one]} for one in "ab"]
    first, again = take_file(roll, "east", sent(*rows)), take_file(roll, "east", sent(*rows))
    assert isinstance(first, FileTaken)
    assert isinstance(again, FileTaken)
    assert (first.stored, again.stored) == (2, 0)
    assert isinstance(by_handle(roll, "east", fresh["a"]), Record)
    assert isinstance(by_handle(roll, "east", handle("c")), Record)
    assert rebuild(roll, replace=False).differences == ()
    taken_already = {"act": "rehandle", "handle": handle("c"), "new_handle": fresh["a"]}
    unknown = {"act": "rehandle", "handle": handle("a"), "new_handle": fresh["c"]}
    refused = take_file(roll, "east", sent(taken_already, unknown))
    assert isinstance(refused, FileRefused)
    assert [(fault.row, fault.column, fault.code) for fault in refused.faults] == [
        (2, "new_handle", "handle-filed"),
        (3, "handle", "handle-changed"),
    ]


def test_old_handles_are_counted_until_they_are_changed(roll: Roll) -> None:
    """The registrar sees how many of which operator are left, on the board too; an operator's board has its own alone."""
    take_file(roll, "west", sent(new("w")))
    taken(roll, submission(filing(handle=""), SUBSCRIBER))
    assert old_handles(roll) == board(roll).old_handles == {}
    filed_before(roll, "254712345678", "acc:7", "h1short")
    assert old_handles(roll) == board(roll).old_handles == board(roll, "east").old_handles == {"east": 3}
    assert board(roll, "west").old_handles == {}
    taken(roll, submission(Rehandle(handle=handle("acc:7")), handle="acc:7"))
    assert old_handles(roll) == {"east": 2}
    with roll.database.open() as connection:
        connection.execute("set enable_seqscan = off")
        old = "not (handle like 'h1%' and length(handle) = 36)"
        plan = connection.execute(f"explain select operator, count(*) from subscription where {old} group by 1")
        assert "subscription_old_handle" in str(plan.fetchall())
