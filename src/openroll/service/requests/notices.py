"""Notices to people: the heaps that they are looked for in, and the tellings that are late, which stand in public."""

from openroll.register.request.words import MOST_BUCKET
from openroll.service.requests.shown import MOST, Shown, shown_of
from openroll.service.roll import Roll
from openroll.store import requests


def bucket(roll: Roll, number: int) -> list[bytes]:
    """The notices of a heap, the oldest first; none for a number that no heap has. Anybody may have them."""
    if not 0 <= number <= MOST_BUCKET:
        return []
    with roll.database.own() as connection:
        return [row.data for row in requests.notices(connection, number)]


def late(roll: Roll, *, most: int = MOST) -> list[Shown]:
    """The requests of which the person should have been told by now, or was never, the earliest first."""
    with roll.database.own() as connection:
        return shown_of(connection, roll, requests.late(connection, roll.clock(), most))


def count_late(roll: Roll) -> int:
    """How many tellings are late."""
    with roll.database.own() as connection:
        return requests.count_late(connection, roll.clock())
