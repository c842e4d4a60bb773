"""A city carried over to another place: its people as they are, its money in the place's currency, its days the place's own.

So that the page *What if* of a place that has no city of its own measures its rule in its own money and year, and says that
everything about it is made up. The amounts come over at rough rates that ship as data (currencies.yaml).
"""

from collections.abc import Collection
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import msgspec

from openroll.rules import Text, given
from openroll.rules.text import read_yaml
from openroll.whatif.city import Calendar, City, Exchange, Quantity
from openroll.whatif.made_words import made_words

MONEY = frozenset(
    f"costs.{name}"
    for name in (
        "hour", "fare", "official_hour", "proxy_filing", "portal_filing", "request", "month_online", "month_business",
        "reminder",
    )
)  # fmt: skip
"""The assumptions that are amounts of the city's currency."""


class Rates(msgspec.Struct, frozen=True):
    """Rough rates: how many of a currency are worth a dollar, and the currencies that a city carried over has a rate for.

    `like` is the city that is carried over to a place that names none.
    """

    a_dollar: dict[str, float]
    rated: tuple[str, ...]
    like: str


@cache
def rates() -> Rates:
    """The rates that ship."""
    text = (files("openroll.whatif") / "currencies.yaml").read_text(encoding="utf-8")
    return msgspec.convert(read_yaml(text, "currencies.yaml")[0], Rates, strict=False)


class OtherPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a city is carried to: its id, title and summary there, the currency, the first day, and the days off and worked.

    `rest` are the days of the week that are not worked, from 1 (Monday).
    """

    id: str
    title: Text
    currency: str
    begin: date
    rest: Collection[int]
    holidays: Collection[date]
    worked: Collection[date]


def restated(city: City, place: OtherPlace) -> City:
    """The city as it would be there. Where no rate of one of the two currencies is known, the money stays as it is."""
    known = rates().a_dollar
    there = place.currency if {place.currency, city.currency} <= set(known) else city.currency
    rate = known[there] / known[city.currency] if there != city.currency else 1.0
    told = made_words("at-a-rate", city=city.title, currency=there)

    def fill(path: str, one: Quantity) -> Quantity:
        if path not in MONEY or rate == 1.0:
            return one
        low, high = one.range
        return Quantity(value=one.value * rate, low=low * rate, high=high * rate, assumed=told)

    turnover = given(city.turnover, None)
    return msgspec.structs.replace(
        city,
        id=place.id,
        title=made_words("restated", place=place.title),
        summary=made_words("restated-summary", city=city.title, currency=there, days=city.days, begin=place.begin),
        currency=there,
        begin=place.begin,
        calendar=_calendar(city, place),
        assumptions=city.assumptions.filled(fill),
        exchange=_exchange(there) or msgspec.UNSET,
        turnover=msgspec.UNSET
        if turnover is None
        else msgspec.structs.replace(
            turnover,
            organisation=turnover.organisation * rate,
            operator=turnover.operator * rate,
            site=turnover.site * rate,
        ),
    )


def _calendar(city: City, place: OtherPlace) -> Calendar:
    last = place.begin + timedelta(days=city.days - 1)
    off, worked = (
        tuple(sorted(day for day in days if place.begin <= day <= last)) for days in (place.holidays, place.worked)
    )
    weekdays = tuple(day for day in range(1, 8) if day not in place.rest)
    return Calendar(weekdays=weekdays, holidays=off, worked=worked, assumed=made_words("days-of-the-place"))


def _exchange(currency: str) -> tuple[Exchange, ...]:
    known, told = rates(), made_words("rough-rate")
    if currency not in known.a_dollar:
        return ()
    return tuple(
        Exchange(currency=one, rate=known.a_dollar[currency] / known.a_dollar[one], assumed=told)
        for one in known.rated
        if one != currency
    )
