"""Subscriptions: deciding on a command, and following the facts.

`decide` looks at a command, the record's state and the rule, and says what happens; `evolve` folds a fact into the
state. Neither reads a clock, draws a salt or touches a store.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import cast

import msgspec

from openroll.register.command import Actor, Command
from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.event import Event
from openroll.register.free_text import MOST_REASON, reason_refusal
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.refusal import Refusal
from openroll.register.subscription.citations import citation
from openroll.register.subscription.commands import (
    Change,
    Confirm,
    Correct,
    Disown,
    End,
    Erase,
    File,
    Lapse,
    Notify,
    Rehandle,
    Withdraw,
)
from openroll.register.subscription.events import (
    PortOffered,
    PortWithdrawn,
    SubscriptionChanged,
    SubscriptionConfirmed,
    SubscriptionCorrected,
    SubscriptionDisowned,
    SubscriptionEnded,
    SubscriptionErased,
    SubscriptionFiled,
    SubscriptionLapsed,
    SubscriptionNotified,
    SubscriptionPorted,
    SubscriptionRehandled,
    SubscriptionReleased,
    SubscriptionWithdrawn,
)
from openroll.register.subscription.handle import is_handle
from openroll.register.subscription.holding import (
    KEEPING,
    KEEPING_FACTS,
    Asked,
    Further,
    Keeping,
    keeping_after,
    keeping_event,
    keeping_refusal,
)
from openroll.register.subscription.refusals import (
    DateOutOfRange,
    DigestPresent,
    DigestShape,
    DigestsMiscounted,
    DigestUnknown,
    HandleForm,
    HandleTaken,
    KeptUntil,
    KindNotCovered,
    NothingAsked,
    NotUnconfirmed,
    RecordEnded,
    SubscriptionUnknown,
    WaitsStill,
    WordUnknown,
)
from openroll.register.subscription.terms import Terms
from openroll.rules import kept_until, waits_until

__all__ = ["MOST_REASON", "RELEASE_DAYS", "Setting", "Subscription", "decide", "evolve"]
DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
"""SHA-256 in unpadded base64url: 43 characters, the last carrying four bits only (RFC 4648 section 3.5)."""

MOST_TOLD = 64
"""A record never carries more digests than this: telling is field by field, not a store of its own."""


CONFIRMED, UNCONFIRMED, DISOWNED, LAPSED = "confirmed", "unconfirmed", "disowned", "lapsed"
"""How a record stands with its operator. What a subscriber filed alone is unconfirmed until the operator takes it."""

RELEASE_DAYS = 7
"""Days in which the holder of a passkey can say no, unless the roll's settings say otherwise."""


class Port(msgspec.Struct, frozen=True):
    """That the record is to go to another operator: which one, whether it asked (else it was offered), until when that stands.

    `handle` is what the gaining operator will call it, where it said so when it asked; `clerk` the seat that offered or asked,
    empty for a program.
    """

    gaining: str
    asked: bool
    until: date
    handle: str = ""
    clerk: str = ""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What the roll knows of a subscription: its public part, and digests that only its holders can open.

    `standing` is CONFIRMED for what the operator filed or took; a record that is not is counted apart, or no more.
    `release` is what a clerk asked to be released from a lost passkey and nobody has refused; `further` are its passkeys but the
    first. `code` is the number behind the
    record's filing code: its own number (said as 0) until it was released. `since` is the day from which its operator answers
    for it, where another one, `before`, did so until then.
    """

    operator: str
    handle: str
    kind: str
    access: str
    district: str
    connected: date
    filed: date
    digests: frozenset[str]
    told: frozenset[str] = frozenset()
    changed: date | None = None
    ended: date | None = None
    held: bool = False
    standing: str = CONFIRMED
    release: Asked | None = None
    further: tuple[Further, ...] = ()
    code: int = 0
    port: Port | None = None
    since: date | None = None
    before: str = ""
    version: int = 1

    @property
    def event_days(self) -> dict[str, date | None]:
        """The days of events that a rule may count retention from; a subscription is active from the day it is connected."""
        return {"connection": self.connected, "activation": self.connected, "change": self.changed, "end": self.ended}

    @property
    def waits(self) -> bool:
        """Whether it waits for its operator's word."""
        return self.standing == UNCONFIRMED and self.ended is None

    @property
    def never_counted(self) -> bool:
        """Whether it is over and no operator ever confirmed it: disowned, fallen away, or ended while it waited."""
        return self.standing != CONFIRMED and not self.waits


