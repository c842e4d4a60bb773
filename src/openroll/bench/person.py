"""A person's list of what was asked about them: what is theirs among all that was told, as `openroll notice list` finds it.

The roll is filled with so many requests, told over two years. What was told by its word (`request.told/2`) is found in the lists
of the months that are looked into, which everybody fetches: served, read and looked through. Beside it stands the same by the
list of all requests, in pages, as it was before. Of what was told with no such word, the requests whose bucket may be one's own
are found; their heaps are made by the roll, read and tried. The aim is of the list of a month; that of all two years, for which
the page looks, stands beside it.
"""

import functools
import gzip
import hmac
import os
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import NamedTuple

import psycopg
from msgspec.json import decode, encode
from msgspec.structs import asdict
from psycopg import sql

from openroll.api.requests import heap_of_roll, listed
from openroll.bench.figure import Figure, best, timed
from openroll.cli.requests.public_part import LookedInto
from openroll.disclosure.envelope import HeldKey, digest
from openroll.disclosure.notice import BUCKETS, bucket_of, heaps_for, own_notices, seal_notice, word_of
from openroll.disclosure.notice_heap import heap_of
from openroll.register.events import event_of
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
from openroll.register.request.events import PersonTold, PersonToldByWord
from openroll.register.request.month_list import month_of
from openroll.register.request.words import KIB, NOTICE
from openroll.service.requests import notices, shown, told_months
from openroll.service.roll import Roll
from openroll.store import events
from openroll.store import requests as store
from openroll.store.events import EventRow
from openroll.store.requests import RequestRow

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
    """Measure in a roll that told somebody: the list of a month at the 99th percentile, and that of two years, among those of so
    many requests."""
    told = _filled(roll, requests, sender)
    periods = _months(roll.clock(), MONTHS)
    _requests_filled(roll, told)
    yield from _by_months(roll, periods, requests)
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


class _Served:
    """What the roll gives everybody, made once and kept packed, as a serving process does; and what comes of it."""

    def __init__(self, roll: Roll) -> None:
        self.roll = roll
        self._kept: dict[object, bytes] = {}
        self.calls = self.bytes = 0

    def month(self, name: str) -> list[PublicRequest]:
        """What was told in a month, as it is read."""
        month = told_months.month_named(name)
        assert month is not None  # noqa: S101 - the bench names it
        key = name, told_months.version(self.roll, month)
        if key not in self._kept:
            self._kept[key] = told_months.packed(self.roll, month).data
        return month_of(self._sent(gzip.decompress(self._kept[key])), name)

    def page(self, before: int | None) -> list[PublicRequest]:
        """A page of the list of all requests, as it is read."""
        key = before, shown.public_version(self.roll, before)
        if key not in self._kept:
            rows = [listed(one) for one in shown.public(self.roll, before=before)]
            self._kept[key] = zlib.compress(encode(rows), 1)
        return decode(self._sent(zlib.decompress(self._kept[key])), type=list[PublicRequest])

    def _sent(self, data: bytes) -> bytes:
        self.calls, self.bytes = self.calls + 1, self.bytes + len(data)
        return data


def _by_months(roll: Roll, periods: list[str], requests: int) -> Iterator[Figure]:
    """What is one's own by its word: in the lists of the months that are looked into, and, as it was before, in that of all."""
    month = told_months.month_named(periods[-2])
    assert month is not None  # noqa: S101 - a month of the bench
    with roll.database.own() as connection:
        streams = [row.stream for row in store.told_in(connection, *month)]
        bare = best(lambda: list(events.of_streams(connection, streams)), 3)
    made = best(lambda: told_months.packed(roll, month), 3)
    yield Figure("what was told in a month, listed by the roll", "s", made, bare, "reading the rows of their facts", "")
    counts = notices.given_out(roll).months
    for of, runs, name, aim in (
        (periods[-1:], RUNS, f"a month of {requests:,} requests (p99)", "0.1 s or less"),
        (periods, 3, "two years", ""),
    ):
        served, into = _Served(roll), LookedInto(of[0], of[-1], counts)
        yield _figure(served, f"a person's list, {name}", of, aim, runs, functools.partial(_told, served, into))
    served = _Served(roll)
    yield _figure(
        served,
        "a person's list by the list of all requests, two years",
        periods,
        "",
        3,
        functools.partial(_all, served),
    )


def _figure(
    served: _Served, name: str, periods: list[str], aim: str, runs: int, fetched: Callable[[], dict[int, PublicRequest]]
) -> Figure:
    """The time in which one's own is found in what is fetched: the 99th percentile, where there is an aim, else the best."""
    every = list(fetched().values())
    calls, size = served.calls, served.bytes

    def found() -> None:
        requests = fetched()
        own = own_by_word(requests.values(), _OWN, [served.roll.origin], periods[0])
        told_to = [as_in_public(requests[number], None, word) for number, word in own.items()]
        assert len(told_to) == 1  # noqa: S101 - what is measured is that it is found

    def bare() -> None:
        for one in every:
            hmac.digest(_OWN, b"%d" % one.number, "sha256")

    before = time.process_time()
    times = [timed(found) for _ in range(runs)]
    processor = (time.process_time() - before) / runs
    said = f"{name}: {calls} calls, {size / 1e6:,.1f} MB"
    ours = quantiles(times, n=100)[-1] if aim else min(times)
    return Figure(said, "s", ours, best(bare, 5), "an HMAC of each", aim, processor=1e6 * processor)


def _told(served: _Served, into: LookedInto) -> dict[int, PublicRequest]:
    return {one.number: one for month in into.listed for one in served.month(month)}


def _all(served: _Served) -> dict[int, PublicRequest]:
    found = page = served.page(None)
    while len(page) >= shown.MOST:
        page = served.page(page[-1].number)
        found = found + page
    return {one.number: one for one in found}


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


def _requests_filled(roll: Roll, told: dict[int, PublicTelling]) -> None:
    """Fill the roll with requests whose person was told so, as the newest one was that it has; one of them to oneself."""
    with roll.database.own() as connection:
        row = store.every(connection, before=None, most=1)[0]
        facts = list(events.of_streams(connection, [row.stream]))
    last = event_of(facts[-1].name, facts[-1].body)
    assert isinstance(last, PersonTold)  # noqa: S101 - a flow ends with it
    with psycopg.connect(roll.database.url) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("set search_path to {}").format(sql.Identifier(roll.database.schema)))
        with cursor.copy(f"copy event ({', '.join(EventRow._fields)}) from stdin") as copy:
            for number, one in told.items():
                own = word_of(_OWN, notice_context(roll.origin, number)) if number == _FIRST else str(number)
                given = {"at": one.at, "notice": one.notice, "bucket": one.bucket, "complaint": complaint_digest(own)}
                fact = PersonToldByWord(**(asdict(last) | given | {"request": number}))
                for event in facts[:-1]:
                    body = event.body.replace(f'"request":{row.number},', f'"request":{number},')
                    copy.write_row(event._replace(stream=number, body=body))
                copy.write_row(facts[-1]._replace(stream=number, name=fact.name, body=fact.body()))
        with cursor.copy(f"copy request ({', '.join(RequestRow._fields)}) from stdin") as copy:
            for number, one in told.items():
                copy.write_row(row._replace(number=number, stream=number, told=one.at))
        cursor.execute("analyze event, request, notice")


def _sealed(roll: Roll, secret: bytes, number: int, sender: HeldKey) -> bytes:
    return seal_notice(b"told", secret, sender.signing, notice_context(roll.origin, number), pad_to=NOTICE)
