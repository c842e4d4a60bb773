"""How often one record is changed: every act reads all its facts, in the thread that writes everybody's filings.

Each side (the subscriber, the operator that answers, another that it is to go to) has its own count, so none uses up another's;
whoever does not answer for a record adds few facts to it. What protects a holder, or comes
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
A_DAY_OF_ANOTHER_S = 4
"""Facts that an operator adds on one day to a record that another one answers for: asked, withdrawn, and once more."""
ADDRESSES_A_DAY = 3
"""Addresses that the holder of a record gives on one day: each is asked, and the one before is told."""
_ANY_TIME = (Confirm, Disown, End, EndPasskey, Erase, Hold, RefuseRelease)


def too_many_addresses(today: int, minutes: int) -> Refused | None:
    """Why no further address is taken today for a record whose holder has given `today` of them; `minutes` as below."""
    return Refused(TooManyActs(most=ADDRESSES_A_DAY, wait=minutes)) if today >= ADDRESSES_A_DAY else None


def too_many(command: Command, today: int, version: int, minutes: int, *, another_s: bool = False) -> Refused | None:
    """Why an act is not taken today on a record of `version` facts, to which this side has added `today` facts today.

    `minutes` is how long the day still is. `another_s` says whether an operator acts on what another one answers for.
    """
    most = A_DAY_WHEN_LONG if version >= LONG else A_DAY_OF_ANOTHER_S if another_s else A_DAY
    if today < most or isinstance(command, _ANY_TIME):
        return None
    return Refused(TooManyActs(most=most, wait=minutes))
