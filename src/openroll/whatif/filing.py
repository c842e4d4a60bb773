"""City model: the daily probability of filing, with a rush at the launch, a lull, and a rush before the deadline.

Drives of this kind look alike: many on the first days, few in between, most in the last week, and a slump once a deadline is put
off (SIM registration in the Philippines, 2022 to 2023, is the case we fit; docs/whatif.md). Each rush fades or grows by e-folds.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.city import Filing

Numbers: TypeAlias = NDArray[np.float64]

MOST = 0.95
"""No chance a day goes above this: somebody is always ill, away, or busy."""


def eagerness(assumptions: Filing[Numbers], since: Numbers, left: Numbers, put_off: Numbers) -> Numbers:
    """The probability that somebody who knows of their duty tries to file today; shapes broadcast.

    `since`: days since the rule bound them, from 0. `left`: days to the deadline, 0 on its day, below 0 after it, infinite
    where the rule names no day. `put_off`: how often the deadline was put off so far.
    """
    launch = assumptions.launch * np.exp(-np.maximum(since, 0) / assumptions.launch_days)
    believed = (1 - assumptions.disbelief) ** put_off
    rush = assumptions.rush * believed * np.exp(-np.maximum(left, 0) / assumptions.rush_days)
    before = assumptions.lull + launch + rush
    return np.minimum(np.where(left >= 0, before, assumptions.lull * assumptions.late), MOST)
