"""Wrong bearer tokens: each costs a look-up, so a source that sends many waits; in memory, as a restart harms nothing."""

import math
import threading
import time
from collections.abc import Callable, Sequence

from openroll.traffic import Bucket, Buckets

EACH = (Bucket(30, 2.0), Bucket(90, 0.7))
"""For the narrowest network of a source, and for each wider one: so many wrong tokens at once, one more after so many seconds."""


class WrongTokens:
    """Counts wrong tokens by source. A right one never counts, and never waits: see `Desk.token_wait`."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._buckets = Buckets(monotonic)
        self._guard = threading.Lock()

    def wait(self, source: Sequence[str]) -> int:
        """Whole seconds that this source, named by its networks from the narrowest on, waits; 0 when it need not."""
        with self._guard:
            return math.ceil(self._buckets.wait(self._wanted(source)))

    def count(self, source: Sequence[str]) -> None:
        """It sent a wrong one."""
        with self._guard:
            self._buckets.take(self._wanted(source))

    def _wanted(self, source: Sequence[str]) -> list[tuple[str, Bucket]]:
        return [(name, EACH[min(nth, len(EACH) - 1)]) for nth, name in enumerate(source)]
