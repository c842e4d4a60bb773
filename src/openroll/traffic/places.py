"""Concurrency limits: how many may be at something at once, for each source, each network around it, and in all."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class Places:
    """Places for what takes time. For one thread at a time.

    `each` says how many a source may hold: the first for its narrowest network, the last for the widest and every one between.
    """

    def __init__(self, each: Sequence[int], in_all: int) -> None:
        self.each = tuple(each)
        self.in_all = in_all
        self._held: Counter[str] = Counter()
        self._all = 0

    def take(self, names: Sequence[str], count: int = 1) -> bool:
        """Take places for a source, named by its networks from the narrowest on: all of them, or none and False."""
        if self.would_crowd(count) or any(self._held[name] + count > self._most(n) for n, name in enumerate(names)):
            return False
        self._all += count
        for name in names:
            self._held[name] += count
        return True

    def would_crowd(self, count: int) -> bool:
        """Whether so many more are too many in all, whoever asks."""
        return self._all + count > self.in_all

    @property
    def crowded(self) -> bool:
        """Whether all places are taken, whoever asks."""
        return self.would_crowd(1)

    def leave(self, names: Sequence[str], count: int = 1) -> None:
        """Give back places that were taken for the same names."""
        self._all -= count
        for name in names:
            self._held[name] -= count
            if self._held[name] <= 0:
                del self._held[name]

    @contextmanager
    def held(self, names: Sequence[str]) -> Iterator[bool]:
        """A place for as long as this lasts; says whether there was one."""
        taken = self.take(names)
        try:
            yield taken
        finally:
            if taken:
                self.leave(names)

    def _most(self, nth: int) -> int:
        return self.each[min(nth, len(self.each) - 1)]
