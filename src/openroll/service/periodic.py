"""Work that goes by the clock in a serving process: done at the start and every hour, and harmless to do twice."""

import logging
import threading
from collections.abc import Callable

from openroll.fault_trace import fault_trace

EVERY = 3_600.0
"""Seconds between two rounds."""


class Regular:
    """One thread. `work` says how many things it did; `done` is called when it was any."""

    def __init__(self, work: Callable[[], int], done: Callable[[], None], every: float = EVERY) -> None:
        self._work, self._done, self._every = work, done, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._rounds, name="regular", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish the round, then stop."""
        self._stop.set()
        self._thread.join()

    def _rounds(self) -> None:
        # Not at once: a process that starts has other things to do, and what has waited for weeks can wait for a minute.
        wait = min(60.0, self._every)
        while not self._stop.wait(wait):
            wait = self._every
            try:
                if self._work():
                    self._done()
            except Exception as error:
                logging.getLogger("openroll").error(
                    "regular work failed; it is tried again later: %s", fault_trace(error)
                )
