"""Days off by the `holidays` library, written down one by one when a folder is read, and never asked for again.

The library knows make-up working days where a country has them (China's `weekend_workdays`); the table `days.csv` says more,
and has the last word on a day.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import holidays
import msgspec
from msgspec import UNSET

from openroll.places.model import DayOff, Working
from openroll.rules.language import ranges
from openroll.third_party import NotValid, third_party


def known_countries() -> frozenset[str]:
    """The countries whose days off the library knows (ISO 3166-1 alpha-2)."""
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def known_regions(country: str) -> tuple[str, ...]:
    """The subdivisions of a country that the library knows."""
    return tuple(holidays.list_supported_countries(include_aliases=False).get(country, ()))


def days_off(working: Working, languages: Sequence[str], written: Iterable[DayOff]) -> tuple[DayOff, ...]:
    """Every day of the known years that is not what its weekday says, in order; `written` are those of the table.

    A day is named in each of the languages that the library has words in. Raises NotValid when the library fails on what it
    says it knows.
    """
    found = {one.day: one for one in (*_by_library(working, languages), *written)}
    return tuple(found[day] for day in sorted(found))


def own_days(days: Sequence[DayOff], working: Working, languages: Sequence[str]) -> tuple[DayOff, ...]:
    """Of the days of a place those that the library does not say in the same way by now: what `days.csv` has to say.

    Where the library fails on the place by now all of them are: nothing that was published is lost.
    """
    try:
        by_library = set(_keys(_by_library(working, languages)))
    except NotValid:
        by_library = set()
    return tuple(one for one, key in zip(days, _keys(days), strict=True) if key not in by_library)


def _keys(days: Iterable[DayOff]) -> list[str]:
    """Days as texts that are the same where the days are; a title by language has no hash."""
    return [msgspec.json.encode(one, order="sorted").decode() for one in days]


def _by_library(working: Working, languages: Sequence[str]) -> Iterable[DayOff]:
    if working.holidays is None or working.years is None:
        return
    years = range(working.years[0], working.years[1] + 1)
    with third_party("holidays"):
        country = holidays.country_holidays(working.holidays)
        spoken = {lang: _nearest(lang, country.supported_languages) for lang in languages}
        country = _listed(working, years, spoken[languages[0]])
        others = {lang: _listed(working, years, tag) for lang, tag in spoken.items() if tag and lang != languages[0]}
        others |= {languages[0]: country} if spoken[languages[0]] else {}
        listed: dict[date, str] = dict(country.items())
        worked: set[date] = set(getattr(country, "weekend_workdays", ()))
    for day, title in listed.items():
        titles = {lang: str(one[day]) for lang, one in others.items() if day in one}
        yield DayOff(day, worked=False, title=title, titles=titles if len(titles) > 1 else UNSET)
    for day in worked - set(listed):
        if day.year in years:
            yield DayOff(day, worked=True)


def _listed(working: Working, years: range, spoken: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(str(working.holidays), subdiv=working.region, years=years, language=spoken)


def _nearest(language: str, there: Iterable[str]) -> str | None:
    """The library's own tag (`en_KE`, `zh_CN`) that is nearest to a language; None for its preset one."""
    known = sorted(there)
    for part in ranges(language):
        found = next((one for one in known if one.partition("_")[0] == part.partition("-")[0]), None)
        if found:
            return found
    return None
