"""A kind of event: what makes it, and who decides whether it happens."""

from collections.abc import Callable, Mapping

import msgspec

from openroll.register.decision import Decision
from openroll.register.event import Event

Decide = Callable[..., Decision]
"""`decide(command, state, by, under)`: the command, what is known of its record, who asks, and the rule with the day. Pure."""


class Kind(msgspec.Struct, frozen=True):
    """One kind of event, and `decide`: the commands that can make it, each with the pure function that decides on it.

    Whether the public log holds it whole is `official`, a property of the kind. Its sentence stands in `words` under its name.
    """

    event: type[Event]
    decide: Mapping[type, Decide] = {}
    """None for an older version of a kind, which is read and never made again."""

    @property
    def name(self) -> str:
        """What stored events of this kind are called."""
        return self.event.name

    @property
    def official(self) -> bool:
        """Whether it stands in the public log in full."""
        return self.event.official
