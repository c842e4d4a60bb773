"""Notices to people: the heaps that they are looked for in, and the tellings that are late, which stand in public."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from openroll.disclosure.notice import BUCKETS, FULL_HEAP, heaps_for
from openroll.service.requests.shown import MOST, Shown, shown_of
from openroll.service.roll import Roll
from openroll.store import notices as table
from openroll.store import requests

MOST_NOTICES = 256
"""Notices in one answer, 3 MB; a heap with more goes on in another."""
MOST_UNMOVED = 200
"""Requests that are looked at, where nobody moved them, to count the late."""


def bucket(roll: Roll, number: int) -> list[bytes]:
    """The notices of a bucket, the oldest first; none for a number that no bucket has. Anybody may have them."""
    return [one.data for one in heap(roll, number)]


class PublishedNotice(NamedTuple):
    """A notice with the number of its request, by which its context is known to whoever opens it; and when it was published."""

    request: int
    data: bytes
    at: datetime


def heap(
    roll: Roll, number: int, of: int = BUCKETS, *, since: datetime | None = None, after: int = 0
) -> list[PublishedNotice]:
    """The notices of a heap, where the buckets are given out in so many: at most `MOST_NOTICES`, in the order of their requests,
    published `since` an instant, of requests `after` a number."""
    return heap_with_senders(roll, number, of, since=since, after=after)[0]


def heap_with_senders(
    roll: Roll, number: int, of: int = BUCKETS, *, since: datetime | None = None, after: int = 0
) -> tuple[list[PublishedNotice], list[str]]:
    """As `heap`, and the public lines of the keys that they may be signed with: of the operators that told, and no other's. All
    that an answer has, in one transaction."""
    if not 0 <= number < of:
        return [], []
    buckets = range(number * BUCKETS // of, (number + 1) * BUCKETS // of)
    with roll.database.own() as connection:
        found = table.notices(connection, buckets, since, after, MOST_NOTICES)
        lines = table.senders(connection, [row.request for row in found])
    return [PublishedNotice(row.request, row.data, row.at) for row in found], lines


class GivenOut(msgspec.Struct, frozen=True):
    """How notices are given out: in how many heaps, few notices in one, so that what is fetched says nothing of who fetches; and
    of how many requests the person was last told in each month in which there is any, the oldest first."""

    heaps: int
    months: dict[str, int]


def given_out(roll: Roll) -> GivenOut:
    """How notices are given out now, in how many heaps, and of which months."""
    with roll.database.own() as connection:
        heaps = heaps_for(table.count_notices(connection, BUCKETS * FULL_HEAP))
        return GivenOut(heaps, requests.told_by_month(connection))


def late(roll: Roll, *, before: int | None = None, most: int = MOST) -> list[Shown]:
    """The requests of which the person should have been told by now, or was never, the newest first; `before` goes on below a
    number. They are late by what they say themselves: also where no worker let their time pass."""
    found: list[Shown] = []
    with roll.database.own() as connection:
        while rows := requests.late(connection, roll.clock(), before, most):
            found += [one for one in shown_of(connection, roll, rows) if one.late]
            before = rows[-1].number
            if len(found) >= most or len(rows) < most:
                break
    return found[:most]


class Lateness(msgspec.Struct, frozen=True):
    """How many tellings are late, and how many requests stand in a step whose time is over: none while a worker runs.

    A telling is late too whose notice is in no heap any more. Where no worker runs, the first `MOST_UNMOVED` of those that
    stand are looked at; `steps` has them all.
    """

    tellings: int
    steps: int


def lateness(roll: Roll, *, all_notices: bool = False) -> Lateness:
    """The standing check of what is late, for whoever keeps the roll.

    A notice that was taken out counts once the worker has seen it, within a minute; with `all_notices` at once, which looks at
    every request there is.
    """
    now = roll.clock()
    with roll.database.own() as connection:
        tellings, steps = requests.count_late(connection, now)
        tellings += requests.count_unmarked(connection) if all_notices else 0
        unmoved = requests.unmoved(connection, now, MOST_UNMOVED) if steps else []
        return Lateness(tellings + sum(one.late for one in shown_of(connection, roll, unmoved)), steps)
