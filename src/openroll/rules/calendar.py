"""Civil dates and periods: the arithmetic of deadlines, exact and without a clock.

A period of days counts from the day after the event: 30 days from a connection on 1 March end with 31 March. Months and years go
to the same day of the month, or to the month's last day where there is none (31 January and one month: 28 or 29 February).
"""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")


class Span(NamedTuple):
    """A period of whole months (a year is twelve) and days."""

    months: int
    days: int


def span_of(period: str) -> Span:
    """The span of an ISO 8601 period such as `P1Y6M10D`. A parsed rule holds no other text here."""
    found = _PERIOD.fullmatch(period)
    if not found:
        raise ValueError(f"{period!r} is not an ISO 8601 period of years, months and days")
    years, months, days = (int(part or 0) for part in found.groups())
    return Span(12 * years + months, days)


def add(day: date, span: Span) -> date:
    """The day a span after `day`: months first, then days (ISO 8601-1 section 4.3.2 leaves the order; law usually counts so)."""
    month = day.month - 1 + span.months
    year, month = day.year + month // 12, month % 12 + 1
    moved = date(year, month, min(day.day, monthrange(year, month)[1]))
    return moved + timedelta(days=span.days)


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
