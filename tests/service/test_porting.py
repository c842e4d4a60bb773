"""A subscription goes to another operator when both say so: with its code, its facts and its duties, and counted once."""

from collections.abc import Callable
from datetime import date, timedelta

import msgspec

from openroll.register.command import Actor
from openroll.register.decision import Refused
from openroll.register.organisation.roles import KEEPER
from openroll.register.subscription.commands import Change, End, Hold, Notify, Rehandle
from openroll.register.subscription.pace import A_DAY as MOST_A_DAY
from openroll.register.subscription.pace import A_DAY_OF_ANOTHER_S
from openroll.service import queries
from openroll.service.filing import porting
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken
from openroll.service.governance.duties_board import board
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity import filing_code
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens
from openroll.service.log.receipts import proved, receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import Answering, Record
from openroll.service.roll import Roll
from tests.addresses import give_address
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import digest, filing, submission_of
from tests.service.test_unconfirmed import act, do, file_alone, living, on, record

EAST, WEST = Party("east"), Party("west")
OWN = Actor("subscriber")


def filed(roll: Roll, account: str, **given: object) -> int:
    """East files a subscription; its number."""
    outcome = do(roll, submission_of(filing("east", account, **given), Actor("operator", "east")))
    assert isinstance(outcome, Taken), outcome
    return outcome.number


def code(outcome: object) -> str:
    """By which refusal something was not done; empty where it was."""
    return outcome.refusal.code if isinstance(outcome, Refused) else ""


def reference(roll: Roll, operator: str = "west") -> str:
    """The reference of the one record that is to leave or to come to an operator."""
    (one,) = porting.waiting(roll, operator)
    return one.reference


def test_a_record_goes_along_whole_with_everything_that_is_its_subscriber_s(roll: Roll) -> None:
    """Code, facts, what was told and receipts go on as they were; the handle is the gaining operator's own; it counts once."""
    number = filed(roll, "a-1", kind="organisation", connected=date(2006, 12, 18))
    act(roll, number, Notify(added=(digest("told"),)), OWN)
    before, total = record(roll, number), board(roll)
    give_address(roll, number)
    assert code(porting.offer(roll, EAST, number, "west")) == ""
    assert [one.handle for one in porting.waiting(roll, "west")] == [""]
    assert [one.handle for one in porting.waiting(roll, "east")] == [handle("a-1")]
    on(roll, 3)
    assert code(porting.agree(roll, WEST, reference(roll), handle("w-1"))) == ""
    with roll.database.own() as connection:
        assert connection.execute("select template, lang from mail").fetchall() == [("subscription-ported", "en")]
    after = record(roll, number)
    assert (after.state.operator, after.state.handle, after.state.told) == ("west", handle("w-1"), before.state.told)
    assert after.code == before.code
    assert isinstance(opened := filing_code.open_by_code(roll, before.code, "192.0.2.1"), Record)
    assert opened.number == number
    day = before.state.filed
    assert after.operators == (
        Answering("east", day, day + timedelta(days=3)),
        Answering("west", day + timedelta(days=3)),
    )
    acted = [(one.name, one.organisation, one.detail) for one in after.history[-2:]]
    assert acted == [("subscription.port-offered/1", "east", "west"), ("subscription.ported/1", "west", "west")]
    assert code(queries.by_handle(roll, "east", handle("a-1"))) == "subscription-unknown"
    assert code(queries.by_handle(roll, "east", handle("w-1"))) == "subscription-unknown"
    seen = queries.by_handle(roll, "west", handle("w-1"))
    assert isinstance(seen, Record)
    assert [one.name for one in seen.history] == [one.name for one in after.history]
    assert living(roll)["operators", "west"] == 1
    assert ("operators", "east") not in living(roll)
    assert total.lines
    assert board(roll).lines == tuple(msgspec.structs.replace(line, operator="west") for line in total.lines)
    Sequencer(roll).run_until_empty()
    for version in range(1, after.history[-1].version + 1):
        proof = receipt(roll, number, version)
        assert isinstance(proof, bytes)
        proved(roll, proof)
    assert rebuild(roll, replace=False).differences == ()


