"""What takes a while to make and is the same for everybody: made once, in one thread, and kept by what it is made of."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from openroll.register.decision import Refused
from openroll.register.refusals import TooManyAtOnce

T = TypeVar("T")
MOST_KEPT = 128
"""Things kept; the one that nobody asked for the longest goes first."""
RETRY_AFTER = 5
"""Seconds after which whoever has too many made at once may try again."""


class MadeOnce:
    """Things by their keys. A key names all that its thing is made of: what changes has another, and nothing here gets old."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, asyncio.Future[Any]] = {}
        self._wanted = Counter[str]()

    async def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing of a key. Whoever comes while it is being made waits for that, and makes none of their own."""
        if key in self._kept:
            self._kept.move_to_end(key)
            kept: T = self._kept[key]
            return kept
        if key not in self._making:
            making = asyncio.get_running_loop().run_in_executor(self._pool, make)
            self._making[key] = making
            making.add_done_callback(lambda done: self._made(key, done))
        # A visitor who goes away ends nobody else's waiting.
        made: T = await asyncio.shield(self._making[key])
        return made

    async def get_for(self, owner: str, each: int, key: Hashable, make: Callable[[], T]) -> T | Refused:
        """As `get`, for an owner who has at most so many things made or waiting to be made at one moment, and is refused more.

        It is counted until the thing is made: who goes away meanwhile has had it made.
        """
        if key not in self._kept and key not in self._making:
            if self._wanted[owner] >= each:
                return Refused(TooManyAtOnce(wait=RETRY_AFTER))
            self._wanted[owner] += 1
            making = asyncio.ensure_future(self.get(key, make))
            making.add_done_callback(lambda _: self._was_made(owner))
            return await asyncio.shield(making)
        return await self.get(key, make)

    def _was_made(self, owner: str) -> None:
        self._wanted[owner] -= 1
        if not self._wanted[owner]:
            del self._wanted[owner]

    async def draw(self, make: Callable[[], T]) -> T:
        """Something that is not worth keeping, made in the same thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, make)

    def _made(self, key: Hashable, done: "asyncio.Future[Any]") -> None:
        del self._making[key]
        if done.cancelled() or done.exception() is not None:
            return
        self._kept[key] = done.result()
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def close(self) -> None:
        """Finish what is being made; nothing that waits begins."""
        self._pool.shutdown(cancel_futures=True)
