"""Operators leave, or another one succeeds them in all they had: in one act, and nobody's record is without an operator."""

from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from openroll.register.command import Actor
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.roles import Seat
from openroll.register.subscription.commands import Change, Confirm, End, Hold, Rehandle
from openroll.register.subscription.filing_code import reference_of
from openroll.service import queries
from openroll.service.filing import porting, uploads
from openroll.service.filing.bulk import FileRefused, FileTaken, take_file
from openroll.service.filing.porting import Party
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.reconcile import Reconciled, reconcile
from openroll.service.filing.submit import Taken
from openroll.service.governance.duties_board import board
from openroll.service.governance.lives import leave_roll, lives, offer_succession, succeed, withdraw_succession
from openroll.service.governance.open_roll import admit_operator
from openroll.service.identity import filing_code, people
from openroll.service.identity.api_tokens import issue_token, live_tokens
from openroll.service.queries import Answering, Record
from openroll.service.roll import Roll
from openroll.store import subscriptions
from openroll.store import uploads as stored_uploads
from tests.conftest import Ticking
from tests.handles import handle
from tests.seats import seated
from tests.service.filings import filing, rows_file, submission_of
from tests.service.test_porting import code, filed
from tests.service.test_unconfirmed import act, do, file_alone, living, on, record

OWN = Actor("subscriber")


def leads(roll: Roll) -> tuple[Seat, Seat]:
    """A lead of either operator."""
    return seated(roll, "east", "operator-lead"), seated(roll, "west", "operator-lead")


def test_all_an_operator_had_is_its_heir_s_with_one_act(roll: Roll) -> None:
    """Records, codes, files and work go along; its tokens, seats and sessions end; figures count each record once."""
    east, west = leads(roll)
    number, alone, ended = filed(roll, "a-1", kind="organisation"), file_alone(roll), filed(roll, "a-2")
    act(roll, ended, End(on=date(2006, 12, 5)), OWN)
    act(roll, number, Hold(), OWN)
    assert isinstance(take_file(roll, "east", rows_file(3)), FileTaken)
    do(roll, submission_of(filing("west", "w-1"), Actor("operator", "west")))
    issue_token(roll, "east", "by test")
    people.invite(roll, "east", "clerk", "somebody", east)
    before, counted, lines = (
        record(roll, number),
        sum(v for (t, _), v in living(roll).items() if t == "operators"),
        board(roll),
    )
    assert code(succeed(roll, "east", by=west)) == "succession-not-offered"
    assert code(offer_succession(roll, "east", "west", east)) == ""
    assert code(succeed(roll, "east", by=east)) == "not-allowed"
    on(roll, 2)
    assert code(succeed(roll, "east", "west", west)) == ""
    after, day = record(roll, number), roll.day(roll.clock())
    assert (after.state.operator, after.state.handle, after.state.held, after.code) == (
        "west",
        handle("a-1"),
        True,
        before.code,
    )
    assert after.operators == (Answering("east", before.state.filed, day), Answering("west", day))
    assert living(roll)["operators", "west"] == counted
    assert {line.operator for line in board(roll).lines} == {"west"}
    assert board(roll).total("met") == lines.total("met")
    assert live_tokens(roll, "east") == []
    assert code(people.invite(roll, "east", "clerk", "nobody")) == "operator-unknown"
    assert code(offer_succession(roll, "east", "west", east)) == "seat-gone"
    refused = take_file(roll, "east", rows_file(2, "more-"))
    assert isinstance(refused, FileRefused)
    assert refused.refused.refusal.code == "operator-unknown"
    again = AdmitOperator(operator="east", kind="access-operator", title={"zh": "东", "en": "East"})
    assert code(admit_operator(roll, again)) == "operator-admitted-already"
    (row,) = [one for one in lives(roll) if one.name == "east"]
    assert (row.ended, row.heir, row.to) == (day, "west", None)
    heir = Actor("operator", "west")
    assert isinstance(act(roll, number, Change(on=date(2006, 12, 1), access="cable"), heir), Taken)
    assert isinstance(act(roll, alone, Confirm(handle=handle("w-2")), heir), Taken)
    seen = queries.by_handle(roll, "west", handle("a-1"))
    assert isinstance(seen, Record)
    assert seen.history[0].organisation == "east"
    assert rebuild(roll, replace=False).differences == ()
    assert rebuild(roll, replace=True).differences == ()
    assert record(roll, number).state.operator == "west"


