"""A person's list of what was asked about them: heaps of notices made by the roll, read and looked through on their side.

The roll is filled with the notices of so many requests, told over two years. What is looked for is one's own among them, as
`openroll notice list` does it: the requests whose bucket may be one's own are found in the list of all, and their heaps fetched
and tried. The aim is of the list of a month; that of all two years, for which the page looks, stands beside it.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import NamedTuple

import psycopg

from openroll.api.requests import heap_of_roll
from openroll.bench.figure import Figure, best, timed
from openroll.disclosure.envelope import HeldKey, digest
from openroll.disclosure.notice import BUCKETS, bucket_of, heaps_for, own_notices, seal_notice
from openroll.disclosure.notice_heap import heap_of
from openroll.register.request.compared import (
    PublicRequest,
    PublicTelling,
    Tellings,
    heaps_to_fetch,
    may_be_own,
    place,
    tellings_of,
)
from openroll.register.request.content import notice_context
from openroll.register.request.words import KIB, NOTICE
from openroll.service.roll import Roll

RUNS = 40
MONTHS = 24
_OWN = bytes(16)
_FIRST = 2**40
"""Numbers that no request of the bench has."""


class _Listed(NamedTuple):
    """What everybody has of the requests told since the first of some months, and where their notices are fetched from."""

    requests: dict[int, PublicRequest]
    tellings: Tellings
    periods: list[str]
    of: int
    sender: HeldKey


def measure(roll: Roll, requests: int, sender: HeldKey) -> Iterator[Figure]:
    """Measure in a roll: the list of a month at the 99th percentile, and that of two years, among those of so many requests."""
    told = _filled(roll, requests, sender)
    two_years = _listed(roll, told, _months(roll.clock(), MONTHS), sender)
    newest = _listed(roll, told, two_years.periods[-1:], sender)
    times = [timed(lambda: _looked(roll, newest)) for _ in range(RUNS)]
    limit = best(lambda: _bare(roll, newest), 5)
    of = f"of {heaps_for(requests):,} heaps"
    name = f"a person's list, a month of {requests:,} requests, {len(_heaps(newest))} {of} (p99)"
    yield Figure(name, "s", quantiles(times, n=100)[-1], limit, "reading their rows", "0.1 s or less")
    name = f"a person's list, two years, {len(_heaps(two_years))} {of}"
    yield Figure(
        name,
        "s",
        best(lambda: _looked(roll, two_years), 3),
        best(lambda: _bare(roll, two_years), 3),
        "reading their rows",
        "",
    )


def _months(now: datetime, many: int) -> list[str]:
    """So many months to this one, the newest last."""
    first = now.year * 12 + now.month - many
    return [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(first, first + many)]


def _listed(roll: Roll, told: dict[int, PublicTelling], periods: list[str], sender: HeldKey) -> _Listed:
    since = f"{periods[0]}-01"
    requests = {
        number: _public(number, one) for number, one in told.items() if f"{one.at.astimezone(UTC):%Y-%m-%d}" >= since
    }
    return _Listed(requests, tellings_of(requests.values(), roll.origin), periods, heaps_for(len(told)), sender)


def _public(number: int, told: PublicTelling) -> PublicRequest:
    return PublicRequest(
        number=number,
        authority="",
        operator="",
        filed_to="",
        reviewer="",
        use=1,
        fields=(),
        urgency="",
        filed=told.at,
        approved=None,
        outcome="",
        given=(),
        annulled=False,
        postponed=None,
        postponed_why="",
        reason="",
        complained=False,
        complaints=(),
        told=told,
    )


def _since(listed: _Listed) -> datetime:
    """From when on heaps are fetched: as the command asks, a month before the first one."""
    year, month = map(int, listed.periods[0].split("-"))
    return datetime(year - (month == 1), (month - 2) % 12 + 1, 1, tzinfo=UTC)


def _heaps(listed: _Listed) -> frozenset[int]:
    own = may_be_own(listed.requests.values(), _OWN, listed.of, listed.periods[0])
    return heaps_to_fetch(listed.requests, own, _OWN, listed.of, listed.periods)


def _looked(roll: Roll, listed: _Listed) -> None:
    """Find the heaps, have the roll make them, and open what is one's own in them: one notice."""
    own, found = may_be_own(listed.requests.values(), _OWN, listed.of, listed.periods[0]), 0
    for number in heaps_to_fetch(listed.requests, own, _OWN, listed.of, listed.periods):
        after = -1
        while after:
            heap = heap_of(heap_of_roll(roll, number, listed.of, _since(listed), max(after, 0)))
            signers = [listed.sender.published.verifying, *(one.verifying for one in heap.senders)]
            known = place(heap.every, listed.tellings, own).known
            found += sum(one.content is not None for one in own_notices(known, _OWN, signers))
            after = heap.next
    assert found == 1  # noqa: S101 - what is measured is that it is found


def _bare(roll: Roll, listed: _Listed) -> None:
    """The rows of heaps, read and nothing else."""
    with roll.database.own() as connection:
        for number in _heaps(listed):
            first, end = (at * BUCKETS // listed.of for at in (number, number + 1))
            rows = "select request, data from notice where bucket >= %s and bucket < %s and at >= %s"
            connection.execute(rows, (first, end, _since(listed)), binary=True).fetchall()


def _filled(roll: Roll, requests: int, sender: HeldKey) -> dict[int, PublicTelling]:
    """Fill the heaps with others' notices and one of one's own; how each was told, the newest first."""
    now = roll.clock()
    own = _sealed(roll, _OWN, _FIRST, sender)
    head = _sealed(roll, bytes(15) + b"\x01", _FIRST + 1, sender)[: -NOTICE - KIB]
    step, shown = timedelta(days=730) / max(requests, 1), roll.database.schema
    told: dict[int, PublicTelling] = {}
    with (
        psycopg.connect(roll.database.url) as connection,
        connection.cursor() as cursor,
        cursor.copy(
            f'copy "{shown}".notice (request, version, bucket, digest, data, at) from stdin (format binary)'
        ) as copy,
    ):
        copy.set_types(["int8", "int4", "int4", "text", "bytea", "timestamptz"])
        for row in range(requests):
            # A heap's row is read whole and its header taken apart: whose key it is for is what nobody else can tell.
            number, data = _FIRST + row, head + os.urandom(NOTICE + KIB) if row else own
            bucket = row % BUCKETS if row else bucket_of(_OWN, number)
            told[number] = PublicTelling(digest(data), bucket, now - step * row)
            copy.write_row((number, 1, bucket, "", data, told[number].at))
    return told


def _sealed(roll: Roll, secret: bytes, number: int, sender: HeldKey) -> bytes:
    return seal_notice(b"told", secret, sender.signing, notice_context(roll.origin, number), pad_to=NOTICE)
