"""Move people one by one: one uniform number a person a day; exact, and slower than cohorts.

The number is addressed by (seed, run, day, person), so that one person meets the same luck under every rule: common random
numbers. Slower than cohorts, one run at a time; it is what cohorts are tested against, and where a process that tells people
of one cohort apart would be written.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.kernel import array, kernel, threads
from openroll.whatif.moves import NAMES
from openroll.whatif.population import Population
from openroll.whatif.rng import stream_address, uniforms

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]
_PERSON = 2048
"""The number that people's draws go under, in the place of a state (see `chance.place`): no state has it."""
FEWEST = 20_000
"""People whom a thread moves at least: fewer are moved in less time than it takes to tell two. Even, as people go in pairs."""


@kernel(
    "uint64",
    "int64",
    "int64",
    "int64",
    array("int32", 1, written=True),
    array("int16", 1, written=True),
    array("int64", 1),
    array("float64", 3, written=True),
    array("int64", 3, written=True),
    array("int64", 3, written=True),
    "int64",
)
def _move(  # noqa: PLR0913, PLR0917 - a kernel takes its arrays one by one
    seed: np.uint64,
    run: int,
    day: int,
    first: int,
    cells: NDArray[np.int32],
    rows: NDArray[np.int16],
    moves: Counts,
    reached: Numbers,
    leads: Counts,
    flows: Counts,
    groups: int,
) -> None:
    """Draw every person's move of one day, counted in `flows` [cells, rows, moves]; `reached`: cumulative probabilities."""
    luck = 0.0
    for one in range(rows.shape[0]):
        # Two numbers come from one call: people go in pairs, by their number.
        if one % 2 == 0:
            here, luck = uniforms(stream_address(seed, run, day, _PERSON, (first + one) // 2), 0)
        else:
            here = luck
        row, cell = rows[one], cells[one]
        last = moves[row] - 1
        if last < 0 or here >= reached[cell, row, last]:
            continue
        move = 0
        while here >= reached[cell, row, move]:
            move += 1
        flows[cell, row, move] += 1
        rows[one] = leads[cell % groups, row, move]


class Persons:
    """Moves the people of a one-run population, day by day, and keeps each one's state."""

    def __init__(self, population: Population, seed: int, run: int) -> None:
        self._population, self._seed, self._run = population, seed, run
        runs, districts, groups, rows = population.counts.shape
        if runs != 1:
            raise ValueError(f"people are moved one run at a time, not {runs}")
        flat = population.counts.reshape(-1)
        here = np.repeat(np.arange(len(flat)), flat)
        self.cells = (here // rows).astype(np.int32)
        self.rows = (here % rows).astype(np.int16)
        self._shape, self._groups = (districts * groups, rows, population.probabilities.shape[-1]), groups
        # An even share a processor, so that pairs of people stay together.
        share = max(-(-len(self.rows) // (2 * threads())) * 2, FEWEST)
        self._parts = [slice(start, start + share) for start in range(0, len(self.rows), share)]
        self._threads = ThreadPoolExecutor(len(self._parts)) if len(self._parts) > 1 else None

    def move(self, day: int) -> Counts:
        """Draw a day's moves; gives how many made each, [1, groups, names]."""
        population, layout = self._population, self._population.layout
        through = np.stack([np.ones_like(population.served[0]), population.served[0], 1 - population.served[0]])
        reached = population.probabilities * through[layout.through].transpose(2, 0, 1)[:, None]
        np.cumsum(reached, axis=-1, out=reached)
        reached /= np.maximum(
            reached[..., -1:], 1.0
        )  # chances that compete for more than the whole share it (`cohorts`)
        reached = reached.reshape(self._shape)
        each = self._threads.map if self._threads else map
        drawn = np.sum(list(each(lambda part: self._part(day, part, reached), self._parts)), axis=0)
        moved = np.asarray(drawn).reshape(-1, self._groups, *self._shape[1:])
        at = np.nonzero(moved)
        district, group, row, move = at
        np.subtract.at(population.counts[0], (district, group, row), moved[at])
        np.add.at(population.counts[0], (district, group, population.leads[group, row, move]), moved[at])
        flows = np.zeros((1, self._groups, len(NAMES)), np.int64)
        for place_, counts in enumerate(moved.sum(axis=0)):
            np.add.at(flows[0, place_], layout.name, counts)
        return flows

    def _part(self, day: int, part: slice, reached: Numbers) -> Counts:
        flows = np.zeros(self._shape, np.int64)
        _move(
            np.uint64(self._seed),
            self._run,
            day,
            part.start,
            self.cells[part],
            self.rows[part],
            self._population.layout.moves,
            reached,
            self._population.leads,
            flows,
            self._groups,
        )
        return flows

    def grow_older(self) -> None:
        """Age each person's time slot by one step of days."""
        self._population.grow_older()
        self.rows = self._population.layout.later.astype(np.int16)[self.rows]
