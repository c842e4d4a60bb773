"""Baseline of `bench whatif`: our city model with one Mesa agent a person.

It is the same model: the processes fill in the same chances each day, and only who moves the people is another. Agents are
called in their order, which is quicker than Mesa's usual shuffling and changes nothing: no move of a day depends on another's.
"""

from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from openroll.rules import Rule
from openroll.whatif import City, sample
from openroll.whatif.layout import Layout
from openroll.whatif.moves import NAMES
from openroll.whatif.population import Population
from openroll.whatif.rule_effects import RuleEffects
from openroll.whatif.running import _Run

Counts = NDArray[np.int64]


class Person(mesa.Agent):
    """Mesa agent: somebody in a cell (district and group), on a row of the table of probabilities."""

    def __init__(self, model: "Walkers", cell: int, row: int) -> None:
        super().__init__(model)
        self.cell, self.row = cell, row

    def step(self) -> None:
        """One day of an agent: at most one move."""
        luck = self.random.random()
        for move, reached in enumerate(self.model.reached[self.cell][self.row]):
            if luck < reached:
                self.model.flows[self.cell, self.row, move] += 1
                self.row = self.model.leads[self.cell % self.model.groups][self.row][move]
                return


class Walkers(mesa.Model):
    """The people of a one-run population as Mesa agents; moves them as `whatif.people.Persons` does."""

    def __init__(self, population: Population, seed: int) -> None:
        super().__init__(seed=seed)
        self.population = population
        _, self.districts, self.groups, self.rows = population.counts.shape
        self.leads: list[Any] = population.leads.tolist()
        self.later: list[int] = population.layout.later.tolist()
        self.reached: list[Any] = []
        self.flows: Counts = np.zeros(0, np.int64)
        flat = population.counts.reshape(-1)
        for here in np.repeat(np.arange(len(flat)), flat).tolist():
            Person(self, here // self.rows, here % self.rows)

    def move(self, _day: int) -> Counts:
        """Draw a day's moves; gives how many made each, [1, groups, names]."""
        population, layout = self.population, self.population.layout
        served = population.served[0]
        through = np.stack([np.ones_like(served), served, 1 - served])
        reached = np.cumsum(population.probabilities * through[layout.through].transpose(2, 0, 1)[:, None], axis=-1)
        cells = reached.reshape(self.districts * self.groups, self.rows, -1)
        moves = layout.moves.tolist()
        self.reached = [[row[:most] for row, most in zip(cell, moves, strict=True)] for cell in cells.tolist()]
        self.flows = np.zeros(cells.shape, np.int64)
        self.agents.do("step")
        moved = self.flows.reshape(self.districts, self.groups, self.rows, -1)
        district, group, row, move = at = np.nonzero(moved)
        np.subtract.at(population.counts[0], (district, group, row), moved[at])
        np.add.at(population.counts[0], (district, group, population.leads[group, row, move]), moved[at])
        flows = np.zeros((1, self.groups, len(NAMES)), np.int64)
        for index, counts in enumerate(moved.sum(axis=0)):
            np.add.at(flows[0, index], layout.name, counts)
        return flows

    def grow_older(self) -> None:
        """Age each agent's time slot by one step of days."""
        self.population.grow_older()
        for person in self.agents:
            person.row = self.later[person.row]


def mesa_simulation(rule: Rule, city: City) -> _Run:
    """One run of a city under a rule whose people are Mesa agents; `live_a_day` makes a day of it."""
    rule_effects = RuleEffects(rule, city)
    assumptions = sample.assumption_arrays(city, sample.draw(city, 1, 1), 1)
    mesa_run = _Run(rule_effects, Layout([rule_effects]), city, assumptions, np.arange(1), 1, "cohorts")
    mesa_run.mover = Walkers(mesa_run.population, 1)  # it moves people as the other two do
    return mesa_run
