"""A kind of event: what makes it, who decides whether it happens, and what may be answered instead."""

from collections.abc import Callable, Mapping

import msgspec

from openroll.register.decision import Decision
from openroll.register.event import Event
from openroll.register.refusal import Refusals

Decide = Callable[..., Decision]
"""`decide(command, state, by, under)`: the command, what is known of its record, who asks, and the rule with the day. Pure."""


class Decider(msgspec.Struct, frozen=True):
    """Who decides on a command, and the classes of refusal that may be the answer: these and no others, as a test proves."""

    decide: Decide
    refusals: Refusals


class Kind(msgspec.Struct, frozen=True):
    """One kind of event, and `deciders`: the commands that can make it, each with what decides on it.

    Whether the public log holds it whole is `official`, a property of the kind. Its sentence stands in `words` under its name.
    """

    event: type[Event]
    deciders: Mapping[type, Decider] = {}
    """None for an older version of a kind, which is read and never made again."""

    @property
    def name(self) -> str:
        """What stored events of this kind are called."""
        return self.event.name

    @property
    def official(self) -> bool:
        """Whether it stands in the public log in full."""
        return self.event.official
