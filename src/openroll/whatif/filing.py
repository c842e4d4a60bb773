"""How people come to file: a chance a day with a rush at the launch, a lull, and a rush before the deadline.

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


def eagerness(given: Filing[Numbers], since: Numbers, left: Numbers, put_off: Numbers) -> Numbers:
    """The chance of an attempt to file today, for one who has heard of the rule and has a duty; shapes broadcast.

    `since`: days since the rule bound them, from 0. `left`: days to the deadline, 0 on its day, below 0 after it, infinite
    where the rule names no day. `put_off`: how often the deadline was put off so far.
    """
    launch = given.launch * np.exp(-np.maximum(since, 0) / given.launch_days)
    believed = (1 - given.disbelief) ** put_off
    rush = given.rush * believed * np.exp(-np.maximum(left, 0) / given.rush_days)
    before = given.lull + launch + rush
    return np.minimum(np.where(left >= 0, before, given.lull * given.late), MOST)
