"""Bayes factor for a weekly rhythm in a drive's data: the evidence of a fit with one, against the fit without.

The rhythm is one factor on the chances of Saturdays and Sundays, believed within 0.53 and 1.9 (80 %) before looking. `fit` has
none: cumulative numbers that are days apart can hardly tell one, and the model of a city has its weekends in its counters.
"""

from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.random import Generator, Philox
from numpy.typing import NDArray

from openroll.rules import Rule
from openroll.whatif.fitting.course import belief, course, rolled
from openroll.whatif.fitting.drift_filter import likely
from openroll.whatif.fitting.drive import Drive
from openroll.whatif.fitting.fit import filing, looked_at, values
from openroll.whatif.fitting.priors import NAMES
from openroll.whatif.fitting.tempering import tempered

Numbers: TypeAlias = NDArray[np.float64]


def for_a_rhythm(drive: Drive, rule: Rule, *, until: date | None = None, seed: int = 0, draws: int = 2000) -> float:
    """The log Bayes factor for a weekly rhythm, from what was seen up to `until`: above 3 is strong, about 0 says nothing."""
    seen = drive.seen(until or drive.until)
    known = belief(rule, seen, seen.observations[-1].day)
    weekend = np.array([day.isoweekday() > 5 for day in known.days])[:, None]
    looked = looked_at(seen)

    def without(z: Numbers) -> Numbers:
        assumptions = values(z)
        return likely(course(filing(assumptions), known).flow, assumptions["wander"], assumptions["memory"], looked)

    def rhythmic(z: Numbers) -> Numbers:
        assumptions = values(z)
        smooth = filing(assumptions)
        probability = course(smooth, known).probability * np.where(weekend, np.exp(0.5 * z[:, -1]), 1)
        return likely(
            rolled(smooth, np.minimum(probability, 1)).flow, assumptions["wander"], assumptions["memory"], looked
        )

    with_it = tempered(rhythmic, len(NAMES) + 1, draws, Generator(Philox(key=[seed, 6])), last=1)
    return with_it.evidence - tempered(without, len(NAMES), draws, Generator(Philox(key=[seed, 7])), last=1).evidence
