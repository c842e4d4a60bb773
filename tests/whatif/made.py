"""Cities and days made for tests: the village with some of its assumptions set, and one day of it with the tables filled in."""

from datetime import date, timedelta

import msgspec
import numpy as np

from openroll.rules import Rule, load
from openroll.whatif import City, Quantity, load_city, sample
from openroll.whatif.day import Day
from openroll.whatif.layout import Layout
from openroll.whatif.population import Population
from openroll.whatif.rule_effects import RuleEffects

NOTICE, REGULATION, NOTIFICATION = (
    load(name) for name in ("cn-cq-2006-notice", "cn-cq-2006-regulation", "notification-2006")
)


def village(for_days: int = 0, /, **values: float) -> City:
    """The village, every assumption at its value; `filing__lull=0.1` sets one."""
    city = load_city("village")
    named = {path.replace("__", "."): value for path, value in values.items()}
    unknown = set(named) - {path for path, _ in city.assumptions.items()}
    assert not unknown, unknown
    fixed = city.assumptions.filled(lambda path, one: Quantity(value=named.get(path, one.value)))
    return msgspec.structs.replace(city, assumptions=fixed, days=for_days or city.days)


def first_day(rule: Rule, city: City, index: int = 0, *, works: bool = True) -> tuple[Day, Population]:
    """A day of the city as it was settled, nothing filled in yet."""
    rule_effects = RuleEffects(rule, city)
    assumptions = sample.assumption_arrays(city, sample.draw(city, 1, 1), 1)
    population = Population(rule_effects, Layout([rule_effects]), city, assumptions)
    when: date = city.begin + timedelta(days=index)
    day = Day(
        index,
        when,
        works,
        rule_effects,
        city,
        assumptions,
        population.layout,
        population.counts,
        population.tables,
        population.served,
    )
    return day, population


def number(values: np.ndarray) -> float:
    """The one number of an array that holds one."""
    return float(np.asarray(values).reshape(-1)[0])
