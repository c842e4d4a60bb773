"""The clock of requests: a step whose time is over is left, whoever looks or does not."""

from contextlib import suppress
from datetime import datetime

import psycopg

from openroll.register.decision import Refused
from openroll.register.request.commands import PassTime
from openroll.register.request.state import ProcedureGone
from openroll.service.acts import act
from openroll.service.requests.current import current
from openroll.service.requests.projections import put_row
from openroll.service.roll import NotNow, Roll
from openroll.store import events, requests
from openroll.store.connect import NotBelieved

WORK = "request-time"
MOST = 200
"""Requests that one round goes on with."""


class Stuck(Exception):
    """Requests that did not go on when their time was over: a fault of ours, or of what the roll holds."""


def pass_due(roll: Roll, most: int = MOST) -> int:
    """Have the requests go on whose time is over, each in a transaction of its own; how many were looked at.

    What is refused has gone on meanwhile by somebody else's act, or by another process. Those whose person was told in a notice
    that is in no heap any more count as late from here on. Raises Stuck, once all others went on.
    """
    now = roll.clock()
    roll.check_clock(now)
    mark_lost(roll, most)
    looked, stuck = 0, dict[int, Exception]()
    while True:
        known = len(stuck)
        with roll.database.own() as connection:
            numbers = requests.due(connection, now, most, stuck)
        for number in numbers:
            if (error := _passed(roll, number, now)) is not None:
                stuck[number] = error
        looked += len(numbers)
        if len(stuck) == known:
            break
    if stuck:
        first, error = next(iter(stuck.items()))
        raise Stuck(f"{len(stuck)} requests do not go on, the first is {first}") from error
    return looked


def mark_lost(roll: Roll, most: int = MOST) -> None:
    """Have the rows of requests say that their person is told late whose notice is gone, whoever took it out or altered it."""
    with roll.database.own() as connection:
        streams = requests.unmarked(connection, most, int(roll.clock().timestamp()) // 60)
    for stream in streams:
        with suppress(ProcedureGone), current(roll) as connection:
            put_row(connection, stream, events.version_of(connection, stream))  # held: told anew before this, or after


def _passed(roll: Roll, number: int, now: datetime) -> Exception | None:
    """Have one request go on; the fault for which it does not, and which is this request's alone."""
    try:
        with current(roll) as connection:
            acted = act(connection, roll, PassTime(request=number), now=now)
    except (psycopg.OperationalError, NotBelieved, NotNow):
        raise  # the database is away, or takes nothing: no request goes on
    except Exception as error:
        # Whatever it is, it is this request's: the others go on, and the round says it when they have (`Stuck`).
        return error
    if isinstance(acted, Refused) and acted.refusal.code != "time-not-over":
        return AssertionError(acted.refusal.code)
    return None