def test_a_file_that_waits_is_not_the_act_of_the_heir_s_seat_of_that_number(roll: Roll, tmp_path: Path) -> None:
    """It is refused as its sender's seat has ended; the heir sees it, and its queue is told that there is one."""
    east, west = leads(roll)
    assert east.number == west.number
    with roll.database.own() as connection:
        row = stored_uploads.begin(connection, 77, "east", east.number, "file", 1, roll.clock())
    offer_succession(roll, "east", "west", east)
    assert code(succeed(roll, "east", "west", west)) == ""
    with roll.database.own() as connection:
        given = stored_uploads.upload(connection, "west", row.id)
        waits = connection.execute("select key from work where kind = 'upload' and ended is null").fetchall()
    assert given is not None
    assert waits == [("west",)]
    path = tmp_path / "list.csv"
    path.write_bytes(rows_file(2).getvalue())
    for take in (uploads.take, uploads.compare):
        ended = take(roll, given, path, lambda *_: None)
        assert (ended.state, uploads.verdicts(ended).code) == ("refused", "seat-gone")
    assert uploads.verdicts(ended).params == {"seat": str(east)}


def test_files_go_on_and_lists_agree_by_either_s_handles(roll: Roll, tmp_path: Path) -> None:
    """A list of the operator that was succeeded is the heir's to send again, to compare and to go on with."""
    east, west = leads(roll)
    assert isinstance(take_file(roll, "east", rows_file(3)), FileTaken)
    assert isinstance(take_file(roll, "west", rows_file(2, "west-")), FileTaken)
    offer_succession(roll, "east", "west", west)
    assert code(succeed(roll, "east", by=east)) == ""
    same = take_file(roll, "west", rows_file(3))
    assert isinstance(same, FileTaken)
    assert same.stored == 0
    path = tmp_path / "both.csv"
    head, *rows = rows_file(3).getvalue().splitlines(keepends=True)
    path.write_bytes(b"".join((head, *rows, *rows_file(2, "west-").getvalue().splitlines(keepends=True)[1:])))
    compared = reconcile(roll, "west", path)
    assert isinstance(compared, Reconciled)
    assert (compared.same, compared.only_list, compared.only_roll) == (5, 0, 0)
    assert code(reconcile(roll, "east", path).refused) == "operator-unknown"  # type: ignore[union-attr]


def test_the_registrar_carries_out_what_it_announced_after_the_notice(roll: Roll) -> None:
    """Two people of two lines do it, not before the last day and not without the heir's word, which hurries nothing."""
    west = seated(roll, "west", "operator-lead")
    first, second = seated(roll, "registrar", "registrar-lead"), seated(roll, "registrar", "registrar")
    number = filed(roll, "a-1")
    assert code(offer_succession(roll, "east", "west", second)) == "not-allowed"
    assert code(offer_succession(roll, "east", "west", first)) == ""
    assert code(offer_succession(roll, "east", "west", west)) == "succession-offered-already"
    assert code(succeed(roll, "east", by=second)) == "notice-runs"
    on(roll, 40)
    assert code(succeed(roll, "east", by=second)) == "heir-silent"
    assert code(succeed(roll, "east", by=seated(roll, "west", "clerk"))) == "not-allowed"
    assert code(succeed(roll, "east", by=west)) == ""
    assert record(roll, number).state.operator == "east"
    assert code(succeed(roll, "east", by=west)) == "succession-offered-already"
    assert code(succeed(roll, "east", by=first)) == "second-eyes-needed"
    assert code(succeed(roll, "east", by=second)) == ""
    assert record(roll, number).state.operator == "west"


def test_handles_that_meet_are_told_before_anything_is_done(roll: Roll) -> None:
    """Two operators with one handle both are not one operator until one of them calls its record otherwise."""
    east, west = leads(roll)
    for name in ("east", "west"):
        do(roll, submission_of(filing(name, "a-1"), Actor("operator", name)))
    offer_succession(roll, "east", "west", east)
    assert code(succeed(roll, "east", by=west)) == "handles-meet"
    number = queries.by_handle(roll, "west", handle("a-1"))
    assert isinstance(number, Record)
    act(roll, number.number, Rehandle(handle=handle("w-1")), Actor("operator", "west"))
    assert code(succeed(roll, "east", by=west)) == ""


