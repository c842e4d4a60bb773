"""How operators come to an end: one leaves when it has nothing left, or another one succeeds it in everything it had.

Both agree to a succession, each by a lead, and the one that ends by two where it has more; or the registrar announces it, when an
operator is gone, the heir agrees, and the registrar carries it out when the time of the notice is over: by three people, of whom
none let another in. A word or a sign of life of the operator ends an announcement: it is for who is gone. It is one act whatever
the number of records: that `heir` answers for what was `operator`'s is a fact of the two organisations, and records follow
(`heir_of`). An operator that has an heir, or left, files nothing any more and nothing goes to it, so that it never matters which
came first.
"""

from collections.abc import Mapping
from datetime import date

import msgspec

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.free_text import reason_refusal
from openroll.register.official import Under, not_acting
from openroll.register.organisation.commands import LeaveRoll, OfferSuccession, Succeed, WithdrawSuccession
from openroll.register.organisation.events import (
    OperatorLeft,
    OperatorSucceeded,
    SuccessionAccepted,
    SuccessionOffered,
    SuccessionWithdrawn,
)
from openroll.register.organisation.refusals import (
    HandlesMeet,
    HeirSilent,
    NotAllowed,
    NoticeRuns,
    OneLine,
    OperatorLives,
    OperatorUnknown,
    StillAnswers,
    StillHosts,
    StillOwes,
    SuccessionNotOffered,
    SuccessionOfferedAlready,
)
from openroll.register.organisation.roles import REGISTRAR
from openroll.register.organisation.seats import Member, may_act, of_one_chain, of_one_line, second_eyes
from openroll.register.refusal import Refusal


class Offered(msgspec.Struct, frozen=True):
    """A succession that was offered, asked for or announced: the heir, by whom, and the last day to agree or of the notice.

    `accepted` is who said the second word, where more is needed: of an announced one the heir's lead. Of an announced one `heard`
    is the day of the operator's first sign of life since; of one that both agreed to `notice` is the last day in which the other
    leads of the operator that ends may take it back.
    """

    heir: str
    by: Member
    until: date
    accepted: Member | None = None
    heard: date | None = None
    notice: date | None = None

    @property
    def announced(self) -> bool:
        """Whether the registrar announced it: then it is carried out after the notice, and the heir alone has to agree."""
        return self.by.seat.organisation == REGISTRAR


class Life(msgspec.Struct, frozen=True):
    """What is known of an operator that is to end.

    `known` says whether it is in the roll today, `heir_known` whether its heir is; `living` counts the subscriptions that it
    answers for, `hosted` the sites that it hosts, `meeting` the handles that it and its heir both use, `owed` the requests that
    it has or may come to have to answer or to tell somebody of. `until` is the last day of what is offered today. `leads` are
    those of it that are in force; `thrown_out` says that one had their seat taken away by another within so many days.
    """

    known: bool
    heir_known: bool
    until: date
    offer: Offered | None = None
    living: int = 0
    hosted: int = 0
    meeting: int = 0
    owed: int = 0
    leads: tuple[Member, ...] = ()
    thrown_out: bool = False


def heir_of(operator: str, heirs: Mapping[str, str]) -> str:
    """Who answers today for what is or was an operator's. `heirs` are the successors of those that have one.

    The deciders let nobody succeed in a ring; of a log that somebody else wrote with one the walk ends where it began.
    """
    passed: set[str] = set()
    while operator in heirs and operator not in passed:
        passed.add(operator)
        operator = heirs[operator]
    return operator


