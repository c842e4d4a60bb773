"""Who opens a record: a passkey holds it, and lets it go only when nobody can have been robbed of it.

A clerk who says that a subscriber lost the passkey may be wrong, or lie. So letting go takes two clerks, and days in which the
holder of the passkey is told and can say no with one press; and what opens the record afterwards is a fresh code.
"""

from datetime import date

import msgspec

from openroll.register.command import Actor
from openroll.register.event import Event
from openroll.register.free_text import reason_refusal
from openroll.register.organisation.refusals import LastPasskey, NotAllowed
from openroll.register.refusal import Refusal
from openroll.register.subscription.commands import (
    AddPasskey,
    AskRelease,
    EndPasskey,
    Hold,
    RefuseRelease,
    Release,
    SecondRelease,
)
from openroll.register.subscription.events import (
    PasskeyAdded,
    PasskeyEnded,
    ReleaseAsked,
    ReleaseRefused,
    ReleaseSeconded,
    SubscriptionHeld,
    SubscriptionReleased,
)
from openroll.register.subscription.refusals import (
    NotHeld,
    NothingAsked,
    PasskeyTooYoung,
    ReleaseAskedAlready,
    ReleaseNotAsked,
    ReleaseWaits,
    SecondClerkNeeded,
)

KEEPING = (Hold, AddPasskey, EndPasskey, AskRelease, SecondRelease, RefuseRelease, Release)
KEEPING_FACTS = (
    *(SubscriptionHeld, PasskeyAdded, PasskeyEnded, ReleaseAsked, ReleaseSeconded, ReleaseRefused),
    SubscriptionReleased,
)
"""What happens to what opens a record."""
Command = Hold | AddPasskey | EndPasskey | AskRelease | SecondRelease | RefuseRelease | Release


class Asked(msgspec.Struct, frozen=True):
    """A release that was asked: why, until which day its holder may say no, by which clerk's seat, and which one confirmed.

    `younger` are the passkeys that were added since: who took over a browser made one, and would say no to its owner with it.
    """

    why: str
    until: date
    clerk: str
    second: str = ""
    younger: frozenset[str] = frozenset()


class Keeping(msgspec.Struct, frozen=True):
    """Who opens a record: whether a passkey holds it, and the release that was asked, if one was."""

    held: bool
    asked: Asked | None


def keeping_after(now: Keeping, event: Event) -> Keeping:
    """Who opens a record after one of these facts."""
    match event:
        case SubscriptionHeld():
            return Keeping(True, None)
        case ReleaseAsked():
            return Keeping(now.held, Asked(why=event.why, until=event.until, clerk=event.clerk))
        case ReleaseSeconded():
            return Keeping(now.held, now.asked and msgspec.structs.replace(now.asked, second=event.clerk))
        case PasskeyAdded():
            return Keeping(now.held, _younger(now.asked, event.passkey, added=True))
        case PasskeyEnded():
            return Keeping(now.held, _younger(now.asked, event.passkey, added=False))
        case SubscriptionReleased():
            return Keeping(False, None)
        case _:
            return Keeping(now.held, None)


def _younger(asked: Asked | None, passkey: str, *, added: bool) -> Asked | None:
    if asked is None:
        return None
    return msgspec.structs.replace(asked, younger=asked.younger | {passkey} if added else asked.younger - {passkey})


def keeping_refusal(command: Command, now: Keeping, actor: Actor, today: date) -> Refusal | None:
    """Why a record is not held or let go as asked, if so. Asked of ended records as well."""
    if isinstance(command, Hold | AddPasskey | EndPasskey):
        owners: tuple[str, ...] = ("subscriber",)
    else:
        owners = ("subscriber", "operator") if isinstance(command, RefuseRelease) else ("operator",)
    if actor.role not in owners:
        return NotAllowed(role=actor.role, act=type(command).__name__.lower())
    if isinstance(command, Hold):
        return NothingAsked() if now.held else None
    if isinstance(command, AddPasskey | EndPasskey):
        return _passkey_refusal(command, now)
    if isinstance(command, AskRelease):
        return _ask_refusal(command, now)
    if now.asked is None or not now.held:
        return ReleaseNotAsked()
    if isinstance(command, SecondRelease):
        return _second_refusal(command, now.asked)
    if isinstance(command, RefuseRelease) and actor.role == "subscriber" and command.passkey in now.asked.younger:
        return PasskeyTooYoung()
    return _release_refusal(now.asked, today) if isinstance(command, Release) else None


def _passkey_refusal(command: AddPasskey | EndPasskey, now: Keeping) -> Refusal | None:
    if not now.held:
        return NotHeld()
    return LastPasskey() if isinstance(command, EndPasskey) and command.last else None


def _ask_refusal(command: AskRelease, now: Keeping) -> Refusal | None:
    if (refused := reason_refusal(command.why)) is not None:
        return refused
    if not now.held:
        return NotHeld()
    return None if now.asked is None else ReleaseAskedAlready(until=now.asked.until)


def _second_refusal(command: SecondRelease, asked: Asked) -> Refusal | None:
    if command.first != asked.clerk:
        return ReleaseNotAsked()  # what that clerk asked was given up meanwhile, and another asked
    if asked.second:
        return NothingAsked()
    return SecondClerkNeeded(first=asked.clerk) if command.akin or command.clerk == asked.clerk else None


def _release_refusal(asked: Asked, today: date) -> Refusal | None:
    if not asked.second:
        return SecondClerkNeeded(first=asked.clerk)
    return ReleaseWaits(until=asked.until) if today <= asked.until else None


def keeping_event(command: Command, asked: Asked | None, actor: Actor, until: date, rule: str) -> Event:
    """What happened, once nothing was refused. `until` is the last day on which the holder may say no."""
    by = actor.role
    match command:
        case Hold():
            return SubscriptionHeld(by=by, rule=rule)
        case AddPasskey():
            return PasskeyAdded(passkey=command.passkey, by=by, rule=rule)
        case EndPasskey():
            return PasskeyEnded(passkey=command.passkey, by=by, rule=rule)
        case AskRelease():
            return ReleaseAsked(why=command.why.strip(), until=until, clerk=command.clerk, by=by, rule=rule)
        case SecondRelease():
            return ReleaseSeconded(clerk=command.clerk, by=by, rule=rule)
        case RefuseRelease():
            return ReleaseRefused(by=by, rule=rule, clerk=command.clerk if by == "operator" else "")
        case Release():
            asked = asked or Asked("", until, "")
            code, clerk, second = command.code, asked.clerk, asked.second
            return SubscriptionReleased(why=asked.why, by=by, rule=rule, code=code, clerk=clerk, second=second)
