"""Filings made alone wait, counted apart, until their operator takes or disowns them, and fall away in time."""

import hashlib
from datetime import date, timedelta

import msgspec
import pytest

from openroll.register.command import Actor, Command
from openroll.register.decision import Refused
from openroll.register.organisation.roles import KEEPER
from openroll.register.subscription.commands import Confirm, Disown, End, Erase, Lapse, LookUp
from openroll.register.subscription.decide import DISOWNED, LAPSED, UNCONFIRMED
from openroll.register.subscription.filing_code import code_of, reference_of
from openroll.rules import Retention, waits_until
from openroll.service import queries
from openroll.service.acts import Acted
from openroll.service.acts import act as official
from openroll.service.filing import letters, unconfirmed
from openroll.service.filing.group_commit import GroupCommit
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Outcome, Submission, Taken
from openroll.service.filing.unconfirmed import Word
from openroll.service.governance.duties_board import board
from openroll.service.governance.figures import count_day, count_living
from openroll.service.governance.open_roll import token_hash
from openroll.service.identity import filing_code
from openroll.service.identity.api_tokens import end_token, issue_token, live_tokens
from openroll.service.log.fsck import fsck
from openroll.service.log.sequencer import Sequencer
from openroll.service.queries import Record
from openroll.service.roll import Roll
from openroll.tlog import Entry, decode_bundle
from openroll.watch.facts import read_entry
from tests.conftest import Ticking
from tests.handles import handle
from tests.service.filings import filing, submission_of

EAST, ALONE = Actor("operator", "east"), Actor("subscriber")


def do(roll: Roll, submission: Submission) -> Outcome:
    """Take one submission."""
    group = GroupCommit(roll)
    try:
        return group.submit_and_wait(submission)
    finally:
        group.close()


_count = iter(range(10**6))


def file_alone(roll: Roll, operator: str = "east") -> int:
    """Somebody files alone; the record's number."""
    command = filing(operator, "", digests=filing(operator, f"alone-{next(_count)}").digests)
    outcome = do(roll, submission_of(command, ALONE))
    assert isinstance(outcome, Taken), outcome
    return outcome.number


def act(roll: Roll, number: int, command: Command, actor: Actor) -> Outcome:
    """Somebody acts on a record."""
    request = hashlib.sha256(f"{number}".encode() + msgspec.json.encode(command)).digest()
    return do(roll, Submission(command=command, key=request.hex()[:20], request=request, actor=actor, number=number))


def record(roll: Roll, number: int) -> Record:
    """The record as its holder sees it."""
    found = queries.by_number(roll, number)
    assert isinstance(found, Record)
    return found


def living(roll: Roll) -> dict[tuple[str, str], int]:
    """What the public figures would count now, exactly, by table and key."""
    with roll.database.transaction("registrar") as connection:
        counted = count_living(connection, roll.day(roll.clock()), 1)
    return {
        (table, key): count
        for table in ("districts", "kinds", "operators", "unconfirmed")
        for key, count in getattr(counted, table).items()
        if count
    }


def say(roll: Roll, *words: Word, operator: str = "east") -> list[Outcome]:
    """An operator gives its word."""
    group = GroupCommit(roll)
    try:
        return unconfirmed.say_all(roll, operator, words, group.submit_and_wait)
    finally:
        group.close()


def test_a_token_that_was_ended_says_no_word_more(roll: Roll) -> None:
    """Words are said one by one: each looks its program's token up with it, and after the token's end nothing is disowned."""
    token = issue_token(roll, "east", "by test")
    assert isinstance(token, str)
    first, second = (reference_of(file_alone(roll), roll.keys.code_key) for _ in range(2))

    def said(reference: str) -> Outcome:
        made = unconfirmed.submission_of(roll, "east", Word(reference, "disown", why="not ours"), token_hash(token))
        assert isinstance(made, Submission)
        return do(roll, made)

    assert isinstance(said(first), Taken)
    assert end_token(roll, "east", live_tokens(roll, "east")[-1].number, KEEPER, "lost") is None
    outcome = said(second)
    assert isinstance(outcome, Refused)
    assert outcome.refusal.code == "token-unknown"


def on(roll: Roll, days: int) -> None:
    """Move the clock on."""
    clock = roll.clock
    assert isinstance(clock, Ticking)
    clock.now += timedelta(days=days)


