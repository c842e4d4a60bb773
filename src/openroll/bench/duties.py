"""Benchmark: computing duties by column, beside a bare NumPy comparison and beside OpenFisca."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from openroll.bench.figure import Figure, best, own_megabytes
from openroll.rules import KIND, KINDS, duties_frame, load

RULE = "cn-cq-2006-regulation+with-safeguards"
ON = date(2006, 12, 20)


def subjects(count: int) -> pl.DataFrame:
    """Synthetic subjects, the same each time: kinds, days of connection, and filings of half of them."""
    draw = np.random.default_rng(2006)
    connected = np.datetime64("2006-05-01") + draw.integers(0, 230, count)
    filed = connected + draw.integers(0, 60, count)
    frame = pl.DataFrame({"connected": connected, "filed": filed}).cast(pl.Date)
    kinds = pl.Series("kind", np.array(KINDS)[draw.integers(0, 6, count)]).cast(KIND)
    half = pl.Series(draw.random(count) < 0.5)
    return frame.with_columns(kinds, pl.when(half).then(pl.col("filed")).alias("filed"))


def measure(count: int) -> Iterator[Figure]:
    """Measure milliseconds for one rule of one duty over `count` subjects; less is better."""
    frame = subjects(count)
    rule = load(RULE)
    ours = best(lambda: duties_frame(frame, rule, ON), 15) * 1e3
    column = frame["connected"].to_numpy()
    bound = np.datetime64("2006-11-20")
    baseline = best(lambda: column > bound, 15) * 1e3
    memory = own_megabytes()
    compare = f"one bare NumPy comparison over the column ({column.dtype})"
    yield Figure("duties by column", "ms", ours, baseline, compare, "8 or less", memory)
    whole = _openfisca(frame, count)
    if whole:
        limit = "OpenFisca-core, the same duty"
        yield Figure("duties, beside OpenFisca", "runs/s", 1e3 / ours, 1 / whole, limit, "10 or more", memory)


def _openfisca(frame: pl.DataFrame, count: int) -> float:
    """Seconds that OpenFisca takes for the same states: the least of three runs over fresh simulations."""
    try:
        from openfisca_core import entities, periods, simulations, taxbenefitsystems, variables  # noqa: PLC0415
    except ImportError:
        return 0.0
    person = entities.build_entity("person", "persons", "Person", is_person=True)
    system = taxbenefitsystems.TaxBenefitSystem([person])
    day = periods.DateUnit.DAY

    def variable(name: str, kind: type, **body: Any) -> Any:
        return type(
            name, (variables.Variable,), {"value_type": kind, "entity": person, "definition_period": day, **body}
        )

    def formula(persons: Any, period: Any, _: Any = None) -> Any:
        bears, begun, filed = (persons(name, period) for name in ("bears", "begun", "done"))
        today, due = np.int64((ON - date(1970, 1, 1)).days), begun + 30
        states = np.where(filed <= today, np.where(filed <= due, 3, 4), np.where(today > due, 5, 1 + (begun < today)))
        return np.where(bears & (begun <= today), states, 0)

    for name, kind in (("bears", bool), ("begun", int), ("done", int)):
        system.add_variable(variable(name, kind))
    system.add_variable(variable("state", int, formula=formula))
    bearers = load(RULE).duties[0].bearers
    inputs = {
        "bears": frame["kind"].cast(pl.String).is_in(list(bearers)).to_numpy(),
        "begun": frame["connected"].to_physical().to_numpy().astype(np.int64),
        "done": frame["filed"].to_physical().fill_null(2**31 - 1).to_numpy().astype(np.int64),
    }
    period = periods.period(f"day:{ON}")

    def run() -> None:
        simulation = simulations.SimulationBuilder().build_default_simulation(system, count)
        for name, values in inputs.items():
            simulation.set_input(name, period, values)
        simulation.calculate("state", period)

    return best(run, 3)
