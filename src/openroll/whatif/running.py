"""Run the simulation: a population through days under each rule, all runs side by side, with its series recorded."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from openroll.rules import Rule
from openroll.whatif import channels, demography, detection, learning, officials, sample
from openroll.whatif.city import GROUPS, Assumptions, City
from openroll.whatif.cohorts import Cohorts
from openroll.whatif.costs import ACCOUNTS, reckon
from openroll.whatif.day import Day
from openroll.whatif.layout import Layout
from openroll.whatif.moves import CONNECTED, NAMES, State
from openroll.whatif.people import Persons
from openroll.whatif.population import Population, step_ends
from openroll.whatif.rng import Streams
from openroll.whatif.rule_effects import RuleEffects, called
from openroll.whatif.summing import in_the_city

Mode = Literal["cohorts", "people"]
Told = Callable[[float], None]
"""Is told how much of the whole is done, from 0 to 1."""
Numbers = NDArray[np.float64]
Kept = NDArray[np.float64]

_ON_RECORD = (State.FILED, State.STALE)
_CELLS = 2_000_000
"""Places worked on side by side: runs are taken in chunks so that memory stays flat in their number."""


class PeopleLost(AssertionError):
    """The count of people changed: a mistake of the model, never of a city or a rule."""


@dataclass(frozen=True)
class Series:
    """The recorded time series of the runs under one rule.

    `city` by name: [runs, days]. `worst` by name: the worst day of each district, [runs, districts].
    """

    ref: str
    city: dict[str, Kept]
    worst: dict[str, Kept]


@dataclass(frozen=True)
class Outcome:
    """The result of a simulation: series by rule. `drawn` has a row a run: the assumptions it was made under."""

    city: City
    rules: tuple[Rule, ...]
    seed: int
    mode: Mode
    drawn: pl.DataFrame
    series: tuple[Series, ...]

    @property
    def runs(self) -> int:
        """How many runs each rule had."""
        return len(self.series[0].city["filed"])

    @property
    def refs(self) -> tuple[str, ...]:
        """What each rule is called in the series."""
        return tuple(one.ref for one in self.series)

    def of(self, ref: str) -> Series:
        """The series under one rule. Raises KeyError."""
        return {one.ref: one for one in self.series}[ref]

    def frame(self) -> pl.DataFrame:
        """All series as a frame: rule, run, day, series, value."""
        return pl.concat([self._long(one) for one in self.series])

    def _long(self, one: Series) -> pl.DataFrame:
        days = [self.city.begin + timedelta(days=index) for index in range(self.city.days)]
        runs, names = self.runs, list(one.city)
        values = np.stack([one.city[name] for name in names])
        size = runs * len(days)
        return pl.DataFrame(
            {
                "rule": pl.Series([one.ref]).new_from_index(0, len(names) * size),
                "run": np.tile(np.repeat(np.arange(runs, dtype=np.int32), len(days)), len(names)),
                "day": pl.Series(days * (runs * len(names)), dtype=pl.Date),
                "series": np.repeat(names, size),
                "value": values.reshape(-1),
            }
        )


def run(
    rules: Sequence[Rule],
    city: City,
    *,
    runs: int = 1,
    seed: int = 1,
    mode: Mode = "cohorts",
    progress: Told | None = None,
) -> Outcome:
    """Simulate a city's people under each rule. More `runs` than one draw their assumptions from the ranges, alike for each rule.

    The same seed gives the same bytes, however the runs are cut up. Raises PeopleLost if the model loses anyone.
    """
    drawn = sample.draw(city, runs, seed)
    series = run_drawn(rules, city, drawn, np.arange(runs), seed=seed, mode=mode, progress=progress)
    return Outcome(city, tuple(rules), seed, mode, drawn, series)


def run_drawn(
    rules: Sequence[Rule],
    city: City,
    drawn: pl.DataFrame,
    numbers: NDArray[np.int64],
    *,
    seed: int,
    mode: Mode = "cohorts",
    progress: Told | None = None,
) -> tuple[Series, ...]:
    """Simulate some runs with given assumptions (a row each) and run numbers: what a sweep distributes."""
    all_rule_effects = [RuleEffects(rule, city, name) for rule, name in zip(rules, called(rules), strict=True)]
    layout = Layout(all_rule_effects)
    share = 1 if mode == "people" else max(_CELLS // (len(city.districts) * len(GROUPS) * layout.rows), 1)
    starts = range(0, len(numbers), share)
    steps = len(all_rule_effects) * len(starts)
    done: list[list[Series]] = []
    for index, rule_effects in enumerate(all_rule_effects):
        parts = []
        for part, start in enumerate(starts):
            here = numbers[start : start + share]
            assumptions = sample.assumption_arrays(city, drawn[start : start + share], len(here))
            watch = None if progress is None else _watch(progress, (index * len(starts) + part) / steps, 1 / steps)
            parts.append(_Run(rule_effects, layout, city, assumptions, here, seed, mode).through(watch))
        done.append(parts)
    return tuple(_joined(parts) for parts in done)


def _watch(progress: Told, before: float, share: float) -> Told:
    return lambda part: progress(before + share * part)


def _joined(parts: list[Series]) -> Series:
    city = {name: np.concatenate([one.city[name] for one in parts]) for name in parts[0].city}
    worst = {name: np.concatenate([one.worst[name] for one in parts]) for name in parts[0].worst}
    return Series(parts[0].ref, city, worst)


class _Run:
    """The simulation of some runs under one rule, side by side."""

    def __init__(
        self,
        rule_effects: RuleEffects,
        layout: Layout,
        city: City,
        assumptions: Assumptions[Numbers],
        numbers: NDArray[np.int64],
        seed: int,
        mode: Mode,
    ) -> None:
        self.rule_effects, self.city, self.assumptions = rule_effects, city, assumptions
        self.population = Population(rule_effects, layout, city, assumptions)
        self.streams = Streams(seed, numbers)
        self.mover = (
            Cohorts(self.population, self.streams)
            if mode == "cohorts"
            else Persons(self.population, seed, int(numbers[0]))
        )
        runs = len(numbers)
        self.city_series: dict[str, Kept] = {}
        self.worst: dict[str, Kept] = {
            name: np.zeros((runs, len(city.districts)), np.float64) for name in ("wait", "line")
        }
        self.people = self.population.people

    def through(self, progress: Told | None) -> Series:
        spoken = time.monotonic()
        for index in range(self.city.days):
            self.live_a_day(index)
            if progress is not None and (time.monotonic() - spoken > 0.1 or index + 1 == self.city.days):
                progress((index + 1) / self.city.days)
                spoken = time.monotonic()
        if not (self.population.people == self.people).all():
            raise PeopleLost(f"{self.people} people began, {self.population.people} are there at the end")
        return Series(self.rule_effects.ref, self.city_series, self.worst)

    def live_a_day(self, index: int) -> None:
        date = self.city.begin + timedelta(days=index)
        works = self.city.calendar.works(date)
        population = self.population
        day = Day(
            index,
            date,
            works,
            self.rule_effects,
            self.city,
            self.assumptions,
            population.layout,
            population.counts,
            population.tables,
            population.served,
        )
        population.probabilities[...] = 0
        probabilities(day)
        learnt = learning.learn(day, self.streams)
        flows = self.mover.move(index)
        moved = {name: flows[..., number] for number, name in enumerate(NAMES)}
        ledger = reckon(day, moved, learnt["opened"])
        if step_ends(index):
            self.mover.grow_older()
        self._stocks(index)
        for name, counts in zip(NAMES, flows.sum(axis=1).T, strict=True):
            self._note(name, index, counts)
        for name, values in learnt.items():
            self._note(name, index, values)
        for name, amount in ledger.moved.items():
            self._note(f"cost.{name}", index, amount)
        for account in ACCOUNTS:
            self._note(f"money.{account}", index, ledger.money[account])
            self._note(f"lost.{account}", index, ledger.lost[account])
        for name, value in day.seen.items():
            self._note(name, index, value if value.ndim == 1 else value.max(axis=1))
        for name, worst in self.worst.items():
            np.maximum(worst, day.seen[name], out=worst)
        self._note("bribes-asked", index, sum(moved[name].sum(axis=1) for name in _ASKED))

    def _stocks(self, index: int) -> None:
        city = in_the_city(self.population.counts)
        part = self.population.layout.part
        by_group = {state: city[..., part[state]].sum(axis=2) for state in State}
        on_record = np.asarray(sum(by_group[state] for state in _ON_RECORD))
        connected = np.asarray(sum(by_group[state] for state in CONNECTED))
        for name, groups in _TOLD_APART.items():
            self._note(f"filed.{name}", index, on_record[:, groups].sum(axis=1))
            self._note(f"connected.{name}", index, connected[:, groups].sum(axis=1))
            self._note(f"off.{name}", index, by_group[State.OFF][:, groups].sum(axis=1))
        self._note("filed", index, on_record.sum(axis=1))
        self._note("connected", index, connected.sum(axis=1))
        self._note("stale", index, by_group[State.STALE].sum(axis=1))
        self._note("off", index, by_group[State.OFF].sum(axis=1))
        self._note("unaware", index, by_group[State.UNAWARE].sum(axis=1))

    def _note(self, name: str, index: int, values: Any) -> None:
        if name not in self.city_series:
            self.city_series[name] = np.zeros((len(self.people), self.city.days), np.float64)
        self.city_series[name][:, index] = values


_ASKED = ("bribe-paid", "bribe-reported", "refused-cut", "refused-warn")
_TOLD_APART = {"household": [0, 1], "organisation": [2], "operator": [3], "site": [4]}


def probabilities(day: Day) -> None:
    """Fill in the day's tables, process by process. Filing comes last: attempts have what the other moves leave of a day."""
    demography.demography(day)
    demography.fear_of_measures(day)
    detection.detect(day)
    detection.deactivate(day)
    officials.serve(day)
    officials.decide(day)
    channels.ways(day)
