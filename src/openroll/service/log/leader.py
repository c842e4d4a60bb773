"""Which of a roll's serving processes gives filings their places: one, by a lock of the database; another when it dies."""

from contextlib import suppress

import psycopg
from psycopg import Connection

from openroll.service.roll import Roll
from openroll.store import log, work


class Leader:
    """One process's part in it. The lock is held by a connection of its own: the database lets go of it with the process."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._connection: Connection | None = None
        self.leading = False
        """Whether this process led when it was last asked."""

    def leads(self) -> bool:
        """Whether this process leads, becoming the leader if none is there. Raises psycopg.Error when the database is away."""
        connection = self._connected()
        try:
            if not self.leading:
                self.leading = log.lead(connection, self._roll.database.schema)
            else:
                log.is_leading_still(connection)
        except psycopg.Error:
            self.close()
            raise
        return self.leading

    def tell(self) -> None:
        """Tell the leader that there is something to place."""
        work.tell(self._connected(), "log")

    def close(self) -> None:
        """Lead no more."""
        self.leading = False
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self.leading = False
            self._connection = self._roll.database.open_runtime("openroll-leader", role="application")
            self._connection.autocommit = True
        return self._connection
