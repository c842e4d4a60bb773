"""The steps of a request: what each of its bodies may do, when, and what comes of a time that is over.

Which step takes which act from whom is the procedure's, as data (`rules/procedures`). Here stands what an act must say, and
which two people must be two.
"""

import hashlib
import hmac
import unicodedata
from typing import Any

import msgspec

from openroll.disclosure.envelope import is_signed, published_of
from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.free_text import reason_refusal
from openroll.register.official import Under, not_acting
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.organisation.seats import Member, may_act, of_one_chain
from openroll.register.procedure import missed
from openroll.register.refusal import Refusal
from openroll.register.request import commands, events
from openroll.register.request.events import TimePassed
from openroll.register.request.made import act_of, fact_of
from openroll.register.request.refusals import (
    ComplainedAlready,
    ComplaintWordWrong,
    FieldsBeyond,
    NotCalledBack,
    NotInThisStep,
    OnePerson,
    PairTooOften,
    PostponedTooLong,
    RequestIncomplete,
    RequestUnknown,
    SignatureUnfit,
    TimeNotOver,
    WordOfList,
)
from openroll.register.request.sealed import digest_of, is_digest, notice_refusal, sealed_refusal
from openroll.register.request.state import Matter, Request, evolve
from openroll.register.request.telephone import is_telephone
from openroll.register.request.turns import may_be_nobody, may_take
from openroll.register.request.uses import lapsed_refusal
from openroll.register.request.words import (
    ANSWER,
    GIVING,
    GROUNDS,
    MISSING,
    MOST_BUCKET,
    NOT_GIVING,
    OUTCOMES,
    REASONS,
)
from openroll.rules.procedure import lasts


def step(command: commands.Step, state: Matter, by: Member, under: Under) -> Decision:
    """Decide on something done in a request. A step whose time is over is left first: that it was stands as a fact of its own."""
    passed: tuple[TimePassed, ...] = ()
    if state.request is not None:
        passed, request = caught_up(state.request, str(by.seat), under)
        state = msgspec.structs.replace(state, request=request)
    refusal = (
        unsealed_refusal(command, state, by, under)
        or _envelope_refusal(command, state)
        or _signature_refusal(command, state)
    )
    if refusal is not None:
        return Refused(refusal, under.rule)
    return Accepted((*passed, fact_of(command, _there(state), by, under)))


def unsealed_refusal(command: commands.Step, state: Matter, by: Member, under: Under) -> Refusal | None:
    """Why something may not be done in a request, whatever its envelopes are; the request stands as of `under.now`.

    Of envelopes the log has digests alone: this is all of a decision that whoever reads the log can make again.
    """
    if (refused := not_acting(by, under)) is not None:
        return refused.refusal
    party = "" if state.request is None else state.request.party(by.seat.organisation)
    if state.request is None or not party:
        return RequestUnknown(request=command.request)
    return _refusal(command, state, state.request, party, by, under)


def pass_time(command: commands.PassTime, state: Matter, by: Member, under: Under) -> Decision:
    """Have a request go on whose time is over, once for each step that is."""
    if state.request is None:
        return Refused(RequestUnknown(request=command.request), under.rule)
    passed, _ = caught_up(state.request, str(by.seat), under)
    if not passed:
        return Refused(TimeNotOver(until=state.request.standing.due), under.rule)
    return Accepted(passed)


def caught_up(request: Request, by: str, under: Under) -> tuple[tuple[TimePassed, ...], Request]:
    """A request as it stands at this moment, with the facts that its times were over: each as of the moment it was."""
    passed: list[TimePassed] = []
    while (then := missed(request.by, request.standing, under.now)) is not None:
        at = request.standing.due or under.now
        fact = TimePassed(
            request=request.number, at=at, by=by, rule=under.rule, step=request.standing.step, to=then.step
        )
        request = evolve(request, fact)
        passed.append(fact)
    return tuple(passed), request


