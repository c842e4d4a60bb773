"""The background worker of a serving process: it takes due work of every kind, does it, and says what came of it.

Several processes of one roll have one each, over the same table; no piece is in two hands at once (store/work.py). Whatever
breaks, it goes on: a database that went away is waited for, and what a dead process had in hand is taken up after its lease.
"""

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from openroll.service import work
from openroll.service.log.trouble import logged
from openroll.service.loop import Loop
from openroll.service.roll import Roll
from openroll.service.work import Again, Away, Done, Kind, Ran, Registry
from openroll.store import work as rows
from openroll.store.connect import is_away
from openroll.store.work import WorkRow

_log = logging.getLogger("openroll")


class Worker:
    """One thread that looks for what is due, and one lane or more for each kind. `done` is told of all that was done."""

    LOOK_EVERY = 2.0
    """Seconds between two looks when nobody rings: so late at most is what another process enqueued and could not tell of."""
    ENSURE_EVERY = 600.0
    """Seconds between two looks whether what comes by a clock waits, and not for longer than it should."""
    PATIENCE = 5.0
    """Seconds that closing waits for what is in hand; what is not done by then is done again."""

    def __init__(
        self,
        roll: Roll,
        kinds: Registry,
        done: Callable[[Ran], None] = lambda _: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._roll, self._kinds, self._done, self._monotonic = roll, kinds, done, monotonic
        self.trouble = ""
        self.away: dict[str, str] = {}
        """What work of a kind needs and is not there at present, by kind."""
        self._busy = threading.Lock()
        self._in_hand: dict[int, WorkRow] = {}
        self._unsettled: list[Ran] = []
        self._paused: dict[str, float] = {}
        self._ensured = -math.inf
        lanes = sum(kind.lanes for kind in kinds.values())
        self._pool = ThreadPoolExecutor(max(lanes, 1), thread_name_prefix="work")
        self._loop = Loop("worker", self._round, every=self.LOOK_EVERY)

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    def wake(self) -> None:
        """Something is due."""
        self._loop.wake()

    @property
    def stopping(self) -> bool:
        """Whether the worker is being closed: long work gives back what it has in hand."""
        return self._loop.stopping

    def close(self) -> None:
        """Finish what is in hand, for a moment; what is not done then is given back by its lease."""
        self._loop.close()
        end = self._monotonic() + self.PATIENCE
        while self._hands() and self._monotonic() < end:
            time.sleep(0.01)
        self._pool.shutdown(wait=not self._hands(), cancel_futures=True)

    def _hands(self) -> list[int]:
        with self._busy:
            return list(self._in_hand)

    def _round(self) -> None:
        try:
            self._settle_late()
            if self._monotonic() >= self._ensured + self.ENSURE_EVERY:
                work.ensure_recurring(self._roll, self._kinds, self._roll.clock())
                self._ensured = self._monotonic()
            self._renew()
            while not self.stopping and self._take_one():
                pass
            self.trouble = ""
        except Exception as error:  # a worker that ended would leave everything waiting for ever
            self.trouble = type(error).__name__
            if not (is_away(error) and self._roll.database.outage.lasts):  # which is said already
                _log.warning("work goes on by itself after %s", logged(error))

    def _renew(self) -> None:
        held = self._hands()
        if held:
            lease = max(kind.lease for kind in self._kinds.values())
            with self._roll.database.own() as connection:
                rows.renew(connection, held, self._roll.clock() + lease)

    def _free(self) -> dict[str, Kind]:
        """The kinds with a free lane that are not paused."""
        with self._busy:
            taken = Counter(row.kind for row in self._in_hand.values())
        now = self._monotonic()
        return {
            name: kind
            for name, kind in self._kinds.items()
            if taken[name] < kind.lanes and self._paused.get(name, now) <= now
        }

    def _take_one(self) -> bool:
        free = self._free()
        row = work.take_due(self._roll, free, self._roll.clock(), self._hands()) if free else None
        if row is None:
            return False
        with self._busy:
            self._in_hand[row.id] = row
        self._pool.submit(self._do, row)
        return True

    def _do(self, row: WorkRow) -> None:
        kind = self._kinds[row.kind]
        ran = Ran(row, work.do(kind, row))
        if not isinstance(ran.result, Done | Again) and getattr(ran.result, "counted", True):
            _log.warning("work of kind %s failed at attempt %d: %s", row.kind, row.attempts, ran.result.fault)
        self.away.pop(row.kind, None)
        if isinstance(ran.result, Away):
            self.away[row.kind] = ran.result.fault
            self._paused[row.kind] = self._monotonic() + kind.waits[0].total_seconds()
        self._settle(ran)
        self.wake()  # its lane is free

    def _settle(self, ran: Ran) -> None:
        try:
            work.settle(self._roll, self._kinds[ran.row.kind], ran, self._roll.clock())
        except Exception as error:
            self.trouble = type(error).__name__
            with self._busy:
                self._unsettled.append(ran)
            return
        with self._busy:
            self._in_hand.pop(ran.row.id, None)
        try:
            self._done(ran)
        except Exception as error:
            _log.error("telling of work that was done failed: %s", logged(error))

    def _settle_late(self) -> None:
        """Say what came of work whose end could not be written down, because the database was away."""
        with self._busy:
            late, self._unsettled = self._unsettled, []
        for ran in late:
            self._settle(ran)
