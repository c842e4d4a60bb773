"""Queueing formulas (Erlang A, B, C; M/G/c), and the fast approximation of an office's day that the model uses.

Times are hours and arrivals are people an hour, unless a name says minutes; *spread* is the squared coefficient of variation of
the time one person takes at a counter (0: all alike, 1: exponential); *patience* is the mean of the exponential time people
stand in line before they leave. The closed forms are textbook ones (Gross and Harris, Fundamentals of Queueing Theory;
Mandelbaum and Zeltyn 2007 for Erlang A); docs/whatif-queues.md holds the quick account against `counters`, which is exact.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openroll.whatif.kernel import array, kernel, part

Numbers: TypeAlias = NDArray[np.float64]

ENDLESS = 1000.0
"""Patience is counted up to this many days of opening: longer changes nothing that a day can show."""

FULL = 0.9
"""Counters are full when nine tenths of their steady crowd is there, where arrivals only just fill them."""

_ROOTS, _HEIGHTS = np.polynomial.legendre.leggauss(8)
_NODES, _WEIGHTS = (_ROOTS + 1) / 2, _HEIGHTS / 2


def erlang_b(servers: ArrayLike, load: ArrayLike) -> Numbers:
    """The share that finds all busy where nobody waits (M/G/c/c); `load`: arrivals times service. Shapes broadcast."""
    count, offered = np.broadcast_arrays(np.asarray(servers, np.int64), np.asarray(load, np.float64))
    busy = np.ones(count.shape)
    for n in range(1, int(count.max(initial=0)) + 1):
        busy = np.where(n <= count, offered * busy / (n + offered * busy), busy)
    return busy


def erlang_c(servers: ArrayLike, load: ArrayLike) -> Numbers:
    """The share that has to wait in M/M/c; 1 where the load is more than the servers can bear."""
    count, offered = np.broadcast_arrays(np.asarray(servers, np.int64), np.asarray(load, np.float64))
    busy = erlang_b(count, offered)
    with np.errstate(divide="ignore", invalid="ignore"):
        waits = count * busy / (count - offered * (1 - busy))
    return np.where(offered < count, waits, 1.0)


def wait_mmc(arrivals: ArrayLike, service: ArrayLike, servers: ArrayLike) -> Numbers:
    """The mean wait in M/M/c, over all who come; infinite where the load is more than the servers can bear."""
    busy, spare = np.broadcast_arrays(
        np.asarray(service, np.float64), np.asarray(servers) - np.multiply(arrivals, service)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spare > 0, erlang_c(servers, np.multiply(arrivals, service)) * busy / spare, np.inf)


def wait_mmc_beyond(arrivals: ArrayLike, service: ArrayLike, servers: ArrayLike, hours: ArrayLike) -> Numbers:
    """The share that waits longer than `hours` in M/M/c; 1 where the load is more than the servers can bear."""
    load = np.multiply(arrivals, service)
    spare = np.maximum(np.asarray(servers) - load, 0.0)
    return np.asarray(erlang_c(servers, load) * np.exp(-spare * np.asarray(hours) / np.asarray(service)))


def wait_mg1(arrivals: ArrayLike, service: ArrayLike, spread: ArrayLike) -> Numbers:
    """The mean wait at one counter with any law of service (Pollaczek and Khinchine); exact."""
    return wait_mgc(arrivals, service, 1, spread)


def wait_mgc(arrivals: ArrayLike, service: ArrayLike, servers: ArrayLike, spread: ArrayLike) -> Numbers:
    """The mean wait in M/G/c as Allen and Cunneen have it: M/M/c's, times (1 + spread) / 2.

    An approximation for more than one server, unless the spread is 1; exact for one.
    """
    return np.asarray(wait_mmc(arrivals, service, servers) * (1 + np.asarray(spread)) / 2)


def erlang_a(arrivals: ArrayLike, service: ArrayLike, servers: ArrayLike, patience: ArrayLike) -> Numbers:
    """The share that leaves the line unserved in M/M/c+M, at any load. The mean wait over all is this share times `patience`."""
    assumptions = np.broadcast_arrays(*(np.asarray(one, np.float64) for one in (arrivals, service, servers, patience)))
    share = np.empty(assumptions[0].size)
    coming, takes, count, bears = (one.ravel() for one in assumptions)
    _erlang_a(coming, takes, count, bears, share)
    return share.reshape(assumptions[0].shape)


@part
def _share_that_leaves(arrivals: float, service: float, servers: float, patience: float) -> float:
    """Erlang A as Mandelbaum and Zeltyn (2007) write it: from Erlang B, and from the sum of products y / (x + k)."""
    if arrivals <= 0.0:
        return 0.0
    if servers <= 0.0:
        return 1.0
    load = arrivals * service
    busy = 1.0
    for n in range(1, int(servers) + 1):
        busy = load * busy / (n + load * busy)
    x, y = servers * patience / service, arrivals * patience
    total, term, k = 1.0, 1.0, 0.0
    while term > 1e-17 * total and total < 1e300:
        k += 1.0
        term *= y / (x + k)
        total += term
    waits = busy / (busy + (1.0 - busy) / total)
    return waits * max(0.0, 1.0 - (1.0 - 1.0 / total) * servers / load)


@kernel(
    array("float64", 1),
    array("float64", 1),
    array("float64", 1),
    array("float64", 1),
    array("float64", 1, written=True),
)
def _erlang_a(arrivals: Numbers, service: Numbers, servers: Numbers, patience: Numbers, out: Numbers) -> None:
    for i in range(out.shape[0]):
        out[i] = _share_that_leaves(arrivals[i], service[i], servers[i], patience[i])


@part
def _highest(drift: float, variance: float) -> float:
    """The mean of the highest point so far of a Brownian path, which is that of the same path held at 0 from below.

    `drift` and `variance` are the path's over the whole time (Harrison, Brownian Motion and Stochastic Flow Systems, 1985).
    """
    sigma = math.sqrt(variance)
    z = drift / sigma
    if abs(z) < 1e-4:
        return sigma * math.sqrt(2 / math.pi) + drift / 2
    below = 0.5 * math.erfc(-z / math.sqrt(2.0))
    density = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    return drift * below + sigma * density + variance * (2 * below - 1) / (2 * drift)


@part
def _line(drift: float, noise: float, patience: float, hours: float) -> float:
    """The line after so many hours, counters busy from the first on: a Brownian path held at 0, which people leave.

    Leaving slows the clock: growth tires after `patience`, chance after half of it.
    """
    shaken = 0.5 * patience * -math.expm1(-2.0 * hours / patience)
    grown = patience * -math.expm1(-hours / patience) if drift > 0.0 else shaken
    return _highest(drift * grown, noise * shaken)


FEWEST = 1e-9
"""People expected below which there is nobody: smaller numbers only run out of digits."""


@part
def _day(law: Numbers, out: Numbers) -> None:
    """One office's day; `law`: present, servers, hours, service, spread, patience; `out`: share served, wait, line at closing."""
    present, servers, hours, service, spread, patience = law
    out[0], out[1], out[2] = 1.0, 0.0, 0.0
    if present < FEWEST:
        return
    coming, capacity = present / hours, servers / service
    if servers <= 0.0:
        closing = coming * patience * -math.expm1(-hours / patience)
        stood = patience * (present - closing)
    else:
        drift, busy = coming - capacity, min(coming, capacity)
        filling = service * (1 + spread) / 2 * -math.log1p(-min(FULL, capacity / coming))
        rest = max(hours - filling, 0.0)
        settled = _line(drift, coming + spread * busy, patience, np.inf)
        usual = _line(drift, coming + busy, patience, np.inf)
        probability = (settled / usual) ** ((patience / (patience + service)) ** 2)
        level = coming * patience * _share_that_leaves(coming, service, servers, patience) * probability / settled
        closing, stood = 0.0, 0.0
        if rest > 0.0:
            closing = level * _line(drift, coming + spread * busy, patience, rest)
            for node in range(_NODES.size):
                u = _NODES[node]
                stood += (
                    _WEIGHTS[node] * 2 * u * rest * level * _line(drift, coming + spread * busy, patience, rest * u * u)
                )
    lost = stood / patience + closing
    scale = min(1.0, present / lost) if lost > 0.0 else 1.0
    out[0], out[1], out[2] = max(0.0, 1.0 - lost / present), scale * stood / present, scale * closing