class Setting(msgspec.Struct, frozen=True):
    """Under what a decision is made: the rule (its reference with digest) and the terms of the roll on the day.

    `release_days` is for how many days the holder of a passkey may say no before the record is let go from it.
    """

    rule: str
    terms: Terms
    release_days: int = RELEASE_DAYS

    @property
    def until(self) -> date:
        """The last day on which the holder of a passkey may say no to what is asked today."""
        return self.terms.latest + timedelta(days=self.release_days)


def decide(command: Command, state: Subscription | None, actor: Actor, setting: Setting) -> Decision:
    """Decide on a command about one subscription (step 3 of the life of a filing).

    `state` is None when no such record exists. Returns `Accepted` with one or two events, or `Refused`.
    """
    refusal = _refusal(command, state, actor, setting)
    if refusal is not None:
        lapsed = state is not None and state.standing == LAPSED
        return Refused(refusal, setting.rule, citation(refusal, setting.terms, lapsed=lapsed))
    if isinstance(command, File):
        return Accepted(_filed(command, actor, setting))
    return Accepted((_event(command, cast(Subscription, state), actor, setting),))


def evolve(state: Subscription | None, event: Event, day: date) -> Subscription | None:
    """Fold one fact, which happened on civil `day`, into the state. Facts of other records leave it as it is."""
    if isinstance(event, SubscriptionFiled):
        return Subscription(
            operator=event.operator,
            handle=event.handle,
            kind=event.kind,
            access=event.access,
            district=event.district,
            connected=event.connected,
            filed=day,
            digests=frozenset(event.digests),
            standing=UNCONFIRMED if event.by == "subscriber" else CONFIRMED,
        )
    if state is None or isinstance(event, SubscriptionErased):
        return None
    return msgspec.structs.replace(_evolved(state, event, day), version=state.version + 1)


def _evolved(state: Subscription, event: Event, day: date) -> Subscription:
    replace = msgspec.structs.replace
    match event:
        case SubscriptionConfirmed() | SubscriptionDisowned() | SubscriptionLapsed():
            return _spoken_of(state, event, day)
        case SubscriptionChanged():
            return replace(
                state,
                kind=event.kind,
                access=event.access,
                district=event.district,
                digests=frozenset(event.digests),
                changed=event.on,
            )
        case SubscriptionEnded():
            return replace(state, ended=event.on)
        case SubscriptionRehandled():
            return replace(state, handle=event.handle)
        case PortOffered() | PortWithdrawn() | SubscriptionPorted():
            return _on_its_way(state, event, day)
        case _ if isinstance(event, KEEPING_FACTS):
            now = keeping_after(Keeping(state.held, state.release, state.further), event, day)
            code = event.code if isinstance(event, SubscriptionReleased) and event.code else state.code
            return replace(state, held=now.held, release=now.asked, further=now.further, code=code)
        case SubscriptionNotified():
            return replace(state, told=state.told | frozenset(event.added))
        case SubscriptionWithdrawn():
            return replace(state, told=state.told - frozenset(event.dropped))
        case SubscriptionCorrected():
            return replace(
                state,
                kind=event.kind,
                access=event.access,
                district=event.district,
                connected=event.connected,
                digests=(state.digests - frozenset(event.dropped)) | frozenset(event.added),
            )
        case _:
            return state