def complain(command: commands.Complain, state: Matter, by: Member, under: Under) -> Decision:
    """Complain, as whoever knows the word that stood in the notice."""
    if state.request is None:
        return Refused(RequestUnknown(request=command.request), under.rule)
    passed, request = caught_up(state.request, str(by.seat), under)
    refusal = complaint_refusal(request, knows=_is_word(command.word, request))
    if refusal is None and command.envelope:
        refusal = sealed_refusal(command.envelope, state.keys, (request.reviewer,))
    if refusal is not None:
        return Refused(refusal, under.rule)
    of: dict[str, Any] = {"request": request.number, "at": under.now, "by": "", "rule": under.rule}
    return Accepted((*passed, events.RequestComplained(envelope=digest_of(command.envelope), **of)))


def complaint_refusal(request: Request, *, knows: bool) -> Refusal | None:
    """Why nobody may complain about a request now, if so; `knows` says that who complains knows the word of the notice."""
    if request.by.move(request.standing.step, "complain", "person") is None:
        return NotInThisStep(act="complain", step=request.standing.step)
    if not knows:
        return ComplaintWordWrong()
    return ComplainedAlready() if request.complained else None


def _is_word(word: str, request: Request) -> bool:
    """Whether a word stood in a notice of this request."""
    said = hashlib.sha256(word.encode()).hexdigest()
    return any(hmac.compare_digest(said, known) for known in (request.complaint, *request.complaint_before))


def _refusal(
    command: commands.Step, state: Matter, request: Request, party: str, by: Member, under: Under
) -> Refusal | None:
    act = act_of(command, request)
    again = state.unread and isinstance(command, commands.Tell) and party == "operator"
    if not again and not _takes(request, act, party):
        return NotInThisStep(act=act, step=request.standing.step)
    if party == "authority" and by.role not in ("officer", "officer-lead"):
        return NotAllowed(role=by.role, act=type(command).__name__.lower())
    refusal = _not_apart(command, state, party, by) or _look(command, state, by, under)
    return refusal or lapsed_refusal(command, state.use, request)


def _takes(request: Request, act: str, party: str) -> bool:
    """Whether a request takes an act from a party as it stands: what its procedure says, and envelopes as `may_take` does."""
    if request.by.move(request.standing.step, act, party) is not None:
        return True
    if act == "sign":  # a word on what was done, which no procedure knows: as long as anything may come of the request
        return not request.ended and any(of == party for of, _ in request.decisions)
    return act == "open" and may_take(request, party)


def _not_apart(command: commands.Step, state: Matter, party: str, by: Member) -> Refusal | None:
    """Why who acts may be one of those whose word stands in the request for another party, if so: one person, one party.

    Between authority and reviewer people whom a third one let in count as one, too. A second word within a party is not the
    first's. To take what is sealed to one's organisation is no word.
    """
    if isinstance(command, commands.OpenRequest):
        return None
    for spoke_for, first in state.words:
        if spoke_for == party:
            continue
        joined = _apart if {spoke_for, party} == {"authority", "reviewer"} else _another
        if (refusal := joined(first, by, state.same)) is not None:
            return refusal
    match command:
        case commands.ConfirmEmergency():
            own = (first for spoke_for, first in state.words if spoke_for == party)
            return next((refusal for first in own if (refusal := _apart(first, by, state.same)) is not None), None)
        case commands.SecondApproval():
            return _apart(state.approver, by, state.same)
    return None


def _apart(first: Member | None, second: Member, same: frozenset[str]) -> Refusal | None:
    """Why two seats are not two people, as far as the roll can know, if so."""
    if first is None:
        return None
    one = first.seat == second.seat or str(first.seat) in same or of_one_chain(first, second)
    return OnePerson(first=str(first.seat), second=str(second.seat)) if one else None


def _another(first: Member, second: Member, same: frozenset[str]) -> Refusal | None:
    """Why two seats of two bodies may be one person, if so: in both of which they sit, or one of whom let the other in.

    That the registrar let both of their bodies in says nothing of two people here: it lets in everybody's first.
    """
    one = str(first.seat) in same or first.seat in second.chain or second.seat in first.chain
    return OnePerson(first=str(first.seat), second=str(second.seat)) if one else None


