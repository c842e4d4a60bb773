"""Finding the overdue: officials go through lists on days of work, as many records a day as they can; machines find all."""

import numpy as np

from openroll.whatif.day import Day, Numbers
from openroll.whatif.moves import AGED, State


def overdue(day: Day) -> dict[State, Numbers]:
    """Who can be found today, [groups, slots] by state, 1 or 0.

    A duty without days ("promptly") cannot be late by any count: an official who decides in their own house is taken to be
    free to call it late after one step of days. That is the gray area, not the law.
    """
    regime = day.regime
    follows = np.array([[one.anything] for one in regime.follows])
    own = np.array([[one.own_hands] for one in regime.follows])
    found: dict[State, Numbers] = {}
    for state in AGED:
        found[state] = (follows & (regime.left(day.place, day.slots(state)) < 0)).astype(float)
    left = regime.change_left(day.place, day.slots(State.STALE))
    promptly = np.isinf(left) & own & (np.arange(left.shape[1]) > 0)
    found[State.STALE] = (follows & ((left < 0) | promptly)).astype(float)
    has_duty = ~np.isnan(regime.left(day.place, 2)[:, :1])
    found[State.WARNED] = (follows & has_duty).astype(float)
    return found


def detect(day: Day) -> None:
    """Fill in being found: every record that can be found has the same chance, as far as the officials' day goes."""
    late = overdue(day)
    standing = day.among(late).sum(axis=1)
    day.seen["overdue"] = standing
    looked = (day.given.officials.number * day.given.officials.checks).reshape(-1) * day.works
    chance = np.minimum(looked / np.maximum(standing, 1), 1)[:, None, None]
    for state, mask in late.items():
        day.tables[state].then("detected", chance * mask)


def deactivate(day: Day) -> None:
    """Fill in deactivation by machine, once the deadline and the time to correct are over."""
    machine = np.array([[one.deactivation] for one in day.regime.follows])
    if not machine.any():
        return
    for state in AGED:
        left = day.regime.left(day.place, day.slots(state))
        day.tables[state].then("deactivated", (machine & (left < -day.regime.correction)).astype(float))
