"""The decisions on requests made again from a log's entries, by the very deciders that the roll asks: what they would refuse.

What no entry shows is left out: what is in envelopes and whose keys they are sealed to, the word by which a person complains,
whether one person sits in seats that no invitation joins, the rule's text, and whether words name somebody.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from openroll.register.command import Command
from openroll.register.official import Under
from openroll.register.organisation.roles import seat_of
from openroll.register.organisation.seats import Member, may_act
from openroll.register.refusal import Refusal
from openroll.register.refusals import TextNamesSomebody, TextUnfit
from openroll.register.request import ask, commands, events
from openroll.register.request.decide import complaint_refusal, unsealed_refusal
from openroll.register.request.made import fact_of
from openroll.register.request.refusals import NothingPreserved
from openroll.register.request.sealed import is_digest
from openroll.register.request.state import ACTS, Asking, Matter, Request, Use, party_of, procedure_of
from openroll.register.request.words import NOT_GIVING
from openroll.watch.audit.bodies import Bodies

_COMMANDS: Mapping[type[events.RequestEvent], type[commands.Step]] = {
    events.RequestOpened: commands.OpenRequest,
    events.RequestReturned: commands.ReturnIncomplete,
    events.RequestCompleted: commands.CompleteRequest,
    events.RequestAskedBack: commands.AskBack,
    events.RequestAnsweredBack: commands.AnswerBack,
    events.RequestCalledBack: commands.CallBack,
    events.RequestConfirmed: commands.ConfirmEmergency,
    events.RequestApproved: commands.Approve,
    events.RequestNarrowed: commands.Approve,
    events.RequestSeconded: commands.SecondApproval,
    events.RequestRefused: commands.Refuse,
    events.RequestAnnulled: commands.Refuse,
    events.RequestObjected: commands.Object,
    events.RequestPassed: commands.LetPass,
    events.RequestSigned: commands.SignDecision,
    events.TellingPostponed: commands.PostponeTelling,
    events.TimeExtended: commands.ExtendTime,
    events.RequestWithdrawn: commands.WithdrawRequest,
    events.RequestPreserved: commands.Preserve,
    events.RequestProduced: commands.Produce,
    events.RequestAnswered: commands.Answer,
    events.PersonTold: commands.Tell,
    events.PersonToldByWord: commands.Tell,
    events.NobodyTold: commands.TellNobody,
}
"""The command that each fact was made of."""
_SEALED = ("envelope", "notice")
"""What facts name by its digest alone."""
_OF_WORDS = (TextNamesSomebody, TextUnfit)
"""Refusals of words as they read to a program: what it takes for a name may change with its version."""
_ANY_ROLE = "officer"
"""A role in which everybody may do what their body may: that of an authority alone is asked for."""


def step_refused(fact: events.RequestEvent, request: Request, bodies: Bodies | None, pair: int) -> str:
    """Why no decider makes this fact of a request, as a sentence's end; empty where one does.

    `bodies` is None where it is not known who they are, and `pair` counts what this reviewer approved of this officer.
    """
    if isinstance(fact, events.RequestComplained):
        return _complaint_refused(fact, request)
    if isinstance(fact, events.RequestSigned) and not request.filed_as:
        return ""  # followed by a version that did not know what is signed
    command, under = _command_of(fact, _COMMANDS[type(fact)]), _under(fact)
    by = _member(fact.by, bodies)
    if by is None:
        return f"{fact.by!r} is no seat"
    request = _of_today(request, by, party_of(fact, request), bodies)
    if _declined(fact, request) and request.party(by.seat.organisation) == "operator" and may_act(by) is None:
        return ""
    assert isinstance(command, commands.Step)  # noqa: S101 - the table above has no other; the type checker cannot see it
    refusal = unsealed_refusal(command, _matter(request, fact, bodies, pair), by, under)
    if refusal is not None and not isinstance(refusal, _OF_WORDS):
        return refused_as(refusal)
    return _undigested(fact) or _otherwise(fact, fact_of(command, request, by, under))


def filing_refused(
    fact: events.RequestFiled, earlier: Request | None, bodies: Bodies | None, *, seen: bool = True
) -> str:
    """Why no decider takes this filing, as a sentence's end; empty where one does. Raises ProcedureGone.

    `earlier` is the request that it names, as the log shows it; `seen` says whether the log would show it.
    """
    by = _member(fact.by, bodies)
    if by is None:
        return f"{fact.by!r} is no seat"
    if earlier is not None and bodies is not None:
        earlier = msgspec.structs.replace(earlier, operator=bodies.heir(earlier.operator))
    command = _command_of(fact, commands.FileRequest)
    assert isinstance(command, commands.FileRequest)  # noqa: S101 - as above
    asking, under = _asking(fact, earlier, bodies), _under(fact)
    refusal = ask.unsealed_refusal(command, asking, by, under)
    if refusal is not None and (seen or not isinstance(refusal, NothingPreserved)):
        return refused_as(refusal)
    return _undigested(fact) or _otherwise(fact, ask.filed_as(command, asking, by, under))


def _command_of(fact: events.RequestEvent, kind: type[Command]) -> Command:
    """The command that a fact was made of; what came sealed stands in it as its digest."""
    said = {name: getattr(fact, name) for name in kind.__struct_fields__}
    return kind(**{name: value.encode() if name in _SEALED else value for name, value in said.items()})


def _under(fact: events.RequestEvent) -> Under:
    return Under(fact.rule, fact.at.date(), fact.at)


def _member(name: str, bodies: Bodies | None) -> Member | None:
    """A seat as the log shows it; where it does not, one that may act, and goes back to nobody."""
    if bodies is not None:
        return bodies.member(name)
    seat = seat_of(name)
    return None if seat is None else Member(seat, _ANY_ROLE, True, True, (seat,))


def _of_today(request: Request, by: Member, party: str, bodies: Bodies | None) -> Request:
    """A request with the operator that answers for it: an heir, where the one that it asked has one."""
    own = by.seat.organisation
    if bodies is not None:
        return msgspec.structs.replace(request, operator=bodies.heir(request.operator))
    if request.party(own) or party not in ("operator", ""):
        return request
    return msgspec.structs.replace(request, operator=own, opened=request.opened | {own})


def _matter(request: Request, fact: events.RequestEvent, bodies: Bodies | None, pair: int) -> Matter:
    use = None if bodies is None else bodies.uses.get(request.use)
    office = use.office if use is not None else getattr(fact, "number", "")
    known = [(party, _member(seat, bodies)) for party, seat in request.words]
    return Matter(
        request=request,
        keys={},
        officer=_member(request.officer, bodies),
        approver=_member(request.approved_by, bodies),
        caller=_member(request.called_by, bodies),
        words=tuple((party, one) for party, one in known if one is not None),
        pair=pair,
        office=office,
        unread=bool(request.complaint),
    )


def _asking(fact: events.RequestFiled, earlier: Request | None, bodies: Bodies | None) -> Asking:
    return Asking(
        use=_use_of(fact) if bodies is None else bodies.uses.get(fact.use),
        bodies=_kinds_of(fact) if bodies is None else bodies.kinds,
        keys={},
        bound=frozenset() if bodies is None else bodies.bound_to(fact.authority, fact.operator),
        procedure=procedure_of(fact.procedure),
        earlier=earlier,
        fresh=fact.request,
    )


def _use_of(fact: events.RequestFiled) -> Use:
    """A use that allows what is asked, where it is not known which are registered."""
    return Use(fact.authority, fact.use, 0, "", fact.fields, "", "", "")


def _kinds_of(fact: events.RequestFiled) -> dict[str, str]:
    reviewers = dict.fromkeys((fact.reviewer, *filter(None, (fact.objector,))), "reviewer")
    return reviewers | {fact.operator: "operator", fact.authority: "authority"}


def _complaint_refused(fact: events.RequestComplained, request: Request) -> str:
    if fact.by:
        return f"{fact.by} complains, which only the person does who was told"
    refusal = complaint_refusal(request, knows=bool(request.complaint))
    return "" if refusal is None else refused_as(refusal)


def _declined(fact: events.RequestEvent, request: Request) -> bool:
    """Whether an operator said that it preserves nothing: it once could, and no decider takes it any more."""
    if not isinstance(fact, events.RequestAnswered) or fact.fields or fact.outcome not in NOT_GIVING:
        return False
    moves = [request.by.move(request.standing.step, act, "operator") for act in (ACTS[type(fact)][0], "decline")]
    return moves[0] is None and moves[1] is not None


def _undigested(fact: events.RequestEvent) -> str:
    """What should stand as a digest and is none."""
    wrong = [name for name in _SEALED if (value := getattr(fact, name, "")) and not is_digest(value)]
    empty = isinstance(fact, _ALWAYS_SEALED) and not any(getattr(fact, name, "") for name in _SEALED)
    empty = empty or (isinstance(fact, events.RequestAnswered) and bool(fact.fields) and not fact.envelope)
    return "what was sealed does not stand by its digest" if wrong or empty else ""


_ALWAYS_SEALED = (
    events.RequestFiled,
    events.RequestCompleted,
    events.RequestAskedBack,
    events.RequestAnsweredBack,
    events.PersonTold,
)


def _otherwise(fact: events.RequestEvent, made: events.RequestEvent) -> str:
    """What a fact says otherwise than the one that its decider makes."""
    if type(fact) is not type(made):
        return f"its decider makes {made.name} of it"
    names = [
        name for name in fact.__struct_fields__ if name not in _SEALED and _plain(fact, name) != _plain(made, name)
    ]
    return f"its decider says something else of {', '.join(names)}" if names else ""


def _plain(fact: events.RequestEvent, name: str) -> Any:
    value = getattr(fact, name)
    return value.strip() if isinstance(value, str) else value


def refused_as(refusal: Refusal) -> str:
    """That a decider refuses something so, as a sentence's end."""
    of = "; ".join(f"{name} {_told(value)}" for name, value in refusal.params.items())
    return f"its decider refuses it: {refusal.code}" + (f" ({of})" if of else "")


def _told(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
