"""Benchmark `whatif`: a year of the city model by person and by cohort, a nation, a sweep on two cores, and memory.

Beside it, in the same run: a bare NumPy pass over arrays of as many people (a uniform number for each a day, a comparison, a
masked write), Mesa where it is installed, and the ideal of two processes that do twice the work of one. Each figure is made in a
process of its own, so that its memory is its own.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec

import msgspec
import numpy as np

from openroll.bench.child import Progress, in_child
from openroll.bench.figure import Figure, own_megabytes, timed
from openroll.cli.output import err
from openroll.rules import load
from openroll.whatif import City, load_city, run
from openroll.whatif.nation import nation
from openroll.whatif.overrides import with_overrides
from openroll.whatif.running import Mode
from openroll.whatif.scale import local, parts, plan

RULE, CITY = "cn-cq-2006-notice", "chongqing-2006"
DAYS = 365
NATION = 1_400_000_000
PROCESSES = 2
MESA_PEOPLE, MESA_DAYS = 20_000, 60
_WARM_RUNS = 4
Show = Callable[[str, int, int], None]


class Took(msgspec.Struct, frozen=True):
    """Seconds of some work, and the peak memory of its process in megabytes."""

    seconds: float
    megabytes: int


def settled(people: int) -> City:
    """Chongqing with so many people in all, those who may connect later among them."""
    city = with_overrides(load_city(CITY), {"people.outside": 0.0})
    return nation(city, people, len(city.districts))


def measure(people: int, runs: int, show: Show) -> Iterator[Figure]:
    """Measure seconds a year (less is better), runs a second (more is better), and megabytes."""
    one_by_one = _in_child(partial(_year, people=people, mode="people"), "person by person", DAYS, show)
    baseline = _in_child(partial(_baseline, people=people), "bare NumPy", DAYS, show)
    numpy_is = f"a bare NumPy pass over {people:,} people: a uniform a day, a comparison, a masked write"
    name = f"a year of {people:,} people, one by one"
    yield Figure(name, "s", one_by_one.seconds, baseline.seconds, numpy_is, "10 s or less", one_by_one.megabytes)
    yield from _mesa(one_by_one.seconds / (people * DAYS), show)

    cohorts = _in_child(partial(_year, people=0, mode="cohorts"), "cohorts", DAYS, show)
    by_person = _in_child(partial(_year, people=0, mode="people"), "the same, one by one", DAYS, show)
    yield Figure(
        f"a year of {CITY}, by cohorts",
        "s",
        cohorts.seconds,
        by_person.seconds,
        "the same year, one by one",
        "1 s or less",
        cohorts.megabytes,
    )
    whole = _in_child(partial(_year, people=NATION, mode="cohorts"), "the nation", DAYS, show)
    districts = len(nation(load_city(CITY), NATION).districts)
    share = cohorts.seconds * districts / len(load_city(CITY).districts)
    yield Figure(
        f"a year of a nation of {NATION:,} in {districts:,} counties",
        "s",
        whole.seconds,
        share,
        f"{CITY}'s year for each of its districts, as often as there are counties",
        "1 or less",
        whole.megabytes,
    )
    yield from _memory(show)
    yield from _sweep(runs, show)


def _in_child(work: Callable[[Progress], Took], what: str, of: int, show: Show) -> Took:
    return in_child(work, lambda done: show(what, done, of))


def _city(people: int) -> City:
    """People settled for good; without a number the city as it ships; more than any city has: a nation."""
    if not people:
        return load_city(CITY)
    return nation(load_city(CITY), people) if people >= NATION else settled(people)


def _year(progress: Progress, people: int, mode: Mode) -> Took:
    """Time a city's year under one rule, after a short one that loads what is compiled."""
    city, rule = _city(people), load(RULE)
    run([rule], msgspec.structs.replace(load_city("village"), days=5), mode=mode)
    city = msgspec.structs.replace(city, days=DAYS)
    seconds = timed(lambda: run([rule], city, mode=mode, progress=lambda part: progress(int(part * DAYS))))
    return Took(seconds, own_megabytes())


