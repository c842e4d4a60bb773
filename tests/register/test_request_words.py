"""Whose words a request goes on by: what its operator said, no sentence for a number, and no word of a seat that ended."""

from datetime import datetime, timedelta

import msgspec
import pytest
from tests.register import asked

from openroll.register.decision import Accepted, Refused
from openroll.register.kinds import decided
from openroll.register.organisation.seats import Member
from openroll.register.request import commands
from openroll.register.request.events import RequestCalledBack
from openroll.register.request.rights import register_use
from openroll.register.request.state import Matter, Registering, Request, evolve
from openroll.register.request.telephone import is_telephone
from openroll.register.request.words import NOT_GIVING

TWIN = frozenset({str(asked.OFFICER.seat)})
"""Who acts sits in the officer's seat too, as far as the roll knows."""


def gone(member: Member) -> Member:
    """A seat that ended."""
    return msgspec.structs.replace(member, sits=False)


def known(request: Request, **changed: object) -> Matter:
    """What is known before a step, with the seats that spoke."""
    seats = {str(one.seat): one for one in (asked.REVIEWER, asked.CLERK, asked.OFFICER, asked.SECOND)}
    who = {"approver": seats.get(request.approved_by), "caller": seats.get(request.called_by)}
    return asked.matter(request, **(who | changed))


def does(request: Request, command: commands.Step, by: Member, now: datetime = asked.NOW) -> Request:
    """A request after a step that is taken."""
    decision = decided(command, known(request), by, asked.under(now))
    assert isinstance(decision, Accepted), decision
    for fact in decision.events:
        request = evolve(request, fact)  # type: ignore[arg-type] # it is a fact of a request
    return request


def refused(command: commands.Step, state: Matter, by: Member, now: datetime = asked.NOW) -> str:
    """The code for which a step is refused."""
    decision = decided(command, state, by, asked.under(now))
    assert isinstance(decision, Refused), decision
    return decision.refusal.code


def called() -> Request:
    """An emergency that was called back."""
    return does(asked.filed(urgency="emergency"), commands.CallBack(request=1, number=asked.OFFICE), asked.CLERK)


def answered(outcome: str) -> Request:
    """An emergency that was confirmed, taken and answered so."""
    request = does(called(), commands.ConfirmEmergency(request=1), asked.SECOND)
    request = does(request, commands.OpenRequest(request=1), asked.CLERK)
    return does(request, commands.Answer(request=1, outcome=outcome), asked.CLERK)


NOBODY = commands.TellNobody(request=1)


@pytest.mark.parametrize("outcome", NOT_GIVING)
def test_nobody_is_to_be_told_only_where_the_operator_itself_holds_nothing(outcome: str) -> None:
    """Whatever comes of the request later (a refusal, a reviewer's silence), what the operator answered of the record stands."""
    request = answered(outcome)
    annulled = does(request, commands.Refuse(request=1, reason="no-emergency"), asked.REVIEWER)
    assert annulled.outcome == "annulled"
    for state, now in ((annulled, asked.NOW), (request, asked.NOW + timedelta(hours=97))):
        if outcome in ("not-held", "unclear"):
            assert does(state, NOBODY, asked.CLERK, now).ended
        else:
            assert refused(NOBODY, known(state), asked.CLERK, now) == "not-in-this-step"


def test_no_public_word_tells_what_is_held_before_anybody_decided() -> None:
    """An operator preserves whatever it holds, or says nothing; and that there is nobody to tell is said only after an answer."""
    wish = asked.filed(desired="preserve")
    with_operator = does(asked.filed(), commands.Approve(request=1, fields=asked.FIELDS), asked.REVIEWER)
    for begun in (wish, does(wish, commands.Preserve(request=1), asked.CLERK), with_operator):
        assert refused(commands.Answer(request=1, outcome="not-held"), known(wish), asked.CLERK) == "not-in-this-step"
        taken = begun if begun is not with_operator else does(begun, commands.OpenRequest(request=1), asked.CLERK)
        withdrawn = does(taken, commands.WithdrawRequest(request=1), asked.OFFICER)
        withdrawn = does(withdrawn, commands.OpenRequest(request=1), asked.CLERK)
        assert refused(NOBODY, known(withdrawn), asked.CLERK) == "not-in-this-step"
        tell = commands.Tell(request=1, notice=asked.notice(), bucket=7, complaint=asked.COMPLAINT)
        assert does(withdrawn, tell, asked.CLERK).standing.step == "told"
    produced = asked.in_step("to-tell", opened=frozenset({"east"}), answered="not-held", desired="produce")
    assert does(produced, NOBODY, asked.CLERK).ended


@pytest.mark.parametrize(
    "said",
    [
        asked.OFFICE + " li.si@home.example, Li Si of Minsheng Road",
        "Li Si " + asked.OFFICE,
        asked.OFFICE.replace(" ", "\u3000"),
        "+86-" + "-" * 40 + "2312345678",
        "",
    ],
)
def test_the_number_of_a_call_back_is_a_number(said: str) -> None:
    """What stands in the log of a call is digits and what parts them: no word of whoever called."""
    request = asked.filed(urgency="emergency")
    assert refused(commands.CallBack(request=1, number=said), known(request), asked.CLERK) == "not-called-back"


