"""The figures of requests, from their facts in the database: what anybody counts from the log is the same."""

from collections.abc import Iterator

from psycopg import Connection

from openroll.register.events import event_of
from openroll.register.request.account import Counted, Tally
from openroll.register.request.events import RequestEvent
from openroll.register.request.state import ProcedureGone
from openroll.service.log.receipts import published
from openroll.service.roll import Roll
from openroll.store import events, requests

_AT_ONCE = 500
"""Requests whose facts are read in one query."""


class Accounts:
    """Counts a roll's requests again and again; those that have ended are read once more only where something was added since.

    Something may: whoever may take envelopes takes them from one that has ended too.
    """

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._size = 0
        self._ended: dict[int, int] = {}  # how many facts were counted, by record
        self._tally = Tally()

    def figures(self) -> Counted:
        """All requests, counted by month of filing, parties and registered use, as the log has them that is published now.

        What has no place in it yet is not counted yet. A step whose time is over and that nobody has left goes on until the
        clock writes so.
        """
        newest = published(self._roll)
        size = newest[1].size if newest is not None else 0
        if size < self._size:  # another log: it was begun anew, or an older copy of it was brought back
            self._ended, self._tally = {}, Tally()
        self._size = size
        going, over, before = Tally(), Tally(), Tally()
        with self._roll.database.own() as connection:
            has = requests.streams(connection) if size else []
            moved = [stream for stream, version in has if version != self._ended.get(stream)]
            for stream, facts, month in _lives(connection, moved, size):
                if (counted := self._ended.pop(stream, 0)) != 0:
                    before.add(facts[:counted], month)
                try:
                    ended = going.add(facts, month).ended
                except ProcedureGone:
                    continue  # lists name it, and who counts the log anew says that it cannot be counted
                if ended:
                    over.add(facts, month)
                    self._ended[stream] = len(facts)
        kept = self._tally.without(before)
        self._tally = kept.merged(over)
        return Counted(size, kept.merged(going).rows())


def _lives(connection: Connection, streams: list[int], size: int) -> Iterator[tuple[int, list[RequestEvent], str]]:
    """The facts of requests that are among the first `size` entries, with the month they were filed in, by record."""
    for first in range(0, len(streams), _AT_ONCE):
        facts: dict[int, list[tuple[str, RequestEvent]]] = {}
        for row in events.of_streams_placed(connection, streams[first : first + _AT_ONCE], size):
            fact = event_of(row.name, row.body)
            if isinstance(fact, RequestEvent):
                facts.setdefault(row.stream, []).append((f"{row.day:%Y-%m}", fact))
        for stream, history in facts.items():
            yield stream, [fact for _, fact in history], history[0][0]


def figures(roll: Roll) -> Counted:
    """As `Accounts.figures`, once."""
    return Accounts(roll).figures()
