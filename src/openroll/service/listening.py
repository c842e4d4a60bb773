"""What the other processes of a roll tell this one as soon as they commit it: work is due, the log has to go on, a rule is there.

It makes things quick and nothing right: who misses a word finds the same a moment later in the database.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress

import psycopg
from psycopg import Connection

from openroll.service.loop import Loop
from openroll.service.roll import Roll
from openroll.store import work


class Listening:
    """A thread that listens, and rings whoever is meant by a word; after it had to connect anew, everybody."""

    AT_ONCE = 0.5
    """Seconds that one wait for words lasts: so long at most closing takes."""
    AGAIN = 1.0
    """Seconds between two tries to connect."""

    def __init__(self, roll: Roll, bells: Mapping[str, Callable[[], None]]) -> None:
        self._roll, self._bells = roll, bells
        self._connection: Connection | None = None
        self._loop = Loop("listening", self._round, every=self.AGAIN, last=self._hang_up)
        self._loop.start()

    def close(self) -> None:
        """Stop."""
        self._loop.close()

    def _round(self) -> None:
        try:
            if self._connection is None:
                self._connection = self._roll.database.open_runtime("openroll-listening", role="application")
                self._connection.autocommit = True
                work.listen(self._connection)
                self._ring(set(self._bells))
            while not self._loop.stopping:
                self._ring(work.words(self._connection, self.AT_ONCE))
        except psycopg.Error:
            self._hang_up()  # it is tried again; until then the others look by themselves

    def _ring(self, words: set[str]) -> None:
        for word in words & set(self._bells):
            self._bells[word]()

    def _hang_up(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
