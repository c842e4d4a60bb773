"""A person's list of what was asked about them: a heap of notices made by the roll, read and looked through on their side.

The roll is filled with the notices of so many requests, told over two years in 1,024 heaps. What is looked for is one's own among
them: a month's heap, which the aim is of, and the heaps of all months for which the page looks.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from statistics import quantiles

import psycopg

from openroll.api.requests import heap_of_roll
from openroll.bench.figure import Figure, best, timed
from openroll.disclosure.envelope import HeldKey
from openroll.disclosure.notice import BUCKETS, bucket_of, own_notices, seal_notice
from openroll.disclosure.notice_heap import heap_of
from openroll.register.request.content import notice_context
from openroll.register.request.words import KIB, NOTICE
from openroll.service.roll import Roll

RUNS = 40
MONTHS = 24
_OWN = bytes(16)
_FIRST = 2**40
"""Numbers that no request of the bench has."""


def measure(roll: Roll, requests: int, sender: HeldKey) -> Iterator[Figure]:
    """Measure in a roll: a month's heap at the 99th percentile, and all heaps of two years, among those of so many requests."""
    periods = _filled(roll, requests, sender)
    heaps: dict[int, list[str]] = {}
    for period in periods:
        heaps.setdefault(bucket_of(_OWN, period), []).append(period)
    newest = periods[-1]
    where = bucket_of(_OWN, newest)
    times = [timed(lambda: _looked(roll, where, heaps[where], 1)) for _ in range(RUNS)]
    limit = best(lambda: _bare(roll, [where]), 5)
    told = f"a person's list, a month of {requests:,} requests (p99)"
    yield Figure(told, "s", quantiles(times, n=100)[-1], limit, "reading the heap's rows", "0.1 s or less")

    def all_heaps() -> None:
        for number, months in heaps.items():
            _looked(roll, number, months, int(number == where))

    name = "a person's list, all its heaps of two years"
    yield Figure(name, "s", best(all_heaps, 3), best(lambda: _bare(roll, list(heaps)), 3), "reading their rows", "")


def _looked(roll: Roll, number: int, months: list[str], there: int) -> None:
    """Have the roll make a heap, and find one's own in it: `there` are so many."""
    heap = heap_of(heap_of_roll(roll, number), months)
    found = list(own_notices(heap.notices, _OWN, [one.verifying for one in heap.senders]))
    assert len(found) == there  # noqa: S101 - what is measured is that it is found


def _bare(roll: Roll, numbers: list[int]) -> None:
    """The rows of heaps, read and nothing else."""
    with roll.database.own() as connection:
        for number in numbers:
            connection.execute("select request, data from notice where bucket = %s", (number,), binary=True).fetchall()


def _filled(roll: Roll, requests: int, sender: HeldKey) -> list[str]:
    """Fill the heaps with others' notices and one of one's own; the months of two years, the newest last."""
    now = roll.clock()
    first = now.year * 12 + now.month - MONTHS
    periods = [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(first, first + MONTHS)]
    own = _sealed(roll, _OWN, _FIRST, sender)
    head = _sealed(roll, bytes(15) + b"\x01", _FIRST + 1, sender)[: -NOTICE - KIB]
    step, shown = timedelta(days=730) / max(requests, 1), roll.database.schema
    with (
        psycopg.connect(roll.database.url) as connection,
        connection.cursor() as cursor,
        cursor.copy(
            f'copy "{shown}".notice (request, version, bucket, digest, data, at) from stdin (format binary)'
        ) as copy,
    ):
        copy.set_types(["int8", "int4", "int4", "text", "bytea", "timestamptz"])
        copy.write_row((_FIRST, 1, bucket_of(_OWN, periods[-1]), "", own, now))
        for number in range(1, requests):
            # A heap's row is read whole and its header taken apart: whose key it is for is what nobody else can tell.
            data, at = head + os.urandom(NOTICE + KIB), now - step * number
            copy.write_row((_FIRST + number, 1, number % BUCKETS, "", data, at))
    return periods


def _sealed(roll: Roll, secret: bytes, number: int, sender: HeldKey) -> bytes:
    return seal_notice(b"told", secret, sender.signing, notice_context(roll.origin, number), pad_to=NOTICE)
