"""What is kept for a time goes when that time is over: the server's regular work, also when nobody comes."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from psycopg import Connection

from openroll.service.filing import idempotency_key
from openroll.service.identity import address_links, sessions, throttle
from openroll.service.roll import Roll
from openroll.store import asked_addresses, grant_marks, idempotency
from openroll.store import sessions as session_rows
from openroll.store import throttle as throttle_rows

CEREMONIES_KEPT = timedelta(hours=1)
"""By then no ceremony can be finished."""

Sweep = Callable[[Connection, datetime], int]
SWEEPS: Mapping[str, Sweep] = {
    "idempotency keys": lambda connection, now: idempotency.forget(connection, now - idempotency_key.KEPT),
    "sessions": sessions.forget_over,
    "ceremonies": lambda connection, now: session_rows.forget_ceremonies(connection, now - CEREMONIES_KEPT),
    "asked addresses": lambda connection, now: asked_addresses.forget(connection, now - address_links.ASKED_FOR),
    "grants": grant_marks.forget,
    "throttle": lambda connection, now: throttle_rows.forget(connection, now - throttle.KEPT_FOR, now),
}
"""What is swept, by its name: each takes what is over by `now` out of its table and says how much that was."""


def sweep(roll: Roll) -> dict[str, int]:
    """Take out what is over by now, each kind in a transaction of its own; how much of each.

    Raises ClockBehind while the clock stands behind what was written: by such a clock nothing is judged to be over.
    """
    now = roll.clock()
    roll.check_clock(now)
    swept = {}
    for name, work in SWEEPS.items():
        with roll.database.own() as connection:
            swept[name] = work(connection, now)
    return swept
