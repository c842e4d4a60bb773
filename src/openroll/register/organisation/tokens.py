"""Tokens of organisations' programs: issued, replaced by a successor, ended. Pure; no event and no command holds a token."""

from datetime import UTC, datetime, timedelta

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.free_text import reason_refusal
from openroll.register.official import Under, not_acting
from openroll.register.organisation.commands import EndToken, IssueToken, ReplaceToken
from openroll.register.organisation.decide import MOST_LABEL
from openroll.register.organisation.events import TokenEnded, TokenIssued, TokenReplaced
from openroll.register.organisation.refusals import (
    DaysOutOfRange,
    NotAllowed,
    OperatorUnknown,
    SeatGone,
    TokenOfASeat,
    TokenReplacedAlready,
    TokenUnknown,
    TokenWithoutSeat,
)
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat
from openroll.register.organisation.seats import Member, may_act
from openroll.register.organisation.state import Issuing, Replacing, Token
from openroll.register.refusal import Refusal
from openroll.register.refusals import ReasonMissing

OF_PROGRAMS = frozenset({"operator", "authority", "reviewer"})
"""Kinds of organisation whose programs may have tokens: an operator's file, and any may act for a seat in requests."""
MOST_DAYS, MOST_OVERLAP, OVERLAP = 1096, 90, 7
"""Days a token may last, days it may stand beside its successor, and days it does unless said."""


def issue_token(command: IssueToken, state: Issuing, by: Member, under: Under) -> Decision:
    """Issue a token under the number `state.fresh`.

    One that acts for a seat is that seat's to issue, or the keeper's: what is done by it is that person's act. An authority's and
    a reviewer's always act for one, since two people must be two there.
    """
    if not 0 < len(command.label.strip()) <= MOST_LABEL:
        return Refused(ReasonMissing(), under.rule)
    if command.days is not None and not 1 <= command.days <= MOST_DAYS:
        return Refused(DaysOutOfRange(least=1, most=MOST_DAYS), under.rule)
    if (refused := not_acting(by, under)) is not None:
        return refused
    if state.kind not in OF_PROGRAMS:
        return Refused(OperatorUnknown(operator=command.organisation), under.rule)
    if (refusal := _seat_refusal(command, state, by)) is not None:
        return Refused(refusal, under.rule)
    issued = TokenIssued(
        organisation=command.organisation,
        token=state.fresh,
        expires=said(expiry(command, under.now)),
        seat=command.seat,
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((issued,))


def _seat_refusal(command: IssueToken, state: Issuing, by: Member) -> Refusal | None:
    """Why a token is not issued: another's seat acts by it, or it is for no seat where only seats act, or not theirs to give."""
    if not command.seat:
        own = _not_its_own(command.organisation, by, "issuetoken")
        return own or (None if state.kind == "operator" else TokenWithoutSeat(organisation=command.organisation))
    seat = Seat(command.organisation, command.seat)
    if by.seat not in (KEEPER, seat):
        return NotAllowed(role=by.role, act="issuetoken")
    return SeatGone(seat=str(seat)) if state.seat is None else may_act(state.seat)


def _not_its_own(organisation: str, by: Member, act: str) -> Refusal | None:
    """Why somebody gives an organisation no token, if so: whoever holds one acts for it, so its own lead does, or the keeper."""
    own = by.lead and by.seat.organisation == organisation
    return None if own or by.seat == KEEPER else NotAllowed(role=by.role, act=act)


def expiry(command: IssueToken, now: datetime) -> datetime | None:
    """When a token that is issued now ends by itself; None for never."""
    return None if command.days is None else now + timedelta(days=command.days)


def replace_token(command: ReplaceToken, state: Replacing, by: Member, under: Under) -> Decision:
    """Give a token a successor under the number `state.fresh`, which lasts as long as the old one was issued for.

    None for a token that acts for a seat: who gets a successor need not be who sits there, and no entry would say whose it is. It
    is ended, and another is issued for the seat, which says by whom.
    """
    if not 0 <= command.overlap <= MOST_OVERLAP:
        return Refused(DaysOutOfRange(least=0, most=MOST_OVERLAP), under.rule)
    if (refused := not_acting(by, under)) is not None:
        return refused
    if state.token is not None and state.token.seat:
        return Refused(TokenOfASeat(seat=str(Seat(command.organisation, state.token.seat))), under.rule)
    if (refusal := _not_its_own(command.organisation, by, "replacetoken")) is not None:
        return Refused(refusal, under.rule)
    if state.token is None:
        return Refused(TokenUnknown(), under.rule)
    if state.token.replaced:
        return Refused(TokenReplacedAlready(), under.rule)
    until, expires = succession(command, state.token, under.now)
    replaced = TokenReplaced(
        organisation=command.organisation,
        token=command.token,
        successor=state.fresh,
        until=said(until),
        expires=said(expires),
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((replaced,))


def succession(command: ReplaceToken, token: Token, now: datetime) -> tuple[datetime, datetime | None]:
    """When a token that is replaced now ends, and when its successor does."""
    until = now + timedelta(days=command.overlap)
    if token.expires is None:
        return until, None
    return min(until, token.expires), now + (token.expires - token.issued)


def end_token(command: EndToken, state: Replacing, by: Member, under: Under) -> Decision:
    """End a token: a lead, or the seat that acts by it. A reason is asked of whoever ends another organisation's."""
    own = by.seat.organisation == command.organisation
    refusal = reason_refusal(command.why, optional=own or command.by_text)
    if refusal is not None:
        return Refused(refusal, under.rule)
    if (refused := not_acting(by, under)) is not None:
        return refused
    acts_for = 0 if state.token is None else state.token.seat
    its_own = acts_for != 0 and by.seat == Seat(command.organisation, acts_for)
    leads = by.lead and by.seat.organisation in (command.organisation, REGISTRAR)
    if not (command.by_text or its_own or leads):
        return Refused(NotAllowed(role=by.role, act="endtoken"), under.rule)
    if state.token is None:
        return Refused(TokenUnknown(), under.rule)
    ended = TokenEnded(
        organisation=command.organisation,
        token=command.token,
        why=command.why.strip(),
        seat=acts_for,
        by=str(by.seat),
        rule=under.rule,
    )
    return Accepted((ended,))


def said(at: datetime | None) -> str:
    """An instant as an event says it, in UTC to the second; empty for never."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
