"""Scale a city up to a synthetic nation of many counties: for measuring the model's speed, not a nation.

Everything in it is assumed. People, officials and the portal grow in proportion to the people; so do counters, of which each
county has at least one; everything else stays as it is in the city. County sizes are lognormal.
"""

from math import exp
from statistics import NormalDist

import msgspec
import numpy as np

from openroll.whatif.city import Assumptions, City, District, Quantity
from openroll.whatif.made_words import made_words
from openroll.whatif.rng import Streams

COUNTIES = 2_851
"""Counties of China about 2010, by the count most often given; here only a large number of districts."""
SPREAD = 0.8
"""Standard deviation of the logarithm of a county's size: two thirds of them lie between 0.45 and 2.2 times the middle one."""
_SIZES = 2051
"""The number that county sizes are drawn under, in the place of a state (see `chance.place`): no state has it."""
_GROWING = frozenset(
    {
        "people.households",
        "people.organisations",
        "people.operators",
        "people.sites",
        "officials.number",
        "channels.portal",
    }
)
"""Assumptions that are numbers of things, and grow with the people."""


def people_of(city: City) -> float:
    """The subscriptions of a city's first day, as its file values them."""
    people = city.assumptions.people
    return sum(one.value for one in (people.households, people.organisations, people.operators, people.sites))


def nation(city: City, people: int, districts: int = COUNTIES, seed: int = 1) -> City:
    """A synthetic nation of `people` subscriptions in so many counties, each behaving as `city` does.

    The same seed gives the same sizes. Raises ValueError for fewer people or counties than one.
    """
    if people < 1 or districts < 1:
        raise ValueError(f"a nation of {people} people in {districts} counties: expected at least one of each")
    times = people / people_of(city)
    counters = sum(one.counters for one in city.districts) * times
    weights = sizes(districts, seed)
    total = sum(weights)
    told = made_words("sizes", spread=SPREAD, city=city.title)
    counties = tuple(
        District(
            code=f"county-{number:05}",
            title=made_words("county", number=number),
            weight=weight,
            counters=max(round(counters * weight / total), 1),
            assumed=told,
        )
        for number, weight in enumerate(weights, 1)
    )
    return msgspec.structs.replace(
        city,
        id=f"nation-{people}",
        title=made_words("nation", people=people),
        summary=made_words("summary", city=city.title, districts=districts),
        districts=counties,
        assumptions=_assumed(city, times),
    )


def sizes(districts: int, seed: int) -> tuple[float, ...]:
    """Relative sizes of counties, their middle 1: lognormal, drawn by address, so that a county's size is its own."""
    normal = NormalDist()
    drawn = Streams(seed, np.zeros(1, np.int64)).uniforms(districts, 0, _SIZES)[0, :, 0]
    return tuple(exp(SPREAD * normal.inv_cdf(float(one))) for one in drawn)


def _assumed(city: City, times: float) -> Assumptions[Quantity]:
    grown, same = (made_words(name, city=city.title) for name in ("in-proportion", "as-there"))

    def fill(path: str, one: Quantity) -> Quantity:
        if path in _GROWING:
            low, high = (None if end is None else end * times for end in (one.low, one.high))
            return msgspec.structs.replace(one, value=one.value * times, low=low, high=high, assumed=grown)
        return msgspec.structs.replace(one, assumed=same)

    return city.assumptions.filled(fill)
