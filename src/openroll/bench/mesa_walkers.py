"""The city model as Mesa would have it: an agent for each person, who looks up the chances where they stand and draws for itself.

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
from openroll.whatif.population import World
from openroll.whatif.rule_effects import Regime
from openroll.whatif.running import _Run

Counts = NDArray[np.int64]


class Person(mesa.Agent):
    """Somebody in a cell (a district and a group), on a row of the table of chances."""

    def __init__(self, model: "Walkers", cell: int, row: int) -> None:
        super().__init__(model)
        self.cell, self.row = cell, row

    def step(self) -> None:
        """One day: at most one move."""
        luck = self.random.random()
        for move, reached in enumerate(self.model.reached[self.cell][self.row]):
            if luck < reached:
                self.model.flows[self.cell, self.row, move] += 1
                self.row = self.model.leads[self.cell % self.model.groups][self.row][move]
                return


class Walkers(mesa.Model):
    """The people of a world of one run, as agents; moves them as `whatif.people.Persons` does."""

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(seed=seed)
        self.world = world
        _, self.districts, self.groups, self.rows = world.counts.shape
        self.leads: list[Any] = world.leads.tolist()
        self.later: list[int] = world.layout.later.tolist()
        self.reached: list[Any] = []
        self.flows: Counts = np.zeros(0, np.int64)
        flat = world.counts.reshape(-1)
        for here in np.repeat(np.arange(len(flat)), flat).tolist():
            Person(self, here // self.rows, here % self.rows)

    def move(self, _day: int) -> Counts:
        """Make a day's moves; gives how many made each, [1, groups, names]."""
        world, layout = self.world, self.world.layout
        served = world.served[0]
        through = np.stack([np.ones_like(served), served, 1 - served])
        reached = np.cumsum(world.chances * through[layout.through].transpose(2, 0, 1)[:, None], axis=-1)
        cells = reached.reshape(self.districts * self.groups, self.rows, -1)
        moves = layout.moves.tolist()
        self.reached = [[row[:most] for row, most in zip(cell, moves, strict=True)] for cell in cells.tolist()]
        self.flows = np.zeros(cells.shape, np.int64)
        self.agents.do("step")
        moved = self.flows.reshape(self.districts, self.groups, self.rows, -1)
        district, group, row, move = at = np.nonzero(moved)
        np.subtract.at(world.counts[0], (district, group, row), moved[at])
        np.add.at(world.counts[0], (district, group, world.leads[group, row, move]), moved[at])
        flows = np.zeros((1, self.groups, len(NAMES)), np.int64)
        for place, counts in enumerate(moved.sum(axis=0)):
            np.add.at(flows[0, place], layout.name, counts)
        return flows

    def grow_older(self) -> None:
        """Let time go on for each one, as in the world's slots."""
        self.world.grow_older()
        for person in self.agents:
            person.row = self.later[person.row]


def prepared(rule: Rule, city: City) -> _Run:
    """One run of a city under a rule whose people Mesa moves; `live_a_day` makes a day of it, as it does for ours."""
    regime = Regime(rule, city)
    given = sample.given(city, sample.draw(city, 1, 1), 1)
    made = _Run(regime, Layout([regime]), city, given, np.arange(1), 1, "cohorts")
    made.mover = Walkers(made.world, 1)  # it moves people as the other two do
    return made