def _spoken_of(
    state: Subscription, event: SubscriptionConfirmed | SubscriptionDisowned | SubscriptionLapsed, day: date
) -> Subscription:
    """A filing made alone after its operator's word, or without one in time."""
    if isinstance(event, SubscriptionConfirmed):
        return msgspec.structs.replace(state, standing=CONFIRMED, handle=event.handle)
    standing = DISOWNED if isinstance(event, SubscriptionDisowned) else LAPSED
    return msgspec.structs.replace(state, standing=standing, ended=day)


def _on_its_way(
    state: Subscription, event: PortOffered | PortWithdrawn | SubscriptionPorted, day: date
) -> Subscription:
    """A record after one of the facts by which it goes to another operator."""
    replace = msgspec.structs.replace
    match event:
        case PortOffered():
            return replace(state, port=Port(event.gaining, event.asked, event.until, event.handle, event.clerk))
        case PortWithdrawn():
            return replace(state, port=None)
        case SubscriptionPorted():
            of = {"operator": event.gaining, "handle": event.handle, "port": None}
            return replace(state, **of, since=day, before=state.operator)


def _refusal(command: Command, state: Subscription | None, actor: Actor, setting: Setting) -> Refusal | None:
    """The first reason to refuse, or None: who asks, then the record, then what is asked."""
    if isinstance(command, Lapse):
        return _lapse_refusal(state, actor, setting.terms)
    if actor.role not in ("operator", "subscriber"):
        return NotAllowed(role=actor.role, act=type(command).__name__.lower())
    if isinstance(command, File):
        return _file_refusal(command, state, actor, setting.terms)
    if state is None or (actor.role == "operator" and actor.organisation != state.operator):
        return SubscriptionUnknown(sought="")
    if isinstance(command, Rehandle):
        return _rehandle_refusal(command, state, actor)
    if isinstance(command, Confirm | Disown):
        return _word_refusal(command, state, actor)
    if isinstance(command, KEEPING):
        keeping = Keeping(state.held, state.release, state.further)
        return keeping_refusal(command, keeping, actor, setting.terms.latest, setting.until)
    if isinstance(command, Erase):
        return _erase_refusal(state, actor, setting.terms)
    if state.ended is not None and not isinstance(command, Withdraw):
        return RecordEnded(ended=state.ended)
    # What was told by choice is taken back as long as the record is there, however it ended: nothing but its teller keeps it.
    return _asked_refusal(command, state, actor, setting.terms)


def _erase_refusal(state: Subscription, actor: Actor, terms: Terms) -> Refusal | None:
    """When a record may be erased."""
    if actor.role != "subscriber":
        return NotAllowed(role=actor.role, act="erase")
    if state.never_counted:
        return None  # so there is no subscription of which the rule keeps a record
    until = None if state.ended is None else kept_until(terms.retention, state.ended, state.event_days)
    article = terms.retention.article if terms.retention else ""
    return None if until is not None and until < terms.latest else KeptUntil(until=until, article=article)


def _rehandle_refusal(command: Rehandle, state: Subscription, actor: Actor) -> Refusal | None:
    """An ended record's handle may be changed too: it stays as readable as it was until then."""
    if actor.role != "operator":
        return NotAllowed(role=actor.role, act="rehandle")
    if not is_handle(command.handle):
        return HandleForm()
    return NothingAsked() if command.handle == state.handle else None


def _word_refusal(command: Confirm | Disown, state: Subscription, actor: Actor) -> Refusal | None:
    """Why an operator's word on a filing made alone is not taken."""
    if actor.role != "operator":
        return NotAllowed(role=actor.role, act=type(command).__name__.lower())
    if not state.waits:
        return NotUnconfirmed()
    if isinstance(command, Confirm) and command.handle and not is_handle(command.handle):
        return HandleForm()
    return reason_refusal(command.why) if isinstance(command, Disown) else None


