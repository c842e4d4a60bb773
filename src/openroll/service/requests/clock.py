"""The clock of requests: a step whose time is over is left, whoever looks or does not."""

from openroll.register.decision import Refused
from openroll.register.request.commands import PassTime
from openroll.service.acts import act
from openroll.service.requests.current import current
from openroll.service.roll import Roll
from openroll.store import requests

WORK = "request-time"
MOST = 200
"""Requests that one round goes on with."""


def pass_due(roll: Roll, most: int = MOST) -> int:
    """Have the requests go on whose time is over, each in a transaction of its own; how many were looked at.

    What is refused has gone on meanwhile by somebody else's act, or by another process.
    """
    now = roll.clock()
    roll.check_clock(now)
    with roll.database.own() as connection:
        numbers = requests.due(connection, now, most)
    for number in numbers:
        with current(roll) as connection:
            acted = act(connection, roll, PassTime(request=number), now=now)
            assert not isinstance(acted, Refused) or acted.refusal.code == "time-not-over"  # noqa: S101 - it is there
    return len(numbers)
