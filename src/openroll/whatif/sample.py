"""Draw each run's assumptions from their ranges (Latin hypercube)."""

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
    """Draw each run's assumptions, a column each that has a range. A single run takes the city file's values.

    Latin hypercube (McKay, Beckman, Conover 1979): each range is cut into as many parts as there are runs, each part used once.
    Fixing one assumption of a city changes nothing in what is drawn for the others: both cities can be compared run by run.
    """
    ranges = spread(city)
    named = dict(city.assumptions.items())
    if runs == 1 or not ranges:
        return pl.DataFrame({path: [named[path].value] * runs for path in ranges})
    # Every assumption has a column, those that stand fixed too: so fixing one leaves what is drawn for the others as it was.
    problem = {"num_vars": len(named), "names": list(named), "bounds": [[0.0, 1.0]] * len(named)}
    places = pl.DataFrame(latin.sample(problem, runs, seed=seed), schema=list(named), orient="row")
    return places.select((low + pl.col(path) * (high - low)).alias(path) for path, (low, high) in ranges.items())


def assumption_arrays(city: City, drawn: pl.DataFrame, runs: int) -> Assumptions[Numbers]:
    """The runs' assumptions as arrays [runs, 1, 1]: the drawn value where there is one, else the city's."""

    def fill(path: str, quantity: Quantity) -> Numbers:
        column = drawn[path].to_numpy() if path in drawn.columns else np.full(runs, quantity.value)
        return np.asarray(column, dtype=float).reshape(runs, 1, 1)

    return city.assumptions.filled(fill)
