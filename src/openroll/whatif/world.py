"""Where everybody stands: the first day's settling, the moves of a day carried out, and time going on in the slots.

Counts are whole people: arrays [runs, districts, groups, slots] by state. Nobody is made or lost: the sum over all states of a run
never changes (`people`), which every run checks.
"""

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.city import GROUPS, Assumptions, City
from openroll.whatif.day import Table
from openroll.whatif.moves import AGED, OF, STEP, Move, State
from openroll.whatif.officials import lengths
from openroll.whatif.regime import Regime

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]
_LOWERED = frozenset({State.OFF})
"""States whose slots count down: days that are left."""


class World:
    """The people of all runs under one regime."""

    def __init__(self, regime: Regime, city: City, given: Assumptions[Numbers]) -> None:
        settled = settle(city, given)
        self.caps = tuple(lengths(one.cap) for one in regime.follows)
        self.slots = {state: self._slots(state, regime) for state in State}
        shape = settled[State.OPEN].shape
        self.counts = {state: np.zeros((*shape, self.slots[state]), np.int64) for state in State}
        for state, first in settled.items():
            self.counts[state][..., 0] = first
        self.tables = {state: Table(state, self.counts[state].shape) for state in State}

    def _slots(self, state: State, regime: Regime) -> int:
        if state in AGED:
            return regime.slots_due
        wanted = {
            State.STALE: regime.slots_change,
            State.CASE: -(-regime.correction // STEP) + 2 if regime.correction else 1,
            State.OFF: max(one["full"] for one in self.caps),
        }
        return wanted.get(state, 1)

    @property
    def people(self) -> Counts:
        """How many there are in each run, wherever they stand."""
        return np.asarray(sum(counts.sum(axis=(1, 2, 3)) for counts in self.counts.values()))

    def carry_out(self, flows: dict[State, Counts]) -> dict[str, Counts]:
        """Move people as drawn: `flows` by source state, [runs, districts, groups, slots, moves].

        Gives counts by name of move, [runs, groups].
        """
        by_name: dict[str, Counts] = {}
        for state, moved in flows.items():
            self.counts[state] -= moved.sum(axis=-1)
        for state, moved in flows.items():
            over_slots = moved.sum(axis=3)
            over_city = over_slots.sum(axis=1)
            for place, move in enumerate(OF[state]):
                here = over_city[..., place]
                by_name[move.name] = by_name[move.name] + here if move.name in by_name else here
                if move.slot == "keep":
                    self.counts[move.target] += moved[..., place]
                else:
                    self._arrive(move, over_slots[..., place])
        return by_name

    def _arrive(self, move: Move, moved: Counts) -> None:
        """Put people, [runs, districts, groups], where a move leads."""
        to = self.counts[move.target]
        if move.slot in ("first", "new"):
            to[..., self.slot(move, 0)] += moved
            return
        for group in range(len(GROUPS)):
            to[:, :, group, self.slot(move, group)] += moved[:, :, group]

    def slot(self, move: Move, group: int) -> int:
        """The slot that a move of this group leads to; a move that keeps its slot has none."""
        match move.slot:
            case "short" | "half" | "full" as length:
                return self.caps[group][length] - 1
            case "new":
                return 1
        return 0

    def grow_older(self, day: int) -> bool:
        """Let time go on in the slots when a step of days ends with this day; says whether it did."""
        if (day + 1) % STEP:
            return False
        for state, counts in self.counts.items():
            if counts.shape[3] == 1:
                continue
            first = 1 if state in AGED else 0
            if state in _LOWERED:
                counts[..., 1] += counts[..., 0]
                counts[..., :-1], counts[..., -1] = counts[..., 1:].copy(), 0
            else:
                counts[..., -1] += counts[..., -2]
                counts[..., first + 1 : -1] = counts[..., first:-2].copy()
                counts[..., first] = 0
        return True


def settle(city: City, given: Assumptions[Numbers]) -> dict[State, Counts]:
    """The first day's people, [runs, districts, groups] by state: shared out by weight, whole, the largest remainders first."""
    runs = given.people.households.shape[0]
    people = given.people
    homes, skilled = people.households.reshape(-1), people.skilled.reshape(-1)
    totals = np.stack(
        [
            homes * skilled,
            homes * (1 - skilled),
            people.organisations.reshape(-1),
            people.operators.reshape(-1),
            people.sites.reshape(-1),
        ],
        axis=1,
    )
    weights = np.array([one.weight for one in city.districts], dtype=float)
    here = np.stack([_shared(np.rint(totals[:, group]), weights) for group in range(len(GROUPS))], axis=2)
    aware = np.rint(here * given.filing.heed.reshape(runs, 1, 1)).astype(np.int64)
    outside = np.zeros_like(here)
    share = people.outside.reshape(runs, 1, 1)
    outside[:, :, :2] = np.rint(here[:, :, :2] * share)
    return {State.OPEN: aware, State.UNAWARE: here - aware, State.OUTSIDE: outside}


def _shared(totals: Numbers, weights: Numbers) -> Counts:
    """Totals, [runs], shared out by weight, [runs, districts]: whole numbers that add up."""
    exact = totals[:, None] * weights / weights.sum()
    whole = np.floor(exact)
    missing = (totals - whole.sum(axis=1)).astype(np.int64)
    order = np.argsort(np.argsort(whole - exact, axis=1, kind="stable"), axis=1, kind="stable")
    return (whole + (order < missing[:, None])).astype(np.int64)
