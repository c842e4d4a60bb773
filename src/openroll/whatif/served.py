"""Who is off the network because their operator is: whoever it serves, for as long as it may not serve.

Operators of a city serve its homes and organisations in equal parts: of ten operators, one that is closed puts a tenth of the
city off. Those people did nothing and are late with nothing; so they are counted beside the states that people of the model are
in, and not moved between them.
"""

import numpy as np

from openroll.whatif.city import GROUPS
from openroll.whatif.day import Day, Numbers
from openroll.whatif.moves import CONNECTED, MEASURES, State

OPERATORS = GROUPS.index("access-operator")
SERVED = [place for place, group in enumerate(GROUPS) if group.startswith("household") or group == "organisation"]
CUTS = (*(name for name in MEASURES if name.startswith("cut")), "refused-cut", "appeal-lost")
"""Moves by which someone is put off the network."""


def dark(day: Day) -> Numbers:
    """How many of each group are off the network today because their operator is, [runs, groups]."""
    off, operators = _there(day, State.OFF)[:, OPERATORS], _there(day, *CONNECTED)[:, OPERATORS]
    return _online(day) * (off / np.maximum(operators, 1))[:, None]


def darkened(day: Day, cuts: Numbers) -> Numbers:
    """How many are put off the network today as operators are, [runs]; `cuts` is how many operators are, [runs]."""
    operators = _there(day, *CONNECTED)[:, OPERATORS]
    return np.asarray(np.rint(_online(day).sum(axis=1) * np.minimum(cuts / np.maximum(operators, 1), 1)))


def _online(day: Day) -> Numbers:
    """Homes and organisations that are there and not off by themselves, [runs, groups]."""
    whole = (_there(day, *CONNECTED) - _there(day, State.OFF)).astype(float)
    served = np.zeros(len(GROUPS))
    served[SERVED] = 1
    return np.asarray(whole * served)


def _there(day: Day, *states: State) -> Numbers:
    return np.asarray(sum(day.counts[..., day.layout.part[state]].sum(axis=(1, 3)) for state in states))