def test_an_operator_leaves_when_it_answers_for_nothing_more(roll: Roll) -> None:
    """Ended records stay and are their subscribers' to open; what was to come to it comes to nobody, and says why."""
    east, west = leads(roll)
    number, going, coming = filed(roll, "a-1"), filed(roll, "a-2"), file_alone(roll, "west")
    act(roll, coming, Confirm(handle=handle("w-9")), Actor("operator", "west"))
    assert code(leave_roll(roll, "east", by=east)) == "still-answers"
    act(roll, number, End(on=date(2006, 12, 5)), OWN)
    porting.offer(roll, Party("east"), going, "west")
    porting.agree(roll, Party("west"), reference_of(going, roll.keys.code_key), handle("w-1"))
    porting.ask(roll, Party("east"), record(roll, coming).code, handle("a-9"))
    assert code(leave_roll(roll, "east", by=west)) == "not-allowed"
    assert code(leave_roll(roll, "east", by=seated(roll, "registrar", "registrar-lead"))) == "reason-missing"
    assert code(leave_roll(roll, "east", by=east)) == ""
    assert code(porting.agree(roll, Party("west"), reference_of(coming, roll.keys.code_key))) == "operator-unknown"
    assert code(porting.offer(roll, Party("west"), going, "east")) == "operator-unknown"
    code_of_it = record(roll, number).code
    assert isinstance(filing_code.open_by_code(roll, code_of_it, "192.0.2.1"), Record)
    assert code(do(roll, submission_of(filing("east", "a-3"), Actor("operator", "east")))) == "operator-unknown"
    assert rebuild(roll, replace=False).differences == ()


def test_an_offer_is_declined_or_over_in_time(roll: Roll) -> None:
    """Then nothing comes of it, and another may be made."""
    east, west = leads(roll)
    assert code(offer_succession(roll, "east", "nobody", east)) == "operator-unknown"
    assert code(offer_succession(roll, "east", "east", east)) == "operator-unknown"
    offer_succession(roll, "east", "west", east)
    assert code(withdraw_succession(roll, "east", "not now", west)) == ""
    assert code(succeed(roll, "east", by=west)) == "succession-not-offered"
    offer_succession(roll, "east", "west", west)
    on(roll, 60)
    assert code(succeed(roll, "east", by=east)) == "succession-not-offered"
    assert code(offer_succession(roll, "east", "west", east)) == ""


def test_every_record_has_exactly_one_operator_that_answers(roll: Roll) -> None:
    """Whatever order they file, port, merge and leave in: a living record's operator is one that is in the roll, and only one."""
    clock = roll.clock
    assert isinstance(clock, Ticking)
    names = ["east", "west", *(f"o-{number}" for number in range(4))]
    for name in names[2:]:
        admit_operator(
            roll, AdmitOperator(operator=name, kind="access-operator", title={"zh": name, "en": f"Body {name}"})
        )
    count = iter(range(10**6))

    class Lives(RuleBasedStateMachine):
        """One roll for all examples."""

        @initialize()
        def begin(self) -> None:
            """It stands as it was left."""

        @rule(by=st.sampled_from(names), to=st.sampled_from(names), agreed=st.booleans())
        def port(self, by: str, to: str, agreed: bool) -> None:
            """One files a subscription and offers it to another, which agrees or not."""
            account = f"lives-{next(count)}"
            outcome = do(roll, submission_of(filing(by, account), Actor("operator", by)))
            if isinstance(outcome, Taken):
                porting.offer(roll, Party(by), outcome.number, to)
                reference = reference_of(outcome.number, roll.keys.code_key)
                if agreed:
                    porting.agree(roll, Party(to), reference, handle(f"{account}-{to}"))

        @rule(by=st.sampled_from(names[1:]), to=st.sampled_from(names), leaves=st.booleans())
        def end(self, by: str, to: str, leaves: bool) -> None:
            """One leaves, or is succeeded by another."""
            if leaves:
                leave_roll(roll, by, "it is gone")
                return
            offer_succession(roll, by, to)
            roll.clock.now += timedelta(days=40)  # type: ignore[attr-defined] # the tests own clock
            succeed(roll, by, to, heads[to])
            succeed(roll, by, to, second)

        @invariant()
        def one_answers(self) -> None:
            """As the table has it, as each record's facts have it, and as the operators' own rows do."""
            there = {one.name for one in lives(roll) if one.ended is None}
            with roll.database.own() as connection:
                rows = subscriptions.first(connection, 10_000)
            for number, operator, _ in rows:
                assert operator in there
                found = record(roll, number)
                assert [one.operator for one in found.operators if one.until is None] == [operator]
                assert found.state.operator == operator
            assert rebuild(roll, replace=False).differences == ()

    second = seated(roll, "registrar", "registrar")
    heads = {name: seated(roll, name, "operator-lead") for name in names}
    calm = settings(
        max_examples=3, stateful_step_count=8, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Lives, settings=calm)