def offer_succession(command: OfferSuccession, state: Life, by: Member, under: Under) -> Decision:
    """Offer that another operator succeeds this one, ask for it as that other one, or announce it as the registrar."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    if not by.lead or by.seat.organisation not in (command.operator, command.heir, REGISTRAR):
        return Refused(NotAllowed(role=by.role, act="offersuccession"), under.rule)
    if not state.known:
        return Refused(OperatorUnknown(operator=command.operator), under.rule)
    if not state.heir_known or command.heir == command.operator:
        return Refused(OperatorUnknown(operator=command.heir), under.rule)
    if state.offer is not None and _stands(state.offer, under) and not _gives_way(state.offer, command.operator, by):
        return Refused(SuccessionOfferedAlready(heir=state.offer.heir, until=state.offer.until), under.rule)
    of = {"operator": command.operator, "heir": command.heir, "by": str(by.seat), "rule": under.rule}
    return Accepted((SuccessionOffered(**of, until=state.until),))


def _stands(offer: Offered, under: Under) -> bool:
    """Whether something may still come of what was offered."""
    if may_act(offer.by) is not None:
        return False  # who offered or announced it may say nothing any more
    return offer.heard is None if offer.announced else offer.notice is not None or under.today <= offer.until


def _gives_way(offer: Offered, operator: str, by: Member) -> bool:
    """Whether what is offered gives way to what somebody says now, so that nobody keeps others out by speaking first.

    The operator's word goes before what others ask of it or announce; an announcement goes before what is merely offered.
    """
    if by.seat.organisation == operator:
        return offer.by.seat.organisation != operator
    return by.seat.organisation == REGISTRAR and not offer.announced


def succeed(command: Succeed, state: Life, by: Member, under: Under) -> Decision:
    """Agree to a succession, or carry out an announced one: from now on the heir answers for all the operator had.

    The heir's word to an announced one is the first of the two: nothing goes over before it is carried out.
    """
    if (refused := not_acting(by, under)) is not None:
        return refused
    if not state.known:
        return Refused(OperatorUnknown(operator=command.operator), under.rule)
    offer = state.offer
    if offer is not None and offer.announced and offer.heard is not None:
        return Refused(OperatorLives(on=offer.heard), under.rule)
    if offer is None or not _stands(offer, under) or command.heir not in ("", offer.heir):
        return Refused(SuccessionNotOffered(), under.rule)
    if offer.announced and by.seat.organisation == offer.heir:
        return _accept(command, offer, by, under)
    refusal, further = _carry_out_refusal(offer, by, under), None
    if not offer.announced:
        refusal, further = _agreed(state, offer, by, under, command.operator)
    refusal = refusal or _meeting_refusal(state, offer)
    if refusal is not None:
        return Refused(refusal, under.rule)
    if further is not None:
        return Accepted((further,))
    of = {"operator": command.operator, "heir": offer.heir, "offered_by": str(offer.by.seat)}
    return Accepted((OperatorSucceeded(**of, by=str(by.seat), rule=under.rule),))


def _meeting_refusal(state: Life, offer: Offered) -> Refusal | None:
    """Why an heir cannot have all that an operator has, if so."""
    if not state.heir_known:
        return OperatorUnknown(operator=offer.heir)
    return HandlesMeet(count=state.meeting) if state.meeting else None


def _agreed(
    state: Life, offer: Offered, by: Member, under: Under, operator: str
) -> tuple[Refusal | None, SuccessionAccepted | None]:
    """What comes of a word for what one of the two operators offered: a refusal, one word more on record, or (neither) the act.

    An operator gives itself away by two leads of different lines where it has them. Where its other leads are of one line with
    who spoke, or somebody was thrown out of late, they have days to take it back.
    """
    may = NotAllowed(role=by.role, act="succeed")
    if not by.lead or by.seat.organisation not in (operator, offer.heir):
        return may, None
    second = offer.accepted if offer.accepted is not None and may_act(offer.accepted) is None else None
    if second is not None and offer.notice is not None:
        return NoticeRuns(until=offer.notice) if under.today <= offer.notice else None, None
    spoken = [one for one in (offer.by, second) if one is not None]
    own = [one for one in spoken if one.seat.organisation == operator]
    theirs = [one for one in spoken if one.seat.organisation == offer.heir]
    if by.seat not in {one.seat for one in spoken}:
        if by.seat.organisation == offer.heir and theirs:
            return may, None
        if own and by.seat.organisation == operator and (refusal := second_eyes(own[0], by)) is not None:
            return refusal, None
        (own if by.seat.organisation == operator else theirs).append(by)
    elif second is None or second.seat != by.seat:
        return may, None  # who offered waits for the other's word
    more = SuccessionAccepted(operator=operator, heir=offer.heir, by=str(by.seat), rule=under.rule)
    if not own or not theirs:
        return None, more
    others = [one for one in state.leads if one.seat != own[0].seat]
    if len(own) > 1 or (not others and not state.thrown_out):
        return None, None
    if any(not of_one_line(one, own[0]) for one in others):
        return (may, None) if second is not None else (None, more)
    return None, msgspec.structs.replace(more, until=state.until)


def _accept(command: Succeed, offer: Offered, by: Member, under: Under) -> Decision:
    """The heir's word to what was announced, by a lead whom those who announced it did not let in."""
    refusal: Refusal | None = None
    if not by.lead:
        refusal = NotAllowed(role=by.role, act="succeed")
    elif offer.accepted is not None and may_act(offer.accepted) is None:
        refusal = SuccessionOfferedAlready(heir=offer.heir, until=offer.until)
    else:
        refusal = _apart(offer.by, by)
    if refusal is not None:
        return Refused(refusal, under.rule)
    accepted = SuccessionAccepted(operator=command.operator, heir=offer.heir, by=str(by.seat), rule=under.rule)
    return Accepted((accepted,))


