"""One round of looks at sites: each whole or not at all, and the round has an end whatever a site does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, TypeVar

from openroll.register.site.control import Wanted
from openroll.watch.probe.control import Control, check_control
from openroll.watch.probe.look import Look, look
from openroll.watch.probe.manners import MOST, Manners
from openroll.watch.probe.place import Place

MOST_AT_ONCE = 5_000
"""Sites of a round: each is a task that waits for its turn."""
T = TypeVar("T")


def looks(place: Place, domains: Sequence[str], seconds: float, *, most: int = MOST) -> AsyncIterator[tuple[str, Look]]:
    """Look at domains (in A-labels), the first 5,000 of them, and give each look as it is had, for so many seconds at most.

    What was not had by then is not given: it was not looked at, which is no silence of its site.
    """
    manners = Manners(most)
    return _round(lambda domain: look(place, domain, manners=manners), domains, seconds)


def controls(
    place: Place, domains: Sequence[str], wanted: Wanted, at: datetime, seconds: float, *, most: int = MOST
) -> AsyncIterator[tuple[str, Control]]:
    """Look for proofs of control of domains, as `looks`. One that was not come to has not shown any."""
    manners = Manners(most)
    return _round(lambda domain: check_control(place, domain, wanted, at, manners=manners), domains, seconds)


async def _round(
    ask: Callable[[str], Coroutine[Any, Any, T]], domains: Sequence[str], seconds: float
) -> AsyncIterator[tuple[str, T]]:
    tasks = {asyncio.create_task(ask(domain)): domain for domain in dict.fromkeys(domains[:MOST_AT_ONCE])}
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