def references(roll: Roll, operator: str = "east") -> list[str]:
    """What waits for an operator's word."""
    found = unconfirmed.waiting(roll, operator)
    assert not isinstance(found, Refused)
    return [one.reference for one in found]


def test_what_nobody_confirmed_is_in_no_count_of_the_operator_s(roll: Roll) -> None:
    """Others' filings under its name raise no figure, no duty and no board; they are counted apart, and to the operator."""
    do(roll, submission_of(filing(handle=handle("a-1")), EAST))
    before, duties = living(roll), board(roll).lines
    for _ in range(5):
        file_alone(roll)
    assert living(roll) == before | {("unconfirmed", "east"): 5}
    roll.least_count = 5
    count_day(roll)
    assert queries.figures(roll).unconfirmed == {"east": 5, "west": 0}
    assert board(roll).lines == duties
    assert (board(roll).unconfirmed, board(roll, "east").unconfirmed, board(roll, "west").unconfirmed) == (5, 5, 0)


def test_an_operator_takes_one_and_it_counts_from_then_on(roll: Roll) -> None:
    """Taken under a handle it is one of the operator's own, found and changed by it; its history says who confirmed it."""
    number = file_alone(roll)
    (reference,) = references(roll)
    assert isinstance(say(roll, Word(reference, "take", handle("k-7")))[0], Taken)
    assert references(roll) == []
    assert living(roll)[("operators", "east")] == 1
    found = queries.by_handle(roll, "east", handle("k-7"))
    assert isinstance(found, Record)
    assert found.number == number
    assert [one.name for one in found.history] == ["subscription.filed/1", "subscription.confirmed/1"]
    assert found.waits_until is None
    assert rebuild(roll, replace=False).differences == ()


def test_an_operator_disowns_one_and_its_holder_reads_why(roll: Roll) -> None:
    """It ends, counts nowhere, tells its reason, and its holder may erase it at once."""
    number = file_alone(roll)
    (reference,) = references(roll)
    (without,) = say(roll, Word(reference, "disown"))
    assert isinstance(without, Refused)
    assert without.refusal.code == "reason-missing"
    assert isinstance(say(roll, Word(reference, "disown", why="no such line"))[0], Taken)
    found = record(roll, number)
    assert (found.state.standing, found.state.ended is not None, found.history[-1].detail) == (
        DISOWNED,
        True,
        "no such line",
    )
    assert living(roll) == {}
    assert rebuild(roll, replace=False).differences == ()
    assert isinstance(act(roll, number, Erase(), ALONE), Taken)


@pytest.mark.parametrize("word", ["take", "disown"])
def test_a_word_given_twice_does_its_work_once_and_another_s_does_none(roll: Roll, word: str) -> None:
    """The same word again is answered as the first time; another operator's reference is unknown; a second word is refused."""
    file_alone(roll)
    (reference,) = references(roll)
    (other,) = say(roll, Word(reference, word, why="x"), operator="west")
    assert isinstance(other, Refused)
    assert other.refusal.code == "subscription-unknown"
    first, again, late = say(
        roll, Word(reference, word, why="x"), Word(reference, word, why="x"), Word(reference, "disown", why="y")
    )
    assert isinstance(first, Taken)
    assert isinstance(again, Taken)
    assert again.repeated
    assert isinstance(late, Refused)
    assert late.refusal.code == "not-unconfirmed"


def test_a_handle_that_is_taken_is_refused(roll: Roll) -> None:
    """A filing made alone is not taken under the handle of another subscription, also not of one in the same group."""
    do(roll, submission_of(filing(handle=handle("a-1")), EAST))
    file_alone(roll)
    file_alone(roll)
    one, two = references(roll)
    outcomes = say(
        roll, Word(one, "take", handle("a-1")), Word(one, "take", handle("b-1")), Word(two, "take", handle("b-1"))
    )
    codes = [one.refusal.code if isinstance(one, Refused) else "" for one in outcomes]
    assert codes == ["handle-taken", "", "handle-taken"]


