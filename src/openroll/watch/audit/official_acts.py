"""Who may do what officially: acts on the roll and on organisations are decided on again, by the seats that the log shows.

What no entry shows is left out: tokens and keys themselves, whether a rule has words to be read, and whether a lead speaks.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from openroll.register.decision import Accepted, Decision
from openroll.register.event import Event
from openroll.register.log_keys.events import LogKeysChanged, LogKeysRevoked
from openroll.register.official import Under
from openroll.register.organisation import commands, events
from openroll.register.organisation.decide import give_codes, invite, set_provider, withdraw_invitation
from openroll.register.organisation.roles import KEEPER, REGISTRAR, Seat, seat_of
from openroll.register.organisation.seats import KEEPERS, Member, is_of_a_program, may_act
from openroll.register.organisation.state import Inviting, Issuing, Replacing, Token
from openroll.register.organisation.tokens import end_token, issue_token, replace_token
from openroll.register.request.events import KeyEnded, KeyPublished
from openroll.register.roll import events as roll
from openroll.register.roll.commands import ReadRule
from openroll.register.roll.rule_readings import Words, read_rule
from openroll.register.subscription.events import RecordSeen
from openroll.watch.audit.seatings import Seatings, organisation_in, refused

_EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""When a token was issued that no entry is asked for: nothing follows from it here."""

_OF_THE_REGISTRAR = (
    events.OperatorAdmitted,
    events.OperatorAdmitted1,
    events.OrganisationAdmitted,
    events.OrganisationAdmitted1,
    roll.RuleProposed,
    roll.RuleProposed1,
    roll.RulePublished,
    roll.RulePublished1,
    roll.RuleDropped,
    roll.FiguresPublished,
    roll.WorkSettled,
    roll.EscrowDeposited,
    roll.LogRestored,
    roll.LogBegun,
    LogKeysChanged,
    LogKeysRevoked,
    RecordSeen,
)
"""What any seat in force of the registrar does, and whoever keeps the machine."""

Asked = tuple[Callable[[Any, Any, Member, Under], Decision], Any, Any]
"""A decider with what it is given: the command, and the state."""


def _codes(fact: events.CodesGiven, known: Seatings) -> Asked:
    return give_codes, commands.GiveCodes(organisation=fact.organisation), known.kind(fact.organisation)


def _provider(fact: events.ProviderSet, known: Seatings) -> Asked:
    command = commands.SetProvider(organisation=fact.organisation, issuer=fact.issuer, client_id="")
    return set_provider, command, known.kind(fact.organisation)


def _invited(fact: events.PersonInvited, known: Seatings) -> Asked:
    if fact.withdrawn:
        return withdraw_invitation, commands.WithdrawInvitation(organisation=fact.organisation, digest=b""), fact.role
    named = seat_of(fact.by)
    program = named is not None and is_of_a_program(named) and named.organisation == fact.organisation
    token = b"-" if program else b""
    command = commands.Invite(organisation=fact.organisation, role=fact.role, label="-", digest=b"", token=token)
    return invite, command, Inviting(known.kind(fact.organisation), 0, own_word=program)


def _issued(fact: events.TokenIssued, known: Seatings) -> Asked:
    command = commands.IssueToken(organisation=fact.organisation, label="-", digest=b"", seat=fact.seat)
    seat = known.alone(str(Seat(fact.organisation, fact.seat))) if fact.seat else None
    return issue_token, command, Issuing(known.kind(fact.organisation), seat, fact.token)


def _replaced(fact: events.TokenReplaced, _: Seatings) -> Asked:
    command = commands.ReplaceToken(organisation=fact.organisation, token=fact.token, digest=b"", overlap=0)
    return replace_token, command, Replacing(Token(_EVER, None, False), fact.successor)


def _ended(fact: events.TokenEnded, _: Seatings) -> Asked:
    command = commands.EndToken(organisation=fact.organisation, token=fact.token, why=fact.why or "-")
    return end_token, command, Replacing(Token(_EVER, None, False, fact.seat))


def _read(fact: roll.RuleRead, _: Seatings) -> Asked:
    return read_rule, ReadRule(digest=fact.digest, words=fact.words), Words(fact.read, fact.words, ())


_ASKED: Mapping[type[Event], Callable[[Any, Seatings], Asked]] = {
    events.CodesGiven: _codes,
    events.ProviderSet: _provider,
    events.PersonInvited: _invited,
    events.TokenIssued: _issued,
    events.TokenReplaced: _replaced,
    events.TokenEnded: _ended,
    roll.RuleRead: _read,
}
"""What the decider of each act is asked."""

_OF_ITS_LEADS = (KeyPublished, KeyEnded)
"""What a lead of the organisation does, and nobody else."""

_KINDS: tuple[type[Event], ...] = (*_OF_THE_REGISTRAR, *_OF_ITS_LEADS, *_ASKED)
NAMES = frozenset(kind.name for kind in _KINDS)
"""The kinds of entries whose actor is looked at here."""


def may_not(fact: Event, known: Seatings) -> str:
    """Why the seat that an act names does not do it, as a sentence's end; empty where it may, and for acts of other kinds."""
    if fact.name not in NAMES:
        return ""
    name = str(getattr(fact, "by", ""))
    if not name and isinstance(fact, events.OperatorAdmitted | events.OperatorAdmitted1):
        name = str(KEEPER)  # it was the keeper's act when no seat was named
    if isinstance(fact, _OF_THE_REGISTRAR):
        return _not_acting(known.alone(name), name) or _elsewhere(name, REGISTRAR)
    if isinstance(fact, _OF_ITS_LEADS):
        by = known.alone(name)
        lead = by is not None and by.lead
        return _not_acting(by, name) or _elsewhere(name, fact.organisation) or ("" if lead else f"{name} is no lead")
    if known.demonstration is not None and not known.confirms:
        return ""  # in rolls of version 0.1.0 the registrar did much of this for others
    seat = seat_of(name)
    by = KEEPERS if isinstance(fact, events.PersonInvited) and seat and is_of_a_program(seat) else known.alone(name)
    if by is None:
        return f"{name!r} is no seat"
    decider, command, state = _ASKED[type(fact)](fact, known)
    decision = decider(command, state, by, Under(getattr(fact, "rule", ""), _EVER.date(), _EVER))
    return refused(decision) or _says_otherwise(fact, decision)


def _not_acting(by: Member | None, name: str) -> str:
    if by is None:
        return f"{name!r} is no seat"
    return "" if (refusal := may_act(by)) is None else f"its decider refuses it: {refusal.code}"


def _elsewhere(name: str, organisation: str) -> str:
    return "" if organisation_in(name) == organisation else f"{name} is no seat of {organisation}"


def _says_otherwise(fact: Event, decision: Decision) -> str:
    """Whether a reading of a rule says another role or organisation than its seat's: two of them are to be of two."""
    if not isinstance(fact, roll.RuleRead) or not isinstance(decision, Accepted) or decision.events == (fact,):
        return ""
    return f"it is not as {fact.by} reads a rule"
