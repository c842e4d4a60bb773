"""Threads for what blocks, kept apart by what it is: pages do not wait behind files, printing or the city model.

Each kind has threads of its own, and each owner (an operator, a record, a source) only so many places in it, waiting or at work.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from openroll.register.decision import Refused
from openroll.register.refusals import TooBusy, TooManyAtOnce
from openroll.traffic import Places

T = TypeVar("T")


class Executor:
    """Threads for one kind of work. `each` bounds the places of one owner, `in_all` those of everyone."""

    def __init__(self, name: str, threads: int, each: int, in_all: int, retry_after: int) -> None:
        self.threads = threads
        self.places = Places((each,), in_all)
        self.retry_after = retry_after
        """Seconds after which whoever found no place may try again."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, owner: str, work: Callable[[], T]) -> T | Refused:
        """Do some work of an owner's in a thread of this kind; refused when the owner, or everyone, holds all places."""
        with self.place(owner) as place:
            return place if isinstance(place, Refused) else await place.run(work)

    @contextmanager
    def place(self, owner: str) -> Iterator["Place | Refused"]:
        """An owner's place before there is work for it, while what the work needs still comes in."""
        if not self.places.take((owner,)):
            crowded = self.places.crowded
            yield Refused(TooBusy() if crowded else TooManyAtOnce(wait=self.retry_after))
            return
        place = Place(self.places, (owner,), self._pool)
        try:
            yield place
        finally:
            place.leave()

    async def work(self, work: Callable[[], T]) -> T:
        """Do a part of what an owner holds a place for, in a thread of this kind."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Finish what is at work; nothing that waits begins."""
        self._pool.shutdown(cancel_futures=True)


class Place:
    """One place of an owner: given back at its end, or once the work that it was taken for is done, whichever is later."""

    def __init__(self, places: Places, names: tuple[str, ...], pool: ThreadPoolExecutor) -> None:
        self._places, self._names, self._pool = places, names, pool
        self._at_work = False

    async def run(self, work: Callable[[], T]) -> T:
        """Do the work that the place is for, in a thread; once."""
        loop, future = asyncio.get_running_loop(), self._pool.submit(work)
        self._at_work = True
        # With the thread's end, not the request's: who goes away while the thread works holds the place until it is done.
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._places.leave, self._names))
        return await asyncio.wrap_future(future)

    def leave(self) -> None:
        """Give it back, unless its work does."""
        if not self._at_work:
            self._places.leave(self._names)


class Executors:
    """The kinds there are in a serving process."""

    def __init__(self) -> None:
        self.pages = ThreadPoolExecutor(PAGES, thread_name_prefix="pages")
        self.files = Executor("files", threads=2, each=1, in_all=64, retry_after=10)
        """Files that programs send, and those that are put right on a page: read whole, one at a time an operator."""
        self.uploads = Executor("uploads", threads=2, each=4, in_all=64, retry_after=10)
        """Files that pages send, from their last byte to their entry in the queue: looked at and brought to the disk."""
        self.rules = Executor("rules", threads=1, each=1, in_all=8, retry_after=10)
        """Rules that the registrar's people paste: read, checked, compared and proposed, one at a time a seat."""
        self.paper = Executor("paper", threads=2, each=2, in_all=32, retry_after=5)
        self.sites = Executor("sites", threads=1, each=2, in_all=16, retry_after=30)
        """The directory of sites as files, lot by lot: for as long as its reader fetches it."""
        self.simulation = ThreadPoolExecutor(SIMULATION, thread_name_prefix="simulation")

    def close(self) -> None:
        """Finish what is at work."""
        self.files.close()
        self.uploads.close()
        self.rules.close()
        self.paper.close()
        self.sites.close()
        self.simulation.shutdown(cancel_futures=True)
        self.pages.shutdown()


PAGES = 8
"""Threads for look-ups and small acts of pages and API: milliseconds each. As many as there are connections to the database."""
SIMULATION = 2
"""Threads that draw what the city model answered."""
