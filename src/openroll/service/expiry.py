"""What is kept for a time goes when that time is over: the server's regular work, also when nobody comes."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from psycopg import Connection

from openroll.service.filing import idempotency_key
from openroll.service.identity import sessions, throttle
from openroll.service.roll import Roll
from openroll.store import idempotency
from openroll.store import sessions as session_rows
from openroll.store import throttle as throttle_rows

CEREMONIES_KEPT = timedelta(hours=1)
"""By then no ceremony can be finished."""

Sweep = Callable[[Connection, datetime], int]
SWEEPS: Mapping[str, Sweep] = {
    "idempotency keys": lambda connection, now: idempotency.forget(connection, now - idempotency_key.KEPT),
    "sessions": sessions.forget_over,
    "ceremonies": lambda connection, now: session_rows.forget_ceremonies(connection, now - CEREMONIES_KEPT),
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


class Sweeping:
    """A thread that sweeps at once, and every quarter of an hour from then on."""

    EVERY = timedelta(minutes=15)

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sweeping", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._stop.set()
        self._thread.join(timeout=2)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                sweep(self._roll)
            except Exception as error:
                # The database may be away for a moment; what is over is swept next time.
                logging.getLogger("openroll").warning("sweeping: %s", type(error).__name__)
            self._stop.wait(self.EVERY.total_seconds())
