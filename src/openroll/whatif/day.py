"""One day of the model, as the processes see it: what stands where, and the table of chances that they fill in together."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.city import Assumptions, City
from openroll.whatif.moves import OF, State
from openroll.whatif.regime import Regime

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]


class Table:
    """The chances of every move out of one state today: an array [runs, districts, groups, slots, moves].

    Columns are taken by the name of a move. What the columns of a row leave of 1 is the chance to stay.
    """

    def __init__(self, state: State, shape: tuple[int, ...]) -> None:
        self.array = np.zeros((*shape, len(OF[state])))
        self._columns = {move.name: self.array[..., place] for place, move in enumerate(OF[state])}

    def __getitem__(self, name: str) -> Numbers:
        return self._columns[name]

    def __setitem__(self, name: str, chances: Numbers | float) -> None:
        self._columns[name][...] = chances

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    @property
    def spare(self) -> Numbers:
        """What is left for other moves."""
        left: Numbers = np.maximum(1 - self.array.sum(axis=-1), 0)
        return left


@dataclass
class Day:
    """A day of all runs of one regime. `given` holds arrays [runs, 1, 1, 1]; `counts` and `tables` are by state."""

    place: int
    """Days since the city's first."""
    date: date
    works: bool
    regime: Regime
    city: City
    given: Assumptions[Numbers]
    counts: dict[State, Counts]
    tables: dict[State, Table]
    seen: dict[str, Numbers] = field(default_factory=dict)
    """What processes measured on the way, for the series: arrays [runs] or [runs, districts]."""

    def slots(self, state: State) -> int:
        """How many slots a state has."""
        return self.counts[state].shape[3]

    def having(self, name: str) -> Iterator[tuple[State, Table]]:
        """The states that have a move of this name, with their tables."""
        return ((state, table) for state, table in self.tables.items() if name in table)
