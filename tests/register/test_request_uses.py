"""A registered use under a later rule: what the rule has dropped is asked for, approved and given no more."""

from collections.abc import Mapping

import msgspec
from tests.register import asked

from openroll.register.decision import Accepted, Refused
from openroll.register.kinds import decided
from openroll.register.organisation.seats import Member
from openroll.register.request import commands
from openroll.register.request.state import Request, Use, evolve
from openroll.register.request.uses import under_rule

CRIME = {"zh": "侦查犯罪", "en": "investigating offences"}
RESCUE = {"zh": "救援", "en": "rescue"}
NAME, BOTH = asked.FIELDS[:1], asked.FIELDS
ENVELOPE = asked.sealed(b"it is Li", ("police",), "east")


def use(fields: tuple[str, ...] = BOTH, purposes: tuple[Mapping[str, str], ...] = (CRIME, RESCUE)) -> Use:
    """The use, registered for the first of two purposes, under a rule with these."""
    return under_rule(asked.USE, CRIME, fields, purposes)


LATER = {"a field is dropped": use(NAME), "the purpose is dropped": use(purposes=(RESCUE,)), "all is": use((), ())}


def code(command: commands.Step, request: Request, by: Member, of: Use) -> str:
    """The code for which a step is refused under a use as it is today; empty where it is taken."""
    state = asked.matter(request, use=of)
    decision = decided(command, state, by, asked.under())
    return decision.refusal.code if isinstance(decision, Refused) else ""


def after(request: Request, command: commands.Step, by: Member) -> Request:
    """A request after a step, under the rule of before."""
    decision = decided(command, asked.matter(request, use=use()), by, asked.under())
    assert isinstance(decision, Accepted), decision
    for fact in decision.events:
        request = evolve(request, fact)  # type: ignore[arg-type] # it is a fact of a request
    return request


def test_a_purpose_is_known_by_its_words() -> None:
    """Whatever its place, and whatever languages were added since; another purpose in its place is another one."""
    assert not use(purposes=(RESCUE, CRIME)).purpose_gone
    assert not use(purposes=({**CRIME, "de": "Straftaten aufklären"},)).purpose_gone
    assert not use(purposes=({"en": CRIME["en"]},)).purpose_gone
    assert use(purposes=(RESCUE, {**CRIME, "en": "watching people"})).purpose_gone
    assert use(purposes=({"de": "Straftaten aufklären"},)).purpose_gone
    assert use(purposes=()).purpose_gone
    assert under_rule(asked.USE, {}, BOTH, (RESCUE,)).purpose_gone  # the rule of then is not known any more
    assert (use().fields_gone, use(NAME).fields_gone) == ((), BOTH[1:])


def test_nothing_is_asked_for_that_the_rule_has_dropped() -> None:
    """A use that was registered before goes on within what is left of it, and for no other purpose."""

    def asking(of: Use, fields: tuple[str, ...]) -> object:
        decision = decided(asked.whole(fields=fields), asked.asking(use=of), asked.OFFICER, asked.under())
        return decision.refusal.code if isinstance(decision, Refused) else "taken"

    assert [asking(one, BOTH) for one in (use(), *LATER.values())] == [
        "taken",
        *("beyond-use", "purpose-unknown", "purpose-unknown"),
    ]
    assert asking(LATER["a field is dropped"], NAME) == "taken"


def test_nothing_under_way_is_let_through_or_given_that_the_rule_has_dropped() -> None:
    """An approval, a second word, a confirmation, a third body's silence, an answer: each is held against the rule of its day."""
    called = after(asked.filed(urgency="emergency"), commands.CallBack(request=1, number=asked.OFFICE), asked.CLERK)
    approved = after(asked.filed(), commands.Approve(request=1, fields=BOTH), asked.REVIEWER)
    twice = msgspec.structs.replace(
        asked.in_step("second-review", "request-two-1"), approved=BOTH, approved_by="court/2"
    )
    window = msgspec.structs.replace(asked.in_step("objection-window", "request-objection-1"), approved=BOTH)
    answer = commands.Answer(request=1, outcome="given", fields=BOTH, envelope=ENVELOPE)
    tries: tuple[tuple[Request, commands.Step, Member], ...] = (
        (asked.filed(), commands.Approve(request=1, fields=BOTH), asked.REVIEWER),
        (called, commands.ConfirmEmergency(request=1), asked.SECOND),
        (twice, commands.SecondApproval(request=1), asked.SECOND_REVIEWER),
        (window, commands.LetPass(request=1), asked.OBJECTOR),
        (approved, answer, asked.CLERK),
    )
    for request, command, by in tries:
        codes = [code(command, request, by, one) for one in (use(), *LATER.values())]
        assert codes == ["", "beyond-use", "use-lapsed", "use-lapsed"], command
    kept = asked.filed(desired="preserve")
    preserve = commands.Preserve(request=1)
    assert [code(preserve, kept, asked.CLERK, one) for one in LATER.values()] == [
        "beyond-use",
        "use-lapsed",
        "use-lapsed",
    ]


def test_what_is_left_goes_on_and_what_is_not_can_be_ended() -> None:
    """Fewer fields are approved and given, and whatever gives nothing out is always taken; what was given is reviewed."""
    approved = after(asked.filed(), commands.Approve(request=1, fields=BOTH), asked.REVIEWER)
    narrow, some = LATER["a field is dropped"], commands.Approve(request=1, fields=NAME)
    assert code(some, asked.filed(), asked.REVIEWER, narrow) == ""
    partly = commands.Answer(request=1, outcome="partly", fields=NAME, envelope=ENVELOPE)
    assert code(partly, approved, asked.CLERK, narrow) == ""
    for one in LATER.values():
        assert code(commands.Answer(request=1, outcome="conflict-of-law"), approved, asked.CLERK, one) == ""
        assert code(commands.Refuse(request=1, reason="no-basis"), asked.filed(), asked.REVIEWER, one) == ""
        assert code(commands.WithdrawRequest(request=1), asked.filed(), asked.OFFICER, one) == ""
        out = asked.in_step("later-review", approved=BOTH, given=BOTH, outcome="given", answered="given")
        assert code(commands.Approve(request=1, fields=BOTH), out, asked.REVIEWER, one) == ""