def test_nobody_but_its_operator_says_what_it_is(roll: Roll) -> None:
    """Its holder cannot confirm it, and what the operator filed or what has ended waits for nobody's word."""
    number = file_alone(roll)
    for command, actor in ((Confirm(), ALONE), (Disown(why="x"), ALONE), (Lapse(), ALONE), (Lapse(), EAST)):
        outcome = act(roll, number, command, actor)
        assert isinstance(outcome, Refused), command
        assert outcome.refusal.code == "not-allowed"
    act(roll, number, End(on=date(2006, 12, 1)), ALONE)
    outcome = act(roll, number, Confirm(), EAST)
    assert isinstance(outcome, Refused)
    assert outcome.refusal.code == "not-unconfirmed"
    assert references(roll) == []
    assert living(roll) == {}


def test_what_nobody_confirms_falls_away_in_time(roll: Roll) -> None:
    """On its last day it may still be taken; the day after the clock lets it fall away, once, and its record says so."""
    unconfirmed.lapse_due(roll)
    number, taken = file_alone(roll), file_alone(roll)
    until = record(roll, number).waits_until
    assert until == roll.day(roll.clock()) + timedelta(days=30)
    on(roll, 30)
    assert unconfirmed.lapse_due(roll) == 0
    act(roll, taken, Confirm(), EAST)
    on(roll, 1)
    assert unconfirmed.lapse_due(roll) == 1
    assert unconfirmed.lapse_due(roll) == 0
    found = record(roll, number)
    assert (found.state.standing, found.history[-1].name, found.waits_until) == (LAPSED, "subscription.lapsed/1", None)
    assert living(roll)[("operators", "east")] == 1
    assert ("unconfirmed", "east") not in living(roll)
    assert rebuild(roll, replace=False).differences == ()
    Sequencer(roll).run_until_empty()
    assert isinstance(act(roll, number, Erase(), ALONE), Taken)


def test_one_that_ended_while_it_waited_is_erased_as_one_that_fell_away(roll: Roll) -> None:
    """Who reports the end of a filing that nobody confirmed does not keep it longer by that: it never counted."""
    number = file_alone(roll)
    assert isinstance(act(roll, number, Erase(), ALONE), Refused)
    assert isinstance(act(roll, number, End(on=roll.day(roll.clock())), ALONE), Taken)
    assert isinstance(act(roll, number, Confirm(), EAST), Refused)
    assert isinstance(act(roll, number, Erase(), ALONE), Taken)


def test_what_waited_before_the_roll_knew_of_it_has_its_whole_time(roll: Roll) -> None:
    """A roll that is brought up to date lets nothing fall away at once: its old filings wait from that day on."""
    number = file_alone(roll)
    on(roll, 400)
    assert unconfirmed.lapse_due(roll) == 0
    assert record(roll, number).waits_until == roll.day(roll.clock()) + timedelta(days=30)
    on(roll, 31)
    assert unconfirmed.lapse_due(roll) == 1


def test_the_rule_s_time_comes_before_the_roll_s(roll: Roll) -> None:
    """A rule that says how long holds; where it says nothing the roll's setting does."""
    filed = date(2006, 12, 20)
    assert waits_until(Retention(unconfirmed="P2M"), filed, 30) == date(2007, 2, 20)
    assert waits_until(Retention(period="P1Y"), filed, 10) == date(2006, 12, 30)
    assert waits_until(None, filed) == date(2007, 1, 19)
    roll.unconfirmed_days = 7
    number = file_alone(roll)
    assert record(roll, number).waits_until == roll.day(roll.clock()) + timedelta(days=7)


def test_a_rule_of_before_keeps_its_digest() -> None:
    """The rule's time is left out where a rule does not say it, so that no roll's rule looks altered."""
    assert b"unconfirmed" not in msgspec.json.encode(Retention(period="P1Y"))
    assert b'"unconfirmed":"P30D"' in msgspec.json.encode(Retention(unconfirmed="P30D"))


def test_a_reference_opens_nothing(roll: Roll) -> None:
    """It is no filing code and no part of one, and a made-up one is unknown."""
    number = file_alone(roll)
    (reference,) = references(roll)
    digits = code_of(number, roll.keys.code_key).replace(" ", "")
    assert len(reference) == 14
    assert reference not in digits
    assert digits[:14] != reference
    for made_up in ("", "1", "x" * 14, "9" * 14, digits[:14], digits):
        (outcome,) = say(roll, Word(made_up, "take"))
        assert isinstance(outcome, Refused)
    assert record(roll, number).state.standing == UNCONFIRMED


