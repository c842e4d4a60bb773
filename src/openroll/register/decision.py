"""A decision is a value: what happened, or why not. It is made without I/O, clock or randomness."""

import msgspec

from openroll.register.event import Event
from openroll.register.refusal import Refusal


class Accepted(msgspec.Struct, frozen=True):
    """The command is taken. `events` are the facts it makes, in order; never empty."""

    events: tuple[Event, ...]


class Refused(msgspec.Struct, frozen=True):
    """The command is not taken. `citation` names the article of `rule` that says so, or is empty."""

    refusal: Refusal
    rule: str = ""
    citation: str = ""


Decision = Accepted | Refused
