"""What takes a while to make and is the same for everybody: made once, in one thread, and kept by what it is made of."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
MOST_KEPT = 128
"""Things kept; the one that nobody asked for the longest goes first."""


class MadeOnce:
    """Things by their keys. A key names all that its thing is made of: what changes has another, and nothing here gets old."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, asyncio.Future[Any]] = {}

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
