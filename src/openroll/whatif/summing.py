"""Fast sums over the population arrays, without copying them."""

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.kernel import array, kernel

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]


@kernel(array("int64", 4, written=True), array("float64", 3, written=True), array("float64", 2, written=True))
def _weigh(counts: Counts, weights: Numbers, out: Numbers) -> None:
    for run in range(counts.shape[0]):
        for district in range(counts.shape[1]):
            total = 0.0
            for group in range(counts.shape[2]):
                for row in range(counts.shape[3]):
                    total += counts[run, district, group, row] * weights[run, group, row]
            out[run, district] = total


def weighed(counts: Counts, weights: Numbers) -> Numbers:
    """Weighted sums by run and district: counts [runs, districts, groups, rows] times weights [runs, groups, rows]."""
    out = np.empty(counts.shape[:2])
    _weigh(counts, weights, out)
    return out


@kernel(array("int64", 4, written=True), array("int64", 3, written=True))
def _add_districts(counts: Counts, out: Counts) -> None:
    for run in range(counts.shape[0]):
        for district in range(counts.shape[1]):
            for group in range(counts.shape[2]):
                for row in range(counts.shape[3]):
                    out[run, group, row] += counts[run, district, group, row]


def in_the_city(counts: Counts) -> Counts:
    """Sums over districts: counts [runs, districts, groups, rows] to [runs, groups, rows]."""
    out = np.zeros((counts.shape[0], *counts.shape[2:]), np.int64)
    _add_districts(counts, out)
    return out
