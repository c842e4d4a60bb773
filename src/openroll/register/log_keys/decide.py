"""Changing the keys a log is signed with: official acts of the registrar, decided without the keys themselves.

Keys come and go in three acts: new ones begin beside the old (or in their place), the old ones end, a key is revoked. Every
act is one entry of the log, and `tlog.key_history` says what follows from it.
"""

from datetime import date

from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.free_text import reason_refusal
from openroll.register.log_keys.commands import BeginKeys, FinishKeys, RevokeKeys
from openroll.register.log_keys.events import LogKeysChanged, LogKeysRevoked
from openroll.register.log_keys.refusals import (
    KeyChangeUnderWay,
    LogKeyNeeded,
    LogKeyUnknown,
    LogKeyUsed,
    OverlapOpen,
    SizeAhead,
)
from openroll.register.log_keys.state import Keys, LogKeys
from openroll.register.official import Under, not_acting
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.organisation.roles import REGISTRAR, Seat
from openroll.register.organisation.seats import Member
from openroll.register.refusal import Refusal
from openroll.register.subscription.refusals import NothingAsked
from openroll.tlog import Verifier
from openroll.tlog.note import ED25519


def decide(command: BeginKeys | FinishKeys | RevokeKeys, state: LogKeys, by: Member, under: Under) -> Decision:
    """Decide on a change of keys."""
    today, rule = under.today, under.rule
    if by.seat.organisation != REGISTRAR:
        return Refused(NotAllowed(role=by.role, act=type(command).__name__.lower()), rule)
    refusal = _never(command, state)
    if refusal is not None:
        return Refused(refusal, rule)
    if (refused := not_acting(by, under)) is not None:
        return refused
    if isinstance(command, RevokeKeys):
        return _revoke(command, state, today, by.seat, rule)
    if isinstance(command, FinishKeys):
        if not state.leaving:
            return Refused(NothingAsked(), rule)
        return _changed(state, _without(state.now, state.leaving), (), command.reason, today, by.seat, rule)
    if state.leaving:
        return Refused(OverlapOpen(), rule)
    if not command.new:
        return Refused(NothingAsked(), rule)
    kinds = {key.algorithm for key in command.new}
    old = tuple(key for key in state.now if key.algorithm in kinds)
    keys = (*_without(state.now, old), *command.new, *(old if command.overlap else ()))
    return _changed(state, keys, old if command.overlap else (), command.reason, today, by.seat, rule)


def _never(command: BeginKeys | FinishKeys | RevokeKeys, state: LogKeys) -> Refusal | None:
    """What no change of keys may be, whichever it is."""
    if (refused := reason_refusal(command.reason)) is not None:
        return refused
    if state.under_way:
        return KeyChangeUnderWay()
    if isinstance(command, FinishKeys):
        return None
    used = next((key for key in command.new if str(key) in state.ever), None)
    return None if used is None else LogKeyUsed(key=_id(used))


def _changed(state: LogKeys, keys: Keys, leaving: Keys, reason: str, today: date, by: Seat, rule: str) -> Decision:
    if not _carries(_without(keys, leaving)):
        return Refused(LogKeyNeeded(), rule)
    changed = LogKeysChanged(
        before=_said(state.now),
        keys=_said(keys),
        leaving=_said(leaving),
        reason=reason.strip(),
        on=today,
        by=str(by),
        rule=rule,
    )
    return Accepted((changed,))


def _revoke(command: RevokeKeys, state: LogKeys, today: date, by: Seat, rule: str) -> Decision:
    if not command.revoked:
        return Refused(NothingAsked(), rule)
    unknown = next((key for key in command.revoked if str(key) not in state.ever), None)
    if unknown is not None:
        return Refused(LogKeyUnknown(key=_id(unknown)), rule)
    if not 0 <= command.unbelieved_from <= state.size + 1:
        return Refused(SizeAhead(most=state.size + 1), rule)
    keys = (*_without(state.now, command.revoked), *command.new)
    leaving = _without(state.leaving, command.revoked)
    if not _carries(_without(keys, leaving)):
        return Refused(LogKeyNeeded(), rule)
    revoked = LogKeysRevoked(
        before=_said(state.now),
        revoked=_said(command.revoked),
        unbelieved_from=command.unbelieved_from,
        lost=command.lost,
        keys=_said(keys),
        leaving=_said(leaving),
        reason=command.reason.strip(),
        on=today,
        by=str(by),
        rule=rule,
    )
    return Accepted((revoked,))


def _without(keys: Keys, gone: Keys) -> Keys:
    return tuple(key for key in keys if key not in gone)


def _carries(keys: Keys) -> bool:
    """Whether a public log may be signed with these."""
    return any(key.algorithm == ED25519 for key in keys)


def _said(keys: Keys) -> tuple[str, ...]:
    return tuple(map(str, keys))


def _id(key: Verifier) -> str:
    return f"{key.name}+{key.key_id.hex()}"
