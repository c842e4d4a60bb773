"""Asking: whether an authority may ask this operator for these fields, and whether everything is there, before it is filed."""

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.official import Under, not_acting
from openroll.register.organisation.refusals import NotAllowed, OperatorUnknown
from openroll.register.organisation.seats import Member
from openroll.register.refusal import Refusal
from openroll.register.request.commands import FileRequest
from openroll.register.request.events import RequestFiled
from openroll.register.request.refusals import (
    NothingPreserved,
    RequestIncomplete,
    ReviewerNotApart,
    WordOfList,
)
from openroll.register.request.sealed import digest_of, is_digest, sealed_refusal
from openroll.register.request.state import Asking, begins
from openroll.register.request.uses import asked_refusal
from openroll.register.request.words import DESIRED, URGENCIES
from openroll.rules.procedure import Procedure


def file_request(command: FileRequest, state: Asking, by: Member, under: Under) -> Decision:
    """Ask an operator for fields of one record. What is asked for lies within a registered use, or is refused."""
    refusal = unsealed_refusal(command, state, by, under)
    refusal = refusal or sealed_refusal(command.envelope, state.keys, _readers(command, by.seat.organisation))
    if refusal is not None:
        return Refused(refusal, under.rule)
    return Accepted((filed_as(command, state, by, under),))


def filed_as(command: FileRequest, state: Asking, by: Member, under: Under) -> RequestFiled:
    """The fact that a filing makes where nothing refuses it."""
    return RequestFiled(
        request=state.fresh,
        at=under.now,
        by=str(by.seat),
        rule=under.rule,
        authority=by.seat.organisation,
        use=command.use,
        operator=command.operator,
        reviewer=command.reviewer,
        objector=command.objector,
        fields=tuple(dict.fromkeys(command.fields)),
        urgency=command.urgency,
        desired=command.desired,
        earlier=command.earlier,
        envelope=digest_of(command.envelope),
        case_digest=command.case_digest,
        procedure=state.procedure.name,
    )


def unsealed_refusal(command: FileRequest, state: Asking, by: Member, under: Under) -> Refusal | None:
    """Why a request may not be filed, whatever is in its envelope: all that whoever reads the log can decide again."""
    if (refused := not_acting(by, under)) is not None:
        return refused.refusal
    authority = by.seat.organisation
    if state.bodies.get(authority) != "authority":
        return NotAllowed(role=by.role, act="filerequest")
    refusal = _word_refusal(command, state) or _lacking(command, state) or _bodies_refusal(command, state, authority)
    refusal = refusal or asked_refusal(state.use, command.use, authority, command.fields)
    return refusal or _earlier_refusal(command, state, by)


def _readers(command: FileRequest, authority: str) -> tuple[str, ...]:
    named = (authority, command.reviewer, command.operator, command.objector)
    return tuple(name for name in named if name)


def _word_refusal(command: FileRequest, state: Asking) -> Refusal | None:
    for value, known in ((command.urgency, URGENCIES), (command.desired, DESIRED)):
        if value not in known:
            return WordOfList(value=value, known=known)
    how = begins(command.urgency, command.desired)
    if how not in state.procedure.begins:
        return WordOfList(value=how, known=tuple(state.procedure.begins))
    return None


def needs_objector(procedure: Procedure) -> bool:
    """Whether a procedure has a step in which a third body may object."""
    return any(step.owner == "objector" for step in procedure.steps)


def _lacking(command: FileRequest, state: Asking) -> Refusal | None:
    wanted = {
        "fields": bool(command.fields),
        "operator": bool(command.operator),
        "reviewer": bool(command.reviewer),
        "envelope": bool(command.envelope),
        "case": is_digest(command.case_digest),
        "earlier": (command.earlier is not None) == (command.desired == "produce"),
        "objector": bool(command.objector) == needs_objector(state.procedure),
    }
    missing = tuple(name for name, there in wanted.items() if not there)
    return RequestIncomplete(missing=missing) if missing else None


def _bodies_refusal(command: FileRequest, state: Asking, authority: str) -> Refusal | None:
    if state.bodies.get(command.operator) != "operator":
        return OperatorUnknown(operator=command.operator)
    for body in (command.reviewer, *filter(None, (command.objector,))):
        apart = body not in (authority, command.operator) and body not in state.bound
        if state.bodies.get(body) != "reviewer" or not apart:
            return ReviewerNotApart(organisation=body)
    return ReviewerNotApart(organisation=command.objector) if command.objector == command.reviewer else None


def _earlier_refusal(command: FileRequest, state: Asking, by: Member) -> Refusal | None:
    if command.earlier is None:
        return None
    earlier = state.earlier
    own = earlier is not None and earlier.authority == by.seat.organisation and earlier.operator == command.operator
    kept = own and earlier is not None and earlier.by.move(earlier.standing.step, "produce", "authority") is not None
    return None if kept else NothingPreserved(request=command.earlier)
