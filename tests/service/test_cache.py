"""Counts that are remembered: fresh ones are given, stale ones while they are counted anew, old ones are waited for."""

import asyncio

import pytest
from psycopg_pool import PoolTimeout

from openroll.service.cache import Cache
from openroll.store.rights import SessionRight, act_by, right_of_act


def test_a_count_is_made_once_and_renewed_behind_its_readers() -> None:
    """Two who come together wait for one count; a stale one is given at once and renewed; an old one is waited for."""

    async def live() -> None:
        now = [0.0]
        made = [0]

        def count() -> int:
            made[0] += 1
            return made[0]

        kept = Cache(count, 10, 60, lambda: now[0])
        assert kept.last is None
        assert list(await asyncio.gather(kept.get(), kept.get())) == [1, 1]
        now[0] = 9
        assert await kept.get() == 1
        now[0] = 20
        assert await kept.get() == 1
        while made[0] < 2 or kept.last != 2:
            await asyncio.sleep(0)
        assert await kept.get() == 2
        now[0] = 200
        assert await kept.get() == 3
        assert made[0] == 3

    asyncio.run(live())


def test_a_count_behind_its_readers_that_fails_is_said_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever reads is given the last count; that the database was away is no traceback of a task that nobody waited for."""

    async def live() -> None:
        answers: list[int | Exception] = [7, PoolTimeout("none after 3 seconds"), 8]
        now = [0.0]

        def count() -> int:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        kept = Cache(count, 10, 60, lambda: now[0])
        assert await kept.get() == 7
        now[0] = 20.0
        assert await kept.get() == 7
        while not caplog.records:
            await asyncio.sleep(0)
        assert await kept.get() in (7, 8)

    asyncio.run(live())
    assert [one.getMessage() for one in caplog.records] == [
        "what was counted last is shown on: database-away: the database does not answer"
    ]


def test_a_count_that_fails_is_tried_again() -> None:
    """An error goes to who waited for it, and the next reader tries anew."""

    async def live() -> None:
        answers: list[int | None] = [None, 7]

        def count() -> int:
            answer = answers.pop(0)
            if answer is None:
                raise OSError("away")
            return answer

        kept = Cache(count, 10, 60, lambda: 0.0)
        with pytest.raises(OSError, match="away"):
            await kept.get()
        assert await kept.get() == 7

    asyncio.run(live())


def test_a_count_is_made_by_nobodys_right() -> None:
    """Whoever's request sets it off, a count is for everybody: it is not done by the right of that one, which may end."""

    async def live() -> None:
        act_by(SessionRight(b"s", reads=True))
        assert await Cache(right_of_act, 10, 60, lambda: 0.0).get() is None

    asyncio.run(live())