def test_a_registered_office_is_a_number_that_can_be_called() -> None:
    """What an authority registers as its telephone is one; of before, whatever is there is called by its digits."""
    state = Registering("authority", frozenset({"name"}), 1, 1)
    lead = asked.seated("police", 1, "officer-lead")
    use = commands.RegisterUse(
        purpose=0, basis="a law", fields=("name",), supervisor="a body", supervised_at="a@b.example", office=""
    )
    for office, taken in (
        ("+86 23 1234 5678", True),
        ("(023) 6381-2345 x12", True),
        ("110", True),
        ("ask for Li Si, 23 1234", False),
        ("li.si7@home.example", False),
        ("1", False),
        ("1" * 41, False),
    ):
        command = msgspec.structs.replace(use, office=office)
        assert isinstance(register_use(command, state, lead, asked.under()), Accepted) is taken is is_telephone(office)
    old = known(asked.filed(urgency="emergency"), office="Duty officer: ０２３ 6381-2345")
    right = commands.CallBack(request=1, number="023 6381 2345")
    assert isinstance(decided(right, old, asked.CLERK, asked.under()), Accepted)


def test_codes_and_fields_stand_once_in_the_log() -> None:
    """A list of codes says what is in it, and nothing by how often or in how many repetitions."""
    request = asked.filed()
    returned = decided(
        commands.ReturnIncomplete(request=1, missing=("port", "port", "zone", "port")),
        known(request),
        asked.REVIEWER,
        asked.under(),
    )
    assert [fact.missing for fact in asked.facts(returned)] == [("port", "zone")]
    with_operator = does(request, commands.Approve(request=1, fields=asked.FIELDS), asked.REVIEWER)
    envelope = asked.sealed(b"it is Li", ("police",), "east")
    answer = commands.Answer(request=1, outcome="given", fields=asked.FIELDS * 3, envelope=envelope)
    told = decided(answer, known(with_operator), asked.CLERK, asked.under())
    assert [fact.fields for fact in asked.facts(told)] == [asked.FIELDS]


def test_a_word_in_a_request_ends_with_its_seat() -> None:
    """An approval, an emergency and a call back are taken up by nobody once the seat that said it has ended."""
    twice = does(asked.filed("request-two-1"), commands.Approve(request=1, fields=asked.FIELDS[:1]), asked.REVIEWER)
    second = commands.SecondApproval(request=1)
    assert refused(second, known(twice, approver=gone(asked.REVIEWER)), asked.SECOND_REVIEWER) == "seat-gone"
    does(twice, second, asked.SECOND_REVIEWER)
    confirm, request = commands.ConfirmEmergency(request=1), called()
    assert refused(confirm, known(request, officer=gone(asked.OFFICER)), asked.SECOND) == "seat-gone"
    assert refused(confirm, known(request, caller=gone(asked.CLERK)), asked.SECOND) == "not-called-back"
    again = does(request, commands.CallBack(request=1, number=asked.OFFICE), asked.REVIEWER)
    assert again.called_by == str(asked.REVIEWER.seat)
    does(again, confirm, asked.SECOND)


def of_the_operator() -> tuple[tuple[Request, commands.Step, Member], ...]:
    """What the operator does in a request."""
    tell = commands.Tell(request=1, notice=asked.notice(), bucket=7, complaint=asked.COMPLAINT)
    kept = asked.filed(desired="preserve")
    telling = asked.in_step("to-tell", opened=frozenset({"east"}), answered="not-held")
    return (
        (kept, commands.Preserve(request=1), asked.CLERK),
        (asked.in_step("with-operator"), commands.Answer(request=1, outcome="not-held"), asked.CLERK),
        (telling, tell, asked.CLERK),
        (telling, NOBODY, asked.CLERK),
    )


