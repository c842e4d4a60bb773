"""One round of looks at sites: each whole or not at all, and the round has an end whatever a site does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Hashable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from openroll.register.site.control import Wanted
from openroll.watch.probe.control import Control, check_control
from openroll.watch.probe.look import Look, look
from openroll.watch.probe.manners import MOST, Manners
from openroll.watch.probe.place import Place

MOST_AT_ONCE = 5_000
"""Sites of a round: each is a task that waits for its turn."""
K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def looks(place: Place, domains: Sequence[str], seconds: float, *, most: int = MOST) -> AsyncIterator[tuple[str, Look]]:
    """Look at domains (in A-labels), the first 5,000 of them, and give each look as it is had, for so many seconds at most.

    What was not had by then is not given: it was not looked at, which is no silence of its site.
    """
    manners = Manners(most)
    return each(lambda domain: look(place, domain, manners=manners), domains, seconds)


def controls(
    place: Place, domains: Sequence[str], wanted: Wanted, at: datetime, seconds: float, *, most: int = MOST
) -> AsyncIterator[tuple[str, Control]]:
    """Look for proofs of control of domains, as `looks`. One that was not come to has not shown any."""
    manners = Manners(most)
    return each(lambda domain: check_control(place, domain, wanted, at, manners=manners), domains, seconds)


async def each(
    ask: Callable[[K], Coroutine[Any, Any, T]], asked: Sequence[K], seconds: float
) -> AsyncIterator[tuple[K, T]]:
    """Ask each of these, the first 5,000, all at once, and give each answer as it is had, for so many seconds at most."""
    tasks = {asyncio.create_task(ask(one)): one for one in dict.fromkeys(asked[:MOST_AT_ONCE])}
    end = asyncio.get_running_loop().time() + seconds
    waiting = set(tasks)
    try:
        while waiting and (left := end - asyncio.get_running_loop().time()) > 0:
            done, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield tasks[task], task.result()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
