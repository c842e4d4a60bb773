"""Running it: people through days under a rule, all runs side by side, and what is written down on the way."""

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
from openroll.whatif.population import World, step_ends
from openroll.whatif.rng import Streams
from openroll.whatif.rule_effects import Regime
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
    """People were made or lost: a mistake of the model, never of a city or a rule."""


@dataclass(frozen=True)
class Series:
    """What was written down under one rule.

    `city` by name: [runs, days]. `worst` by name: the worst day of each district, [runs, districts].
    """

    ref: str
    city: dict[str, Kept]
    worst: dict[str, Kept]


@dataclass(frozen=True)
class Outcome:
    """What came of each rule in a city. `drawn` has a row a run: the assumptions it was made under, the same for every rule."""

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

    def of(self, ref: str) -> Series:
        """The series under one rule. Raises KeyError."""
        return {one.ref: one for one in self.series}[ref]

    def frame(self) -> pl.DataFrame:
        """Everything, long: rule, run, day, series, value."""
        return pl.concat([self._long(one) for one in self.series])

    def _long(self, one: Series) -> pl.DataFrame:
        days = [self.city.begin + timedelta(days=place) for place in range(self.city.days)]
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
    rules: Sequence[Rule], city: City, *, runs: int = 1, seed: int = 1, mode: Mode = "cohorts", told: Told | None = None
) -> Outcome:
    """Put a city's people through each rule. More `runs` than one draw their assumptions from the ranges, the same for each rule.

    The same seed gives the same bytes, however the runs are cut up. Raises PeopleLost if the model loses anyone.
    """
    drawn = sample.draw(city, runs, seed)
    series = run_drawn(rules, city, drawn, np.arange(runs), seed=seed, mode=mode, told=told)
    return Outcome(city, tuple(rules), seed, mode, drawn, series)


