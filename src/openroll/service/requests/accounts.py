"""The figures of requests, from their facts in the database: what anybody counts from the log is the same."""

from openroll.register.events import event_of
from openroll.register.request.account import Row, Tally
from openroll.register.request.events import RequestEvent
from openroll.service.roll import Roll
from openroll.store import events, requests

_AT_ONCE = 500
"""Requests whose facts are read in one query."""


def figures(roll: Roll) -> tuple[Row, ...]:
    """All requests, counted by month of filing, parties and registered use. A request counts from its filing on.

    A step whose time is over and that nobody has left yet counts as the log has it: until the clock writes so, it goes on.
    """
    tally = Tally()
    with roll.database.own() as connection:
        streams = requests.streams(connection)
        for first in range(0, len(streams), _AT_ONCE):
            facts: dict[int, list[tuple[str, RequestEvent]]] = {}
            for row in events.of_streams(connection, streams[first : first + _AT_ONCE]):
                fact = event_of(row.name, row.body)
                if isinstance(fact, RequestEvent):
                    facts.setdefault(row.stream, []).append((f"{row.day:%Y-%m}", fact))
            for history in facts.values():
                tally.add([fact for _, fact in history], history[0][0])
    return tally.rows()
