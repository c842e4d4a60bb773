"""How often one record is changed: every act reads all its facts, in the thread that writes everybody's filings.

Each side (the operator, the subscriber) has its own count, so neither uses up the other's. What protects a holder, or comes
once in a record's life, is always open.
"""

from openroll.register.command import Command
from openroll.register.decision import Refused
from openroll.register.subscription.commands import Confirm, Disown, End, EndPasskey, Erase, Hold, RefuseRelease
from openroll.register.subscription.refusals import TooManyActs

A_DAY = 50
"""Facts that one side adds to a record on one day."""
LONG = 200
"""Facts of a record from which on it is long: a change a month for sixteen years."""
A_DAY_WHEN_LONG = 2
_ANY_TIME = (Confirm, Disown, End, EndPasskey, Erase, Hold, RefuseRelease)


def too_many(command: Command, today: int, version: int, minutes: int) -> Refused | None:
    """Why an act is not taken today on a record of `version` facts, to which this side has added `today` facts today.

    `minutes` is how long the day still is.
    """
    most = A_DAY if version < LONG else A_DAY_WHEN_LONG
    if today < most or isinstance(command, _ANY_TIME):
        return None
    return Refused(TooManyActs(most=most, wait=minutes))
