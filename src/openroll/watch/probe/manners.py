"""Many sites are looked at at once, and each machine is asked one thing at a time: whoever hosts a thousand sites is no target.

A machine that answers slowly holds up those who stand behind it, and nobody else.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

MOST = 64
"""Connections, and questions to name servers, at one time."""


class Manners:
    """Who may ask whom just now. For one event loop."""

    def __init__(self, most: int = MOST) -> None:
        self._connections = asyncio.Semaphore(most)
        self._questions = asyncio.Semaphore(most)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def asking_names(self) -> AsyncIterator[None]:
        """While name servers are asked."""
        async with self._questions:
            yield

    @asynccontextmanager
    async def at(self, address: str) -> AsyncIterator[None]:
        """While a machine is asked: alone, and as one of so many connections."""
        turn = self._turns.setdefault(address, asyncio.Lock())
        async with turn, self._connections:
            yield
