"""A Kalman filter over two numbers: how the true pace of a drive drifts from its expected course, given observations.

No drive follows its curve: weekends, news, a portal down, a campaign in the provinces. The log of the daily pace strays by a
first-order autoregression of standard deviation `drift` and memory `memory` days; what has been filed strays by the sum of it,
to first order in `drift`. So the error of a prediction grows with its horizon by itself: while the straying lasts, in step with
the days, later with their root. (A model discrepancy as of Kennedy and O'Hagan, 2001, put on the pace and not on the total.)
Everything runs over the draws at once; shares of everyone are the unit.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]


_LEAST_POWER = 600.0
"""exp(-600) is a number yet in double precision; exp(-745) is 0, and nothing can be divided by it."""


class Seen(NamedTuple):
    """An observation for the filter: the day counted from 0, the share filed, its variance, the day's error."""

    day: int
    share: float
    variance: float
    days_adrift: float


class Stray(NamedTuple):
    """The filter's state after a day: means of the log pace's drift and of the total's, and their (co)variances."""

    pace: Numbers
    total: Numbers
    pace_var: Numbers
    both: Numbers
    total_var: Numbers


def likely(flow: Numbers, drift: Numbers, memory: Numbers, seen: Sequence[Seen]) -> Numbers:
    """The log likelihood of the observations, for each draw of the course's `flow`, [days, draws].

    It is the filter of `strayed`, but goes from observation to observation: what the days between add to pace and total are sums
    over them, so that a fit, which asks for this a hundred times, takes a tenth of the time. A test holds the two equal.
    """
    # A long gap is gone over in stretches, each short enough that even the shortest memory leaves a number above 0 in it.
    stretch = max(int(_LEAST_POWER * float(memory.min())), 1)
    powers = np.exp(np.arange(min(stretch, len(flow)) + 1.0)[:, None] / -memory)
    level = np.cumsum(flow, axis=0)
    nothing = np.zeros_like(drift)
    after, logs, begin = Stray(nothing, nothing, drift**2, nothing, nothing), nothing, 0
    for one in seen:
        for start in range(begin, one.day + 1, stretch):
            days = flow[start : min(start + stretch, one.day + 1)]
            after = _over(after, powers[: len(days) + 1], drift**2, days)
        variance = one.variance + (one.days_adrift * flow[one.day]) ** 2
        after, log = _seeing(after, one.share - level[one.day], variance)
        logs, begin = logs + log, one.day + 1
    return logs


def _over(before: Stray, powers: Numbers, spread: Numbers, flow: Numbers) -> Stray:
    """Predict over some days at once. `powers`: what is kept of the drift after 0, 1 ... days; `spread`: its variance at rest."""
    reach = (
        np.cumsum((flow * powers[:-1])[::-1], axis=0)[::-1] / powers[:-1]
    )  # what a stray of one on each day adds to the total
    fresh = spread * (1 - powers[1] ** 2)
    kept, adds = powers[-1], powers[1] * reach[0]
    return Stray(
        kept * before.pace,
        before.total + adds * before.pace,
        kept**2 * before.pace_var + spread * (1 - kept**2),
        kept * (before.both + adds * before.pace_var) + fresh * (reach * powers[-2::-1]).sum(axis=0),
        before.total_var + 2 * adds * before.both + adds**2 * before.pace_var + fresh * (reach**2).sum(axis=0),
    )


def strayed(flow: Numbers, drift: Numbers, memory: Numbers, seen: Sequence[Seen]) -> tuple[Numbers, list[Stray]]:
    """The log likelihood as in `likely`, and the filter's state after each day."""
    keep = np.exp(-1 / memory)
    fresh = drift**2 * (1 - keep**2)
    nothing = np.zeros_like(drift)
    after = Stray(nothing, nothing, drift**2, nothing, nothing)
    logs, beliefs = nothing.copy(), []
    level = np.zeros_like(drift)
    at = {one.day: one for one in seen}
    for day, today in enumerate(flow):
        after = _next(after, keep, fresh, today)
        level = level + today
        if one := at.get(day):
            after, log = _seeing(after, one.share - level, one.variance + (one.days_adrift * today) ** 2)
            logs = logs + log
        beliefs.append(after)
    return logs, beliefs


def _next(before: Stray, keep: Numbers, fresh: Numbers, flow: Numbers) -> Stray:
    """Predict step: the pace keeps a part of its drift, and the total takes up the day's."""
    pace, pace_var, both = keep * before.pace, keep**2 * before.pace_var + fresh, keep * before.both
    return Stray(
        pace,
        before.total + flow * pace,
        pace_var,
        both + flow * pace_var,
        before.total_var + 2 * flow * both + flow**2 * pace_var,
    )


def _seeing(before: Stray, off: Numbers, variance: Numbers) -> tuple[Stray, Numbers]:
    """Update step: the state once the total was observed to drift by `off`, and the log likelihood of that."""
    spread = before.total_var + variance
    surprise = off - before.total
    to_pace, to_total = before.both / spread, before.total_var / spread
    after = Stray(
        before.pace + to_pace * surprise,
        before.total + to_total * surprise,
        before.pace_var - to_pace * before.both,
        before.both * (1 - to_total),
        before.total_var * (1 - to_total),
    )
    return after, -0.5 * (np.log(2 * np.pi * spread) + surprise**2 / spread)


def paths(
    beliefs: Sequence[Stray], flow: Numbers, drift: Numbers, memory: Numbers, rng: Generator
) -> tuple[Numbers, Numbers]:
    """Sample one drift path for each draw given all observations: log pace and total, [days, draws].

    They are drawn from the last day back. The total of the day before is that of a day less what the day added, exactly; so only
    the pace is drawn.
    """
    pace, total = np.empty_like(flow), np.empty_like(flow)
    for day, drawn in _backwards(beliefs, flow, drift, memory, rng):
        pace[day], total[day] = drawn
    return pace, total


def _backwards(
    beliefs: Sequence[Stray], flow: Numbers, drift: Numbers, memory: Numbers, rng: Generator
) -> Iterator[tuple[int, tuple[Numbers, Numbers]]]:
    """The backward pass of forward filtering, backward sampling."""
    keep = np.exp(-1 / memory)
    fresh = drift**2 * (1 - keep**2)
    last = beliefs[-1]
    total = last.total + np.sqrt(np.maximum(last.total_var, 0)) * rng.standard_normal(len(drift))
    mean, var = _given_total(last, total)
    pace = mean + np.sqrt(var) * rng.standard_normal(len(drift))
    yield len(beliefs) - 1, (pace, total)
    for day in range(len(beliefs) - 2, -1, -1):
        total = total - flow[day + 1] * pace
        mean, var = _given_total(beliefs[day], total)
        spread = fresh + keep**2 * var
        mean, var = (mean * fresh + keep * pace * var) / spread, var * fresh / spread
        pace = mean + np.sqrt(var) * rng.standard_normal(len(drift))
        yield day, (pace, total)


def _given_total(belief: Stray, total: Numbers) -> tuple[Numbers, Numbers]:
    """Mean and variance of the pace's drift given the total's."""
    there = belief.total_var > 0
    slope = np.divide(belief.both, belief.total_var, out=np.zeros_like(total), where=there)
    return belief.pace + slope * (total - belief.total), np.maximum(belief.pace_var - slope * belief.both, 0)
