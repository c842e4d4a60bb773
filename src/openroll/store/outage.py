"""An outage of the database, said in a server's log twice: when it begins and when it is over.

Every thread of a process meets it by itself, every second: what each of them and the libraries beneath say of it is the same.
"""

import logging
import threading
import time
from collections.abc import Callable

_log = logging.getLogger("openroll")


class Outage:
    """Whether the database of a process is away. Whoever finds that it does not answer, or does again, says so here."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._since: float | None = None

    @property
    def lasts(self) -> bool:
        """Whether it has begun and is not over."""
        return self._since is not None

    def begin(self, why: str) -> None:
        """The database does not answer; `why` is for who keeps the machine, and holds nothing that anybody sent."""
        with self._lock:
            if self._since is None:
                self._since = self._monotonic()
                _log.error("the database is away, and what needs it is refused until it is back: %s", why)

    def end(self) -> None:
        """The database has answered."""
        if self._since is None:  # what is asked by every transaction costs nothing
            return
        with self._lock:
            if self._since is not None:
                _log.warning("the database is back, after %.0f seconds", self._monotonic() - self._since)
                self._since = None
