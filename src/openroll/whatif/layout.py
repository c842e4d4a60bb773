"""How states and their slots lie beside each other in one array, and where every move leads in it.

A *row* is one slot of one state; rows of a state stand together. Counts are [runs, districts, groups, rows], chances [runs,
groups, rows, moves]: what differs by district, the share its counters serve, is multiplied in when people are moved (`THROUGH`).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.city import GROUPS
from openroll.whatif.moves import AGED, MOVES, NAMES, OF, STEP, THROUGH, Move, State
from openroll.whatif.rule_effects import Regime

Places = NDArray[np.int64]
MOST = max(len(moves) for moves in OF.values())
"""Columns of a row: the most moves that any state has."""


class Layout:
    """Rows for the states of some regimes, the same for all that are compared: one place has one number under every rule."""

    def __init__(self, regimes: Sequence[Regime]) -> None:
        self.slots = {state: max(_slots(state, regime) for regime in regimes) for state in State}
        starts = np.cumsum([0, *self.slots.values()])
        self.rows = int(starts[-1])
        self.part = {state: slice(int(starts[state]), int(starts[state + 1])) for state in State}
        self.column = {(move.source, move.name): place for moves in OF.values() for place, move in enumerate(moves)}
        self.moves = np.zeros(self.rows, np.int64)
        """Moves of each row."""
        self.name = np.zeros((self.rows, MOST), np.int64)
        """What each is counted under: a place in NAMES."""
        self.through = np.zeros((self.rows, MOST), np.int64)
        self.address = np.zeros((self.rows, 2), np.int64)
        """State and slot: the address that chance is drawn under, whatever the layout."""
        for state, part in self.part.items():
            self.moves[part] = len(OF[state])
            self.address[part] = [(int(state), slot) for slot in range(self.slots[state])]
            for place, move in enumerate(OF[state]):
                self.name[part, place] = NAMES.index(move.name)
                self.through[part, place] = THROUGH.get(move.name, 0)
        self.later = self._later()

    def leads(self, regime: Regime) -> Places:
        """The row that each move leads to, [groups, rows, moves]; a suspension's length is the rule's, so it is a regime's."""
        leads = np.zeros((len(GROUPS), self.rows, MOST), np.int64)
        for move in MOVES:
            column = self.column[move.source, move.name]
            to, source = self.part[move.target], self.part[move.source]
            for group in range(len(GROUPS)):
                if move.slot == "keep":
                    leads[group, source, column] = np.arange(to.start, to.stop)
                else:
                    leads[group, source, column] = to.start + _slot(move, regime, group)
        return leads

    def _later(self) -> Places:
        """The row that each row's people are in when a step of days has gone by."""
        later = np.arange(self.rows)
        for state, part in self.part.items():
            here = later[part]
            if state in AGED:
                later[part] = np.concatenate([here[:1], np.minimum(here[1:] + 1, part.stop - 1)])
            elif state in (State.STALE, State.CASE):
                later[part] = np.minimum(here + 1, part.stop - 1)
            elif state is State.OFF:
                later[part] = np.maximum(here - 1, part.start)
        return later


def _slots(state: State, regime: Regime) -> int:
    if state in AGED:
        return regime.slots_due
    wanted = {
        State.STALE: regime.slots_change,
        State.CASE: -(-regime.correction // STEP) + 2 if regime.correction else 1,
        State.OFF: max(lengths(one.cap)["full"] for one in regime.follows),
    }
    return wanted.get(state, 1)


def _slot(move: Move, regime: Regime, group: int) -> int:
    match move.slot:
        case "short" | "half" | "full" as length:
            return lengths(regime.follows[group].cap)[length] - 1
        case "new":
            return 1
    return 0


def lengths(cap: int | None) -> dict[str, int]:
    """Slots that suspensions last: a sixth, a half and the whole of the cap, never past it."""
    most = max((cap or STEP) // STEP, 1)
    return {"short": max(most // 6, 1), "half": max(most // 2, 1), "full": most}
