"""The answers of a simulation: a value a run for each question of a legislator, bands over runs, differences between rules.

Rules are compared in the same runs, under the same assumptions and the same luck (common random numbers), so a difference is
taken within each run before its band is. A band that reaches across nought is said to be what it is: not carried by what is
assumed.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from openroll.whatif.city import City
from openroll.whatif.running import Outcome, Series
from openroll.whatif.served import CUTS

Values = NDArray[np.float64]
BAND = (0.1, 0.5, 0.9)
"""The quantiles of a band: four of five runs lie inside."""
MONTH = 30.44
"""Days in a month, on average."""

Read = Callable[[Series, int], Values]
"""Reads an answer from a series: one value a run. The day is the one that some are asked on."""
Unit = Literal["people", "share", "hours", "months", "times", "money", "records"]


class Answer:
    """A question that every run answers. `unit`: what its number counts; `of`: how it is computed from a series."""

    def __init__(self, name: str, unit: Unit, of: Read) -> None:
        self.name, self.unit, self.of = name, unit, of


def _last(name: str) -> Read:
    return lambda series, _: _series(series, name)[:, -1]


def _by(name: str) -> Read:
    return lambda series, by: _series(series, name)[:, by]


def _sum(*names: str, over: float = 1) -> Read:
    return lambda series, _: np.asarray(sum(_series(series, name).sum(axis=1) for name in names)) / over


def _worst(name: str) -> Read:
    return lambda series, _: series.worst[name].max(axis=1)


def _share(series: Series, by: int) -> Values:
    return _series(series, "filed")[:, by] / np.maximum(_series(series, "connected")[:, by], 1)


def _used_up(series: Series, by: int) -> Values:
    """What was used up and nobody got: time, use of the network, and money that was paid for work and fares."""
    return np.asarray(_sum("lost.people", "lost.operators", "lost.state", "money.others")(series, by))


def _a_head(series: Series, by: int) -> Values:
    """A series' total for each subscription."""
    return _used_up(series, by) / np.maximum(_series(series, "connected")[:, 0], 1)


def _paid_by(account: str) -> Read:
    def paid(series: Series, by: int) -> Values:
        return np.asarray(_sum(f"lost.{account}")(series, by) - _sum(f"money.{account}")(series, by))

    return paid


def _series(series: Series, name: str) -> Values:
    """A series by name; zeros for what never happened under a rule."""
    found = series.city.get(name)
    return np.zeros_like(series.city["filed"]) if found is None else found


ANSWERS: tuple[Answer, ...] = (
    Answer("filed", "people", _by("filed")),
    Answer("filed-share", "share", _share),
    Answer("line", "people", _worst("line")),
    Answer("wait", "hours", _worst("wait")),
    Answer("turned-away", "times", _sum("turned-away", "overloaded")),
    Answer("warned", "people", _sum("warn", "refused-warn")),
    Answer("fined", "people", _sum("fine")),
    Answer("cut-off", "people", _sum(*CUTS, "deactivated", "dark-cut")),
    Answer("months-off", "months", _sum("off", "dark", over=MONTH)),
    Answer("bribes-asked", "times", _sum("bribes-asked")),
    Answer("bribes-paid", "times", _sum("bribe-paid")),
    Answer("bribe-money", "money", _sum("cost.bribes")),
    Answer("readable", "records", _last("readable")),
    Answer("opened", "records", _sum("opened")),
    Answer("told", "people", _sum("told")),
    Answer("gave-up", "people", _sum("gave-up", "stayed-out")),
    Answer("wrong", "records", _last("stale")),
    Answer("cost-people", "money", _paid_by("people")),
    Answer("cost-operators", "money", _paid_by("operators")),
    Answer("cost-state", "money", _paid_by("state")),
    Answer("cost-a-head", "money", _a_head),
)
"""In the order they are told. `cost-state` is below nought where fines bring in more than the work costs."""


def deadline(outcome: Outcome) -> date:
    """The day that `filed` is asked on: the first fixed deadline of a rule inside the run, else the last day."""
    city = outcome.city
    fixed = {one.fixed for rule in outcome.rules for duty in rule.duties for one in duty.deadlines if one.fixed}
    inside = sorted(day for day in fixed if 0 <= (day - city.begin).days < city.days)
    return inside[0] if inside else _days(city)[-1]