def _lapse_refusal(state: Subscription | None, actor: Actor, terms: Terms) -> Refusal | None:
    if actor.role != "registrar":
        return NotAllowed(role=actor.role, act="lapse")
    if state is None or not state.waits:
        return NotUnconfirmed()
    until = waits_until(terms.retention, state.filed, terms.unconfirmed_days)
    return WaitsStill(until=until) if terms.latest <= until else None


def _file_refusal(command: File, state: Subscription | None, actor: Actor, terms: Terms) -> Refusal | None:
    if actor.role == "operator" and actor.organisation != command.operator:
        return NotAllowed(role=actor.role, act="file")
    if state is not None:
        return HandleTaken(handle=command.handle)
    if not (is_handle(command.handle) or (actor.role == "subscriber" and not command.handle)):
        return HandleForm()
    return (
        _words_refusal(command, terms)
        or _date_refusal("connected", command.connected, terms.earliest, terms.latest)
        or _count_refusal(command.digests, terms.digests)
        or _most_refusal((*command.digests, *command.told))
        or _digests_refusal((*command.digests, *command.told))
    )


def _asked_refusal(command: Command, state: Subscription, actor: Actor, terms: Terms) -> Refusal | None:
    match command:
        case Change():
            return _change_refusal(command, state, terms)
        case End():
            return _date_refusal("on", command.on, state.connected, terms.latest)
        case Notify():
            if actor.role != "subscriber":
                return NotAllowed(role=actor.role, act="notify")
            return _added_refusal(command.added, state.digests | state.told)
        case Withdraw():
            if actor.role != "subscriber":
                return NotAllowed(role=actor.role, act="withdraw")
            return _dropped_refusal(command.dropped, state.told)
        case Correct():
            return _correct_refusal(command, state, terms)
        case _:
            return NotAllowed(role=actor.role, act=type(command).__name__.lower())


def _change_refusal(command: Change, state: Subscription, terms: Terms) -> Refusal | None:
    refusal = _words_refusal(command, terms, state) or _date_refusal("on", command.on, state.connected, terms.latest)
    if refusal is None and command.digests is not None:
        refusal = _count_refusal(command.digests, terms.digests) or _digests_refusal(command.digests)
    if refusal is None and _same(command, state) and command.digests in (None, tuple(sorted(state.digests))):
        return NothingAsked()
    return refusal


def _correct_refusal(command: Correct, state: Subscription, terms: Terms) -> Refusal | None:
    refusal = _words_refusal(command, terms, state)
    if refusal is None and command.connected is not None:
        refusal = _date_refusal("connected", command.connected, terms.earliest, terms.latest)
    if refusal is None and (command.added or command.dropped):
        refusal = (
            _dropped_refusal(command.dropped, state.digests)
            or _added_refusal(command.added, state.digests | state.told)
            or _count_refusal(command.added, len(command.dropped))
        )
    moved = command.connected not in (None, state.connected) or command.added
    if refusal is None and not moved and _same(command, state):
        return NothingAsked()
    return refusal


def _same(command: Change | Correct, state: Subscription) -> bool:
    given = (command.kind, command.access, command.district)
    return all(new in (None, old) for new, old in zip(given, (state.kind, state.access, state.district), strict=True))


def _words_refusal(command: File | Change | Correct, terms: Terms, state: Subscription | None = None) -> Refusal | None:
    """Why a word is none of today's; one that the record has already is left alone, whatever became of it since."""
    kind = command.kind
    if kind in terms.uncovered and (state is None or kind != state.kind):
        return KindNotCovered(kind=kind)
    lists = (("kind", terms.kinds), ("access", terms.accesses), ("district", terms.districts))
    for field, words in lists:
        value = getattr(command, field, None)
        if value is not None and value not in words and (state is None or value != getattr(state, field)):
            return WordUnknown(field=field, value=value)
    return None


def _date_refusal(field: str, value: date, earliest: date, latest: date) -> Refusal | None:
    if earliest <= value <= latest:
        return None
    return DateOutOfRange(field=field, value=value, earliest=earliest, latest=latest)