@kernel(array("float64", 2), array("float64", 2, written=True))
def _days(laws: Numbers, out: Numbers) -> None:
    for i in range(out.shape[0]):
        _day(laws[i], out[i])


@dataclass(frozen=True)
class DayAtCounters:
    """A day in expectation, for many offices at once. Who came was served, left, or was in line at closing."""

    share_served: Numbers
    """Of those who came; 1 where nobody did."""
    wait: Numbers
    """Mean hours in line of all who came, whatever became of them."""
    line_at_closing: Numbers
    """People sent home."""


def day_at_counters(
    present: ArrayLike, servers: ArrayLike, hours: ArrayLike, minutes: ArrayLike, spread: ArrayLike, patience: ArrayLike
) -> DayAtCounters:
    """What to expect of a day on which `present` people come evenly spread; shapes broadcast.

    An approximation; docs/whatif-queues.md states its error. Once the counters are full the line moves as a Brownian path
    with the drift of arrivals less capacity and the noise of both, held at 0: that is the fluid's line under overload, and
    grows with the root of time near capacity. It is set to the level that Erlang A gives for a line gone on for long,
    corrected for the spread: by (1 + spread) / 2 well below capacity, as Allen and Cunneen have it, and by less where
    the line is bounded by patience. The counters take the first people of the day at once, before there is a line.
    """
    assumptions = np.broadcast_arrays(
        *(np.asarray(one, np.float64) for one in (present, servers, hours, minutes, spread, patience))
    )
    laws = np.stack([one.ravel() for one in assumptions], axis=1)
    if np.any(~(laws >= 0) | (laws[:, [2, 3, 5]] <= 0).any(axis=1, keepdims=True)):
        raise ValueError("people, servers and spread are 0 or more; hours, minutes and patience above 0")
    laws[:, 3] /= 60
    laws[:, 5] = np.minimum(laws[:, 5], ENDLESS * laws[:, 2])
    out = np.empty((len(laws), 3))
    _days(laws, out)
    served, wait, line = (out[:, column].reshape(assumptions[0].shape) for column in range(3))
    return DayAtCounters(served, wait, line)