def answers(outcome: Outcome, by: date | None = None) -> pl.DataFrame:
    """Every answer of every run: rule, run, answer, value. `by`: the day that `filed` is asked on.

    Raises ValueError for a day outside the run.
    """
    day = ((by or deadline(outcome)) - outcome.city.begin).days
    if not 0 <= day < outcome.city.days:
        raise ValueError(f"{by} is outside the run: {outcome.city.begin} and {outcome.city.days - 1} days after it")
    frames = [
        pl.DataFrame({"run": np.arange(outcome.runs), "value": answer.of(series, day)}).select(
            pl.lit(series.ref).alias("rule"), "run", pl.lit(answer.name).alias("answer"), "value"
        )
        for series in outcome.series
        for answer in ANSWERS
    ]
    return pl.concat(frames)


def bands(values: pl.DataFrame) -> pl.DataFrame:
    """Rule by answer: `low`, `middle` and `high`, the quantiles of `BAND` over runs."""
    low, middle, high = BAND
    return values.group_by("rule", "answer", maintain_order=True).agg(
        pl.col("value").quantile(low, "linear").alias("low"),
        pl.col("value").quantile(middle, "linear").alias("middle"),
        pl.col("value").quantile(high, "linear").alias("high"),
    )


def differences(values: pl.DataFrame, base: str) -> pl.DataFrame:
    """Each other rule against `base`, run by run: `low`, `middle`, `high`, and `more`, the share of runs in which it is more.

    `carried`: whether the band lies on one side of nought (or is nought throughout), so that what is assumed carries the
    difference.
    """
    first = values.filter(pl.col("rule") == base).rename({"value": "base"}).drop("rule")
    others = values.filter(pl.col("rule") != base)
    paired = others.join(first, on=["run", "answer"]).with_columns((pl.col("value") - pl.col("base")).alias("value"))
    more = paired.group_by("rule", "answer", maintain_order=True).agg((pl.col("value") > 0).mean().alias("more"))
    found = bands(paired.select("rule", "run", "answer", "value")).join(
        more, on=["rule", "answer"], maintain_order="left"
    )
    one_side = (pl.col("low") > 0) | (pl.col("high") < 0) | ((pl.col("low") == 0) & (pl.col("high") == 0))
    return found.with_columns(one_side.alias("carried"))


def daily(outcome: Outcome, name: str) -> pl.DataFrame:
    """A series day by day as bands over runs: rule, day, low, middle, high."""
    frames = []
    for series in outcome.series:
        low, middle, high = np.quantile(_series(series, name), BAND, axis=0)
        frames.append(
            pl.DataFrame({"day": _days(outcome.city), "low": low, "middle": middle, "high": high}).select(
                pl.lit(series.ref).alias("rule"), "day", "low", "middle", "high"
            )
        )
    return pl.concat(frames)


def _days(city: City) -> list[date]:
    return [city.begin + timedelta(days=place) for place in range(city.days)]


def swings(outcome: Outcome, values: pl.DataFrame, rule: str, answer: str) -> pl.DataFrame:
    """Sensitivity of an answer: assumption, `least` and `most`: its mean in the runs of the lowest and of the highest fifth.

    Sorted by the distance between the two, widest first: the rows of a tornado. Needs some 50 runs to say anything.
    """
    found = values.filter((pl.col("rule") == rule) & (pl.col("answer") == answer)).sort("run")["value"].to_numpy()
    frame = swung(outcome.drawn, found)
    return frame.sort((pl.col("most") - pl.col("least")).abs(), descending=True, maintain_order=True)


def swung(drawn: pl.DataFrame, found: Values) -> pl.DataFrame:
    """The same sensitivities for any runs: `drawn` has a row a run and a column an assumption, `found` each run's answer."""
    fifth = max(len(found) // 5, 1)
    rows = []
    for path in drawn.columns:
        order = np.argsort(drawn[path].to_numpy(), kind="stable")
        rows.append((path, float(found[order[:fifth]].mean()), float(found[order[-fifth:]].mean())))
    return pl.DataFrame(rows, schema={"assumption": pl.String, "least": pl.Float64, "most": pl.Float64}, orient="row")