def _baseline(progress: Progress, people: int) -> Took:
    """Baseline: the least that a model of so many people does in NumPy: no rule, no city, one probability for everybody."""
    luck = np.random.default_rng(2006)
    probability, state = np.full(people, 0.01), np.zeros(people, np.uint8)
    drawn, moves = np.empty(people), np.empty(people, bool)
    started = time.perf_counter()
    for day in range(DAYS):
        luck.random(out=drawn)
        np.less(drawn, probability, out=moves)
        state[moves] = day % 13
        progress(day + 1)
    return Took(time.perf_counter() - started, own_megabytes())


def _mesa(ours: float, show: Show) -> Iterator[Figure]:
    """Person-days a second beside the same model in Mesa, on fewer people: its cost a person-day does not fall with more."""
    if find_spec("mesa") is None:
        err.print("Mesa is not installed (requirements/bench.txt): nothing is measured beside it.")
        return
    took = _in_child(_mesa_year, "Mesa", MESA_DAYS, show)
    theirs = took.seconds / (MESA_PEOPLE * MESA_DAYS)
    limit = f"Mesa, the same model, on {MESA_PEOPLE:,} people for {MESA_DAYS} days"
    yield Figure("one by one, beside Mesa", "person-days/s", 1 / ours, 1 / theirs, limit, "100 or more")
    from openroll.bench import mesa_city  # noqa: PLC0415 - Mesa is there for benches only

    yield from mesa_city.measure()


def _mesa_year(progress: Progress) -> Took:
    from openroll.bench.mesa_walkers import mesa_simulation  # noqa: PLC0415 - Mesa is there for benches only

    mesa_run = mesa_simulation(load(RULE), settled(MESA_PEOPLE))
    started = time.perf_counter()
    for day in range(MESA_DAYS):
        mesa_run.live_a_day(day)
        progress(day + 1)
    return Took(time.perf_counter() - started, own_megabytes())


def _memory(show: Show) -> Iterator[Figure]:
    few, many = 1_000_000, 1_000_000_000
    small, large = (
        _in_child(partial(_year, people=people, mode="cohorts"), f"memory at {people:,}", DAYS, show)
        for people in (few, many)
    )
    name = f"memory by cohorts at {many:,} people"
    yield Figure(name, "MB", large.megabytes, small.megabytes, f"at {few:,}", "1.1 or less", large.megabytes)


def _sweep(runs: int, show: Show) -> Iterator[Figure]:
    """Runs a second of a sweep on two processes, beside twice those of one, measured on a tenth of them."""
    fewer = max(runs // 10, 1)
    alone = _in_child(partial(_swept, runs=fewer, processes=1), "one process", fewer, show)
    both = _in_child(partial(_swept, runs=runs, processes=PROCESSES), f"{PROCESSES} processes", runs, show)
    yield Figure(
        f"a sweep of {runs:,} runs of {CITY} on {PROCESSES} processes",
        "runs/s",
        runs / both.seconds,
        PROCESSES * fewer / alone.seconds,
        f"{PROCESSES} times one process",
        "0.9 or more",
        both.megabytes,
    )


def _swept(progress: Progress, runs: int, processes: int) -> Took:
    """Runs made and let go, as a sweep does that keeps answers only; starting the cluster is not counted."""
    city = load_city(CITY)
    rule = load(RULE)

    def work(client: object, count: int, told: Progress) -> float:
        made = plan([rule], city, runs=count)
        return timed(lambda: [None for _ in parts(made, lambda part: told(int(part * count)), client)])

    if processes == 1:
        work(None, 1, lambda _: None)
        return Took(work(None, runs, progress), own_megabytes())
    with local(processes) as client:
        work(client, _WARM_RUNS * processes, lambda _: None)
        return Took(work(client, runs, progress), own_megabytes())
