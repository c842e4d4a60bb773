"""Notices to people: the heaps that they are looked for in, and the tellings that are late, which stand in public."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from openroll.disclosure.envelope import Published, published_of
from openroll.register.request.words import MOST_BUCKET
from openroll.service.requests.shown import MOST, Shown, shown_of
from openroll.service.roll import Roll
from openroll.store import requests


def bucket(roll: Roll, number: int) -> list[bytes]:
    """The notices of a heap, the oldest first; none for a number that no heap has. Anybody may have them."""
    return [one.data for one in heap(roll, number)]


class PublishedNotice(NamedTuple):
    """A notice with the number of its request, by which its context is known to whoever opens it; and when it was published."""

    request: int
    data: bytes
    at: datetime


def heap(roll: Roll, number: int) -> list[PublishedNotice]:
    """The notices of a heap, the oldest first."""
    return heap_with_senders(roll, number)[0]


def heap_with_senders(roll: Roll, number: int) -> tuple[list[PublishedNotice], list[str]]:
    """As `heap`, and the public lines of `senders`: all that an answer has, in one transaction."""
    if not 0 <= number <= MOST_BUCKET:
        return [], []
    with roll.database.own() as connection:
        found = requests.notices(connection, number)
        lines = requests.operators_keys(connection)
    return [PublishedNotice(row.request, row.data, row.at) for row in found], lines


def senders(roll: Roll) -> tuple[Published, ...]:
    """The keys that notices may be signed with: every operator's, also those that ended since."""
    with roll.database.own() as connection:
        return tuple(published_of(line) for line in requests.operators_keys(connection))


def late(roll: Roll, *, most: int = MOST) -> list[Shown]:
    """The requests of which the person should have been told by now, or was never, the earliest first."""
    with roll.database.own() as connection:
        return shown_of(connection, roll, requests.late(connection, roll.clock(), most))


class Lateness(msgspec.Struct, frozen=True):
    """How many tellings are late, and how many requests stand in a step whose time is over: none while a worker runs."""

    tellings: int
    steps: int


def lateness(roll: Roll) -> Lateness:
    """The standing check of what is late, for whoever keeps the roll."""
    with roll.database.own() as connection:
        return Lateness(*requests.count_late(connection, roll.clock()))