def _ended(first: Member | None) -> Refusal | None:
    """Why a first person's word is not taken up by a second one's, if so: with their seat it ended."""
    return None if first is None else may_act(first)


def _of_list(value: str, known: tuple[str, ...]) -> Refusal | None:
    return None if value in known else WordOfList(value=value, known=known)


def _there(state: Matter) -> Request:
    assert state.request is not None  # noqa: S101 - `step` refuses before; the type checker cannot see it
    return state.request


def _look_return(command: commands.ReturnIncomplete, _: Matter, __: Member, ___: Under) -> Refusal | None:
    unknown = next((code for code in command.missing if code not in MISSING), None)
    if unknown is not None or not command.missing:
        return WordOfList(value=unknown or "", known=MISSING)
    return reason_refusal(command.why, optional=True)


def _envelope_refusal(command: commands.Step, state: Matter) -> Refusal | None:
    """Why the envelope or the notice that comes with an act is not taken, if so."""
    request = _there(state)
    readers = [request.authority, request.reviewer]
    match command:
        case commands.CompleteRequest():
            readers += [name for name in (request.operator, request.objector) if name]
            return sealed_refusal(command.envelope, state.keys, readers)
        case commands.AskBack() | commands.AnswerBack():
            return sealed_refusal(command.envelope, state.keys, readers)
        case commands.Answer() if command.outcome in GIVING or command.envelope:
            return sealed_refusal(command.envelope, state.keys, (request.authority,), ANSWER)
        case commands.Tell():
            return notice_refusal(command.notice)
    return None


def _look_call(command: commands.CallBack, state: Matter, _: Member, __: Under) -> Refusal | None:
    """The call goes to the office that the authority registered in public, and nowhere else. It is a number, and no word more."""
    called, registered = _digits(command.number), _digits(state.office)
    right = is_telephone(command.number.strip()) and called == registered
    return None if right else NotCalledBack(office=state.office)


def _digits(number: str) -> str:
    return "".join(str(unicodedata.digit(char)) for char in number if char.isdigit())


def _look_confirm(_: commands.ConfirmEmergency, state: Matter, __: Member, ___: Under) -> Refusal | None:
    """It takes up two words: that of who asked, and that of who called back."""
    if not _there(state).called_back or _ended(state.caller) is not None:
        return NotCalledBack(office=state.office)
    return _ended(state.officer)


def _look_approve(command: commands.Approve, state: Matter, _: Member, __: Under) -> Refusal | None:
    request = _there(state)
    beyond = tuple(name for name in command.fields if name not in request.fields)
    if beyond or not command.fields:
        return FieldsBeyond(fields=beyond)
    if state.pair >= request.by.pair:
        return PairTooOften(most=request.by.pair)
    return reason_refusal(command.why, optional=True)


def _look_second(_: commands.SecondApproval, state: Matter, __: Member, ___: Under) -> Refusal | None:
    return _ended(state.approver)


def _look_refuse(command: commands.Refuse, _: Matter, __: Member, ___: Under) -> Refusal | None:
    refusal = _of_list(command.reason, REASONS)
    return refusal or reason_refusal(command.why, optional=command.reason != "other")


def _look_object(command: commands.Object, _: Matter, __: Member, ___: Under) -> Refusal | None:
    return _of_list(command.ground, GROUNDS) or reason_refusal(command.why, optional=command.ground != "other")


def _look_sign(command: commands.SignDecision, state: Matter, by: Member, _: Under) -> Refusal | None:
    """What is signed is a decision of one's own organisation as it stands in the log. Once more, too: whoever keeps the log can
    have spoilt the signature before it."""
    request = _there(state)
    party = request.party(by.seat.organisation)
    return None if (party, command.decision) in request.decisions else SignatureUnfit()


