"""What a look at a site says that the register does not know yet: a fact is made of that, and of nothing else. Pure."""

from datetime import datetime, timedelta

import msgspec

from openroll.register.site.life import Life
from openroll.register.site.record import LIVE, RETIRED, SILENT, Site

LOST = timedelta(days=7)
"""For how long a proof of control is not there before control counts as not shown: a record may be wrong for a day."""
LOST_LOOKS = 3
"""In how many looks at least."""
AGAIN = timedelta(days=1)
"""To the next look, while a proof is missed."""


class Missing(msgspec.Struct, frozen=True):
    """Since when a proof of control that stood is not there, and in how many looks in a row."""

    since: datetime | None = None
    looks: int = 0

    def looked(self, seen: str | None, at: datetime) -> "Missing":
        """After a look at a moment: `seen` is how control is shown, empty where it is not, None where nobody could tell."""
        if seen is None:
            return self
        return Missing() if seen else Missing(self.since or at, self.looks + 1)

    def lost(self, at: datetime) -> bool:
        """Whether control counts as not shown any more."""
        return self.since is not None and at - self.since >= LOST and self.looks >= LOST_LOOKS


def news_of_state(life: Life, site: Site) -> str | None:
    """The state that the register is to have of a site by the roll's own looks; None where that is nothing new.

    One that fails for less than a week is no news, nor is one that was never seen; a number is retired a step after it was
    silent.
    """
    if life.state == "failing" or (life.state == "live" and life.answered is None):
        return None
    found = SILENT if life.state == RETIRED and site.state == LIVE else life.state
    if found == site.state or (found == SILENT and site.state == RETIRED):
        return None
    return found


def news_of_control(seen: str | None, missing: Missing, site: Site, at: datetime) -> str | None:
    """How control of a site's domains is shown by the roll's own looks; None where that is nothing new."""
    if seen and (not site.shows_control or not site.control_places):
        return seen
    return "" if site.shows_control and missing.lost(at) else None
