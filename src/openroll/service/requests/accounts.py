"""The figures of requests, from their facts in the database: what anybody counts from the log is the same."""

from openroll.register.events import event_of
from openroll.register.request.account import Counted, Tally
from openroll.register.request.events import RequestEvent
from openroll.service.log.receipts import published
from openroll.service.roll import Roll
from openroll.store import events, requests

_AT_ONCE = 500
"""Requests whose facts are read in one query."""


def figures(roll: Roll) -> Counted:
    """All requests, counted by month of filing, parties and registered use, as the log has them that is published now.

    What has no place in it yet is not counted yet. A step whose time is over and that nobody has left goes on until the clock
    writes so.
    """
    newest = published(roll)
    size, tally = newest[1].size if newest is not None else 0, Tally()
    with roll.database.own() as connection:
        streams = requests.streams(connection) if size else []
        for first in range(0, len(streams), _AT_ONCE):
            facts: dict[int, list[tuple[str, RequestEvent]]] = {}
            for row in events.of_streams_placed(connection, streams[first : first + _AT_ONCE], size):
                fact = event_of(row.name, row.body)
                if isinstance(fact, RequestEvent):
                    facts.setdefault(row.stream, []).append((f"{row.day:%Y-%m}", fact))
            for history in facts.values():
                tally.add([fact for _, fact in history], history[0][0])
    return Counted(size, tally.rows())
