"""A person's list of what was asked about them: what is theirs among all that was told, as `openroll notice list` finds it.

What was told by its word (`request.told/2`) is found in the list of all requests, which everybody fetches, and nowhere else. Of
what was told before, the requests whose bucket may be one's own are found there; their heaps are made by the roll, read and
tried: the roll is filled with the notices of so many requests, told over two years. The aim is of the list of a month; that of
all two years, for which the page looks, stands beside it, and so does a page of the list of all requests, of which there are
many.
"""

import hmac
import os
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import NamedTuple

import psycopg
from msgspec.json import decode, encode
from msgspec.structs import replace

from openroll.api.requests import heap_of_roll, listed
from openroll.bench.figure import Figure, best, timed
from openroll.disclosure.envelope import HeldKey, digest
from openroll.disclosure.notice import BUCKETS, bucket_of, heaps_for, own_notices, seal_notice, word_of
from openroll.disclosure.notice_heap import heap_of
from openroll.register.request.compared import (
    PublicRequest,
    PublicTelling,
    Tellings,
    as_in_public,
    heaps_to_fetch,
    may_be_own,
    own_by_word,
    place,
    tellings_of,
)
from openroll.register.request.content import complaint_digest, notice_context
from openroll.register.request.words import KIB, NOTICE
from openroll.service.requests import shown
from openroll.service.roll import Roll
from openroll.store import events
from openroll.store import requests as store

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
    periods = _months(roll.clock(), MONTHS)
    yield from _by_word(roll, {number: replace(one, by_word=True) for number, one in told.items()}, periods, sender)
    two_years, newest = (_listed(roll, told, of, sender) for of in (periods, periods[-1:]))
    times = [timed(lambda: _looked(roll, newest)) for _ in range(RUNS)]
    limit = best(lambda: _bare(roll, newest), 5)
    of = f"of {heaps_for(requests):,} heaps"
    name = f"a person's list as it was told before, a month of {requests:,} requests, {len(_heaps(newest))} {of} (p99)"
    yield Figure(name, "s", quantiles(times, n=100)[-1], limit, "reading their rows", "")
    name = f"a person's list as it was told before, two years, {len(_heaps(two_years))} {of}"
    yield Figure(
        name,
        "s",
        best(lambda: _looked(roll, two_years), 3),
        best(lambda: _bare(roll, two_years), 3),
        "reading their rows",
        "",
    )


def page(roll: Roll) -> Figure:
    """Measure a page of the list of all requests: made by the roll, and read by whoever looks; in milliseconds."""

    def made() -> None:
        decode(encode([listed(one) for one in shown.public(roll)]), type=list[PublicRequest])

    def bare() -> None:
        with roll.database.own() as connection:
            rows = store.every(connection, before=None, most=shown.MOST)
            list(events.of_streams(connection, [row.stream for row in rows]))

    name = "a page of the list of all requests, made and read"
    return Figure(name, "ms", 1000 * best(made, 10), 1000 * best(bare, 10), "reading the rows of their facts", "")


def _by_word(roll: Roll, told: dict[int, PublicTelling], periods: list[str], sender: HeldKey) -> Iterator[Figure]:
    """What is one's own in the list of all requests, by its word: no heap is fetched for it."""
    for of, runs, name, aim in (
        (periods[-1:], RUNS, f"a month of {len(told):,} requests (p99)", "0.1 s or less"),
        (periods, 5, "two years", ""),
    ):
        among = _listed(roll, told, of, sender)
        every = among.requests.values()

        def found(among: _Listed = among, every: Collection[PublicRequest] = every) -> None:
            own = own_by_word(every, _OWN, [roll.origin], among.periods[0])
            told_to = [as_in_public(among.requests[number], None, word) for number, word in own.items()]
            tried = may_be_own(every, _OWN, among.of, among.periods[0])
            heaps = heaps_to_fetch(among.requests, tried, _OWN, among.of, among.periods)
            assert (len(told_to), among.of > 1 and len(heaps)) == (1, 0)  # noqa: S101 - as below

        def bare(every: Collection[PublicRequest] = every) -> None:
            for one in every:
                hmac.digest(_OWN, b"%d" % one.number, "sha256")

        times = [timed(found) for _ in range(runs)]
        said = f"a person's list, {name}: found among {len(every):,} by their words"
        ours = quantiles(times, n=100)[-1] if aim else min(times)
        yield Figure(said, "s", ours, best(bare, 5), "an HMAC of each", aim)


def _months(now: datetime, many: int) -> list[str]:
    """So many months to this one, the newest last."""
    first = now.year * 12 + now.month - many
    return [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(first, first + many)]


def _listed(roll: Roll, told: dict[int, PublicTelling], periods: list[str], sender: HeldKey) -> _Listed:
    since = f"{periods[0]}-01"
    requests = {
        number: _public(number, one, roll.origin)
        for number, one in told.items()
        if f"{one.at.astimezone(UTC):%Y-%m-%d}" >= since
    }
    return _Listed(requests, tellings_of(requests.values(), roll.origin), periods, heaps_for(len(told)), sender)


def _public(number: int, told: PublicTelling, origin: str) -> PublicRequest:
    """A request as it is listed; that of one's own is the first, and the word of any other is anything."""
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
        complaints=(
            told.notice if number != _FIRST else complaint_digest(word_of(_OWN, notice_context(origin, number))),
        ),
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
