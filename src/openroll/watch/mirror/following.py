"""Looking again and again: at a steady interval while the log answers, more and more seldom while it does not."""

from collections.abc import Callable

from openroll.watch.source import Unreachable

LONGEST = 3600.0
"""Seconds between two looks at a log that does not answer, at the most."""


def follow(
    step: Callable[[], object],
    *,
    interval: float,
    wait: Callable[[float], None],
    said: Callable[[Unreachable, float], None],
) -> None:
    """Do `step`, wait `interval` seconds, and so on without end, until `step` or `wait` raises anything but Unreachable.

    While nothing can be reached the wait doubles up to LONGEST; `said` is told why, and how long it will be.
    """
    pause = interval
    while True:
        try:
            step()
            pause = interval
        except Unreachable as error:
            pause = min(pause * 2, max(LONGEST, interval))
            said(error, pause)
        wait(pause)