def test_whose_word_stands_in_a_request_looks_at_it_in_no_other_seat() -> None:
    """Who wrote for the authority does not call back, decide, object, let pass, answer or tell in another seat."""
    later = asked.NOW + timedelta(days=11)
    words = (("authority", str(asked.OFFICER.seat)), ("reviewer", str(asked.REVIEWER.seat)))
    window = asked.in_step("objection-window", "request-objection-1", words=words)
    asked_back = asked.sealed(b"why?", ("police", "court"), "court")
    tries: tuple[tuple[Request, commands.Step, Member], ...] = (
        (asked.filed(urgency="emergency"), commands.CallBack(request=1, number=asked.OFFICE), asked.CLERK),
        (asked.filed(urgency="emergency"), commands.CallBack(request=1, number=asked.OFFICE), asked.REVIEWER),
        (asked.filed(), commands.ReturnIncomplete(request=1, missing=("port",)), asked.REVIEWER),
        (asked.filed(), commands.AskBack(request=1, envelope=asked_back), asked.REVIEWER),
        (asked.filed(), commands.Approve(request=1, fields=asked.FIELDS), asked.REVIEWER),
        (asked.filed(), commands.Refuse(request=1, reason="no-grounds"), asked.REVIEWER),
        (asked.filed(), commands.ExtendTime(request=1, until=later, why="long"), asked.REVIEWER),
        (asked.filed(), commands.PostponeTelling(request=1, until=later, why="it goes on"), asked.REVIEWER),
        (window, commands.LetPass(request=1), asked.OBJECTOR),
        (window, commands.Object(request=1, ground="privilege"), asked.OBJECTOR),
    )
    for request, command, by in (*tries, *of_the_operator()):
        assert refused(command, known(request, same=TWIN), by) == "one-person", command
        assert isinstance(decided(command, known(request), by, asked.under()), Accepted), command
    approver = frozenset({str(asked.REVIEWER.seat)})
    for request, command, by in of_the_operator():
        approved = msgspec.structs.replace(request, words=(*request.words, ("reviewer", "court/2")))
        state = known(approved, same=approver)
        assert refused(command, state, by) == "one-person", command
    assert refused(commands.LetPass(request=1), known(window, same=approver), asked.OBJECTOR) == "one-person"
    caller = frozenset({str(asked.CLERK.seat)})
    assert refused(commands.ConfirmEmergency(request=1), known(called(), same=caller), asked.SECOND) == "one-person"


def test_who_asked_or_approved_is_not_who_answers_and_tells() -> None:
    """Neither the officer nor the reviewer, in another seat of theirs at the operator, says what is held."""
    request = does(asked.filed(), commands.Approve(request=1, fields=asked.FIELDS), asked.REVIEWER)
    answer = commands.Answer(request=1, outcome="not-held")
    for same in (TWIN, frozenset({str(asked.REVIEWER.seat)})):
        assert refused(answer, known(request, same=same), asked.CLERK) == "one-person", same
    assert isinstance(decided(answer, known(request), asked.CLERK, asked.under()), Accepted)


def test_who_completed_a_request_decides_on_it_in_no_other_seat() -> None:
    """The word of a second officer who completed it, or answered the reviewer, is in it as the first one's is."""
    request = does(asked.filed(), commands.ReturnIncomplete(request=1, missing=("port",)), asked.REVIEWER)
    envelope = asked.sealed(b"443", ("police", "court", "east"))
    request = does(request, commands.CompleteRequest(request=1, envelope=envelope), asked.SECOND)
    same = frozenset({str(asked.SECOND.seat)})
    approve = commands.Approve(request=1, fields=asked.FIELDS)
    assert refused(approve, known(request, same=same), asked.REVIEWER) == "one-person"
    does(request, approve, asked.REVIEWER)


def test_who_spoke_for_one_party_speaks_for_no_other() -> None:
    """Who returned, put off, extended or asked back as reviewer writes nothing for the authority, nor takes its request back."""
    later, both = asked.NOW + timedelta(days=11), ("police", "court")
    envelope = asked.sealed(b"443", (*both, "east"))
    returned = does(asked.filed(), commands.ReturnIncomplete(request=1, missing=("port",)), asked.REVIEWER)
    asked_back = commands.AskBack(request=1, envelope=asked.sealed(b"why?", both, "court"))
    answer_back = commands.AnswerBack(request=1, envelope=asked.sealed(b"so", both))
    put_off = does(asked.filed(), commands.PostponeTelling(request=1, until=later, why="it goes on"), asked.REVIEWER)
    extended = does(asked.filed(), commands.ExtendTime(request=1, until=later, why="long"), asked.REVIEWER)
    kept = does(asked.filed(desired="preserve"), commands.Preserve(request=1), asked.CLERK)
    kept = does(kept, commands.Approve(request=1, fields=asked.FIELDS), asked.REVIEWER)
    tries: tuple[tuple[Request, commands.Step], ...] = (
        (returned, commands.CompleteRequest(request=1, envelope=envelope)),
        (does(asked.filed(), asked_back, asked.REVIEWER), answer_back),
        (put_off, commands.WithdrawRequest(request=1)),
        (extended, commands.WithdrawRequest(request=1)),
        (kept, commands.Produce(request=1, later=2)),
    )
    for request, command in tries:
        twin = known(request, same=frozenset({str(asked.REVIEWER.seat)}))
        assert refused(command, twin, asked.SECOND) == "one-person", command
        assert isinstance(decided(command, known(request), asked.SECOND, asked.under()), Accepted), command


def test_facts_of_before_say_what_they_said() -> None:
    """A call of before with words in it still folds: the log is read as it is."""
    request = asked.filed(urgency="emergency")
    of = {"request": 1, "at": asked.NOW, "by": "east/2", "rule": "law@1", "organisation": "east"}
    request = evolve(request, RequestCalledBack(number="+86 23 1234 5678 Li Si", **of))  # type: ignore[arg-type] # as it was
    assert (request.called_back, request.called_by) == (True, "east/2")
