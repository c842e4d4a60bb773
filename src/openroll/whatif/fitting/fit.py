"""Fit filing behaviour to an observed drive by Bayesian inference, and predict the rest of the drive.

1. What the rule says on each day is asked of `duties` (`course.belief`).
2. Assumptions drawn from the priors give a smooth course (`course.course`).
3. The true pace strays from it, and what was seen is off by its quality (`drift_filter.strayed`): the likelihood.
4. Tempering turns draws from the prior into draws from the posterior (`tempering.tempered`).
5. A prediction takes each draw at the last day seen, as far astray as it then is, and goes on by the same chances, straying on.

Nothing later than `until` is looked at: it is dropped on the first line of `fit`. One seed gives one answer, to the last bit.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np
import polars as pl
from numpy.random import Generator, Philox
from numpy.typing import NDArray

from openroll.rules import Rule, Text
from openroll.whatif.city import Filing, Quantity
from openroll.whatif.filing import MOST
from openroll.whatif.fitting.course import belief, course
from openroll.whatif.fitting.drift_filter import Seen, likely, paths, strayed
from openroll.whatif.fitting.drive import Drive
from openroll.whatif.fitting.priors import NAMES, OF_FILING, PRIORS
from openroll.whatif.fitting.tempering import tempered
from openroll.whatif.made_words import made_words

Numbers: TypeAlias = NDArray[np.float64]

BAND = (0.1, 0.5, 0.9)
"""Quantiles of a band: the middle 80 % and its middle."""


class NothingSeen(ValueError):
    """No observation is old enough to fit to; the text says from which day on there is one."""


class Stage(NamedTuple):
    """Where everyone stands at the end of a day, in shares of everyone, one number a draw; `pace`: the log pace's drift."""

    unaware: Numbers
    open: Numbers
    filed: Numbers
    pace: Numbers


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """Posterior draws of the filing assumptions given a drive up to a day, with diagnostics of the sampler."""

    drive: Drive
    """The drive as it was known on `until`: no observation in it is later."""
    rule: Rule
    until: date
    seed: int
    z: Numbers
    size: float
    """How many independent draws the draws are worth (`tempering`)."""
    evidence: float
    """Log probability of what was seen, before it was: what a rival model must beat."""
    degrees: int
    taken: float

    @property
    def draws(self) -> pl.DataFrame:
        """One row a draw, one column an assumption, `wander` and `memory` too. A row keeps what goes together; ranges do not."""
        return pl.DataFrame(values(self.z))

    def ranges(self) -> dict[str, Quantity]:
        """What a city file's `filing.*` may hold: the middle and the middle 80 %, by path."""
        words = _where_from(self)
        return {
            f"filing.{name}": _quantity(drawn, words) for name, drawn in values(self.z).items() if name in OF_FILING
        }

    def trajectories(self, last: date) -> Numbers:
        """How many have filed by the end of each day from the drive's first to `last`, [days, draws], in people."""
        return self._filed(last) * self.drive.population

    def predict(self, days: Sequence[date]) -> pl.DataFrame:
        """The band of how many have filed by the end of each day: columns day, low (10 %), middle, high (90 %)."""
        drawn = self.trajectories(max(days))
        return banded(days, drawn[[(day - self.drive.opened).days for day in days]])

    def _filed(self, last: date) -> Numbers:
        known = belief(self.rule, self.drive, max(last, self.drive.observations[-1].day))
        assumptions = values(self.z)
        smooth = course(filing(assumptions), known)
        seen = looked_at(self.drive)
        end = seen[-1].day
        flow = smooth.flow[: end + 1]
        _, beliefs = strayed(flow, assumptions["wander"], assumptions["memory"], seen)
        pace, total = paths(beliefs, flow, assumptions["wander"], assumptions["memory"], _rng(self.seed, 1))
        past = np.clip(smooth.filed[: end + 1] + total, 0, 1 - smooth.unaware[: end + 1])
        stage = Stage(smooth.unaware[end], 1 - smooth.unaware[end] - past[-1], past[-1], pace[-1])
        future = onward(stage, assumptions, smooth.probability[end + 1 :], _rng(self.seed, 2))
        return np.concatenate([past, future])[: (last - self.drive.opened).days + 1]


