"""Scale a city up to a synthetic nation of many counties: for measuring the model's speed, not a nation.

Everything in it is assumed. People, officials and the portal grow in proportion to the people; so do counters, of which each
county has at least one; everything else stays as it is in the city. County sizes are lognormal.
"""

from math import exp
from statistics import NormalDist

import msgspec
import numpy as np

from openroll.rules.language import in_language
from openroll.whatif.city import Assumptions, City, District, Quantity
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
    zh, en = (in_language(city.title, lang) for lang in ("zh", "en"))
    told = {
        "zh": f"虚构：大小服从对数正态分布（对数标准差{SPREAD}）；窗口数按人口与{zh}成比例，至少一个",
        "en": f"made: sizes are lognormal (standard deviation of the logarithm {SPREAD}); counters as {en} has them"
        " for its people, at least one",
    }
    counties = tuple(
        District(
            code=f"county-{number:05}",
            title={"zh": f"第{number}县", "en": f"County {number}"},
            weight=weight,
            counters=max(round(counters * weight / total), 1),
            assumed=told,
        )
        for number, weight in enumerate(weights, 1)
    )
    return msgspec.structs.replace(
        city,
        id=f"nation-{people}",
        title={"zh": f"虚构的国家：{people:,}户", "en": f"A made nation of {people:,} subscriptions"},
        summary={
            "zh": f"把{zh}的一切按比例放大到{districts:,}个县，用来测模型的速度和内存；没有一个数字来自统计。",
            "en": f"Everything of {en} in proportion, in {districts:,} counties: for measuring the model's speed and"
            " memory. No number in it was counted anywhere.",
        },
        districts=counties,
        assumptions=_assumed(city, times),
    )


def sizes(districts: int, seed: int) -> tuple[float, ...]:
    """Relative sizes of counties, their middle 1: lognormal, drawn by address, so that a county's size is its own."""
    normal = NormalDist()
    drawn = Streams(seed, np.zeros(1, np.int64)).uniforms(districts, 0, _SIZES)[0, :, 0]
    return tuple(exp(SPREAD * normal.inv_cdf(float(one))) for one in drawn)


def _assumed(city: City, times: float) -> Assumptions[Quantity]:
    zh, en = (in_language(city.title, lang) for lang in ("zh", "en"))

    def fill(path: str, one: Quantity) -> Quantity:
        if path in _GROWING:
            said = {
                "zh": f"按人口与{zh}成比例",
                "en": f"in proportion to the people of {en}",
            }
            low, high = (None if end is None else end * times for end in (one.low, one.high))
            return msgspec.structs.replace(one, value=one.value * times, low=low, high=high, assumed=said)
        said = {
            "zh": f"设与{zh}相同",
            "en": f"taken to be as in {en}",
        }
        return msgspec.structs.replace(one, assumed=said)

    return city.assumptions.filled(fill)