def test_the_log_says_that_one_fell_away_and_not_whose(roll: Roll) -> None:
    """The act of the clock stands in the log in full, and nothing in it names the record."""
    unconfirmed.lapse_due(roll)
    number = file_alone(roll)
    on(roll, 31)
    assert unconfirmed.lapse_due(roll) == 1
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    sequencer.close()
    (newest, *_) = queries.official_acts(roll)
    assert newest.name == "subscription.lapsed/1"
    body = msgspec.json.decode(newest.body)
    assert set(body) == {"by", "rule"}
    assert str(number) not in (body["by"], body["rule"])


def test_words_come_in_a_file(roll: Roll) -> None:
    """A CSV of reference, word, handle and why is read; a missing column or a ragged line is said."""
    text = f"\ufeffreference,word,handle,why\n1,take,{handle('a')},\n2,disown,,not ours\n"
    assert unconfirmed.words_of(text) == [Word("1", "take", handle("a")), Word("2", "disown", "", "not ours")]
    for wrong in ("", "reference\n1\n", "reference,word,name\n1,take,x\n"):
        with pytest.raises(ValueError, match="columns"):
            unconfirmed.words_of(wrong)
    with pytest.raises(ValueError, match="line 2"):
        unconfirmed.words_of("reference,word\n1\n")


def test_an_operator_gets_no_code_of_what_somebody_filed_alone(roll: Roll) -> None:
    """Taken by the operator it is in no letter, no list of codes and no answer; its holder opens it by the code they have."""
    do(roll, submission_of(filing(handle=handle("a-1")), EAST))
    number = file_alone(roll)
    (reference,) = references(roll)
    assert isinstance(say(roll, Word(reference, "take", handle("k-7")))[0], Taken)
    code = code_of(number, roll.keys.code_key)
    assert [one for one, _ in queries.codes(roll, "east")] == [handle("a-1")]
    assert [one for one, *_ in letters.codes_for_letters(roll, "east", 0)] == [handle("a-1")]
    assert letters.batches(roll, "east", 0)[0] == [(0, 1)]
    found = queries.by_handle(roll, "east", handle("k-7"))
    assert isinstance(found, Record)
    assert (found.number, found.code) == (number, "")
    assert queries.code_to_tell(roll, number) == ""
    own = queries.by_handle(roll, "east", handle("a-1"))
    assert isinstance(own, Record)
    assert own.code == code_of(own.number, roll.keys.code_key) == queries.code_to_tell(roll, own.number)
    opened = filing_code.open_by_code(roll, code, "192.0.2.1")
    assert isinstance(opened, Record)
    assert opened.code == code


def test_a_reason_that_names_somebody_is_refused(roll: Roll) -> None:
    """A telephone number in the reason of a disowning does not come to stand on the record."""
    number = file_alone(roll)
    outcome = act(roll, number, Disown(why="13812345678 says it is not hers"), EAST)
    assert isinstance(outcome, Refused)
    assert outcome.refusal.code == "text-names-somebody"


@pytest.mark.parametrize("placed", [True, False], ids=["after its place", "before its place"])
def test_an_erased_record_leaves_no_silent_act(roll: Roll, placed: bool) -> None:
    """What fell away, and was looked at, is erased: its official acts stand in the log in full, whichever came first."""
    unconfirmed.lapse_due(roll)
    number = file_alone(roll)
    on(roll, 31)
    assert unconfirmed.lapse_due(roll) == 1
    with roll.database.own() as connection:
        assert isinstance(official(connection, roll, LookUp(number=number), KEEPER), Acted)
    if placed:
        Sequencer(roll).run_until_empty()
    erased = act(roll, number, Erase(), ALONE)
    if not placed:
        assert isinstance(erased, Refused)
        assert erased.refusal.code == "not-in-log-yet"
        Sequencer(roll).run_until_empty()
        erased = act(roll, number, Erase(), ALONE)
    assert isinstance(erased, Taken)
    Sequencer(roll).run_until_empty()
    bundles = sorted((roll.public / "tile/entries").rglob("*"))
    entries = [Entry.parse(one) for path in bundles if path.is_file() for one in decode_bundle(path.read_bytes())]
    assert {"subscription.lapsed/1", "record.seen/1", "subscription.erased/1"} <= {one.kind for one in entries}
    assert [wrong for one in entries if (wrong := read_entry(one.kind, one.act).wrong)] == []
    assert fsck(roll).fault is None
    assert rebuild(roll, replace=False).differences == ()
