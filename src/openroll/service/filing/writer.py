"""A connection over which one thread takes filings, and what its outcomes are where the database does not do as it should."""

from collections.abc import Sequence

import psycopg

from openroll.service.filing.one_journey import OneJourney
from openroll.service.filing.submit import Outcome, Submission, broken_off
from openroll.service.roll import NotNow, Roll
from openroll.store.connect import RollConnection
from openroll.store.waiting import WAITED_OUT


class Writer:
    """Takes groups of filings for one thread. Its connection is opened when it is needed, and again after it broke."""

    def __init__(self, roll: Roll, name: str) -> None:
        """`name` is the connection's, by which it has its waits (store/waiting.py)."""
        self._roll, self._name = roll, name
        self._way = OneJourney(roll)
        self._connection: RollConnection | None = None

    def take(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Take filings that arrived together; an outcome each, in their order. Of a `blocked` one nothing is written.

        Never raises: whatever breaks, who sent them is told.
        """
        try:
            return self._way.take(self._connected(), submissions, self._roll.clock())
        except Exception as error:
            if not isinstance(error, (NotNow, *WAITED_OUT)):
                self.close()
            return broken_off(submissions, error)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._roll.database.open_runtime(self._name, role="application")
            # So that `with connection.transaction()` begins and commits, and nothing lingers.
            self._connection.autocommit = True
        return self._connection
