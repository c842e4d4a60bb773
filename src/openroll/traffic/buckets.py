"""Leaky buckets for rate limits: so many at once, and one more each so many seconds. Kept in memory, lost at a restart."""

from collections.abc import Callable, Sequence

import msgspec

MOST_KNOWN = 10_000
"""Names whose buckets are remembered; the longest unused are forgotten, and begin empty."""


class Bucket(msgspec.Struct, frozen=True):
    """How many a bucket holds, and after how many seconds one of them is forgotten."""

    holds: int
    drains_after: float

    def level(self, before: float, seconds: float) -> float:
        """How full it is so many seconds after it was `before` full."""
        return max(0.0, before - seconds / self.drains_after)

    def wait(self, level: float) -> float:
        """Seconds until one more goes in; 0 when it goes in now."""
        return max(0.0, (level + 1 - self.holds) * self.drains_after)


class Buckets:
    """Buckets by name. For one thread at a time."""

    def __init__(self, monotonic: Callable[[], float], most: int = MOST_KNOWN) -> None:
        """`monotonic` gives seconds that never go back; `most` names are remembered."""
        self._monotonic = monotonic
        self._most = most
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, wanted: Sequence[tuple[str, Bucket]]) -> float:
        """Put one into each of these buckets if all have room, and give 0; else change nothing, and give the seconds to wait."""
        now = self._monotonic()
        levels = [(name, bucket.level(*self._before(name, now))) for name, bucket in wanted]
        wait = max((bucket.wait(level) for (_, level), (_, bucket) in zip(levels, wanted, strict=True)), default=0.0)
        for name, level in levels:
            self._levels.pop(name, None)
            self._levels[name] = (level if wait else level + 1, now)
        while len(self._levels) > self._most:
            self._levels.pop(next(iter(self._levels)))
        return wait

    def give_back(self, wanted: Sequence[tuple[str, Bucket]]) -> None:
        """Take one out of each of these buckets again: it should not have gone in."""
        now = self._monotonic()
        for name, bucket in wanted:
            self._levels[name] = (max(0.0, bucket.level(*self._before(name, now)) - 1), now)

    def wait(self, wanted: Sequence[tuple[str, Bucket]]) -> float:
        """The seconds until one goes into each of these buckets; takes nothing."""
        now = self._monotonic()
        return max((bucket.wait(bucket.level(*self._before(name, now))) for name, bucket in wanted), default=0.0)

    def _before(self, name: str, now: float) -> tuple[float, float]:
        level, at = self._levels.get(name, (0.0, now))
        return level, now - at
