"""The simulated population: its initial distribution over states, and the ageing of time slots.

Counts are whole people, [runs, districts, groups, rows] (see `layout`). Nobody is made or lost: the sum of a run never changes
(`people`), which every run checks.
"""

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.city import GROUPS, Assumptions, City
from openroll.whatif.day import Table
from openroll.whatif.layout import MOST, Layout
from openroll.whatif.moves import STEP, State
from openroll.whatif.rule_effects import RuleEffects

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]


class Population:
    """The simulated people of all runs under one rule, with the day's tables of probabilities."""

    def __init__(
        self, rule_effects: RuleEffects, layout: Layout, city: City, assumptions: Assumptions[Numbers]
    ) -> None:
        settled = settle(city, assumptions)
        self.layout, self.leads = layout, layout.leads(rule_effects)
        shape = settled[State.OPEN].shape
        self.counts = np.zeros((*shape, layout.rows), np.int64)
        for state, first in settled.items():
            self.counts[..., layout.part[state].start] = first
        self.probabilities = np.zeros((shape[0], len(GROUPS), layout.rows, MOST))
        self.tables = {state: Table(state, self.probabilities, layout) for state in State}
        self.served = np.zeros(shape[:2])

    @property
    def people(self) -> Counts:
        """How many people there are in each run, in any state."""
        return np.asarray(self.counts.sum(axis=(1, 2, 3)))

    def grow_older(self) -> None:
        """Age everybody's time slot by one step of days."""
        older = np.zeros_like(self.counts)
        for row, to in enumerate(self.layout.later):
            older[..., to] += self.counts[..., row]
        self.counts[...] = older


def step_ends(day: int) -> bool:
    """Whether a step of days ends with this day."""
    return (day + 1) % STEP == 0


def settle(city: City, assumptions: Assumptions[Numbers]) -> dict[State, Counts]:
    """The population of the first day, [runs, districts, groups] by state: shared out by weight, the largest remainders first."""
    people = assumptions.people
    runs = people.households.shape[0]
    homes, skilled = people.households.reshape(-1), people.skilled.reshape(-1)
    organisations, operators, sites = (
        one.reshape(-1) for one in (people.organisations, people.operators, people.sites)
    )
    totals = np.stack([homes * skilled, homes * (1 - skilled), organisations, operators, sites], axis=1)
    weights = np.array([one.weight for one in city.districts], dtype=float)
    here = np.stack([_shared(np.rint(totals[:, group]), weights) for group in range(len(GROUPS))], axis=2)
    aware = np.rint(here * assumptions.filing.heed.reshape(runs, 1, 1)).astype(np.int64)
    outside = np.zeros_like(here)
    outside[:, :, :2] = np.rint(here[:, :, :2] * people.outside.reshape(runs, 1, 1))
    return {State.OPEN: aware, State.UNAWARE: here - aware, State.OUTSIDE: outside}


def _shared(totals: Numbers, weights: Numbers) -> Counts:
    """Totals, [runs], shared out by weight, [runs, districts]: whole numbers that add up."""
    exact = totals[:, None] * weights / weights.sum()
    whole = np.floor(exact)
    missing = (totals - whole.sum(axis=1)).astype(np.int64)
    order = np.argsort(np.argsort(whole - exact, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray(whole + (order < missing[:, None]), dtype=np.int64)
