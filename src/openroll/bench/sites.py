"""Benchmark `sites`: RDAP look-ups beside a bare select by primary key, the directory's search, and checks beside a bare loop.

The tables of sites are filled as acts would leave them (a million acts are the benchmark of filings). Who asks is one process of
ours with eight connections, the same for what is measured and for its limit. `lychee`, a checker of links, is not to be had from
the registries that we use; its place is taken by a loop that connects, asks and reads one line.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import date
from typing import get_type_hints

from openroll.bench.figure import Figure
from openroll.bench.loopback_sites import address_of
from openroll.bench.pages import Served, times_of
from openroll.register.site.search import search_words
from openroll.service.roll import Roll
from openroll.store.sites import SiteRow
from openroll.watch.probe.manners import MOST
from openroll.watch.probe.place import HTTP, HTTPS, Place
from openroll.watch.probe.rounds import looks

CONNECTIONS, SLICES = 8, 5
SEARCHES = 1_000
CHECKS = 2_000
_STATES = ("live", "live", "live", "silent", "retired")
_BARE = "openroll.bench.bare_select:app"
_SYLLABLES = (
    "ba",
    "cho",
    "den",
    "fu",
    "gang",
    "hai",
    "jiu",
    "ka",
    "lin",
    "ming",
    "nan",
    "ping",
    "ren",
    "shan",
    "tian",
    "wu",
)


def measure(roll: Roll, count: int, seconds: int) -> Iterator[Figure]:
    """Measure with so many sites, for so many seconds each."""
    fill(roll, count)
    os.environ.update(BENCH_SCHEMA=roll.database.schema, OPENROLL_SITE_LOOK_UPS="1000000")
    granian = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws"]
    with Served([*granian, _BARE]) as bare, Served([sys.executable, "-m", "openroll", "serve"]) as ours:
        limit, bare_processor = 0.0, 0.0
        found, processor = 0.0, 0.0
        for _ in range(SLICES):  # in turn: what else the machine does falls on both
            rate, spent = _asked(bare, lambda draw: f"/{draw.randrange(count) + 1}", seconds / SLICES)
            limit, bare_processor = limit + rate / SLICES, bare_processor + spent / SLICES
            rate, spent = _asked(
                ours, lambda draw: f"/rdap/domain/{_domain(draw.randrange(count) + 1)}", seconds / SLICES
            )
            found, processor = found + rate / SLICES, processor + spent / SLICES
        yield Figure(
            f"RDAP look-ups of a domain, {count:,} sites",
            "a second",
            found,
            limit,
            "a select by primary key over HTTP",
            "0.5 or more",
            processor=processor,
            limit_processor=bare_processor,
        )
        _, hello = times_of(bare.port, ["/"] * SEARCHES)
        middle, late = times_of(ours.port, _searches(count))
        name = f"the directory's search as one types, p99, {count:,} sites (middle {middle:,.1f} ms)"
        yield Figure(name, "ms", late, hello, "an answer of the same server without a select", "50 ms or less")
    yield _checks()


def fill(roll: Roll, count: int) -> None:
    """Fill the tables of sites as so many filings would leave them."""
    lot, columns = 10_000, ", ".join(SiteRow._fields)
    with roll.database.open("openroll-bench") as connection, connection.cursor() as cursor:
        index = connection.execute("select indexdef from pg_indexes where indexname = 'site_word_found'").fetchone()
        connection.execute("drop index site_word_found")  # made at the end, at a tenth of the work
        for first in range(1, count + 1, lot):
            numbers = range(first, min(first + lot, count + 1))
            with cursor.copy(f"copy site ({columns}) from stdin") as copy:
                for number in numbers:
                    copy.write_row(_row(number, f"20{number * 6 // (count + 1) + 20}-01-01"))
            with cursor.copy("copy site_word (number, word) from stdin") as copy:
                for number in numbers:
                    for word in search_words(_sponsor(number), (_domain(number),)):
                        copy.write_row((number, word))
        connection.execute(index[0] if index else "")
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze site")
        connection.execute("vacuum analyze site_word")


def _row(number: int, day: str) -> tuple[object, ...]:
    """A site as its table has it: nothing, of whatever else it may have."""
    nothing: dict[object, object] = {str: "", int: 0, bool: False, date: day, Sequence[str]: []}
    of: dict[str, object] = {name: nothing.get(kind) for name, kind in get_type_hints(SiteRow).items()}
    of |= {"number": number, "stream": -number, "version": 1, "operator": "bench", "kind": "site", "services": "pages"}
    of |= {"sponsor": _sponsor(number), "domains": [_domain(number)]}
    return tuple((of | {"control": "record", "state": _STATES[number % len(_STATES)]}).values())


def _sponsor(number: int) -> str:
    """A name of one to three words, of syllables that the number gives."""
    left = number * 2_654_435_761 % 2**40
    words = []
    for _ in range(number % 3 + 1):
        word = ""
        for _ in range(2 + left % 3):
            left, nth = divmod(left, len(_SYLLABLES))
            word += _SYLLABLES[nth]
        words.append(word.title())
    return " ".join(words)


def _domain(number: int) -> str:
    return f"{_sponsor(number).split()[0].lower()}-{number}.example"


def _searches(count: int) -> list[str]:
    """What a thousand letters typed ask for: beginnings of names and domains, of two letters and more, some of them narrowed."""
    draw, found = random.Random(1), list[str]()  # noqa: S311 - as above
    while len(found) < SEARCHES:
        number = draw.randrange(count) + 1
        text = draw.choice((_sponsor(number), _domain(number))).lower().replace(" ", "+")
        more = draw.choice(("", "", "&state=silent", "&year=2022"))
        found += [f"/en/sites?site={text[:length]}{more}" for length in range(2, min(len(text), 12))]
    return found[:SEARCHES]


def _asked(server: Served, path: Callable[[random.Random], str], seconds: float) -> tuple[float, float]:
    """How many answers of 200 came in a second, over a few connections that stay open; and the microseconds of processor time
    that the server took for one."""
    began, before = time.perf_counter(), server.processor()
    count = asyncio.run(_answers(server.port, path, began + seconds))
    return count / (time.perf_counter() - began), 1e6 * (server.processor() - before) / count


async def _answers(port: int, path: Callable[[random.Random], str], until: float) -> int:
    async def visitor(number: int) -> int:
        draw, got = random.Random(number), 0  # noqa: S311 - which site is asked for
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            writer.write(f"GET {path(draw)} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not head.startswith(b"http/1.1 200"):
                raise RuntimeError(head.decode("latin-1").splitlines()[0])
            await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
            got += 1
        writer.close()
        return got

    return sum(await asyncio.gather(*map(visitor, range(CONNECTIONS))))


def _checks() -> Figure:
    """Checks of sites that answer, each at an address of its own, beside as many connections of a bare loop."""
    command = [sys.executable, "-m", "openroll.bench.loopback_sites"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            names, sites = map(int, process.stdout.readline().split())
            place = Place(("127.0.0.1",), names, lambda _: "", {HTTP: sites, HTTPS: sites}, whole=300.0, step=60.0)
            ours = _rate(lambda: _looked(place))
            limit = _rate(lambda: _bare(sites))
        finally:
            process.terminate()
    return Figure(
        "checks of sites on loopback", "a second", ours, limit, "a bare asyncio loop without name servers", ""
    )


def _rate(work: Callable[[], AsyncIterator[None]]) -> float:
    async def counted() -> int:
        return sum([1 async for _ in work()])

    began = time.perf_counter()
    done = asyncio.run(counted())
    return done / (time.perf_counter() - began)


async def _looked(place: Place) -> AsyncIterator[None]:
    async for domain, seen in looks(place, [f"s{number}.example" for number in range(CHECKS)], 300.0):
        if not seen.answers:
            raise RuntimeError(f"{domain} does not answer: {seen.outcome} {seen.detail}")
        yield


async def _bare(port: int) -> AsyncIterator[None]:
    turns = asyncio.Semaphore(MOST)

    async def ask(number: int) -> None:
        async with turns:
            reader, writer = await asyncio.open_connection(address_of(number), port)
            writer.write(b"GET / HTTP/1.1\r\nhost: s.example\r\n\r\n")
            if not (await reader.readline()).startswith(b"HTTP/1.1 200"):
                raise RuntimeError("a site of the bench does not answer")
            writer.close()

    for done in asyncio.as_completed([asyncio.create_task(ask(number)) for number in range(CHECKS)]):
        await done
        yield
