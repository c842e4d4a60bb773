"""Sign-ins begun through organisations' providers: so many from a source and in all, and each provider asked seldom.

To begin one is open to anybody, and costs a row for an hour and, without this, a question to somebody else's server. In memory:
a restart harms nothing.
"""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from openroll.service.identity.oidc.answers import Metadata
from openroll.service.identity.oidc.provider import Provider
from openroll.traffic import Bucket, Buckets, networks

EACH = (Bucket(30, 10.0), Bucket(90, 3.0))
"""For the narrowest network of a source, and for each wider one: so many starts at once, one more after so many seconds."""
IN_ALL = Bucket(2_000, 0.5)
"""For everyone together: an hour of it is fewer than MOST_WAYS."""
MOST_WAYS = 10_000
"""Sign-ins through providers that may be under way: rows that are kept."""
KNOWN_FOR = 300.0
"""Seconds for which a provider is taken to be as it said last."""


class _Known(msgspec.Struct, frozen=True):
    at: float
    metadata: Metadata


class Starts:
    """Counts beginnings by source, and remembers what providers say of themselves. One a process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets = Buckets(monotonic)
        self._guard = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._asked: dict[str, asyncio.Task[Metadata]] = {}

    def wait(self, source: str) -> int:
        """Whole seconds that this source waits before it may begin one; 0, and one is counted, where it may now."""
        wanted = [(name, EACH[min(nth, len(EACH) - 1)]) for nth, name in enumerate(networks(source))]
        with self._guard:
            return math.ceil(self._buckets.take([*wanted, ("", IN_ALL)]))

    async def metadata(self, provider: Provider, ask: Callable[[], Coroutine[Any, Any, Metadata]]) -> Metadata:
        """What the provider says of itself, by `ask` unless it was asked of late; whoever comes meanwhile waits for the same
        answer. An error is nobody's to keep: the next one asks again. Raises what `ask` raises.
        """
        issuer = provider.issuer
        known = self._known.get(issuer)
        if known is not None and self._monotonic() - known.at < KNOWN_FOR:
            return known.metadata
        task = self._asked.get(issuer)
        if task is None:
            task = asyncio.create_task(ask())
            self._asked[issuer] = task
            task.add_done_callback(lambda one: self._asked.pop(issuer, None) and (one.cancelled() or one.exception()))
        # Shielded: who goes away does not take the answer from those who wait for it too.
        found = await asyncio.shield(task)
        self._known[issuer] = _Known(self._monotonic(), found)
        return found
