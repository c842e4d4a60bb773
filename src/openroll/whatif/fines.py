"""What a fine comes to in a city: in the city's money, for each line, day or percent that the rule counts it by.

A fine in another currency is charged at the city's `exchange`, and not at all where that has no rate: shillings are no yuan.
Percent of turnover need the city's `turnover`. What cannot be charged is named by `unmodelled`.
"""

from decimal import Decimal
from typing import Literal

from openroll.rules import FineRange, Measure, Money, Rule, fine_range, given
from openroll.whatif.city import City

DAYS_OF_A_BREACH = 30
"""Days for which a fine by the day is counted: a breach is taken to last a month, whatever the rule's cap over all allows."""

Uncharged = Literal["currency", "percent"]


def charged(measure: Measure, rule: Rule, city: City, kind: str) -> tuple[float, float] | None:
    """What one fine on one of a kind can come to, in the city's currency: from nothing where no lower end is named.

    Where no upper end is named it is the lower one. None for what is no fine, and for a fine of which nothing can be charged.
    """
    found = fine_range(measure, given(rule.units, ()), city.begin)
    if found is None:
        return None
    times = _times(found, city, kind)
    low, high = (_most(_money(end, city, times), _percent(found, city, kind, place)) for place, end in _ends(found))
    if low is None and high is None:
        return None
    least = low or 0.0
    most = least if high is None else high
    cap = _money(found.most, city, 1.0)
    return (least, most) if cap is None else (min(least, cap), min(most, cap))


def uncharged(measure: Measure, rule: Rule, city: City) -> set[Uncharged]:
    """Why a fine, or a part of it, cannot be charged in a city."""
    found = fine_range(measure, given(rule.units, ()), city.begin)
    if found is None:
        return set()
    why: set[Uncharged] = set()
    if any(money is not None and rate(money.currency, city) is None for money in (found.low, found.high, found.most)):
        why.add("currency")
    if found.percent is not None and all(_turnover(found, city, kind) is None for kind in measure.against):
        why.add("percent")
    return why


def rate(currency: str, city: City) -> float | None:
    """What one unit of a currency is worth in the city's; None where the city does not say."""
    if currency == city.currency:
        return 1.0
    rates = {one.currency: one.rate for one in given(city.exchange, ())}
    return rates.get(currency)


def _ends(found: FineRange) -> tuple[tuple[int, Money | None], tuple[int, Money | None]]:
    return (0, found.low), (1, found.high)


def _money(money: Money | None, city: City, times: float) -> float | None:
    worth = None if money is None else rate(money.currency, city)
    return None if money is None or worth is None else float(money.amount) * worth * times


def _percent(found: FineRange, city: City, kind: str, place: int) -> float | None:
    share: Decimal | None = found.percent[place] if found.percent else None
    turnover = _turnover(found, city, kind)
    return None if share is None or turnover is None else float(share) / 100 * turnover


def _turnover(found: FineRange, city: City, kind: str) -> float | None:
    turnover = given(city.turnover, None)
    if turnover is None or found.percent_of == "profit":
        return None
    return {
        "organisation": turnover.organisation,
        "access-operator": turnover.operator,
        "site": turnover.site,
    }.get(kind)


def _times(found: FineRange, city: City, kind: str) -> float:
    """How often the amounts are counted: for each line that an operator serves, for each day of a breach."""
    people = city.assumptions.people
    lines = 1.0
    if kind == "access-operator" and found.per in ("subscription", "subscription-and-day"):
        lines = (people.households.value + people.organisations.value) / max(people.operators.value, 1)
    return lines * (DAYS_OF_A_BREACH if found.per in ("day", "subscription-and-day") else 1)


def _most(*amounts: float | None) -> float | None:
    """The greater of amounts that are known: a rule that names money and percent means whichever is more."""
    return max((one for one in amounts if one is not None), default=None)
