"""Stale-while-revalidate cache for counts that take a while: the last one is shown while one thread counts anew."""

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context
from typing import Generic, TypeVar

from openroll.service.log.trouble import logged

T = TypeVar("T")
_log = logging.getLogger("openroll")


class Cache(Generic[T]):
    """What `count` gave (in a thread), at most `fresh` seconds old, or up to `stale` seconds while it is being counted anew."""

    def __init__(self, count: Callable[[], T], fresh: float, stale: float, monotonic: Callable[[], float]) -> None:
        self._count = count
        self._fresh = fresh
        self._stale = stale
        self._monotonic = monotonic
        self._value: tuple[float, T] | None = None
        self._counting: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """The count. Whoever comes first, or after a long quiet, waits for it; everyone else does not."""
        return await self._get(self._fresh, self._stale)

    async def get_newer(self, seconds: float) -> T:
        """The count, at most so many seconds old: whoever comes when it is older waits for it."""
        return await self._get(seconds, seconds)

    async def _get(self, fresh: float, stale: float) -> T:
        now = self._monotonic()
        if self._value is not None and now - self._value[0] <= fresh:
            return self._value[1]
        if self._counting is None:
            # In no request's context: it is counted for everybody, and by nobody's right.
            self._counting = asyncio.create_task(self._again(), context=Context())
            self._counting.add_done_callback(self._ended)
        if self._value is not None and now - self._value[0] <= stale:
            return self._value[1]
        return await asyncio.shield(self._counting)

    @property
    def last(self) -> T | None:
        """What was counted last, however old; None before the first."""
        return None if self._value is None else self._value[1]

    def _ended(self, counting: asyncio.Task[T]) -> None:
        """Say why a count came to nothing, in one line where the database is away: who is given the last one does not ask."""
        error = None if counting.cancelled() else counting.exception()
        if isinstance(error, Exception) and self._value is not None:
            _log.warning("what was counted last is shown on: %s", logged(error))

    async def _again(self) -> T:
        begun = self._monotonic()
        try:
            value = await asyncio.to_thread(self._count)
            self._value = (begun, value)
            return value
        finally:
            self._counting = None
