"""Events: what happened, in the past tense, each under an explicit versioned name.

The name on the wire never comes from a class path: a class may move, `subscription.filed/1` may not. A body is
canonical JSON (keys sorted, no white space; RFC 8785 for the strings, truths and lists used here), because its bytes
are what a receipt commits to. No body holds a readable identity: personal fields are RFC 9901 digests.
"""

from datetime import date
from typing import ClassVar

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact. `official` acts stand in the public log in full; people's acts only as a kind and a commitment."""

    name: ClassVar[str]
    official: ClassVar[bool] = False

    def body(self) -> str:
        """The canonical JSON of this event: the bytes a receipt commits to."""
        return _encoder.encode(self).decode()


class SubscriptionFiled(Event, frozen=True):
    """A subscription was filed, by its operator or (handle empty) by the subscriber."""

    name = "subscription.filed/1"
    operator: str
    handle: str
    kind: str
    access: str
    district: str
    connected: date
    digests: tuple[str, ...]
    by: str
    rule: str


class SubscriptionChanged(Event, frozen=True):
    """The subscription itself changed on a day (moved, other access); the new public part stands whole."""

    name = "subscription.changed/1"
    kind: str
    access: str
    district: str
    on: date
    digests: tuple[str, ...]
    by: str
    rule: str


class SubscriptionEnded(Event, frozen=True):
    """The subscription ended on a day. Retention runs from it."""

    name = "subscription.ended/1"
    on: date
    by: str
    rule: str


class SubscriptionNotified(Event, frozen=True):
    """The subscriber chose to tell more: digests of what was told were added."""

    name = "subscription.notified/1"
    added: tuple[str, ...]
    by: str
    rule: str


class SubscriptionWithdrawn(Event, frozen=True):
    """The subscriber took back what they had told: its digests are no longer on the record."""

    name = "subscription.withdrawn/1"
    dropped: tuple[str, ...]
    by: str
    rule: str


class SubscriptionCorrected(Event, frozen=True):
    """Something filed was wrong from the start and now stands right (a change, by contrast, is of the world)."""

    name = "subscription.corrected/1"
    kind: str
    access: str
    district: str
    connected: date
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    by: str
    rule: str


class RollOpened(Event, frozen=True):
    """An official act: the roll was opened under a rule. `safeguards` are the checks it passed when it was opened."""

    name = "roll.opened/1"
    official = True
    roll: str
    title_zh: str
    title_en: str
    registrar: str
    rule: str
    districts: str
    demonstration: bool
    safeguards: tuple[str, ...]


class OperatorAdmitted(Event, frozen=True):
    """An official act: an operator may file under its short name from now on."""

    name = "operator.admitted/1"
    official = True
    operator: str
    title_zh: str
    title_en: str
    kind: str
    rule: str


EVENTS: dict[str, type[Event]] = {
    kind.name: kind
    for kind in (
        SubscriptionFiled,
        SubscriptionChanged,
        SubscriptionEnded,
        SubscriptionNotified,
        SubscriptionWithdrawn,
        SubscriptionCorrected,
        RollOpened,
        OperatorAdmitted,
    )
}


def event_of(name: str, body: str) -> Event:
    """The event stored under `name` with this body. Raises KeyError or msgspec.ValidationError: a damaged store."""
    return msgspec.json.decode(body, type=EVENTS[name])
