"""What follows from where a request stands: whose turn it is to take envelopes, and whether a telling is late."""

from collections.abc import Mapping

from openroll.register.request import events
from openroll.register.request.state import Request
from openroll.register.request.words import HOLDS_NONE
from openroll.rules.procedure import Procedure

PARTS: Mapping[type[events.RequestEvent], str] = {
    events.RequestFiled: "ask",
    events.RequestCompleted: "complete",
    events.RequestAskedBack: "ask-back",
    events.RequestAnsweredBack: "answer-back",
    events.RequestAnswered: "answer",
    events.RequestComplained: "complaint",
}
"""The part that the envelope of each fact is, as its context names it."""

ANSWER = "answer"
"""The part in which an operator gives something out."""


def part_of(fact: events.RequestEvent) -> tuple[str, str] | None:
    """The part and the digest of the envelope that a fact tells of; None where it tells of none."""
    digest = getattr(fact, "envelope", "")
    return (PARTS[type(fact)], digest) if digest else None


def readers(part: str) -> tuple[str, ...]:
    """The parties that a part is sealed to."""
    match part:
        case "answer":
            return ("authority",)
        case "complaint":
            return ("reviewer",)
        case "ask-back" | "answer-back":
            return ("authority", "reviewer")
        case _:
            return ("authority", "reviewer", "operator", "objector")


def may_take(request: Request, party: str) -> bool:
    """Whether a party may take envelopes of a request as it stands.

    Beside those whose turn it is: who asked has its own matter at any time, and so has who reviewed, of what it took before, or
    where the person complained to it. What each is given is what is sealed to it.
    """
    if party in may_open(request):
        return True
    again = request.reviewer in request.opened or request.complained
    return party == "authority" or (party == "reviewer" and again)


def may_open(request: Request) -> tuple[str, ...]:
    """The parties whose turn it is to take envelopes: what the procedure says of the step that a request is in."""
    moves = request.by.step(request.standing.step).moves
    return tuple(sorted({move.by for move in moves if move.act == "open"}))


def turn(request: Request) -> str:
    """The party that the step a request is in belongs to, where anything is left for it to do; empty where it is nobody's turn.

    A complaint is made once. Who made it owes nothing more, nor can do anything: unless the procedure gives the step to somebody
    else besides, the supervisor has it, outside the roll, and the request ends when the step's time is over.
    """
    step = request.by.step(request.standing.step)
    if not request.complained or step.owner != "person":
        return step.owner or ""
    left = [move.by for move in step.moves if move.act not in ("open", "complain")]
    return next(iter(sorted(left, key=lambda party: party != step.owner)), "")


def telling_steps(procedure: Procedure) -> frozenset[str]:
    """The steps in which the person can be told."""
    return procedure.tells


def late_steps(procedure: Procedure) -> frozenset[str]:
    """The steps that follow where the time to tell the person was missed."""
    return procedure.tells_late


def is_held(request: Request) -> bool:
    """Whether the operator may hold the record, as far as it said itself: by giving something, by why it gives nothing, or by
    preserving whatever it holds.

    Held against what it answered: that the request was refused, annulled or taken back is another's word, and says nothing of it.
    """
    return bool(request.given) or request.held or request.answered not in ("", *HOLDS_NONE)


def may_be_nobody(request: Request) -> bool:
    """Whether it may be said in public that there is nobody to be told: where the operator took the envelope and answered, to a
    request that was approved or confirmed, that it may hold no such record.

    Everywhere else that would tell whether a record is held, of which nobody decided anything: then a notice is published in any
    case, and where there is nobody to be told it is sealed to nobody (`openroll request tell --sealed-to-nobody`).
    """
    return request.answered in HOLDS_NONE and not is_held(request) and request.operator in request.opened


def owes(procedure: Procedure, step: str, party: str) -> bool:
    """Whether something is left for a party to do in a request in this step, or may come to be. Taking envelopes is nothing."""
    ahead, seen = [step], {step}
    while ahead:
        at = procedure.step(ahead.pop())
        if any(move.by == party and move.act != "open" for move in at.moves):
            return True
        further = {move.to for move in at.moves} | ({at.missed} if at.missed is not None else set())
        ahead += further - seen
        seen |= further
    return False


def is_telling(request: Request) -> bool:
    """Whether the person is to be told in the step that a request is in."""
    return request.standing.step in telling_steps(request.by)


def is_late(request: Request) -> bool:
    """Whether the person is told later than they should, or was never."""
    return request.standing.step in late_steps(request.by)