def _signature_refusal(command: commands.Step, state: Matter) -> Refusal | None:
    """Why the signature of a decision is not taken, if so: no key of one's organisation in force made it."""
    if not isinstance(command, commands.SignDecision):
        return None
    keys = (published_of(line).verifying for line in state.own_keys)
    key = next((one for one in keys if one.id == command.key), None)
    return None if key is not None and is_signed(command.decision, command.signature, key) else SignatureUnfit()


def _look_postpone(command: commands.PostponeTelling, state: Matter, _: Member, under: Under) -> Refusal | None:
    request = _there(state)
    latest = request.filed + lasts(request.by.postpone)
    if not under.now < command.until <= latest:
        return PostponedTooLong(latest=latest)
    return reason_refusal(command.why)


def _look_extend(command: commands.ExtendTime, state: Matter, _: Member, under: Under) -> Refusal | None:
    request = _there(state)
    at = request.standing
    latest = (at.due or under.now) + lasts(request.by.extend)
    if at.step in request.extended:
        return NotInThisStep(act="extend", step=at.step)
    if at.due is None or not at.due < command.until <= latest:
        return PostponedTooLong(latest=latest)
    return reason_refusal(command.why)


def _look_withdraw(command: commands.WithdrawRequest, _: Matter, __: Member, ___: Under) -> Refusal | None:
    return reason_refusal(command.why, optional=True)


def _look_answer(command: commands.Answer, state: Matter, _: Member, __: Under) -> Refusal | None:
    request = _there(state)
    if (refusal := _of_list(command.outcome, OUTCOMES)) is not None:
        return refusal
    given, approved = set(command.fields), set(request.approved or ())
    whole = command.outcome == "given" and given == approved
    some = command.outcome == "partly" and bool(given) and given < approved
    if not (whole or some or (command.outcome in NOT_GIVING and not given)):
        return FieldsBeyond(fields=tuple(sorted(given - approved)))
    return None


def _look_tell(command: commands.Tell, state: Matter, _: Member, under: Under) -> Refusal | None:
    request = _there(state)
    if request.postponed is not None and under.now < request.postponed:
        return NotInThisStep(act="tell", step="telling-delayed")
    if not 0 <= command.bucket <= MOST_BUCKET:
        return WordOfList(value=str(command.bucket), known=("0", str(MOST_BUCKET)))
    if not is_digest(command.complaint):
        return RequestIncomplete(missing=("complaint",))
    return None


def _look_nobody(_: commands.TellNobody, state: Matter, __: Member, ___: Under) -> Refusal | None:
    request = _there(state)
    return None if may_be_nobody(request) else NotInThisStep(act="nobody", step=request.standing.step)


def _look(command: commands.Step, state: Matter, by: Member, under: Under) -> Refusal | None:  # noqa: C901, PLR0912 - a line a command
    """Why what an act says is refused, where the step takes it from who acts."""
    match command:
        case commands.ReturnIncomplete():
            return _look_return(command, state, by, under)
        case commands.CallBack():
            return _look_call(command, state, by, under)
        case commands.ConfirmEmergency():
            return _look_confirm(command, state, by, under)
        case commands.Approve():
            return _look_approve(command, state, by, under)
        case commands.SecondApproval():
            return _look_second(command, state, by, under)
        case commands.Refuse():
            return _look_refuse(command, state, by, under)
        case commands.Object():
            return _look_object(command, state, by, under)
        case commands.SignDecision():
            return _look_sign(command, state, by, under)
        case commands.PostponeTelling():
            return _look_postpone(command, state, by, under)
        case commands.ExtendTime():
            return _look_extend(command, state, by, under)
        case commands.WithdrawRequest():
            return _look_withdraw(command, state, by, under)
        case commands.Answer():
            return _look_answer(command, state, by, under)
        case commands.Tell():
            return _look_tell(command, state, by, under)
        case commands.TellNobody():
            return _look_nobody(command, state, by, under)
    return None
