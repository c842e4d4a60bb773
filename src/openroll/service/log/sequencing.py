"""The sequencer of a serving process: rounds soon after a filing, and now and then in any case.

Every serving process has one, and one of them leads (leader.py): the others only tell it that there is something to place, and
stand by to go on when it dies.
"""

import logging

from openroll.fault_trace import fault_trace
from openroll.register.organisation.roles import REGISTRAR
from openroll.service.log.leader import Leader
from openroll.service.log.ratchet import Forked
from openroll.service.log.sequencer import Sequencer
from openroll.service.loop import Loop
from openroll.service.roll import Roll
from openroll.service.work import end_of, enqueue
from openroll.store import work as rows

LOG = "log"
"""The kind of work that a log which stands still is for the registrar, and its reason; its key says why."""


class Sequencing:
    """Rounds of the sequencer in a thread of their own. `trouble` says why the log stands still, in whichever process that is."""

    SOON = 0.2
    ANYWAY = 2.0
    REST = 4.0
    """After a round it rests at least so many times as long as the round took: filing goes before, on a busy machine too."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._woken = False
        self.trouble = ""
        self._said: str | None = None
        self._sequencer = Sequencer(roll)
        self._leader = Leader(roll)
        # Filings that come together get their places together: one signature for all of them.
        self._loop = Loop("sequencing", self._turn, every=self.ANYWAY, gather=self.SOON, rest=self.REST, last=self._end)
        self._loop.start()

    def wake(self) -> None:
        """There is something to place."""
        self._woken = True
        self._loop.wake()

    def go_on(self) -> None:
        """Another process has something to place: whoever leads does."""
        if self._leader.leading:
            self._loop.wake()

    def close(self) -> None:
        """One last round, then stop: another process may lead."""
        self._loop.close()

    @property
    def failures(self) -> dict[str, int]:
        """How often each witness server has failed since this process began."""
        return self._sequencer.cosigning.failures

    def _end(self) -> None:
        self._turn()
        self._sequencer.close()
        self._leader.close()

    def _turn(self) -> None:
        try:
            woken, self._woken = self._woken, False
            if self._leader.leads():
                self._round()
                self._say()
            else:
                self._stand_by(woken)
        except Exception as error:
            self._sequencer.close()
            self.trouble = f"{type(error).__name__}: {error}"

    def _stand_by(self, woken: bool) -> None:
        if woken:
            self._leader.tell()
        with self._roll.database.own() as connection:
            self.trouble = next(iter(rows.keys_of(connection, LOG)), "")
        self._said = None  # whoever leads next says again how it stands

    def _round(self) -> None:
        try:
            self._sequencer.run_until_empty(patience=0)
            self.trouble = ""
        except Forked as error:
            self.trouble = str(error)
        except Exception as error:
            self._sequencer.close()
            self.trouble = f"{type(error).__name__}: {error}"

    def _say(self) -> None:
        """A log that stands still waits for somebody of the registrar; when it goes on, that is settled."""
        if self.trouble == self._said:
            return
        now = self._roll.clock()
        why = [self.trouble] if self.trouble else []
        try:
            with self._roll.database.own() as connection:
                rows.end_others(connection, LOG, why, now)
                if why and not rows.is_waiting(connection, LOG, self.trouble):
                    due = end_of(self._roll, self._roll.day(now))
                    enqueue(connection, LOG, self.trouble, REGISTRAR, LOG, due, now=now)
        except Exception as error:
            logging.getLogger("openroll").warning(
                "the log's trouble is not on the page of work: %s", fault_trace(error)
            )
            return
        self._said = self.trouble
