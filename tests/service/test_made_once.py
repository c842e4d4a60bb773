"""What is costly and the same for everybody is made once."""

import asyncio
import functools
import threading

import pytest

from openroll.register.decision import Refused
from openroll.service.made_once import MadeOnce


def test_a_thing_is_made_once_however_many_want_it() -> None:
    """Who comes while it is made waits for it; who goes away ends nobody's waiting; another key waits for its turn."""
    go, made = threading.Event(), []

    def make(name: str) -> str:
        go.wait(30)
        made.append((name, threading.current_thread().name.partition("_")[0]))
        return name

    async def all_want_it() -> list[str]:
        things = MadeOnce()
        try:
            first = asyncio.create_task(things.get("a", lambda: make("a")))
            await asyncio.sleep(0)
            others = [asyncio.create_task(things.get("a", lambda: make("another"))) for _ in range(8)]
            beside = asyncio.create_task(things.get("b", lambda: make("b")))
            await asyncio.sleep(0)
            first.cancel()
            go.set()
            found = [*await asyncio.gather(*others), await beside]
            return [*found, await things.get("a", lambda: make("again"))]
        finally:
            things.close()

    assert asyncio.run(all_want_it()) == ["a"] * 8 + ["b", "a"]
    assert made == [("a", "drawing"), ("b", "drawing")]


def test_few_things_are_kept_and_no_failure() -> None:
    """What nobody asked for the longest goes first; what could not be made is tried again by whoever comes next."""

    async def three() -> list[int]:
        things, made = MadeOnce(most=2), []

        def make(number: int) -> int:
            made.append(number)
            if made.count(number) == 1 and number == 9:
                raise ValueError("not yet")
            return number

        try:
            for number in (1, 2, 1, 3, 1, 2):
                assert await things.get(number, functools.partial(make, number)) == number
            with pytest.raises(ValueError, match="not yet"):
                await things.get(9, lambda: make(9))
            assert await things.get(9, lambda: make(9)) == 9
            return made
        finally:
            things.close()

    assert asyncio.run(three()) == [1, 2, 3, 2, 9, 9]


def test_an_owner_has_few_things_made_at_once() -> None:
    """Whoever wants more is refused, also where they went away meanwhile; others wait their turn; what is made is for all."""
    made, go_on = MadeOnce(), threading.Event()

    async def wanted() -> None:
        slow = [asyncio.ensure_future(made.get_for("a", 2, key, go_on.wait)) for key in (1, 2)]
        await asyncio.sleep(0)
        slow[0].cancel()
        refused = await made.get_for("a", 2, 3, go_on.wait)
        assert isinstance(refused, Refused)
        other = asyncio.ensure_future(made.get_for("b", 2, 4, go_on.wait))
        same = asyncio.ensure_future(made.get_for("a", 2, 2, go_on.wait))
        go_on.set()
        assert list(await asyncio.gather(slow[1], other, same)) == [True] * 3
        assert await made.get_for("a", 2, 3, go_on.wait) is True

    asyncio.run(wanted())
    made.close()
