"""How often sites are looked up from one network: by page, badge, RDAP, API and file alike. Counted in memory, lost at a restart.

Nobody is known by it: a network is counted for as long as its bucket is full of it, and nothing of what was looked up is kept.
"""

import math
import time
from collections.abc import Callable, Sequence

from openroll.register.decision import Refused
from openroll.register.refusals import TooManyAtOnce
from openroll.traffic import Bucket, Buckets

LOOK_UPS = 120
"""Look-ups that one network may send at once (OPENROLL_SITE_LOOK_UPS); four more a second."""
LOOKS_UP = "looks_up"
"""What a route says in its `opt` that looks sites up."""


def look_up_limits(burst: int = LOOK_UPS) -> tuple[Bucket, ...]:
    """For the narrowest network of a source, and for each wider one: `burst` at once from an address, all else in proportion."""
    return Bucket(burst, 30 / burst), Bucket(5 * burst, 6 / burst)


class TooManyLookUps(Exception):
    """More look-ups come from a network than are answered."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.refusal.code)
        self.refused = refused


class LookUps:
    """Counts look-ups by source. For one thread at a time: an event loop's."""

    def __init__(self, burst: int = LOOK_UPS, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._each = look_up_limits(burst)
        self._buckets = Buckets(monotonic)

    def take(self, source: Sequence[str]) -> None:
        """Count one of a source, named by its networks from the narrowest on. Raises TooManyLookUps with the seconds to wait."""
        each = self._each
        wait = self._buckets.take([(name, each[min(nth, len(each) - 1)]) for nth, name in enumerate(source)])
        if wait:
            raise TooManyLookUps(Refused(TooManyAtOnce(wait=math.ceil(wait))))
