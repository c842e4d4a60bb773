"""Wrong bearer tokens: each costs a look-up, so a source that sends many waits; in memory, as a restart harms nothing."""

import math
import threading
import time
from collections.abc import Callable, Sequence

from openroll.traffic import Bucket, Buckets

EACH = (Bucket(30, 2.0), Bucket(90, 0.7))
"""For the narrowest network of a source, and for each wider one: so many wrong tokens at once, one more after so many seconds."""


class WrongTokens:
    """Counts wrong tokens by source. A right one is given back, and never waits: see `Application.try_token`."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._buckets = Buckets(monotonic)
        self._guard = threading.Lock()

    def take(self, source: Sequence[str]) -> int:
        """Take a place for a try of this source, named by its networks from the narrowest on; 0, or the whole seconds to wait.

        Before the token is looked up: tries at one moment cannot all find the same place.
        """
        with self._guard:
            return math.ceil(self._buckets.take(self._wanted(source)))

    def give_back(self, source: Sequence[str]) -> None:
        """Its token was a right one."""
        with self._guard:
            self._buckets.give_back(self._wanted(source))

    def _wanted(self, source: Sequence[str]) -> list[tuple[str, Bucket]]:
        return [(name, EACH[min(nth, len(EACH) - 1)]) for nth, name in enumerate(source)]
