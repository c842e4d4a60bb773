"""Events: what happened, in the past tense, each under an explicit versioned name.

The name on the wire never comes from a class path: a class may move, `subscription.filed/1` may not. A body is
canonical JSON (keys sorted, no white space; RFC 8785 for the strings, truths and lists used here), because its bytes
are what a receipt commits to. No body holds a readable identity: personal fields are RFC 9901 digests.
"""

import msgspec

from openroll.register.event import Emptied, Event
from openroll.register.kinds import KINDS

EVENTS: dict[str, type[Event]] = {name: kind.event for name, kind in KINDS.items()}
"""The class of every kind of event by its stored name."""


def event_of(name: str, body: str) -> Event:
    """The event stored under `name` with this body, in the newest version of its kind; `Emptied` when erasure took the body.

    Raises KeyError or msgspec.ValidationError: a damaged store.
    """
    if not body:
        return Emptied()
    return msgspec.json.decode(body, type=EVENTS[name]).as_now()
