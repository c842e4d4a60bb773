"""The sequencer of a serving process: rounds soon after a filing, and now and then in any case.

Every serving process has one, and one of them leads (leader.py): the others only tell it that there is something to place, and
stand by to go on when it dies.
"""

import logging
import time
from collections.abc import Callable

from psycopg import Connection

from openroll.fault_trace import fault_trace
from openroll.register.organisation.roles import REGISTRAR
from openroll.service.log.leader import Leader
from openroll.service.log.publishing import SILENT, is_silent
from openroll.service.log.ratchet import Forked
from openroll.service.log.sequencer import RoundElsewhere, Sequencer
from openroll.service.log.trouble import logged, trouble_of
from openroll.service.loop import Loop
from openroll.service.roll import Roll
from openroll.service.work import end_of, enqueue
from openroll.store import work as rows
from openroll.store.connect import is_away

LOG = "log"
"""The kind of work that a log which stands still is for the registrar, and its reason; its key says why."""


ENDLESS = "the round of the log that is at hand does not end; `openroll status` says what it waits for"


class Sequencing:
    """Rounds of the sequencer in a thread of their own."""

    SOON = 0.2
    ANYWAY = 2.0
    REST = 4.0
    """After a round it rests at least so many times as long as the round took: filing goes before, on a busy machine too."""

    LONG = 120.0
    """Seconds after which a round at hand is trouble: one of the largest takes a few."""
    CLOSING = 20.0
    """Seconds that `close` waits: a round at hand ends in few, and one that hangs is nothing to wait for."""

    def __init__(self, roll: Roll, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._roll = roll
        self._monotonic = monotonic
        self._woken = False
        self._trouble = ""
        self._round_began: float | None = None
        self._silent = False
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
        """One last round, then stop: another process may lead. One that hangs is left to the process's own end."""
        self._loop.close(self.CLOSING)

    @property
    def trouble(self) -> str:
        """Why the log stands still, in whichever process that is; nothing while it goes on."""
        began = self._round_began
        if not self._trouble and began is not None and self._monotonic() - began > self.LONG:
            return ENDLESS
        return self._trouble

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
            self._stopped_by(error)

    def _stopped_by(self, error: Exception) -> None:
        """Tell everybody by a code of ours, and who keeps the machine by where it was; once for each trouble."""
        trouble = trouble_of(error)
        if trouble != self._trouble:
            # What a Forked says is ours, and for the keeper: it names files and hashes. No line of the code has a database away.
            words = str(error) if isinstance(error, Forked) else trouble if is_away(error) else fault_trace(error)
            logging.getLogger("openroll").error("the log stands still: %s", words)
        self._trouble = trouble

    def _stand_by(self, woken: bool) -> None:
        if woken:
            self._leader.tell()
        with self._roll.database.own() as connection:
            self._say_silence(connection, silent=is_silent(self._roll, connection))
            self._trouble = next(iter(rows.keys_of(connection, LOG)), "")
        self._said = None  # whoever leads next says again how it stands

    def _say_silence(self, connection: Connection, *, silent: bool) -> None:
        """Who leads cannot say that it hangs, so who stands by does; that is settled when the log goes on."""
        if silent == self._silent:
            return
        now = self._roll.clock()
        if not silent:
            rows.end(connection, LOG, SILENT, "settled", now)
        elif not rows.is_waiting(connection, LOG, SILENT):
            due = end_of(self._roll, self._roll.day(now))
            enqueue(connection, LOG, SILENT, REGISTRAR, LOG, due, now=now)
        self._silent = silent

    def _round(self) -> None:
        self._round_began = self._monotonic()
        try:
            self._sequencer.run_until_empty(patience=0)
            if self._trouble:
                logging.getLogger("openroll").warning("the log goes on: what it stood still for is over")
            self._trouble = ""
        except (Forked, RoundElsewhere) as error:
            self._stopped_by(error)
        except Exception as error:
            self._sequencer.close()
            self._stopped_by(error)
        finally:
            self._round_began = None

    def _say(self) -> None:
        """A log that stands still waits for somebody of the registrar; when it goes on, that is settled."""
        if self._trouble == self._said:
            return
        now = self._roll.clock()
        why = [self._trouble] if self._trouble else []
        try:
            with self._roll.database.own() as connection:
                rows.end_others(connection, LOG, why, now)
                if why and not rows.is_waiting(connection, LOG, self._trouble):
                    due = end_of(self._roll, self._roll.day(now))
                    enqueue(connection, LOG, self._trouble, REGISTRAR, LOG, due, now=now)
        except Exception as error:
            logging.getLogger("openroll").warning("the log's trouble is not on the page of work: %s", logged(error))
            return
        self._said = self._trouble
