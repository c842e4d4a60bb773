"""Baseline of `bench whatif`: the filing drive as an agent-based model in Mesa 3's own style.

Agents with a `step` each, done once a day. They move by a table of daily chances as ours do; nothing else of the city is
here, so Mesa has the lighter work. Only the bench group installs Mesa, so this module is imported where it is measured.
"""

import time
from collections.abc import Iterator
from typing import TypeAlias

import mesa
import numpy as np
from numpy.typing import NDArray

from openroll.bench.figure import Figure, own_megabytes
from openroll.whatif.rng import Streams

Numbers: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

STATES = ("unaware", "open", "turned", "returned", "filed")
UNAWARE, OPEN, TURNED, RETURNED, FILED = range(5)


def probabilities(days: int) -> Numbers:
    """Transition probabilities of a drive [days, from, to]: a launch, a lull, a rush; some are turned away or returned."""
    day = np.arange(days)
    hear = np.full(days, 0.03)
    attempt = 0.004 + 0.05 * np.exp(-day / 3) + 0.3 * np.exp(-(days - 1 - day) / 4)
    table = np.zeros((days, 5, 5))
    table[:, UNAWARE, OPEN] = hear
    for state, eager in ((OPEN, attempt), (TURNED, np.full(days, 0.4))):
        table[:, state, TURNED] = 0.0 if state == TURNED else 0.2 * eager
        table[:, state, RETURNED] = 0.05 * eager
        table[:, state, FILED] = 0.75 * eager
    table[:, RETURNED, FILED] = 0.15
    return table


class Person(mesa.Agent):
    """Mesa agent: someone with a duty to file, and their state."""

    def __init__(self, model: "Drive") -> None:
        super().__init__(model)
        self.state = UNAWARE

    def step(self) -> None:
        """One day of an agent: at most one move, by one random number."""
        drawn = self.random.random()
        for state, probability in self.model.moves[self.state]:
            drawn -= probability
            if drawn < 0:
                self.model.counts[self.state] -= 1
                self.model.counts[state] += 1
                self.state = state
                return


class Drive(mesa.Model):
    """Mesa model: its people, today's probabilities, and counts by state."""

    def __init__(self, people: int, table: Numbers, seed: int) -> None:
        super().__init__(seed=seed)
        # Plain lists of the moves that there are: a loop in Python is quickest over these.
        self.days = [[[(to, row[to]) for to in range(5) if row[to] > 0] for row in day] for day in table.tolist()]
        self.moves = self.days[0]
        self.counts = [people, 0, 0, 0, 0]
        Person.create_agents(self, people)

    def step(self) -> None:
        """One day of all agents; order does not matter, so Mesa need not shuffle."""
        self.moves = self.days[self.steps - 1]
        self.agents.do("step")


def in_mesa(people: int, table: Numbers, seed: int) -> tuple[Counts, float]:
    """Counts by state after each day in Mesa, [days, states], and the seconds taken, set-up excluded."""
    drive = Drive(people, table, seed)
    counts = np.empty((len(table), 5), np.int64)
    started = time.perf_counter()
    for day in range(len(table)):
        drive.step()
        counts[day] = drive.counts
    return counts, time.perf_counter() - started


def in_cohorts(people: int, table: Numbers, seed: int, runs: int = 1) -> Counts:
    """The same days drawn for whole cohorts, [runs, days, states]: Mesa's counts must agree with them in distribution."""
    streams = Streams(seed, np.arange(runs))
    now = np.zeros((runs, 5), np.int64)
    now[:, UNAWARE] = people
    counts = np.empty((runs, len(table), 5), np.int64)
    for day, rows in enumerate(table):
        moved = streams.cohorts(now, np.broadcast_to(rows, (runs, 5, 5)), day, state=0)
        now = now - moved.sum(axis=2) + moved.sum(axis=1)
        counts[:, day] = now
    return counts


def measure(people: int = 20_000, days: int = 60) -> Iterator[Figure]:
    """Measure person-days a second in Mesa, beside cohorts; refuses to compare if the two disagree."""
    table = probabilities(days)
    seen, seconds = in_mesa(people, table, 2006)
    started = time.perf_counter()
    wanted = in_cohorts(people, table, 2006, runs=200)
    ours = (time.perf_counter() - started) / 200
    spread = wanted.std(axis=0) + 1
    if (np.abs(seen - wanted.mean(axis=0)) > 6 * spread).any():
        raise AssertionError("Mesa and the cohorts do not play the same drive")
    what = f"a drive of {people:,} people, {days} days, in cohorts"
    yield Figure(
        what, "person-days/s", people * days / ours, people * days / seconds, "Mesa", "100 or more", own_megabytes()
    )