def fit(drive: Drive, rule: Rule, *, until: date | None = None, seed: int = 0, draws: int = 2000) -> Fitted:
    """The posterior of the filing assumptions given the drive up to and on `until` (its own, if not said).

    Raises NothingSeen where nothing was observed by then, NoDuty where the rule asks nothing of those the drive is about.
    """
    until = until or drive.until
    seen = drive.seen(until)
    if not seen.observations:
        raise NothingSeen(f"{drive.id} has no observation up to {until}; its first is of {drive.observations[0].day}.")
    known = belief(rule, seen, seen.observations[-1].day)
    looked = looked_at(seen)

    def log_likelihood(z: Numbers) -> Numbers:
        assumptions = values(z)
        flow = course(filing(assumptions), known).flow
        return likely(flow, assumptions["wander"], assumptions["memory"], looked)

    found = tempered(log_likelihood, len(NAMES), draws, _rng(seed, 0))
    return Fitted(
        drive=seen,
        rule=rule,
        until=until,
        seed=seed,
        z=found.z,
        size=found.size,
        evidence=found.evidence,
        degrees=found.degrees,
        taken=found.acceptance,
    )


def before_looking(drive: Drive, rule: Rule, days: Sequence[date], *, seed: int = 0, draws: int = 2000) -> pl.DataFrame:
    """The same bands from the priors alone."""
    known = belief(rule, drive, max(days))
    assumptions = values(_rng(seed, 3).standard_normal((draws, len(NAMES))))
    smooth = course(filing(assumptions), known)
    stage = Stage(1 - assumptions["heed"], assumptions["heed"], np.zeros(draws), np.zeros(draws))
    drawn = onward(stage, assumptions, smooth.probability, _rng(seed, 4)) * drive.population
    return banded(days, drawn[[(day - drive.opened).days for day in days]])


def onward(stage: Stage, assumptions: dict[str, Numbers], probabilities: Numbers, rng: Generator) -> Numbers:
    """Simulate the share that has filed by the end of each further day, [days, draws], with the pace drifting.

    The pace is the smooth one times exp(stray - wander^2/2), which is 1 on average, as the filter takes it to be.
    """
    keep = np.exp(-1 / assumptions["memory"])
    fresh = assumptions["wander"] * np.sqrt(1 - keep**2)
    level = assumptions["wander"] ** 2 / 2
    unaware, waiting, filed, pace = stage
    out = np.empty_like(probabilities)
    for day, today in enumerate(probabilities):
        pace = keep * pace + fresh * rng.standard_normal(len(pace))
        files, hears = (
            waiting * np.minimum(today * np.exp(pace - level), MOST),
            unaware * np.minimum(assumptions["word"], MOST),
        )
        unaware, waiting, filed = unaware - hears, waiting - files + hears, filed + files
        out[day] = filed
    return out


def values(z: Numbers) -> dict[str, Numbers]:
    """Map standard normal draws to assumptions, [draws, names]: one array of draws a name."""
    return {prior.name: prior.value(z[:, column]) for column, prior in enumerate(PRIORS)}


def filing(assumptions: dict[str, Numbers]) -> Filing[Numbers]:
    """The draws as filing assumptions. Telling by choice and reminders have no part in a drive's total: they are 0."""
    nothing = np.zeros_like(assumptions["heed"])
    return Filing(**{name: assumptions.get(name, nothing) for name in Filing.__struct_fields__})


def banded(days: Sequence[date], drawn: Numbers) -> pl.DataFrame:
    """Quantiles of draws, [days, draws], as a frame."""
    low, middle, high = np.quantile(drawn, BAND, axis=1)
    return pl.DataFrame({"day": list(days), "low": low, "middle": middle, "high": high})


def looked_at(drive: Drive) -> list[Seen]:
    """The drive's observations as the filter takes them: shares of everyone, days from 0."""
    size = drive.population
    return [
        Seen((one.day - drive.opened).days, one.filed / size, one.variance / size**2, one.days_adrift)
        for one in drive.observations
    ]


def _rng(seed: int, use: int) -> Generator:
    """A random generator of its own for each use, so that no use moves another's."""
    return Generator(Philox(key=[seed, use]))


def _quantity(drawn: Numbers, words: Text) -> Quantity:
    low, middle, high = (float(f"{one:.4g}") for one in np.quantile(drawn, BAND))
    return Quantity(value=middle, low=low, high=high, assumed=words)


def _where_from(fitted: Fitted) -> Text:
    drive, day = fitted.drive.id, fitted.until
    return made_words("fitted", drive=drive, day=day)
