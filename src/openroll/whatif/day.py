"""One simulated day as the processes see it: counts by state, and the tables of move probabilities they fill in."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.city import Assumptions, City
from openroll.whatif.layout import Layout
from openroll.whatif.moves import OF, State
from openroll.whatif.rule_effects import RuleEffects
from openroll.whatif.summing import weighed

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]


class Table:
    """The probabilities of every move out of one state today: a view [runs, groups, slots, moves] of the array of all.

    Columns are taken by the name of a move. What the columns of a row leave of 1 is the chance to stay.
    """

    def __init__(self, state: State, array: Numbers, layout: Layout) -> None:
        self._array = array[:, :, layout.part[state], : len(OF[state])]
        self._columns = {move.name: self._array[..., index] for index, move in enumerate(OF[state])}

    def __getitem__(self, name: str) -> Numbers:
        return self._columns[name]

    def __setitem__(self, name: str, probabilities: Numbers | float) -> None:
        self._columns[name][...] = probabilities

    def then(self, name: str, probabilities: Numbers | float) -> None:
        """Give a move this probability among those whom no earlier move takes, so a row never adds up to more than 1."""
        self._columns[name][...] = probabilities * self.spare

    @property
    def spare(self) -> Numbers:
        """The probability left for other moves."""
        left: Numbers = np.maximum(1 - self._array.sum(axis=-1), 0)
        return left


@dataclass
class Day:
    """One simulated day of all runs under one rule. `assumptions` holds arrays [runs, 1, 1]; tables are by state."""

    index: int
    """Days since the city's first."""
    date: date
    works: bool
    rule_effects: RuleEffects
    city: City
    assumptions: Assumptions[Numbers]
    layout: Layout
    counts: Counts
    """Who stands where, [runs, districts, groups, rows]."""
    tables: dict[State, Table]
    served: Numbers
    """The share of those who come that counters serve today, [runs, districts]; set by `channels.ways`."""
    seen: dict[str, Numbers] = field(default_factory=dict)
    """What processes measured on the way, for the series: arrays [runs] or [runs, districts]."""

    @property
    def runs(self) -> int:
        """How many runs are simulated side by side."""
        return len(self.counts)

    def slots(self, state: State) -> int:
        """How many slots a state has."""
        return self.layout.slots[state]

    def among(self, weights: dict[State, Numbers]) -> Numbers:
        """How many there are, each counted by a weight, [runs, districts]; weights broadcast to [runs, groups, slots]."""
        whole = np.zeros((self.runs, self.counts.shape[2], self.layout.rows))
        for state, weight in weights.items():
            whole[:, :, self.layout.part[state]] = weight
        return weighed(self.counts, whole)

    def of(self, *states: State) -> Numbers:
        """How many stand in these states, [runs]."""
        return np.asarray(sum(self.counts[..., self.layout.part[state]].sum(axis=(1, 2, 3)) for state in states))
