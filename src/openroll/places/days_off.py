"""Days off by the `holidays` library, written down one by one when a folder is read, and never asked for again.

The library knows make-up working days where a country has them (China's `weekend_workdays`); the table `days.csv` says more,
and has the last word on a day.
"""

from collections.abc import Iterable
from datetime import date

import holidays

from openroll.places.model import DayOff, Working
from openroll.rules.language import ranges
from openroll.third_party import third_party


def known_countries() -> frozenset[str]:
    """The countries whose days off the library knows (ISO 3166-1 alpha-2)."""
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def known_regions(country: str) -> tuple[str, ...]:
    """The subdivisions of a country that the library knows."""
    return tuple(holidays.list_supported_countries(include_aliases=False).get(country, ()))


def days_off(working: Working, language: str, written: Iterable[DayOff]) -> tuple[DayOff, ...]:
    """Every day of the known years that is not what its weekday says, in order; `written` are those of the table.

    Raises NotValid when the library fails on what it says it knows.
    """
    found = {one.day: one for one in (*_by_library(working, language), *written)}
    return tuple(found[day] for day in sorted(found))


def _by_library(working: Working, language: str) -> Iterable[DayOff]:
    if working.holidays is None or working.years is None:
        return
    years = range(working.years[0], working.years[1] + 1)
    with third_party("holidays"):
        country = holidays.country_holidays(working.holidays)
        spoken = _nearest(language, country.supported_languages)
        country = holidays.country_holidays(working.holidays, subdiv=working.region, years=years, language=spoken)
        listed: dict[date, str] = dict(country.items())
        worked: set[date] = set(getattr(country, "weekend_workdays", ()))
    for day, title in listed.items():
        yield DayOff(day, worked=False, title=title)
    for day in worked - set(listed):
        if day.year in years:
            yield DayOff(day, worked=True)


def _nearest(language: str, there: Iterable[str]) -> str | None:
    """The library's own tag (`en_KE`, `zh_CN`) that is nearest to a language; None for its preset one."""
    known = sorted(there)
    for part in ranges(language):
        found = next((one for one in known if one.partition("_")[0] == part.partition("-")[0]), None)
        if found:
            return found
    return None
