"""Simulate an office's queue person by person: exact, and the reference for the fast `queues.day_at_counters`.

Times are hours. People come as a Poisson process, take a gamma time at a counter and bear an exponential time in line; one
line, served in order. Each person's numbers stand at a place of their own (`rng`), so the same people come
whatever the office is like.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openroll.whatif.kernel import array, kernel, part
from openroll.whatif.rng import Place, Word, stream_address, uniforms

Numbers: TypeAlias = NDArray[np.float64]


@kernel(
    array("float64", 1),
    array("float64", 1),
    array("float64", 1),
    "int64",
    "float64",
    array("float64", 1, written=True),
    array("int8", 1, written=True),
)
def _stand_in_line(
    came: Numbers, takes: Numbers, bears: Numbers, servers: int, closing: float, waited: Numbers, fate: NDArray[np.int8]
) -> None:
    """Kiefer and Wolfowitz's recursion: whoever comes waits for the counter that is free first of all.

    Exact for a line served in order, with people leaving it, since one who will leave never takes a counter. `free` is a heap of
    the hours at which counters fall free.
    """
    free = np.zeros(servers)
    for person in range(came.shape[0]):
        start = max(came[person], free[0]) if servers > 0 else np.inf
        gives_up = came[person] + bears[person]
        if start < closing and start <= gives_up:
            fate[person], waited[person] = 0, start - came[person]
            at = start + takes[person]
            slot = 0
            while 2 * slot + 1 < servers:
                child = 2 * slot + 1
                if child + 1 < servers and free[child + 1] < free[child]:
                    child += 1
                if free[child] >= at:
                    break
                free[slot] = free[child]
                slot = child
            free[slot] = at
        elif gives_up < closing:
            fate[person], waited[person] = 1, bears[person]
        else:
            fate[person], waited[person] = 2, closing - came[person]


@dataclass(frozen=True)
class CounterDay:
    """What became of each visitor of an office in a day, in order of arrival."""

    came: Numbers
    """Hours after opening."""
    waited: Numbers
    """Hours in line, until served, left or sent home."""
    fate: NDArray[np.int8]
    """0: served; 1: left the line; 2: sent home at closing, still in line."""

    @property
    def served(self) -> int:
        """How many came to a counter; who is there at closing is served to the end."""
        return int(np.count_nonzero(self.fate == 0))

    @property
    def left(self) -> int:
        """How many lost patience."""
        return int(np.count_nonzero(self.fate == 1))

    @property
    def sent_home(self) -> int:
        """How many stood in line at closing."""
        return int(np.count_nonzero(self.fate == 2))


@part
def _gamma(shape: float, at: Place, draw: int) -> float:
    """A gamma variate of mean `shape` (Marsaglia and Tsang 2000), below 1 by their boost. Uses draws from `draw` on."""
    boost = 1.0
    d = shape - 1.0 / 3
    if shape < 1.0:
        u, _ = uniforms(at, draw)
        boost, d, draw = math.pow(u, 1.0 / shape), d + 1.0, draw + 1
    while True:
        u, angle = uniforms(at, draw)
        normal = math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * angle)
        v = (1.0 + normal / math.sqrt(9.0 * d)) ** 3
        accept, _ = uniforms(at, draw + 1)
        draw += 2
        if v > 0.0 and math.log(accept) < 0.5 * normal * normal + d - d * v + d * math.log(v):
            return float(boost * d * v)


@kernel(
    "uint64",
    "int64",
    "int64",
    "int64",
    array("float64", 1),
    array("float64", 1),
    array("float64", 2, written=True),
)
def _people(seed: Word, run: int, day: int, state: int, arrivals: Numbers, law: Numbers, out: Numbers) -> int:
    """Fill rows of (came, takes, bears) until closing; returns how many, or -1 where `out` is too short.

    `law`: the office's hours, service, spread and patience.
    """
    hours, service, spread, patience = law
    span = hours / arrivals.shape[0]
    slot, now = 0, 0.0
    for person in range(out.shape[0]):
        at = stream_address(seed, run, day, state, person)
        u, v = uniforms(at, 0)
        ahead = -math.log(u)
        while slot < arrivals.shape[0] and now + ahead / arrivals[slot] >= (slot + 1) * span:
            ahead -= ((slot + 1) * span - now) * arrivals[slot]
            slot += 1
            now = slot * span
        if slot == arrivals.shape[0]:
            return person
        now += ahead / arrivals[slot]
        out[person, 0] = now
        out[person, 1] = service if spread == 0.0 else service * spread * _gamma(1.0 / spread, at, 1)
        out[person, 2] = -math.log(v) * patience
    return -1


@dataclass(frozen=True)
class Office:
    """An office: its counters, its hours, how long people take there and how long they wait."""

    servers: int
    hours: float
    minutes: float
    spread: float = 1.0
    patience: float = math.inf


@dataclass(frozen=True)
class Visitors:
    """Those who come to an office in a day, in the order they come."""

    came: Numbers
    """Hours after opening."""
    takes: Numbers
    """Hours each would need at a counter."""
    bears: Numbers
    """Hours each would stand in line."""


def visitors(office: Office, arrivals: ArrayLike, *, seed: int, run: int = 0, day: int = 0, state: int = 0) -> Visitors:
    """Draw a day's visitors of an office; `arrivals`: people an hour, one number or as many as the day has equal parts.

    The same (seed, run, day, state) brings the same people to any office with these hours: more counters serve the same line.
    """
    rates = np.atleast_1d(np.asarray(arrivals, np.float64))
    if not (np.isfinite(rates) & (rates >= 0)).all():
        raise ValueError(f"arrivals are 0 an hour or more: {rates}")
    if not (0 < office.hours < math.inf and office.minutes > 0 and office.spread >= 0 and office.patience > 0):
        raise ValueError(f"hours, minutes and patience are above 0, spread not below: {office}")
    mean = float(rates.mean() * office.hours)
    law = np.array([office.hours, office.minutes / 60, office.spread, office.patience])
    room = int(mean + 10 * math.sqrt(mean) + 20)
    while True:
        rows = np.empty((room, 3))
        many = _people(np.uint64(seed), run, day, state, rates, law, rows)
        if many >= 0:
            return Visitors(*rows[:many].T)
        room *= 2


def stand_in_line(who: Visitors, servers: int, closing: float) -> CounterDay:
    """Simulate one first-come-first-served queue at so many counters; nobody is called at `closing` or later."""
    if servers < 0:
        raise ValueError(f"an office has 0 counters or more, not {servers}")
    waited, fate = np.empty(who.came.size), np.empty(who.came.size, np.int8)
    _stand_in_line(who.came, who.takes, who.bears, servers, closing, waited, fate)
    return CounterDay(who.came, waited, fate)


def counter_day(
    office: Office, arrivals: ArrayLike, *, seed: int, run: int = 0, day: int = 0, state: int = 0
) -> CounterDay:
    """Simulate a day at an office exactly: its `visitors`, and what becomes of them."""
    who = visitors(office, arrivals, seed=seed, run=run, day=day, state=state)
    return stand_in_line(who, office.servers, office.hours)
