"""Looking again and again: at a steady interval while the log answers, more and more seldom while it does not."""

from collections.abc import Callable

from openroll.tlog import TlogError
from openroll.watch.mirror.copying import LogRefused
from openroll.watch.mirror.site import PagesRefused
from openroll.watch.source import Unreachable

LONGEST = 3600.0
"""Seconds between two looks at a log that does not answer, or not with its head, at the most."""
Trouble = Unreachable | TlogError | PagesRefused | LogRefused
"""What may be over at the next look: a page of a proxy's, a file that is missing for a moment, an older head from a cache."""


def poll(
    step: Callable[[], object],
    *,
    interval: float,
    wait: Callable[[float], None],
    said: Callable[[Trouble, float], None],
) -> None:
    """Do `step`, wait `interval` seconds, and so on without end, until `step` or `wait` raises anything but Trouble.

    While there is trouble the wait doubles up to LONGEST; `said` is told why, and how long it will be. A head that
    contradicts the one before ends it: nothing that comes later makes that good.
    """
    pause = interval
    while True:
        try:
            step()
            pause = interval
        except (Unreachable, TlogError, PagesRefused, LogRefused) as error:
            if isinstance(error, LogRefused) and error.kind != "stale":
                raise
            pause = min(pause * 2, max(LONGEST, interval))
            said(error, pause)
        wait(pause)
