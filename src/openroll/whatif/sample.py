"""Drawing what is assumed: each run takes its own value of every assumption, spread evenly over the ranges (Latin hypercube)."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from SALib.sample import latin

from openroll.whatif.city import Assumptions, City, Quantity

Numbers = NDArray[np.float64]


def spread(city: City) -> dict[str, tuple[float, float]]:
    """The assumptions that have a range, by path."""
    ranges = {path: quantity.range for path, quantity in city.assumptions.items()}
    return {path: bounds for path, bounds in ranges.items() if bounds[0] < bounds[1]}


def draw(city: City, runs: int, seed: int) -> pl.DataFrame:
    """Values for each run, one column an assumption that has a range. One run alone takes the values that the city file names.

    Latin hypercube (McKay, Beckman, Conover 1979): each range is cut into as many parts as there are runs, each part used once.
    """
    ranges = spread(city)
    if runs == 1 or not ranges:
        named = dict(city.assumptions.items())
        return pl.DataFrame({path: [named[path].value] * runs for path in ranges})
    problem = {"num_vars": len(ranges), "names": list(ranges), "bounds": [list(bounds) for bounds in ranges.values()]}
    values = latin.sample(problem, runs, seed=seed)
    return pl.DataFrame(values, schema=list(ranges), orient="row")


def given(city: City, drawn: pl.DataFrame, runs: int) -> Assumptions[Numbers]:
    """The assumptions of runs as arrays [runs, 1, 1]: the drawn value where there is one, else the city's."""

    def fill(path: str, quantity: Quantity) -> Numbers:
        column = drawn[path].to_numpy() if path in drawn.columns else np.full(runs, quantity.value)
        return np.asarray(column, dtype=float).reshape(runs, 1, 1)

    return city.assumptions.filled(fill)
