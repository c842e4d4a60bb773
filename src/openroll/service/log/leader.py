"""Which of a roll's serving processes gives filings their places: one, by a lease; another when it dies or hangs."""

from contextlib import suppress
from uuid import uuid4

import psycopg
from psycopg import Connection

from openroll.service.roll import Roll
from openroll.store import exclusion, work

PATIENCE = 60.0
"""Seconds without a sign after which a process that leads has hung, and another may lead."""
RENEWED = 5.0
"""Seconds after which a process that leads gives the next sign."""


class Leader:
    """One process's part in it. The lease ends with a connection of its own, and so with the process at the latest."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._me = uuid4()
        self._connection: Connection | None = None
        self.leading = False
        """Whether this process led when it was last asked."""

    def leads(self) -> bool:
        """Whether this process leads, becoming the leader if none is there. Raises psycopg.Error when the database is away."""
        connection = self._connected()
        try:
            if not self.leading:
                self.leading = exclusion.take_lead(connection, self._roll.database.schema, self._me, PATIENCE)
            elif not exclusion.renew_lease(connection, exclusion.LEAD, self._me, RENEWED):
                self.close()  # it hung, and another leads
        except psycopg.Error:
            self.close()
            raise
        return self.leading

    def tell(self) -> None:
        """Tell the leader that there is something to place."""
        work.tell(self._connected(), "log")

    def close(self) -> None:
        """Lead no more."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                if self.leading:
                    exclusion.end_lease(self._connection, exclusion.LEAD, self._me)
                self._connection.close()
            self._connection = None
        self.leading = False

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self.leading = False
            self._connection = self._roll.database.open_runtime("openroll-leader", role="application")
            self._connection.autocommit = True
        return self._connection
