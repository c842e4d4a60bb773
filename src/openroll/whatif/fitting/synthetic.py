"""Simulation-based calibration: fit drives simulated from the priors; the true values must come out as often as the fit says.

Simulation-based calibration (Talts and others, 2018): assumptions drawn from the prior, a drive made from them, a fit to its
first part. Then the rank of each true value among its draws is even, and 80 % bands of the rest hold 80 % of what was made.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.random import Generator, Philox

from openroll.rules import Rule
from openroll.whatif.fitting.course import belief, course
from openroll.whatif.fitting.drive import COUNTING, Drive, Observation
from openroll.whatif.fitting.fit import Stage, filing, fit, onward, values
from openroll.whatif.fitting.holdout import evaluate_holdout
from openroll.whatif.fitting.priors import NAMES


class Check(NamedTuple):
    """A simulated drive, fitted. `ranks`: each true value's rank among its draws; `inside`: which later days are in bands."""

    ranks: dict[str, float]
    inside: dict[date, bool]
    size: float


def synthetic_drive(like: Drive, rule: Rule, seed: int) -> tuple[Drive, dict[str, float]]:
    """Simulate a drive observed on the days of `like`, from assumptions drawn from the priors; and those assumptions.

    Up to `like.until` it strays as the filter takes it to; from then on as predictions do. Each number is called exact.
    """
    rng = Generator(Philox(key=[seed, 9]))
    assumptions = values(rng.standard_normal((1, len(NAMES))))
    known = belief(rule, like, like.observations[-1].day)
    smooth = course(filing(assumptions), known)
    end = (like.seen(like.until).observations[-1].day - like.opened).days
    pace, total, filed = assumptions["wander"] * rng.standard_normal(1), np.zeros(1), []
    keep = np.exp(-1 / assumptions["memory"])
    for flow, level in zip(smooth.flow[: end + 1], smooth.filed[: end + 1], strict=True):
        pace = keep * pace + assumptions["wander"] * np.sqrt(1 - keep**2) * rng.standard_normal(1)
        total = total + flow * pace
        filed.append(float((level + total)[0]))
    unaware = smooth.unaware[end]
    now = np.clip(np.array([filed[-1]]), 0, 1 - unaware)
    rest = onward(Stage(unaware, 1 - unaware - now, now, pace), assumptions, smooth.probability[end + 1 :], rng)
    filed += [float(one) for one in rest[:, 0]]
    true = [filed[(one.day - like.opened).days] * like.population for one in like.observations]
    told = [round(max(one * (1 + COUNTING * rng.standard_normal()), 0)) for one in true]
    days = [one.day for one in like.observations]
    observations = tuple(
        Observation(day, one, "exact", COUNTING, 1.0, False) for day, one in zip(days, told, strict=True)
    )
    return msgspec.structs.replace(like, observations=observations), {
        name: float(one[0]) for name, one in assumptions.items()
    }


def checks(like: Drive, rule: Rule, seeds: Iterable[int], draws: int = 500) -> Iterator[Check]:
    """Simulate and fit a drive for each seed, up to `like.until`; every later day is held against its 80 % band."""
    for seed in seeds:
        drive, truth = synthetic_drive(like, rule, seed)
        fitted = fit(drive, rule, seed=seed, draws=draws)
        drawn = fitted.draws
        ranks = {name: float((drawn[name].to_numpy() < truth[name]).mean()) for name in NAMES}
        inside = {one.day: one.inside for one in evaluate_holdout(fitted, drive).held_out}
        yield Check(ranks, inside, fitted.size)


def days_of(like: Drive, days: Iterable[int], until: int) -> Drive:
    """A drive like another, seen on other days, counted from its first."""
    at = [like.opened + timedelta(days=day) for day in days]
    observations = tuple(Observation(day, 0, "exact", COUNTING, 1.0, False) for day in at)
    return msgspec.structs.replace(like, observations=observations, until=like.opened + timedelta(days=until))
