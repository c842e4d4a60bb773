"""What procedures call each act on a request, and the fact that it makes once it is taken."""

from collections.abc import Mapping
from typing import Any

from openroll.register.official import Under
from openroll.register.organisation.seats import Member
from openroll.register.request import commands, events
from openroll.register.request.sealed import digest_of
from openroll.register.request.state import Request

ACTS: Mapping[type[commands.Step], str] = {
    commands.OpenRequest: "open",
    commands.ReturnIncomplete: "return",
    commands.CompleteRequest: "complete",
    commands.AskBack: "ask-back",
    commands.AnswerBack: "answer-back",
    commands.CallBack: "call-back",
    commands.ConfirmEmergency: "confirm",
    commands.SecondApproval: "second",
    commands.Refuse: "refuse",
    commands.Object: "object",
    commands.LetPass: "let-pass",
    commands.SignDecision: "sign",
    commands.PostponeTelling: "postpone",
    commands.ExtendTime: "extend",
    commands.WithdrawRequest: "withdraw",
    commands.Produce: "produce",
    commands.Preserve: "preserve",
    commands.Answer: "answer",
    commands.Tell: "tell",
    commands.TellNobody: "nobody",
}
"""How procedures call what each command does; an approval is called by its fields."""


def act_of(command: commands.Step, request: Request) -> str:
    """What procedures call a command."""
    if isinstance(command, commands.Approve):
        return "approve" if set(command.fields) == set(request.fields) else "narrow"
    return ACTS[type(command)]


def fact_of(command: commands.Step, request: Request, by: Member, under: Under) -> events.RequestEvent:
    """The fact that an act makes. Raises TypeError for what is no step of a request."""
    of: dict[str, Any] = {"request": request.number, "at": under.now, "by": str(by.seat), "rule": under.rule}
    made = _review(command, request, of) or _answer(command, of) or _asked(command, by, of)
    if made is None:
        raise TypeError(f"{type(command).__name__} is no step of a request")
    return made


def _review(command: commands.Step, request: Request, of: dict[str, Any]) -> events.RequestEvent | None:
    """What a reviewer or a third body does."""
    match command:
        case commands.ReturnIncomplete():
            return events.RequestReturned(missing=tuple(dict.fromkeys(command.missing)), why=command.why.strip(), **of)
        case commands.AskBack():
            return events.RequestAskedBack(envelope=digest_of(command.envelope), **of)
        case commands.Approve():
            fields, why = tuple(dict.fromkeys(command.fields)), command.why.strip()
            kind = events.RequestApproved if act_of(command, request) == "approve" else events.RequestNarrowed
            return kind(fields=fields, why=why, **of)
        case commands.SecondApproval():
            return events.RequestSeconded(**of)
        case commands.Refuse():
            refused = events.RequestAnnulled if request.in_effect else events.RequestRefused
            return refused(reason=command.reason, why=command.why.strip(), **of)
        case commands.Object():
            return events.RequestObjected(ground=command.ground, why=command.why.strip(), **of)
        case commands.LetPass():
            return events.RequestPassed(**of)
        case commands.PostponeTelling():
            return events.TellingPostponed(until=command.until, why=command.why.strip(), **of)
        case commands.ExtendTime():
            step_now = request.standing.step
            return events.TimeExtended(step=step_now, until=command.until, why=command.why.strip(), **of)
    return None


def _answer(command: commands.Step, of: dict[str, Any]) -> events.RequestEvent | None:
    """What an operator does."""
    match command:
        case commands.Preserve():
            return events.RequestPreserved(**of)
        case commands.Answer():
            return events.RequestAnswered(
                outcome=command.outcome,
                fields=tuple(dict.fromkeys(command.fields)),
                envelope=digest_of(command.envelope),
                **of,
            )
        case commands.Tell():
            told = events.PersonToldByWord if command.by_word else events.PersonTold
            return told(notice=digest_of(command.notice), bucket=command.bucket, complaint=command.complaint, **of)
        case commands.TellNobody():
            return events.NobodyTold(**of)
    return None


def _asked(command: commands.Step, by: Member, of: dict[str, Any]) -> events.RequestEvent | None:
    """What an authority does, or each of the bodies."""
    match command:
        case commands.OpenRequest():
            return events.RequestOpened(organisation=by.seat.organisation, **of)
        case commands.CompleteRequest():
            return events.RequestCompleted(envelope=digest_of(command.envelope), **of)
        case commands.AnswerBack():
            return events.RequestAnsweredBack(envelope=digest_of(command.envelope), **of)
        case commands.CallBack():
            return events.RequestCalledBack(organisation=by.seat.organisation, number=command.number.strip(), **of)
        case commands.ConfirmEmergency():
            return events.RequestConfirmed(**of)
        case commands.SignDecision():
            signed = {name: getattr(command, name) for name in ("decision", "key", "signature")}
            return events.RequestSigned(organisation=by.seat.organisation, **signed, **of)
        case commands.WithdrawRequest():
            return events.RequestWithdrawn(why=command.why.strip(), **of)
        case commands.Produce():
            return events.RequestProduced(later=command.later, **of)
    return None
