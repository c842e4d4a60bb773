"""Who opens a record: a passkey holds it, and lets it go only when nobody can have been robbed of it.

A clerk who says that a subscriber lost the passkey may be wrong, or lie. So letting go takes two clerks, and days in which the
holder of the passkey is told and can say no with one press; and what opens the record afterwards is a fresh code.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

import msgspec

from openroll.register.command import Actor
from openroll.register.event import Event
from openroll.register.free_text import reason_refusal
from openroll.register.organisation.refusals import LastPasskey, NotAllowed
from openroll.register.refusal import Refusal
from openroll.register.subscription.commands import (
    AddPasskey,
    AskRelease,
    ChangeContact,
    EndPasskey,
    Hold,
    RefuseRelease,
    Release,
    SecondRelease,
)
from openroll.register.subscription.events import (
    ContactChanged,
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
    PasskeyWaits,
    ReleaseAskedAlready,
    ReleaseNotAsked,
    ReleaseWaits,
    SecondClerkNeeded,
)

KEEPING = (Hold, AddPasskey, EndPasskey, ChangeContact, AskRelease, SecondRelease, RefuseRelease, Release)
KEEPING_FACTS = (
    *(SubscriptionHeld, PasskeyAdded, PasskeyEnded, ReleaseAsked, ReleaseSeconded, ReleaseRefused),
    *(SubscriptionReleased, ContactChanged),
)
"""What happens to what opens a record."""
Command = Hold | AddPasskey | EndPasskey | ChangeContact | AskRelease | SecondRelease | RefuseRelease | Release


class Asked(msgspec.Struct, frozen=True):
    """A release that was asked: why, until which day its holder may say no, by which clerk's seat, and which one confirmed.

    `younger` are the passkeys that do not say no to it: added since, or as many days before as the holder has to say no, or
    left by the end of an older one in that time. Who took over a browser made one, and would say no to its owner with it.
    """

    why: str
    until: date
    clerk: str
    second: str = ""
    younger: frozenset[str] = frozenset()


class Further(msgspec.Struct, frozen=True):
    """A further passkey of a record, by what it is called in its facts: when it was `added`, and since when it is young.

    `young_since` is the day on which it was added, or a later one on which a passkey older than itself was ended.
    """

    name: str
    added: date
    young_since: date


class Keeping(msgspec.Struct, frozen=True):
    """Who opens a record: whether a passkey holds it, the release that was asked, if one was, and its further passkeys.

    The `further` ones stand in the order in which they were added; the first passkey is none of them.
    """

    held: bool
    asked: Asked | None
    further: tuple[Further, ...] = ()


def keeping_after(now: Keeping, event: Event, day: date) -> Keeping:
    """Who opens a record after one of these facts, which happened on civil `day`."""
    replace = msgspec.structs.replace
    match event:
        case SubscriptionHeld():
            return Keeping(True, None)
        case ReleaseAsked():
            asked = Asked(why=event.why, until=event.until, clerk=event.clerk)
            young = {one.name for one in now.further if one.young_since + (event.until - day) >= day}
            return replace(now, asked=replace(asked, younger=frozenset(young)))
        case ReleaseSeconded():
            return replace(now, asked=now.asked and replace(now.asked, second=event.clerk))
        case PasskeyAdded():
            further = (*now.further, Further(event.passkey, day, day))
            return replace(now, further=further, asked=_younger(now.asked, {event.passkey}))
        case PasskeyEnded():
            return _without(now, event.passkey, day)
        case ContactChanged():
            return now
        case SubscriptionReleased():
            return Keeping(False, None)
        case _:
            return replace(now, asked=None)


def _younger(asked: Asked | None, passkeys: AbstractSet[str]) -> Asked | None:
    return asked and msgspec.structs.replace(asked, younger=asked.younger | passkeys)


def _without(now: Keeping, passkey: str, day: date) -> Keeping:
    """After the end of a passkey: those that were added after it stand in its place, and are young again."""
    place = _place(now.further, passkey)
    left = tuple(msgspec.structs.replace(one, young_since=day) for one in now.further[place + 1 :])
    further = (*now.further[: max(place, 0)], *left)
    return Keeping(now.held, _younger(now.asked, {one.name for one in left}), further)


def _place(further: Sequence[Further], passkey: str) -> int:
    """Where a passkey that stands is by age; -1 for the first, which is called nothing in the facts, and others of before."""
    return next((place for place, one in enumerate(further) if one.name == passkey), -1)


def _is_young(asked: Asked, passkey: str) -> bool:
    """Whether a passkey does not say no to what was asked. One of which nothing is known (`""`) counts as the youngest."""
    return not passkey or passkey in asked.younger


def keeping_refusal(command: Command, now: Keeping, actor: Actor, today: date, until: date) -> Refusal | None:
    """Why a record is not held or let go as asked, if so. Asked of ended records as well.

    `until` is the last day on which a holder may say no to what is asked `today`.
    """
    if isinstance(command, Hold | AddPasskey | EndPasskey | ChangeContact):
        owners: tuple[str, ...] = ("subscriber",)
    else:
        owners = ("subscriber", "operator") if isinstance(command, RefuseRelease) else ("operator",)
    if actor.role not in owners:
        return NotAllowed(role=actor.role, act=type(command).__name__.lower())
    if isinstance(command, Hold):
        return NothingAsked() if now.held else None
    if isinstance(command, ChangeContact):
        return None
    if isinstance(command, AddPasskey | EndPasskey):
        return _passkey_refusal(command, now, today, until - today)
    if isinstance(command, AskRelease):
        return _ask_refusal(command, now)
    if now.asked is None or not now.held:
        return ReleaseNotAsked()
    if isinstance(command, SecondRelease):
        return _second_refusal(command, now.asked)
    if isinstance(command, RefuseRelease) and actor.role == "subscriber" and _is_young(now.asked, command.passkey):
        return PasskeyTooYoung()
    return _release_refusal(now.asked, today) if isinstance(command, Release) else None


def _passkey_refusal(command: AddPasskey | EndPasskey, now: Keeping, today: date, waits: timedelta) -> Refusal | None:
    if not now.held:
        return NotHeld()
    if isinstance(command, AddPasskey):
        return None
    if command.last:
        return LastPasskey()
    if not command.signed_in:
        return PasskeyWaits(until=today + waits)  # what is not known is the youngest of all
    # Who sits a minute at an open browser makes a passkey: the owner's, which is older, has days to end that one first.
    own, other = _place(now.further, command.signed_in), _place(now.further, command.passkey)
    if own <= other or today > now.further[own].added + waits:
        return None
    return PasskeyWaits(until=now.further[own].added + waits)


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
        case ChangeContact():
            return ContactChanged(given=command.given, by=by, rule=rule)
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
