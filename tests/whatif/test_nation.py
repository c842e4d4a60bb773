"""A made nation: whole, in proportion, all of it marked as assumed, and no dearer in memory for having more people."""

import tracemalloc

import msgspec
import numpy as np
import pytest

from openroll.rules import load
from openroll.whatif import City, load_city, run
from openroll.whatif.nation import SPREAD, nation, people_of, sizes
from openroll.whatif.validate import city_faults

RULE = "cn-cq-2006-notice"


@pytest.fixture(scope="module")
def village() -> City:
    """A small city to take after."""
    return load_city("village")


def test_a_nation_is_a_whole_city_file(village: City) -> None:
    """Of 1,400 million in 2,851 counties nothing lacks sense, and its people are as many as were asked for."""
    made = nation(village, 1_400_000_000)
    assert city_faults(made, made.id, {}) == []
    assert people_of(made) == pytest.approx(1.4e9)
    assert len(made.districts) == len({one.code for one in made.districts}) == 2_851


def test_everything_of_a_nation_is_marked_assumed(village: City) -> None:
    """Each number and each county says in both languages that it was made."""
    made = nation(village, 10_000_000, 20)
    marks = [one.assumed for _, one in made.assumptions.items()] + [one.assumed for one in made.districts]
    assert all(mark is not None and set(mark) == {"zh", "en"} for mark in marks)


def test_things_grow_with_the_people_and_ways_do_not(village: City) -> None:
    """Ten times the people have ten times the officials and counters; a filing takes as long as it did."""
    people = people_of(village)
    made, more = nation(village, int(people) * 10, 3), nation(village, int(people) * 100, 3)
    officials = village.assumptions.officials.number.value
    assert [one.assumptions.officials.number.value for one in (made, more)] == [officials * 10, officials * 100]
    assert made.assumptions.channels.minutes.range == village.assumptions.channels.minutes.range
    counters = [sum(one.counters for one in city.districts) for city in (village, made, more)]
    assert counters[1] == pytest.approx(counters[0] * 10, abs=3)
    assert counters[2] == pytest.approx(counters[0] * 100, abs=3)
    assert all(one.counters >= 1 for one in nation(village, 1000, 400).districts)


def test_sizes_are_lognormal_and_a_seed_gives_them_again() -> None:
    """The logarithms of county sizes have the spread that is said, and another seed gives others."""
    logs = np.log(sizes(20_000, 7))
    assert np.mean(logs) == pytest.approx(0, abs=4 * SPREAD / np.sqrt(20_000))
    assert np.std(logs) == pytest.approx(SPREAD, rel=0.03)
    assert sizes(50, 7) == sizes(50, 7)[:50] == sizes(60, 7)[:50] != sizes(50, 8)


@pytest.mark.parametrize(("people", "districts"), [(0, 5), (5, 0)])
def test_a_nation_of_nobody_is_refused(village: City, people: int, districts: int) -> None:
    """Nobody, or nowhere, is no nation."""
    with pytest.raises(ValueError, match="at least one of each"):
        nation(village, people, districts)


def test_memory_is_flat_in_population(village: City) -> None:
    """A thousand times the people, cohort by cohort, take no more memory: within a tenth, run after run."""
    rule = [load(RULE)]
    run(rule, nation(village, 10_000, 30))  # what is kept between runs is there before it is counted

    def peak(people: int) -> int:
        city = nation(msgspec.structs.replace(village, days=30), people, 30)
        tracemalloc.start()
        run(rule, city)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(1_000_000_000) <= 1.1 * peak(1_000_000)