def _count_refusal(digests: tuple[str, ...], expected: int) -> Refusal | None:
    return None if len(digests) == expected else DigestsMiscounted(expected=expected, found=len(digests))


def _most_refusal(digests: tuple[str, ...]) -> Refusal | None:
    return None if len(digests) <= MOST_TOLD else DigestsMiscounted(expected=MOST_TOLD, found=len(digests))


def _digests_refusal(digests: tuple[str, ...]) -> Refusal | None:
    seen: set[str] = set()
    for digest in digests:
        if digest in seen or not DIGEST.fullmatch(digest):
            return DigestShape(value=digest)
        seen.add(digest)
    return None


def _added_refusal(added: tuple[str, ...], present: frozenset[str]) -> Refusal | None:
    if len(added) + len(present) > MOST_TOLD:
        return DigestsMiscounted(expected=MOST_TOLD, found=len(added) + len(present))
    again = next((digest for digest in added if digest in present), None)
    if again is not None:
        return DigestPresent(value=again)
    return _digests_refusal(added) if added else NothingAsked()


def _dropped_refusal(dropped: tuple[str, ...], present: Iterable[str]) -> Refusal | None:
    unknown = next((digest for digest in dropped if digest not in present), None)
    if unknown is not None:
        return DigestUnknown(value=unknown)
    return _digests_refusal(dropped) if dropped else NothingAsked()


def _filed(command: File, actor: Actor, setting: Setting) -> tuple[Event, ...]:
    filed = SubscriptionFiled(
        operator=command.operator,
        handle=command.handle,
        kind=command.kind,
        access=command.access,
        district=command.district,
        connected=command.connected,
        digests=tuple(sorted(command.digests)),
        by=actor.role,
        rule=setting.rule,
    )
    if not command.told:
        return (filed,)
    return (filed, SubscriptionNotified(added=tuple(sorted(command.told)), by=actor.role, rule=setting.rule))


def _event(command: Command, state: Subscription, actor: Actor, setting: Setting) -> Event:
    by, rule = actor.role, setting.rule
    match command:
        case Change():
            return SubscriptionChanged(
                kind=command.kind or state.kind,
                access=command.access or state.access,
                district=command.district or state.district,
                on=command.on,
                digests=tuple(sorted(state.digests if command.digests is None else command.digests)),
                by=by,
                rule=rule,
            )
        case End():
            return SubscriptionEnded(on=command.on, by=by, rule=rule)
        case Notify():
            return SubscriptionNotified(added=tuple(sorted(command.added)), by=by, rule=rule, to=command.to)
        case Withdraw():
            return SubscriptionWithdrawn(dropped=tuple(sorted(command.dropped)), by=by, rule=rule)
        case Correct():
            return SubscriptionCorrected(
                kind=command.kind or state.kind,
                access=command.access or state.access,
                district=command.district or state.district,
                connected=command.connected or state.connected,
                added=tuple(sorted(command.added)),
                dropped=tuple(sorted(command.dropped)),
                by=by,
                rule=rule,
            )
        case Confirm() | Disown() | Lapse():
            return _standing_event(command, by, rule)
        case Rehandle():
            return SubscriptionRehandled(handle=command.handle, by=by, rule=rule)
        case _ if isinstance(command, KEEPING):
            return keeping_event(command, state.release, actor, setting.until, rule)
        case Erase():
            return SubscriptionErased(by=by, rule=rule)
        case _:  # pragma: no cover - _refusal has said no to every other command
            raise AssertionError(f"no event for {type(command).__name__}")


def _standing_event(command: Confirm | Disown | Lapse, by: str, rule: str) -> Event:
    if isinstance(command, Confirm):
        return SubscriptionConfirmed(handle=command.handle, by=by, rule=rule)
    if isinstance(command, Disown):
        return SubscriptionDisowned(why=command.why.strip(), by=by, rule=rule)
    return SubscriptionLapsed(by=by, rule=rule)