def run_drawn(
    rules: Sequence[Rule],
    city: City,
    drawn: pl.DataFrame,
    numbers: NDArray[np.int64],
    *,
    seed: int,
    mode: Mode = "cohorts",
    told: Told | None = None,
) -> tuple[Series, ...]:
    """The series of some runs, given what was drawn for them (a row each) and their numbers: what a sweep deals out."""
    regimes = [Regime(rule, city) for rule in rules]
    layout = Layout(regimes)
    share = 1 if mode == "people" else max(_CELLS // (len(city.districts) * len(GROUPS) * layout.rows), 1)
    starts = range(0, len(numbers), share)
    steps = len(regimes) * len(starts)
    done: list[list[Series]] = []
    for place, regime in enumerate(regimes):
        parts = []
        for part, start in enumerate(starts):
            here = numbers[start : start + share]
            given = sample.given(city, drawn[start : start + share], len(here))
            watch = None if told is None else _watch(told, (place * len(starts) + part) / steps, 1 / steps)
            parts.append(_Run(regime, layout, city, given, here, seed, mode).through(watch))
        done.append(parts)
    return tuple(_joined(parts) for parts in done)


def _watch(told: Told, before: float, share: float) -> Told:
    return lambda part: told(before + share * part)


def _joined(parts: list[Series]) -> Series:
    city = {name: np.concatenate([one.city[name] for one in parts]) for name in parts[0].city}
    worst = {name: np.concatenate([one.worst[name] for one in parts]) for name in parts[0].worst}
    return Series(parts[0].ref, city, worst)


class _Run:
    """Some runs under one rule, side by side."""

    def __init__(
        self,
        regime: Regime,
        layout: Layout,
        city: City,
        given: Assumptions[Numbers],
        numbers: NDArray[np.int64],
        seed: int,
        mode: Mode,
    ) -> None:
        self.regime, self.city, self.given = regime, city, given
        self.world = World(regime, layout, city, given)
        self.streams = Streams(seed, numbers)
        self.mover = (
            Cohorts(self.world, self.streams) if mode == "cohorts" else Persons(self.world, seed, int(numbers[0]))
        )
        runs = len(numbers)
        self.city_series: dict[str, Kept] = {}
        self.worst: dict[str, Kept] = {
            name: np.zeros((runs, len(city.districts)), np.float64) for name in ("wait", "line")
        }
        self.people = self.world.people

    def through(self, told: Told | None) -> Series:
        spoken = time.monotonic()
        for place in range(self.city.days):
            self.live_a_day(place)
            if told is not None and (time.monotonic() - spoken > 0.1 or place + 1 == self.city.days):
                told((place + 1) / self.city.days)
                spoken = time.monotonic()
        if not (self.world.people == self.people).all():
            raise PeopleLost(f"{self.people} people began, {self.world.people} are there at the end")
        return Series(self.regime.ref, self.city_series, self.worst)

    def live_a_day(self, place: int) -> None:
        date = self.city.begin + timedelta(days=place)
        works = self.city.calendar.works(date)
        world = self.world
        day = Day(
            place,
            date,
            works,
            self.regime,
            self.city,
            self.given,
            world.layout,
            world.counts,
            world.tables,
            world.served,
        )
        world.chances[...] = 0
        chances(day)
        learnt = learning.learn(day, self.streams)
        flows = self.mover.move(place)
        moved = {name: flows[..., number] for number, name in enumerate(NAMES)}
        ledger = reckon(day, moved, learnt["opened"])
        if step_ends(place):
            self.mover.grow_older()
        self._stocks(place)
        for name, counts in zip(NAMES, flows.sum(axis=1).T, strict=True):
            self._note(name, place, counts)
        for name, values in learnt.items():
            self._note(name, place, values)
        for name, amount in ledger.moved.items():
            self._note(f"cost.{name}", place, amount)
        for account in ACCOUNTS:
            self._note(f"money.{account}", place, ledger.money[account])
            self._note(f"lost.{account}", place, ledger.lost[account])
        for name, value in day.seen.items():
            self._note(name, place, value if value.ndim == 1 else value.max(axis=1))
        for name, worst in self.worst.items():
            np.maximum(worst, day.seen[name], out=worst)
        self._note("bribes-asked", place, sum(moved[name].sum(axis=1) for name in _ASKED))

    def _stocks(self, place: int) -> None:
        city = in_the_city(self.world.counts)
        part = self.world.layout.part
        by_group = {state: city[..., part[state]].sum(axis=2) for state in State}
        on_record = np.asarray(sum(by_group[state] for state in _ON_RECORD))
        connected = np.asarray(sum(by_group[state] for state in CONNECTED))
        for name, groups in _TOLD_APART.items():
            self._note(f"filed.{name}", place, on_record[:, groups].sum(axis=1))
            self._note(f"connected.{name}", place, connected[:, groups].sum(axis=1))
            self._note(f"off.{name}", place, by_group[State.OFF][:, groups].sum(axis=1))
        self._note("filed", place, on_record.sum(axis=1))
        self._note("connected", place, connected.sum(axis=1))
        self._note("stale", place, by_group[State.STALE].sum(axis=1))
        self._note("off", place, by_group[State.OFF].sum(axis=1))
        self._note("unaware", place, by_group[State.UNAWARE].sum(axis=1))

    def _note(self, name: str, place: int, values: Any) -> None:
        if name not in self.city_series:
            self.city_series[name] = np.zeros((len(self.people), self.city.days), np.float64)
        self.city_series[name][:, place] = values


_ASKED = ("bribe-paid", "bribe-reported", "refused-cut", "refused-warn")
_TOLD_APART = {"household": [0, 1], "organisation": [2], "operator": [3], "site": [4]}


def chances(day: Day) -> None:
    """Fill in the day's tables, process by process. Filing comes last: attempts have what the other moves leave of a day."""
    demography.live(day)
    demography.fear(day)
    detection.detect(day)
    detection.deactivate(day)
    officials.serve(day)
    officials.decide(day)
    channels.ways(day)