def test_what_was_done_and_due_before_stays_with_who_answered_then(roll: Roll) -> None:
    """A filing that was late under the one operator is not late under the other, on its own board and the registrar's."""
    number = filed(roll, "a-1", kind="organisation", connected=date(2006, 10, 2))
    before = board(roll)
    assert before.total("met") + before.total("met_late") > 0
    porting.offer(roll, EAST, number, "west")
    porting.agree(roll, WEST, reference(roll), handle("w-1"))
    assert board(roll).lines == before.lines
    assert board(roll, "west").lines == ()
    assert rebuild(roll, replace=False).differences == ()


def test_from_then_on_the_gaining_operator_files_and_the_losing_one_cannot(roll: Roll) -> None:
    """By handle and by number, through the rights of the database too; the old handle is free once what it named has ended."""
    number = filed(roll, "a-1")
    porting.offer(roll, EAST, number, "west")
    porting.agree(roll, WEST, reference(roll), handle("w-1"))
    change, west, east = (
        Change(on=date(2006, 12, 1), access="cable"),
        Actor("operator", "west"),
        Actor("operator", "east"),
    )
    assert code(act(roll, number, change, east)) == "subscription-unknown"
    assert isinstance(act(roll, number, change, west), Taken)
    assert isinstance(act(roll, number, Rehandle(handle=handle("w-2")), west), Taken)
    assert isinstance(act(roll, number, End(on=date(2006, 12, 5)), west), Taken)
    assert filed(roll, "a-1", connected=date(2006, 11, 2)) != number
    assert record(roll, number).state.operator == "west"
    assert rebuild(roll, replace=False).differences == ()


def test_the_gaining_operator_asks_with_the_code_that_its_subscriber_gave(roll: Roll) -> None:
    """The losing one agrees; a record that a passkey holds is not given away by its code, asked before the passkey or after."""
    number, party = filed(roll, "a-1"), Party("west", source="192.0.2.7")
    its_code = record(roll, number).code
    assert code(porting.ask(roll, party, "1234", handle("w-1"))) == "code-wrong"
    assert code(porting.ask(roll, party, its_code, "no handle")) == "handle-form"
    assert code(porting.ask(roll, EAST, its_code, handle("w-1"))) == "nothing-asked"
    assert code(porting.ask(roll, party, its_code, handle("w-1"))) == ""
    assert code(porting.agree(roll, WEST, reference(roll), handle("w-1"))) == "port-own-offer"
    assert code(porting.agree(roll, EAST, reference(roll, "east"))) == ""
    after = record(roll, number)
    assert (after.state.operator, after.state.handle) == ("west", handle("w-1"))
    assert code(porting.ask(roll, EAST, its_code, handle("a-2"))) == ""
    act(roll, number, Hold(), OWN)
    assert code(porting.agree(roll, WEST, reference(roll))) == "held-by-passkey"
    assert code(porting.withdraw(roll, WEST, reference(roll))) == ""
    assert code(porting.ask(roll, EAST, its_code, handle("a-2"))) == "held-by-passkey"
    assert code(porting.offer(roll, WEST, number, "east")) == ""
    assert code(porting.agree(roll, EAST, reference(roll), handle("a-1"))) == ""
    assert record(roll, number).state.held


