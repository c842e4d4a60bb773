"""Places: how many may be at something at once, each source, each network around it, and in all."""

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

    def take(self, names: Sequence[str]) -> bool:
        """Take one place for a source, named by its networks from the narrowest on; False when none is free."""
        if self._all >= self.in_all or any(self._held[name] >= self._most(n) for n, name in enumerate(names)):
            return False
        self._all += 1
        self._held.update(names)
        return True

    @property
    def crowded(self) -> bool:
        """Whether all places are taken, whoever asks."""
        return self._all >= self.in_all

    def leave(self, names: Sequence[str]) -> None:
        """Give back a place that was taken for the same names."""
        self._all -= 1
        self._held.subtract(names)
        for name in names:
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
