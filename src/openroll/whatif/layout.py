"""Array layout of the city model: how states and their time slots lie beside each other, and where every move leads.

A *row* is one slot of one state; rows of a state stand together. Counts are [runs, districts, groups, rows], chances [runs,
groups, rows, moves]: what differs by district, the share its counters serve, is multiplied in when people are moved (`THROUGH`).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.city import GROUPS
from openroll.whatif.moves import AGED, MOVES, NAMES, OF, STEP, THROUGH, Move, State
from openroll.whatif.rule_effects import RuleEffects

RowIndices = NDArray[np.int64]
MOST = max(len(moves) for moves in OF.values())
"""Columns of a row: the most moves that any state has."""


class Layout:
    """The array layout for the rules that are compared: one state and slot has one row index under every rule."""

    def __init__(self, all_rule_effects: Sequence[RuleEffects]) -> None:
        self.slots = {state: max(_slots(state, rule_effects) for rule_effects in all_rule_effects) for state in State}
        starts = np.cumsum([0, *self.slots.values()])
        self.rows = int(starts[-1])
        self.part = {state: slice(int(starts[state]), int(starts[state + 1])) for state in State}
        self.column = {(move.source, move.name): column for moves in OF.values() for column, move in enumerate(moves)}
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
            for column, move in enumerate(OF[state]):
                self.name[part, column] = NAMES.index(move.name)
                self.through[part, column] = THROUGH.get(move.name, 0)
        self.later = self._later()

    def leads(self, rule_effects: RuleEffects) -> RowIndices:
        """The row that each move leads to, [groups, rows, moves]; a suspension's length is the rule's."""
        leads = np.zeros((len(GROUPS), self.rows, MOST), np.int64)
        for move in MOVES:
            column = self.column[move.source, move.name]
            to, source = self.part[move.target], self.part[move.source]
            for group in range(len(GROUPS)):
                if move.slot == "keep":
                    leads[group, source, column] = np.arange(to.start, to.stop)
                else:
                    leads[group, source, column] = to.start + _slot(move, rule_effects, group)
        return leads

    def _later(self) -> RowIndices:
        """The row that each row's people are in after a step of days."""
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


def _slots(state: State, rule_effects: RuleEffects) -> int:
    if state in AGED:
        return rule_effects.slots_due
    wanted = {
        State.STALE: rule_effects.slots_change,
        State.CASE: -(-rule_effects.correction // STEP) + 2 if rule_effects.correction else 1,
        State.OFF: max(lengths(one.cap)["full"] for one in rule_effects.consequence),
    }
    return wanted.get(state, 1)


def _slot(move: Move, rule_effects: RuleEffects, group: int) -> int:
    match move.slot:
        case "short" | "half" | "full" as length:
            return lengths(rule_effects.consequence[group].cap)[length] - 1
        case "new":
            return 1
    return 0


def lengths(cap: int | None) -> dict[str, int]:
    """Slots that suspensions last: a sixth, a half and the whole of the cap, never past it."""
    most = max((cap or STEP) // STEP, 1)
    return {"short": max(most // 6, 1), "half": max(most // 2, 1), "full": most}
