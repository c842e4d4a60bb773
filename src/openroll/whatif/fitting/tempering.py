"""Draws from a posterior by tempering: from the prior, the data are let in by degrees, and between degrees every draw walks.

Sequential Monte Carlo (Del Moral, Doucet and Jasra, 2006): each degree weighs the draws by a little more of the likelihood, as
much as leaves half of them worth keeping, draws anew by weight, and moves each draw by random-walk Metropolis steps whose
covariance is the draws' own. It needs no derivatives, finds its own step, follows ridges, and gives the evidence. The prior is
standard normal.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
LogLikelihood: TypeAlias = Callable[[Numbers], Numbers]

KEPT = 0.5
"""Share of the draws that must stay worth something at each degree."""

GOAL = 0.25
"""Share of steps taken that walks best in ten dimensions or so (Roberts, Gelman and Gilks, 1997: 0.234)."""


class NoLikelihood(ArithmeticError):
    """What was seen has no likelihood: it is no number for some draw, or 0 for every one. The sentence says which."""


class Tempered(NamedTuple):
    """Draws of `z`, [draws, names], and how they were come by.

    `size` is how many independent draws they are worth. `evidence` is the log of the probability of the data under the model.
    """

    z: Numbers
    size: float
    evidence: float
    degrees: int
    taken: float


def tempered(
    log_likelihood: LogLikelihood, names: int, draws: int, chance: Generator, steps: int = 8, last: int = 60
) -> Tempered:
    """Draws from the posterior. `steps` of walking at each degree, `last` at the whole likelihood. Raises NoLikelihood."""
    z = chance.standard_normal((draws, names))
    logs = _numbers(log_likelihood(z))
    if not np.isfinite(logs).any():
        raise NoLikelihood("what was seen is impossible under every draw from what was believed before")
    degree, evidence, degrees, scale, taken = 0.0, 0.0, 0, 2.38 / np.sqrt(names), 0.0
    family = np.arange(draws)
    while degree < 1:
        nearer = _nearer(logs, degree)
        weights = (nearer - degree) * logs
        most = weights.max()
        evidence += float(most + np.log(np.mean(np.exp(weights - most))))
        family = _systematic(np.exp(weights - most), chance)
        z, logs, degree, degrees = z[family], logs[family], nearer, degrees + 1
        begun = z
        for _ in range(last if degree >= 1 else steps):
            z, logs, taken = _walk(log_likelihood, z, logs, degree, scale, chance)
            scale *= np.exp(0.5 * (taken - GOAL))
    return Tempered(z, _worth(family, begun, z), evidence, degrees, taken)


def _numbers(logs: Numbers) -> Numbers:
    """The log likelihoods themselves, each a number or minus infinity. Raises NoLikelihood."""
    none = int((np.isnan(logs) | (logs == np.inf)).sum())
    if none:
        raise NoLikelihood(f"the likelihood of what was seen is no number for {none:,} of {len(logs):,} draws")
    return logs


def _nearer(logs: Numbers, degree: float) -> float:
    """The next degree: the whole, or as far as leaves `KEPT` of the draws their weight; by halving."""

    def kept(nearer: float) -> float:
        weights = np.exp((nearer - degree) * (logs - logs.max()))
        return float(weights.sum() ** 2 / (weights**2).sum() / len(logs))

    if kept(1.0) >= KEPT:
        return 1.0
    low, high = degree, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) >= KEPT else (low, middle)
    return high


def _systematic(weights: Numbers, chance: Generator) -> NDArray[np.int64]:
    """Places drawn by weight, with one random number: the draw of least variance."""
    places = (np.arange(len(weights)) + chance.random()) / len(weights)
    edges = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(edges, places), len(weights) - 1)


def _walk(
    log_likelihood: LogLikelihood, z: Numbers, logs: Numbers, degree: float, scale: float, chance: Generator
) -> tuple[Numbers, Numbers, float]:
    """One Metropolis step of every draw at a degree; with it, the share that was taken."""
    root = np.linalg.cholesky(np.cov(z.T) + 1e-9 * np.eye(z.shape[1]))
    there = z + scale * chance.standard_normal(z.shape) @ root.T
    there_logs = _numbers(log_likelihood(there))
    gain = degree * (there_logs - logs) + 0.5 * ((z**2).sum(axis=1) - (there**2).sum(axis=1))
    goes = np.log(chance.random(len(z))) < gain
    return np.where(goes[:, None], there, z), np.where(goes, there_logs, logs), float(goes.mean())


def _worth(family: NDArray[np.int64], begun: Numbers, ended: Numbers) -> float:
    """How many independent draws the draws are worth.

    Draws of one family began at one place; each still resembles it by the correlation r between beginning and end, so two of one
    family resemble each other by r^2, and the mean of N draws has the variance of N / (1 + (sum n^2 / N - 1) r^2), the worst
    name's r taken, and families of n.
    """
    draws = len(family)
    sizes = np.unique(family, return_counts=True)[1]
    alike = max(_correlation(begun[:, name], ended[:, name]) for name in range(begun.shape[1]))
    return float(draws / (1 + (float((sizes.astype(np.float64) ** 2).sum()) / draws - 1) * max(alike, 0.0) ** 2))


def _correlation(begun: Numbers, ended: Numbers) -> float:
    """How far ends go with beginnings: 1 where all began, or all ended, at one place, because then nothing was gained."""
    if begun.std() == 0 or ended.std() == 0:
        return 1.0
    return float(np.corrcoef(begun, ended)[0, 1])