def test_what_is_offered_is_withdrawn_declined_or_over_in_time(roll: Roll) -> None:
    """One offer at a time; either side ends it; after its last day it is as if it had not been."""
    number = filed(roll, "a-1")
    assert code(porting.offer(roll, EAST, number, "nobody")) == "operator-unknown"
    assert code(porting.offer(roll, EAST, number, "east")) == "nothing-asked"
    assert code(porting.offer(roll, WEST, number, "west")) == "subscription-unknown"
    for side, why in ((EAST, ""), (WEST, "not our line")):
        assert code(porting.offer(roll, EAST, number, "west")) == ""
        assert code(porting.offer(roll, EAST, number, "west")) == "port-offered-already"
        one = reference(roll)
        assert code(porting.withdraw(roll, side, one, "call 13800000000")) == "text-names-somebody"
        assert code(porting.withdraw(roll, side, one, why)) == ""
        assert code(porting.agree(roll, WEST, one, handle("w-1"))) == "subscription-unknown"
    assert code(porting.offer(roll, EAST, number, "west")) == ""
    one, (until,) = reference(roll), {port.until for port in porting.waiting(roll, "west")}
    on(roll, (until - roll.day(roll.clock())).days)
    assert [port.reference for port in porting.waiting(roll, "east")] == [one]
    on(roll, 1)
    assert porting.waiting(roll, "east") == []
    assert code(porting.agree(roll, WEST, one, handle("w-1"))) == "port-not-offered"
    assert code(porting.offer(roll, EAST, number, "west")) == ""
    assert rebuild(roll, replace=False).differences == ()


def test_a_record_s_history_is_not_filled_with_offers(roll: Roll) -> None:
    """Of what is done on one record in a day each operator has a count of its own: a small one, where another answers for it."""
    number = filed(roll, "a-1")
    its_code, taken = record(roll, number).code, {}
    begun: dict[Party, Callable[[], object]] = {
        WEST: lambda: porting.ask(roll, WEST, its_code, handle("w-1")),
        EAST: lambda: porting.offer(roll, EAST, number, "west"),
    }
    for party, begin in begun.items():
        outcomes: list[str] = []
        while not any(outcomes) and len(outcomes) <= MOST_A_DAY:
            withdraws = len(outcomes) % 2
            outcomes.append(code(porting.withdraw(roll, party, reference(roll)) if withdraws else begin()))
        assert outcomes[-1] == "too-many-acts"
        taken[party] = len(outcomes) - 1
    assert taken == {WEST: A_DAY_OF_ANOTHER_S, EAST: MOST_A_DAY - 1}  # to file it was one


def test_no_record_goes_that_has_ended_waits_or_is_called_as_another(roll: Roll) -> None:
    """Each is refused for what it is, when it is offered and when it is agreed."""
    alone, ended, number = file_alone(roll), filed(roll, "a-1"), filed(roll, "a-2")
    act(roll, ended, End(on=date(2006, 12, 5)), OWN)
    assert code(porting.offer(roll, EAST, alone, "west")) == "port-unconfirmed"
    assert code(porting.offer(roll, EAST, ended, "west")) == "subscription-ended"
    do(roll, submission_of(filing("west", "w-1"), Actor("operator", "west")))
    porting.offer(roll, EAST, number, "west")
    assert code(porting.agree(roll, WEST, reference(roll), handle("w-1"))) == "handle-taken"
    assert code(porting.agree(roll, WEST, reference(roll), "")) == "handle-form"
    one = reference(roll)
    act(roll, number, End(on=date(2006, 12, 5)), OWN)
    assert code(porting.agree(roll, WEST, one, handle("w-2"))) == "subscription-ended"


def test_who_acts_for_an_operator_is_a_seat_or_a_token_in_force(roll: Roll) -> None:
    """A token that was ended, another's, or a seat that nobody sits in moves nothing."""
    number, clerk = filed(roll, "a-1"), seated(roll, "east", "clerk")
    token = issue_token(roll, "east", "by test")
    assert isinstance(token, str)
    program = Party("east", token=token_hash(token))
    assert code(porting.offer(roll, Party("west", token=token_hash(token)), number, "west")) == "token-unknown"
    assert code(porting.offer(roll, Party("east", clerk), number, "west")) == ""
    assert record(roll, number).history[-1].seat == str(clerk)
    assert code(porting.withdraw(roll, program, reference(roll))) == ""
    end_token(roll, "east", live_tokens(roll, "east")[-1].number, KEEPER, "lost")
    assert code(porting.offer(roll, program, number, "west")) == "token-unknown"
