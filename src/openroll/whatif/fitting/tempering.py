"""Sample a posterior by tempering (sequential Monte Carlo): from the prior, the likelihood is let in by degrees.

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

EFFECTIVE_SHARE = 0.5
"""Share of the draws that must stay worth something at each degree."""

GOAL = 0.25
"""Share of steps taken that walks best in ten dimensions or so (Roberts, Gelman and Gilks, 1997: 0.234)."""


class NoLikelihood(ArithmeticError):
    """The likelihood is NaN for some draw, or 0 for every one. The sentence says which."""


class Tempered(NamedTuple):
    """Posterior draws of `z`, [draws, names], with the sampler's diagnostics.

    `size` is how many independent draws they are worth. `evidence` is the log of the probability of the data under the model.
    """

    z: Numbers
    size: float
    evidence: float
    degrees: int
    acceptance: float


def tempered(
    log_likelihood: LogLikelihood, names: int, draws: int, rng: Generator, steps: int = 8, last: int = 60
) -> Tempered:
    """Sample the posterior. `steps` of Metropolis at each degree, `last` at the whole likelihood. Raises NoLikelihood."""
    z = rng.standard_normal((draws, names))
    logs = _numbers(log_likelihood(z))
    if not np.isfinite(logs).any():
        raise NoLikelihood("what was seen is impossible under every draw from what was believed before")
    degree, evidence, degrees, scale, acceptance = 0.0, 0.0, 0, 2.38 / np.sqrt(names), 0.0
    ancestors = np.arange(draws)
    while degree < 1:
        nearer = _next_degree(logs, degree)
        weights = (nearer - degree) * logs
        most = weights.max()
        evidence += float(most + np.log(np.mean(np.exp(weights - most))))
        ancestors = _systematic_resampling(np.exp(weights - most), rng)
        z, logs, degree, degrees = z[ancestors], logs[ancestors], nearer, degrees + 1
        begun = z
        for _ in range(last if degree >= 1 else steps):
            z, logs, acceptance = _metropolis_step(log_likelihood, z, logs, degree, scale, rng)
            scale *= np.exp(0.5 * (acceptance - GOAL))
    return Tempered(z, _effective_sample_size(ancestors, begun, z), evidence, degrees, acceptance)


def _numbers(logs: Numbers) -> Numbers:
    """The log likelihoods, each a number or minus infinity. Raises NoLikelihood."""
    none = int((np.isnan(logs) | (logs == np.inf)).sum())
    if none:
        raise NoLikelihood(f"the likelihood of what was seen is no number for {none:,} of {len(logs):,} draws")
    return logs


def _next_degree(logs: Numbers, degree: float) -> float:
    """The next tempering degree: 1, or as far as keeps the effective sample size at `EFFECTIVE_SHARE`; by bisection."""

    def effective_share(nearer: float) -> float:
        weights = np.exp((nearer - degree) * (logs - logs.max()))
        return float(weights.sum() ** 2 / (weights**2).sum() / len(logs))

    if effective_share(1.0) >= EFFECTIVE_SHARE:
        return 1.0
    low, high = degree, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if effective_share(middle) >= EFFECTIVE_SHARE else (low, middle)
    return high


def _systematic_resampling(weights: Numbers, rng: Generator) -> NDArray[np.int64]:
    """Indices resampled by weight, with one random number: the scheme of least variance."""
    places = (np.arange(len(weights)) + rng.random()) / len(weights)
    edges = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(edges, places), len(weights) - 1)


def _metropolis_step(
    log_likelihood: LogLikelihood, z: Numbers, logs: Numbers, degree: float, scale: float, rng: Generator
) -> tuple[Numbers, Numbers, float]:
    """One Metropolis step of every draw at a degree; with it, the acceptance rate."""
    root = np.linalg.cholesky(np.cov(z.T) + 1e-9 * np.eye(z.shape[1]))
    proposal = z + scale * rng.standard_normal(z.shape) @ root.T
    proposal_logs = _numbers(log_likelihood(proposal))
    gain = degree * (proposal_logs - logs) + 0.5 * ((z**2).sum(axis=1) - (proposal**2).sum(axis=1))
    accepted = np.log(rng.random(len(z))) < gain
    return np.where(accepted[:, None], proposal, z), np.where(accepted, proposal_logs, logs), float(accepted.mean())


def _effective_sample_size(ancestors: NDArray[np.int64], begun: Numbers, ended: Numbers) -> float:
    """How many independent draws the draws are worth.

    Draws of one family began at one place; each still resembles it by the correlation r between beginning and end, so two of one
    family resemble each other by r^2, and the mean of N draws has the variance of N / (1 + (sum n^2 / N - 1) r^2), the worst
    name's r taken, and families of n.
    """
    draws = len(ancestors)
    sizes = np.unique(ancestors, return_counts=True)[1]
    alike = max(_correlation(begun[:, name], ended[:, name]) for name in range(begun.shape[1]))
    return float(draws / (1 + (float((sizes.astype(np.float64) ** 2).sum()) / draws - 1) * max(alike, 0.0) ** 2))


def _correlation(begun: Numbers, ended: Numbers) -> float:
    """Correlation of ends with beginnings: 1 where all began, or all ended, at one value."""
    if begun.std() == 0 or ended.std() == 0:
        return 1.0
    return float(np.corrcoef(begun, ended)[0, 1])
