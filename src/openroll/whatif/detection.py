"""City model: officials find the overdue, so many records a working day; machines find all."""

import numpy as np

from openroll.whatif.day import Day, Numbers
from openroll.whatif.moves import AGED, State


def overdue(day: Day) -> dict[State, Numbers]:
    """Who can be found overdue today, [groups, slots] by state, 1 or 0.

    A duty without days ("promptly") cannot be late by any count: an official who decides in their own house is taken to be
    free to call it late after one step of days. That is the gray area, not the law.
    """
    rule_effects = day.rule_effects
    consequence = np.array([[one.anything] for one in rule_effects.consequence])
    own = np.array([[one.own_hands] for one in rule_effects.consequence])
    found: dict[State, Numbers] = {}
    for state in AGED:
        found[state] = (consequence & (rule_effects.left(day.index, day.slots(state)) < 0)).astype(float)
    left = rule_effects.change_left(day.index, day.slots(State.STALE))
    promptly = np.isinf(left) & own & (np.arange(left.shape[1]) > 0)
    found[State.STALE] = (consequence & ((left < 0) | promptly)).astype(float)
    has_duty = ~np.isnan(rule_effects.left(day.index, 2)[:, :1])
    found[State.WARNED] = (consequence & has_duty).astype(float)
    return found


def detect(day: Day) -> None:
    """Fill in the probability of being found: the same for every record, as far as the officials' capacity goes."""
    late = overdue(day)
    standing = day.among(late).sum(axis=1)
    day.seen["overdue"] = standing
    looked = (day.assumptions.officials.number * day.assumptions.officials.checks).reshape(-1) * day.works
    probability = np.minimum(looked / np.maximum(standing, 1), 1)[:, None, None]
    for state, mask in late.items():
        day.tables[state].then("detected", probability * mask)


def deactivate(day: Day) -> None:
    """Fill in deactivation by machine, once the deadline and the time to correct are over."""
    machine = np.array([[one.deactivation] for one in day.rule_effects.consequence])
    if not machine.any():
        return
    for state in AGED:
        left = day.rule_effects.left(day.index, day.slots(state))
        day.tables[state].then("deactivated", (machine & (left < -day.rule_effects.correction)).astype(float))
