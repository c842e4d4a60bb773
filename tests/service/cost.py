"""Counting what work costs in what no noise touches: statements, journeys to the database, waits for the disk, wakes."""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import Cursor

from openroll.compose import admission


class Cost:
    """What each thread has spent, by its name."""

    def __init__(self) -> None:
        self._spent: dict[str, Counter[str]] = {}

    def count(self, what: str) -> None:
        """One more, in this thread."""
        # Not `current_thread()`: one that only just begins is not known to it; it would make one up, whose beginning is counted,
        # and so on without end, until the real one dies and whoever started it waits for ever.
        here = threading.get_ident()
        name = next((one.name for one in threading.enumerate() if one.ident == here), "a thread that begins")
        self._spent.setdefault(name, Counter())[what] += 1

    @property
    def threads(self) -> list[str]:
        """The threads that have spent anything."""
        return list(self._spent)

    def of(self, thread: str) -> dict[str, int]:
        """What a thread has spent since the counting began."""
        return dict(self._spent.get(thread, {}))


@contextmanager
def counted(patch: pytest.MonkeyPatch) -> Iterator[Cost]:
    """Count, in every thread, until this ends."""
    cost = Cost()

    with patch.context() as within:

        def also(what: str, owner: Any, name: str) -> None:
            real = getattr(owner, name)

            def counting(*given: Any, **named: Any) -> Any:
                cost.count(what)
                return real(*given, **named)

            within.setattr(owner, name, counting)

        also("statements", Cursor, "execute")
        for name in ("fsync", "fdatasync", "sync"):
            also("syncs", os, name)
        also("hand-overs", asyncio.BaseEventLoop, "call_soon_threadsafe")
        also("hand-overs", ThreadPoolExecutor, "submit")
        also("wakes", threading.Condition, "notify")
        also("addresses", admission, "networks")
        wait = psycopg.Connection.wait

        def waiting(self: Any, gen: Any, *given: Any, **named: Any) -> Any:
            return wait(self, _told(gen, cost), *given, **named)

        within.setattr(psycopg.Connection, "wait", waiting)
        yield cost


def _told(gen: Any, cost: Cost) -> Any:
    """The same generator; the first time it waits for the database counts as a journey, whatever comes in how many parts."""
    try:
        wanted = next(gen)
        cost.count("journeys")
        while True:
            wanted = gen.send((yield wanted))
    except StopIteration as end:
        return end.value
