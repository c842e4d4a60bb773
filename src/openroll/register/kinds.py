"""The registry of everything that can happen: every kind of event with its commands, their deciders and their refusals.

A new record adds its folder's table to `TABLES`; a new kind adds a line to its record's own table, and nothing else here.
"""

from typing import Any

from openroll.register.command import Command
from openroll.register.decision import Accepted, Decision, Refused
from openroll.register.kind import Decide, Decider, Kind
from openroll.register.log_keys.kinds import KINDS as LOG_KEYS
from openroll.register.official import Under
from openroll.register.organisation.kinds import KINDS as ORGANISATION
from openroll.register.refusal import Refusal
from openroll.register.request.kinds import KINDS as REQUEST
from openroll.register.roll.kinds import KINDS as ROLL
from openroll.register.site.kinds import KINDS as SITE
from openroll.register.subscription.kinds import KINDS as SUBSCRIPTION
from openroll.register.texts import too_long, unfit

TABLES: tuple[tuple[Kind, ...], ...] = (SUBSCRIPTION, ORGANISATION, ROLL, LOG_KEYS, REQUEST, SITE)

KINDS: dict[str, Kind] = {kind.name: kind for table in TABLES for kind in table}
"""Every kind of event by its stored name."""

OFFICIAL: tuple[str, ...] = tuple(kind.name for kind in KINDS.values() if kind.official)
"""The kinds that the public log holds whole. Who acted plays no part in it."""

_DECIDERS: dict[type, Decider] = {
    command: decider for kind in KINDS.values() for command, decider in kind.deciders.items()
}


def decider_of(command: type) -> Decide:
    """The pure function that decides on commands of this type. Raises KeyError for one that no kind names."""
    return _DECIDERS[command].decide


def decided(command: Command, state: Any, by: Any, under: Under) -> Decision:
    """The decision that a command finds: by its decider, and only where its texts and its facts can be put on record.

    Every act goes this way, so whatever is accepted fits into an entry of the log. Raises KeyError as `decider_of`.
    """
    if (wrong := unfit(command)) is not None:
        return Refused(wrong, under.rule)
    decision = decider_of(type(command))(command, state, by, under)
    if isinstance(decision, Accepted) and (long := too_long(decision.events)) is not None:
        return Refused(long, under.rule)
    return decision


def refusals_of(command: type) -> frozenset[type[Refusal]]:
    """The classes of refusal that may be decided on commands of this type. Raises KeyError for one that no kind names."""
    return frozenset(_DECIDERS[command].refusals)
