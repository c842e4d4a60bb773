"""Civil dates and periods: the arithmetic of deadlines, exact and without a clock.

A period of days counts from the day after the event: 30 days from a connection on 1 March end with 31 March. Months and years go
to the same day of the month, or to the month's last day where there is none (31 January and one month: 28 or 29 February).
"""

import re
from calendar import monthrange
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")


EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""Days outside of these are slips of the hand; inside of them no deadline leaves the calendar."""
LONGEST_REST = 60
"""Days off in a row that a calendar may have: with more a deadline in working days means nothing. No rule names its calendar."""


class Span(NamedTuple):
    """A period of whole months (a year is twelve) and days."""

    months: int
    days: int

    @property
    def back(self) -> "Span":
        """The same span, counted back."""
        return Span(-self.months, -self.days)


class WorkingDays(msgspec.Struct, frozen=True):
    """Which days are working days: all but the weekend's and the holidays, and the make-up working days whatever they fall on.

    `weekends` are weekdays (Monday is 0) from a day on, in order: a country that moved its weekend has two. The first holds for
    every day before it too. Pure and hashable, so that tables made from it can be kept.
    """

    weekends: tuple[tuple[date, tuple[int, ...]], ...] = ((date.min, (5, 6)),)
    holidays: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a week without a working day: counting would not end."""
        if not self.weekends or any(len(set(days)) > 6 for _, days in self.weekends):
            raise ValueError("a week has one working day at least")

    def is_working(self, day: date) -> bool:
        """Whether a day is a working day."""
        if day in self.working:
            return True
        return day not in self.holidays and day.weekday() not in self._weekend(day)

    def add(self, day: date, count: int) -> date:
        """The working day so many working days after a day, or before it for a negative count; the day itself for 0."""
        step = 1 if count > 0 else -1
        for _ in range(abs(count)):
            day = moved_by(day, step)
            while not self.is_working(day) and date.min < day < date.max:
                day = moved_by(day, step)
        return day

    def moved(self, day: date, forward: bool = True) -> date:
        """The day itself if it is a working day, else the next one (or the one before)."""
        return day if self.is_working(day) else self.add(day, 1 if forward else -1)

    def _weekend(self, day: date) -> tuple[int, ...]:
        begun = [days for since, days in self.weekends if since <= day]
        return begun[-1] if begun else self.weekends[0][1]


EVERY_WEEK = WorkingDays()
"""Saturdays and Sundays are free, and no other day: what holds where no jurisdiction says more."""


def span_of(period: str) -> Span:
    """The span of an ISO 8601 period such as `P1Y6M10D`. A parsed rule holds no other text here."""
    found = _PERIOD.fullmatch(period)
    if not found:
        raise ValueError(f"{period!r} is not an ISO 8601 period of years, months and days")
    years, months, days = (int(part or 0) for part in found.groups())
    return Span(12 * years + months, days)


def add(day: date, span: Span) -> date:
    """The day a span after `day`: months first, then days (ISO 8601-1 section 4.3.2 leaves the order; law usually counts so).

    What lies outside of the calendar is its first or last day.
    """
    month = day.month - 1 + span.months
    year, month = day.year + month // 12, month % 12 + 1
    if not date.min.year <= year <= date.max.year:
        return date.min if year < date.min.year else date.max
    return moved_by(date(year, month, min(day.day, monthrange(year, month)[1])), span.days)


def moved_by(day: date, days: int) -> date:
    """The day so many days later, or earlier for a negative number; the calendar's first or last day where there is none."""
    there = min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(there)


def months_between(first: date, last: date) -> int:
    """Calendar months from the month of one day to that of another."""
    return 12 * (last.year - first.year) + last.month - first.month


def end_of_months(day: date, months: int) -> date:
    """The last day of the stretch of so many calendar months (1, 3, 6, 12) that a day lies in: 31 March of its quarter."""
    last = (day.month - 1) // months * months + months
    return date(day.year, last, monthrange(day.year, last)[1])


def most_days(period: str) -> int:
    """The longest a period can last in days, for checks against a number of days."""
    span = span_of(period)
    years, months = divmod(span.months, 12)
    return 366 * years + 31 * months + span.days


def day_in(zone: str, moment: datetime | date) -> date:
    """The civil day of an instant in a zone; a date is one already. Raises ValueError for a time without a zone."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError("an instant without a time zone is no instant: give one, or a date")
    return moment.astimezone(ZoneInfo(zone)).date()
