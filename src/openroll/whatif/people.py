"""Person by person: the same tables of chances, one uniform number a person a day, and each keeps a state, a place and a slot.

The number is addressed by (seed, run, day, person), so that one person meets the same luck under every rule: common random
numbers. Slower than cohorts, for one run at a time; it is what cohorts are tested against, and where a process that tells people of
one cohort apart would be written.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.chance import place, uniforms
from openroll.whatif.city import GROUPS
from openroll.whatif.day import Counts
from openroll.whatif.kernel import array, kernel
from openroll.whatif.moves import AGED, OF, State
from openroll.whatif.world import World

_PERSON = 2048
"""The number that people's draws go under, in the place of a state (see `chance.place`): no state has it."""
_KEEP = -1
_MOST_MOVES = max(len(moves) for moves in OF.values())


@kernel(
    "uint64",
    "int64",
    "int64",
    "int64",
    array("uint8", 1, written=True),
    array("int32", 1, written=True),
    array("uint8", 1, written=True),
    array("int64", 2, written=True),
    array("float64", 1, written=True),
    array("int64", 3, written=True),
    array("int64", 1, written=True),
)
def _move(  # noqa: PLR0913 - a kernel takes its arrays one by one
    seed: int,
    run: int,
    day: int,
    first: int,
    states: NDArray[np.uint8],
    cells: NDArray[np.int32],
    slots: NDArray[np.uint8],
    layout: Counts,
    reached: NDArray[np.float64],
    leads: Counts,
    flows: Counts,
) -> None:
    """Every person's move of one day. `layout` by state: where its table starts, its slots, its moves; `reached`: chances added up."""
    groups = leads.shape[2] - 1
    luck = 0.0
    for one in range(states.shape[0]):
        # Two numbers come from one call: people go in pairs, by their number.
        if one % 2 == 0:
            here, luck = uniforms(place(seed, run, day, _PERSON, (first + one) // 2), 0)
        else:
            here = luck
        state = states[one]
        moves = layout[state, 2]
        if moves == 0:
            continue
        row = layout[state, 0] + (cells[one] * layout[state, 1] + slots[one]) * moves
        if here >= reached[row + moves - 1]:
            continue
        move = 0
        while here >= reached[row + move]:
            move += 1
        flows[row + move] += 1
        states[one] = leads[state, move, groups]
        to = leads[state, move, cells[one] % groups]
        if to != _KEEP:
            slots[one] = to


class Persons:
    """Draws a day's moves person by person, for a world of one run, and keeps where each one stands."""

    def __init__(self, world: World, seed: int, run: int) -> None:
        self._world, self._seed, self._run = world, seed, run
        runs, districts, groups, _ = world.counts[State.OPEN].shape
        if runs != 1:
            raise ValueError(f"people are moved one run at a time, not {runs}")
        self._layout, size = _layout(world)
        self._reached, self._leads = np.empty(size), _leads(world)
        cells = np.arange(districts * groups, dtype=np.int32)
        standing = [
            (state, world.counts[state][..., 0].reshape(-1)) for state in (State.OPEN, State.UNAWARE, State.OUTSIDE)
        ]
        self.cells = np.concatenate([np.repeat(cells, counts) for _, counts in standing])
        self.states = np.concatenate([np.full(counts.sum(), int(state), np.uint8) for state, counts in standing])
        self.slots = np.zeros(len(self.cells), np.uint8)
        # An even share a processor, so that pairs of people stay together.
        share = -(-len(self.cells) // (2 * (os.cpu_count() or 1))) * 2
        self._parts = [slice(start, start + share) for start in range(0, len(self.cells), max(share, 2))]

    def draw(self, day: int) -> dict[State, Counts]:
        """How many make each move, by source state, as `Cohorts.draw` has it."""
        for state, table in self._world.tables.items():
            start, _, moves = self._layout[state]
            if moves:
                end = start + table.array.size
                np.cumsum(table.array, axis=-1, out=self._reached[start:end].reshape(table.array.shape))
        with ThreadPoolExecutor(len(self._parts)) as threads:
            drawn = sum(threads.map(lambda part: self._part(day, part), self._parts))
        flows: dict[State, Counts] = {}
        for state, table in self._world.tables.items():
            start, _, moves = self._layout[state]
            if moves:
                flows[state] = drawn[start : start + table.array.size].reshape(table.array.shape)
        return flows

    def _part(self, day: int, part: slice) -> Counts:
        flows = np.zeros(len(self._reached), np.int64)
        _move(
            np.uint64(self._seed),
            self._run,
            day,
            part.start,
            self.states[part],
            self.cells[part],
            self.slots[part],
            self._layout,
            self._reached,
            self._leads,
            flows,
        )
        return flows

    def grow_older(self, day: int) -> None:
        """Let time go on for each one, as in the world's slots."""
        if not self._world.grow_older(day):
            return
        last = np.array([self._world.slots[state] - 1 for state in State], np.uint8)[self.states]
        kept = np.array([_step(state) for state in State], np.int8)[self.states]
        aged = (kept == 1) & (last > 0) | (kept == 2) & (self.slots > 0)
        self.slots[aged] = np.minimum(self.slots[aged] + 1, last[aged])
        lowered = (kept == -1) & (self.slots > 0)
        self.slots[lowered] -= 1


def _step(state: State) -> int:
    """How a state's slots go on: up, up for newcomers only, down, or not at all."""
    if state in AGED:
        return 2
    return {State.STALE: 1, State.CASE: 1, State.OFF: -1}.get(state, 0)


def _layout(world: World) -> tuple[Counts, int]:
    layout, start = np.zeros((len(State), 3), np.int64), 0
    for state, table in world.tables.items():
        layout[state] = start, world.slots[state], len(OF[state])
        start += table.array.size
    return layout, start


def _leads(world: World) -> Counts:
    """Where a move leads, [states, moves, groups + 1]: the slot for each group, then the state."""
    leads = np.zeros((len(State), _MOST_MOVES, len(GROUPS) + 1), np.int64)
    for state, moves in OF.items():
        for place_, move in enumerate(moves):
            for group in range(len(GROUPS)):
                leads[state, place_, group] = _KEEP if move.slot == "keep" else world.slot(move, group)
            leads[state, place_, len(GROUPS)] = int(move.target)
    return leads
