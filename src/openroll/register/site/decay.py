"""How long sites last: counted from facts of the log, as a life table with its interval, and what that predicts. Pure.

A site is *gone* from the day on which it was retired or ended, as long as it has not come back. It is looked at in whole months
since the day of its filing, so that the counts are few and anybody has the same from the log (`openroll site recount`). Sites
that stand are seen up to the day of the count and no further: half of those of a month count for it (the life table of Cutler and
Ederer, 1958; by months it is the estimate of Kaplan and Meier). The interval is of 95 %, by Greenwood's variance on the scale of
log(-log).

Beyond what was seen long enough, sites are taken to go at one rate: that of all that are older than a year, as many go soon after
they were filed. Its interval is Byar's for a count (Breslow and Day 1987). Where too few went or stand, nothing is predicted.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import accumulate
from typing import Final

import msgspec

from openroll.register.site.record import RETIRED, Site

ENDED = "ended"
_NORMAL = 1.959964
"""Of the normal distribution, between which and its opposite 95 % lie."""
FEWEST_AT_RISK: Final = 30
"""Sites that are still looked at, below which a month says nothing: its interval is as wide as the question."""
FEWEST_GONE: Final = 5
"""Sites that went, below which no rate is told."""
_YEAR = 12
AHEAD = 10
"""Years up to which is predicted."""


class Year(msgspec.Struct, frozen=True):
    """The sites that were filed in a year, by what has become of them."""

    year: int
    live: int = 0
    silent: int = 0
    retired: int = 0
    ended: int = 0

    @property
    def filed(self) -> int:
        """How many that are."""
        return self.live + self.silent + self.retired + self.ended


class Age(msgspec.Struct, frozen=True):
    """Of sites as old as so many whole months: how many went then, and how many are so old now and stand."""

    months: int
    gone: int
    standing: int


class Counted(msgspec.Struct, frozen=True):
    """Organisations' sites as the first `size` entries of the log leave them, on a day."""

    size: int
    day: date
    years: tuple[Year, ...]
    ages: tuple[Age, ...]


class Lives:
    """Counts sites, one by one or many that are alike at once."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._years: dict[int, Counter[str]] = defaultdict(Counter)
        self._gone, self._standing = Counter[int](), Counter[int]()

    def add(self, filed: date, state: str, gone: date | None, count: int = 1) -> None:
        """Count so many that were filed on a day, are in a state and went on a day, or stand."""
        self._years[filed.year][state] += count
        if gone is None or gone > self._day:
            self._standing[months_between(filed, self._day)] += count
        else:
            self._gone[months_between(filed, gone)] += count

    def counted(self, size: int) -> Counted:
        """What was counted, of so many entries."""
        years = tuple(Year(year, **states) for year, states in sorted(self._years.items()))
        ages = tuple(
            Age(months, self._gone[months], self._standing[months])
            for months in sorted(self._gone.keys() | self._standing.keys())
        )
        return Counted(size, self._day, years, ages)


def counted(sites: Mapping[int, Site], size: int, day: date) -> Counted:
    """Sites by their numbers, counted."""
    lives = Lives(day)
    for site in sites.values():
        lives.add(*life_of(site))
    return lives.counted(size)


def life_of(site: Site) -> tuple[date, str, date | None]:
    """When a site was filed, its state, and when it went, if it did."""
    state = site.state if site.ended is None else ENDED
    return site.filed, state, site.ended or (site.since if site.state == RETIRED else None)


def months_between(begun: date, day: date) -> int:
    """The whole months from one day to another; none before it."""
    months = _YEAR * (day.year - begun.year) + day.month - begun.month - (day.day < begun.day)
    return max(0, months)


class Point(msgspec.Struct, frozen=True):
    """The share of sites that stand so many months after their filing, with its interval, and of how many that is told."""

    months: int
    at_risk: int
    gone: int
    low: float
    share: float
    high: float


def survival(ages: Iterable[Age]) -> tuple[Point, ...]:
    """The life table, month by month, as long as enough sites are looked at."""
    of = {age.months: age for age in ages}
    if not of:
        return ()
    months = range(max(of) + 1)
    seen = [of.get(month, Age(month, 0, 0)) for month in months]
    left = list(accumulate((one.gone + one.standing for one in reversed(seen)), initial=0))[:0:-1]
    points = [Point(0, left[0], 0, 1.0, 1.0, 1.0)] if left[0] >= FEWEST_AT_RISK else []
    share, variance = 1.0, 0.0
    for one, at_risk in zip(seen, left, strict=True):
        looked_at = at_risk - one.standing / 2
        if at_risk < FEWEST_AT_RISK or looked_at <= one.gone:
            break
        share *= 1 - one.gone / looked_at
        variance += one.gone / (looked_at * (looked_at - one.gone))
        points.append(Point(one.months + 1, at_risk, one.gone, *_interval(share, variance)))
    return tuple(points)


def _interval(share: float, variance: float) -> tuple[float, float, float]:
    if not variance or share >= 1:
        return share, share, share
    wide = _NORMAL * math.sqrt(variance) / abs(math.log(share))
    return share ** math.exp(wide), share, share ** math.exp(-wide)


class Rate(msgspec.Struct, frozen=True):
    """How many of a hundred sites go in a year once they are older than one, with its interval: as a rate, not as a share."""

    low: float
    middle: float
    high: float


def rate(ages: Iterable[Age]) -> Rate | None:
    """The rate at which sites go after their first year; None where too few did to tell it."""
    ages = tuple(ages)
    gone = sum(one.gone for one in ages if one.months >= _YEAR)
    # In the month in which it went or is looked at now a site was there for half of it, on the whole.
    years = sum((one.gone + one.standing) * (one.months - _YEAR + 0.5) for one in ages if one.months >= _YEAR) / _YEAR
    if gone < FEWEST_GONE:
        return None
    low = gone * (1 - 1 / (9 * gone) - _NORMAL / (3 * math.sqrt(gone))) ** 3
    more = gone + 1
    high = more * (1 - 1 / (9 * more) + _NORMAL / (3 * math.sqrt(more))) ** 3
    return Rate(low / years, gone / years, high / years)


def predicted(counted: Counted) -> tuple[Point, ...]:
    """The shares that stand at whole years beyond what was seen, up to AHEAD: from the last month that was, at one rate."""
    points, speed = survival(counted.ages), rate(counted.ages)
    if not points or speed is None:
        return ()
    last = points[-1]
    found = []
    for year in range(last.months // _YEAR + 1, AHEAD + 1):
        more = year - last.months / _YEAR
        low, share, high = (
            of * math.exp(-at * more)
            for of, at in ((last.low, speed.high), (last.share, speed.middle), (last.high, speed.low))
        )
        found.append(Point(year * _YEAR, 0, 0, low, share, high))
    return tuple(found)
