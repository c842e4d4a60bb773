"""The life of a site as checks see it: when it is looked at next, and what a look changes. Pure.

A register stays true only if somebody looks. A live site is looked at ever more rarely, as long as it answers; one that does not
is looked at again within the hour, and only silence over a week, seen at several looks, counts: an outage is no death. Then
its filer is told; two months later its number is retired. One answer brings it back at any time.
"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

SOONEST, LATEST = timedelta(days=1), timedelta(days=28)
"""Between two looks at a site that answers: twice as long each time."""
AGAIN = timedelta(hours=1)
"""To the second look at one that did not answer; from there on twice as long each time, up to a day."""
SILENCE = timedelta(days=7)
"""How long a site says nothing before that counts."""
LOOKS = 5
"""How often it was looked at in that time, at least: one place's bad day is no silence."""
GRACE = timedelta(days=60)
"""From the day that its filer is told to the day that its number is retired."""
RETIRED_LATEST = timedelta(days=56)
"""Between two looks at one that is retired: it may come back."""
_A_DAY = timedelta(days=1)

LATE_SILENT = LATEST + SILENCE + _A_DAY
"""A site that ends for good is known as silent at the latest so long after."""
LATE_RETIRED = LATE_SILENT + GRACE + _A_DAY
"""And is retired at the latest so long after."""
LATE_BACK = RETIRED_LATEST
"""A site that comes back for good is known as live at the latest so long after."""

State = Literal["live", "failing", "silent", "retired"]


class Life(msgspec.Struct, frozen=True):
    """What is known of a site: its state since when, when it is due, and the run of looks that all saw the same.

    `due` is when it is looked at next; `gap` is how long that is from the last look; `run` counts looks in a row that saw no
    answer, from `quiet` on (the first of them). `answered` is when one was seen last.
    """

    state: State
    since: datetime
    due: datetime
    gap: timedelta = timedelta()
    run: int = 0
    quiet: datetime | None = None
    answered: datetime | None = None

    def looked(self, answers: bool, at: datetime) -> "Life":
        """What a look at a moment makes of it. Its state changes by one step at most."""
        return self._answered(at) if answers else self._unanswered(at)

    def _answered(self, at: datetime) -> "Life":
        gap = min(max(2 * self.gap, SOONEST), LATEST) if self.state == "live" else SOONEST
        since = self.since if self.state == "live" else at
        return Life("live", since, at + gap, gap, answered=at)

    def _unanswered(self, at: datetime) -> "Life":
        quiet, run = self.quiet or at, self.run + 1
        state, since = self.state, self.since
        if state == "live":
            state, since = "failing", at
        elif state == "failing" and at - quiet >= SILENCE and run >= LOOKS:
            state, since = "silent", at
        elif state == "silent" and at - since >= GRACE:
            state, since = "retired", at
        gap = self._gap(state, first=state != self.state)
        return Life(state, since, at + gap, gap, run, quiet, self.answered)

    def _gap(self, state: State, *, first: bool) -> timedelta:
        if state == "failing":
            return AGAIN if first else min(2 * self.gap, _A_DAY)
        if state == "silent":
            return _A_DAY
        return SOONEST if first else min(2 * self.gap, RETIRED_LATEST)


def begun(at: datetime) -> Life:
    """A site that nobody has looked at yet: it counts as live, and is due at once."""
    return Life("live", at, at)