def _apart(first: Member, second: Member) -> Refusal | None:
    """Why two seats, of the registrar and of the heir, are not two people, if so: one let the other in."""
    if of_one_chain(first, second):
        return OneLine(first=str(first.seat), second=str(second.seat), line=str(first.line))
    return None


def _carry_out_refusal(offer: Offered, by: Member, under: Under) -> Refusal | None:
    if by.seat.organisation != REGISTRAR:
        return NotAllowed(role=by.role, act="succeed")
    if under.today <= offer.until:
        return NoticeRuns(until=offer.until)
    if offer.accepted is None:
        return HeirSilent(heir=offer.heir)
    return second_eyes(offer.by, by) or may_act(offer.accepted) or _apart(offer.accepted, by)


def withdraw_succession(command: WithdrawSuccession, state: Life, by: Member, under: Under) -> Decision:
    """Take an offer back or decline it, as either of the two, also what was announced; the registrar takes back either."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    if (refusal := reason_refusal(command.why, optional=True)) is not None:
        return Refused(refusal, under.rule)
    offer = state.offer
    if offer is None or not state.known:
        return Refused(SuccessionNotOffered(), under.rule)
    parties = (REGISTRAR, command.operator, offer.heir)
    if not by.lead or by.seat.organisation not in parties:
        return Refused(NotAllowed(role=by.role, act="withdrawsuccession"), under.rule)
    why = command.why.strip()
    return Accepted((SuccessionWithdrawn(operator=command.operator, why=why, by=str(by.seat), rule=under.rule),))


def leave_roll(command: LeaveRoll, state: Life, by: Member, under: Under) -> Decision:
    """Leave the roll, when no subscription and no request is left to answer for. The registrar says why, where it is not the
    operator's act."""
    if (refused := not_acting(by, under)) is not None:
        return refused
    own = by.seat.organisation == command.operator
    if not by.lead or not (own or by.seat.organisation == REGISTRAR):
        return Refused(NotAllowed(role=by.role, act="leaveroll"), under.rule)
    if (refusal := reason_refusal(command.why, optional=own)) is not None:
        return Refused(refusal, under.rule)
    if not state.known:
        return Refused(OperatorUnknown(operator=command.operator), under.rule)
    if state.living:
        return Refused(StillAnswers(count=state.living), under.rule)
    if state.hosted:
        return Refused(StillHosts(count=state.hosted), under.rule)
    if state.owed:
        return Refused(StillOwes(count=state.owed), under.rule)
    why = command.why.strip()
    return Accepted((OperatorLeft(operator=command.operator, why=why, by=str(by.seat), rule=under.rule),))
