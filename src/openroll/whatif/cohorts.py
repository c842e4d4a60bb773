"""Move people as cohorts: people in one state are exchangeable, so how many make each move is drawn from a multinomial.

Exact in law, and the cost of a day is that of its places, whatever the number of people in them. One thing happens to a person
a day: where the chances of a place come to more than 1 together, they compete, and each takes its share of the whole.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.kernel import array, kernel, threads
from openroll.whatif.moves import NAMES
from openroll.whatif.population import Population
from openroll.whatif.rng import MOVE_DRAWS, SLACK, Streams, binomial, stream_address

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]


class NoChance(ArithmeticError):
    """A probability in the model is below 0, above 1, or not a number: a mistake of the model, never of a city or a rule."""


@kernel(
    "uint64",
    array("int64", 1),
    "int64",
    array("int64", 4, written=True),
    array("int64", 4, written=True),
    array("float64", 4, written=True),
    array("float64", 3, written=True),
    array("int64", 2, written=True),
    array("int64", 4, written=True),
    array("int64", 3, written=True),
)
def _move(  # noqa: PLR0913, PLR0917 - a kernel takes its arrays one by one
    seed: np.uint64,
    runs: Counts,
    day: int,
    before: Counts,
    after: Counts,
    probabilities: Numbers,
    through: Numbers,
    rows: Counts,
    ways: Counts,
    flows: Counts,
) -> int:
    """Draw all moves of one day: from `before` into `after`, counted in `flows` [runs, groups, names].

    `rows`: state, slot and moves of each row. `ways` [groups, rows, moves, 3]: where a move leads, its name, how a district
    decides.
    Gives the row whose chances are none, or -1.
    """
    groups = before.shape[2]
    for run in range(before.shape[0]):
        for district in range(before.shape[1]):
            for group in range(groups):
                for row in range(before.shape[3]):
                    left = before[run, district, group, row]
                    if left == 0:
                        continue
                    cell = ((district * groups + group) << 8) + rows[row, 1]
                    at = stream_address(seed, runs[run], day, rows[row, 0], cell)
                    whole = 0.0
                    for move in range(rows[row, 2]):
                        probability = (
                            probabilities[run, group, row, move] * through[run, district, ways[group, row, move, 2]]
                        )
                        if not 0.0 <= probability <= 1.0 + SLACK:
                            return row
                        whole += probability
                    fit = 1.0 if whole <= 1.0 + SLACK else 1.0 / whole
                    rest = 1.0
                    for move in range(rows[row, 2]):
                        probability = (
                            probabilities[run, group, row, move] * through[run, district, ways[group, row, move, 2]]
                        )
                        probability *= fit
                        if probability > 0.0 and left > 0:
                            share = probability / rest if probability < rest else 1.0
                            gone = binomial(left, share, at, move * MOVE_DRAWS)
                            left -= gone
                            after[run, district, group, ways[group, row, move, 0]] += gone
                            flows[run, group, ways[group, row, move, 1]] += gone
                        rest -= probability
                    after[run, district, group, row] += left
    return -1


class Cohorts:
    """Moves the cohorts of a population, day by day."""

    def __init__(self, population: Population, streams: Streams) -> None:
        self._population, self._streams = population, streams
        layout = population.layout
        self._rows = np.column_stack([layout.address, layout.moves])
        shape = population.leads.shape
        named, through = np.broadcast_to(layout.name, shape), np.broadcast_to(layout.through, shape)
        self._ways = np.ascontiguousarray(np.stack([population.leads, named, through], axis=-1))
        share = -(-population.counts.shape[0] // threads())
        self._parts = [slice(start, start + share) for start in range(0, population.counts.shape[0], share)]
        # Threads for all days: to start them takes longer than a village's day. They end when nobody has this any more.
        self._threads = ThreadPoolExecutor(len(self._parts)) if len(self._parts) > 1 else None

    def move(self, day: int) -> Counts:
        """Draw a day's moves; gives how many made each, [runs, groups, names]."""
        population = self._population
        through = np.stack([np.ones_like(population.served), population.served, 1 - population.served], axis=-1)
        after = np.zeros_like(population.counts)
        flows = np.zeros((population.counts.shape[0], population.counts.shape[2], len(NAMES)), np.int64)

        def part(these: slice) -> int:
            return _move(
                np.uint64(self._streams.seed),
                self._streams.runs[these],
                day,
                population.counts[these],
                after[these],
                population.probabilities[these],
                through[these],
                self._rows,
                self._ways,
                flows[these],
            )

        bad = list((self._threads.map if self._threads else map)(part, self._parts))
        if max(bad) >= 0:
            raise NoChance(
                f"day {day}: the chances of row {max(bad)} are none: {population.probabilities[:, :, max(bad)].sum(axis=-1)}"
            )
        population.counts[...] = after
        return flows

    def grow_older(self) -> None:
        """Age everybody's time slot by one step of days."""
        self._population.grow_older()
