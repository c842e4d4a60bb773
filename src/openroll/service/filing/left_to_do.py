"""What a person's acts on a record leave for somebody to do: it is enqueued, or ended, in the transaction of the act."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from openroll.register.subscription.decide import Subscription
from openroll.register.subscription.events import (
    ReleaseAsked,
    ReleaseRefused,
    ReleaseSeconded,
    SubscriptionErased,
    SubscriptionReleased,
)
from openroll.register.subscription.filing_code import reference_of
from openroll.service.roll import Roll
from openroll.service.work import end_of, enqueue
from openroll.store.connect import assume
from openroll.store.events import EventRow
from openroll.store.work import end

RELEASE = "release"
"""The kind of work that a record's release from a lost passkey is for its operator; its key opens nothing."""
_BEGUN = (ReleaseAsked.name, ReleaseSeconded.name)
_OVER = (ReleaseRefused.name, SubscriptionReleased.name, SubscriptionErased.name)


def note(
    connection: Connection,
    roll: Roll,
    now: datetime,
    facts: Sequence[EventRow],
    states: Mapping[int, Subscription | None],
) -> None:
    """Enqueue what the facts leave to be done about their records, as these stand after them. Takes on the application's role."""
    touched = {fact.stream: fact for fact in facts if fact.name in (*_BEGUN, *_OVER) or _ended(states[fact.stream])}
    if touched:
        assume(connection, "application")
    for number, fact in touched.items():
        key, state = reference_of(number, roll.keys.code_key), states[number]
        if state is None or state.release is None or state.ended is not None:
            end(connection, RELEASE, key, fact.name, now)
            continue
        reason = "release-seconded" if state.release.second else "release-asked"
        enqueue(connection, RELEASE, key, state.operator, reason, end_of(roll, state.release.until), now=now)


def _ended(state: Subscription | None) -> bool:
    """Whether a record ended while somebody was to let it go."""
    return state is not None and state.release is not None and state.ended is not None
