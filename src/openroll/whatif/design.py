"""Designs of a parameter sweep: Latin hypercube, grid, or Sobol's (Saltelli) design, and sensitivity indices from its results.

- `hypercube`: Latin hypercube over the ranges; an assumption's effect is its swing (`answers.swings`).
- `grid`: every combination of evenly spaced points; each combination meets the same luck.
- `sobol`: Saltelli's design (Saltelli et al. 2010) by SALib. The runs of one block meet the same luck, so that chance counts as
  one more input of the block: first-order indices leave it out, total ones hold how it plays together with the assumption.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from SALib.analyze import sobol as sobol_indices
from SALib.sample import latin
from SALib.sample import sobol as saltelli

from openroll.whatif.metrics import BAND, swung

Ranges = Mapping[str, tuple[float, float]]
"""Ranges by path of an assumption: least and most, apart."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """The runs of a sweep: `drawn` has a row a run and a column an assumption; `numbers` are the runs' random streams."""

    kind: Literal["hypercube", "grid", "sobol"]
    ranges: Ranges
    drawn: pl.DataFrame
    numbers: NDArray[np.int64]
    seed: int


def _problem(ranges: Ranges) -> dict[str, object]:
    return {"num_vars": len(ranges), "names": list(ranges), "bounds": [list(bounds) for bounds in ranges.values()]}


def hypercube(ranges: Ranges, runs: int, seed: int) -> Design:
    """A Latin hypercube design: so many runs spread evenly over the ranges, each with its own random stream."""
    values = latin.sample(_problem(ranges), runs, seed=seed)
    return Design("hypercube", ranges, _frame(ranges, values), np.arange(runs), seed)


def grid(ranges: Ranges, points: int, repeats: int, seed: int) -> Design:
    """A grid design: every combination of so many points of each range, each `repeats` times with its own random stream."""
    axes = [np.linspace(low, high, points) for low, high in ranges.values()]
    values = np.array([point for point in product(*axes) for _ in range(repeats)])
    return Design("grid", ranges, _frame(ranges, values), np.tile(np.arange(repeats), points ** len(axes)), seed)


def sobol(ranges: Ranges, base: int, seed: int) -> Design:
    """Saltelli's design for first and total indices: base x (assumptions + 2) runs. `base` is a power of two."""
    values = saltelli.sample(_problem(ranges), base, calc_second_order=False, seed=seed)
    numbers = np.repeat(np.arange(base), len(ranges) + 2)
    return Design("sobol", ranges, _frame(ranges, values), numbers, seed)


def _frame(ranges: Ranges, values: Numbers) -> pl.DataFrame:
    return pl.DataFrame(values, schema=dict.fromkeys(ranges, pl.Float64), orient="row")


def effects(design: Design, values: pl.DataFrame) -> pl.DataFrame:
    """The effect of each assumption on each answer under each rule, from `values` (rule, run, answer, value).

    - hypercube: rule, answer, assumption, `least`, `most`: the mean in the runs of its lowest and its highest fifth.
    - sobol: rule, answer, assumption, `first`, `first_give`, `total`, `total_give`: indices, and what each may be off by
      either way in four of five resamplings. An answer that is the same in all runs has none.
    - grid: rule, answer, a column an assumption, `low`, `middle`, `high` over the repeats of that combination.
    """
    if design.kind == "grid":
        return _points(design, values)
    rows = list(_rows(design, values))
    names = ("least", "most") if design.kind == "hypercube" else ("first", "first_give", "total", "total_give")
    schema = {"rule": pl.String, "answer": pl.String, "assumption": pl.String} | dict.fromkeys(names, pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _rows(design: Design, values: pl.DataFrame) -> Iterator[tuple[str | float, ...]]:
    for (rule, answer), mine in values.group_by("rule", "answer", maintain_order=True):
        found = mine.sort("run")["value"].to_numpy()
        if design.kind == "hypercube":
            for path, least, most in swung(design.drawn, found).iter_rows():
                yield str(rule), str(answer), path, least, most
        elif np.ptp(found) > 0:
            yield from ((str(rule), str(answer), *one) for one in _indices(design, found))


def _indices(design: Design, found: Numbers) -> Iterator[tuple[str | float, ...]]:
    """Sobol's sensitivity indices of one answer; `seed` is moved on by one, for SALib takes nought as none."""
    level = BAND[2] - BAND[0]
    told = sobol_indices.analyze(
        _problem(design.ranges), found, calc_second_order=False, conf_level=level, seed=design.seed + 1
    )
    columns = (told[name] for name in ("S1", "S1_conf", "ST", "ST_conf"))
    for path, *numbers in zip(design.ranges, *columns, strict=True):
        yield path, *(float(one) for one in numbers)


def _points(design: Design, values: pl.DataFrame) -> pl.DataFrame:
    paths = list(design.ranges)
    placed = values.join(design.drawn.with_row_index("run").cast({"run": pl.Int64}), on="run", maintain_order="left")
    quantiles = zip(BAND, ("low", "middle", "high"), strict=True)
    return placed.group_by("rule", "answer", *paths, maintain_order=True).agg(
        *(pl.col("value").quantile(level, "linear").alias(name) for level, name in quantiles)
    )
