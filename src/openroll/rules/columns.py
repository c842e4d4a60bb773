"""Columns of days as whole numbers since 1970: moving them by months and working days, and counting what comes again.

A date that is not there is NEVER, later than every day. What is computed from it is any day: callers mask it.
"""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from openroll.rules.calendar import Span, WorkingDays

Days = NDArray[np.int32]
Flags = NDArray[np.bool_]

NEVER = np.int32(np.iinfo(np.int32).max)
"""Stands for a date that is not there: later than every day."""
ALWAYS = np.int32(-(2**30))
"""Stands for what was there from the start: earlier than every day."""
EPOCH = date(1970, 1, 1)

_TABLE = 1_000_000
"""Days that a table of months is made for; dates further apart are moved one by one."""
_FIRST, _LAST = (date.min - EPOCH).days, (date.max - EPOCH).days


def number(day: date) -> np.int32:
    """A day as days since 1970."""
    return np.int32((day - EPOCH).days)


def add_span(days: Days, span: Span) -> Days:
    """Months to the same day of the month or the month's last, then days."""
    return _add_months(days, span) if span.months else days + np.int32(span.days)


def _add_months(days: Days, span: Span) -> Days:
    there = days[(days != NEVER) & (days > ALWAYS)]
    if not len(there):
        return days
    first, last = int(there.min()), int(there.max())
    if last - first > _TABLE:
        return _moved(pl.Series(np.clip(days, first, last)), span)
    table = _moved(pl.Series(np.arange(first, last + 1, dtype=np.int32)), span)
    moved: Days = table[np.clip(days, first, last) - first]
    return moved


def _moved(days: pl.Series, span: Span) -> Days:
    moved = days.cast(pl.Date).dt.offset_by(f"{span.months}mo").dt.offset_by(f"{span.days}d")
    days_moved: Days = moved.to_physical().to_numpy()
    return days_moved


class WorkingTable:
    """Which of a stretch of days are working days, counted, so that a whole column moves by looking up."""

    def __init__(self, calendar: WorkingDays, days: Days, most: int) -> None:
        there = days[(days >= _FIRST) & (days <= _LAST)]
        low, high = (int(there.min()), int(there.max())) if len(there) else (0, 0)
        # One working day a week at least, but for the holidays: so far any count of them reaches.
        reach = 7 * (most + len(calendar.holidays) + 1)
        self.first, self.last = low - reach, high + reach
        work = _working(calendar, self.first, self.last)
        self.work = work
        self.places = (np.flatnonzero(work) + self.first).astype(np.int32)
        self.until = np.cumsum(work, dtype=np.int32)

    def add(self, days: Days, count: int) -> Days:
        """The working day so many working days after each day, or before it for a negative count."""
        at = self._at(days)
        before = self.until[at] if count > 0 else self.until[at] - self.work[at]
        return self._place(before + (count - 1 if count > 0 else count))

    def moved(self, days: Days, forward: bool) -> Days:
        """Each day itself where it is a working day, else the next one or the one before."""
        at = self._at(days)
        other = self._place(self.until[at] - (0 if forward else 1))
        return np.where(self.work[at], days, other)

    def _at(self, days: Days) -> NDArray[np.int64]:
        return np.clip(days.astype(np.int64), self.first, self.last) - self.first

    def _place(self, at: NDArray[np.int32]) -> Days:
        found: Days = self.places[np.clip(at, 0, len(self.places) - 1)]
        return found


def _working(calendar: WorkingDays, first: int, last: int) -> Flags:
    """Whether each day from `first` to `last` is a working day."""
    days = np.arange(first, last + 1)
    weekday = (days + EPOCH.weekday()) % 7
    work = np.ones(len(days), np.bool_)
    begun = np.zeros(len(days), np.intp)
    for place, (since, _) in enumerate(calendar.weekends):
        begun[days >= int((since - EPOCH).days)] = place
    for place, (_, weekend) in enumerate(calendar.weekends):
        work[(begun == place) & np.isin(weekday, weekend)] = False
    for some, works in ((calendar.holidays, False), (calendar.working, True)):
        numbers = np.array([(day - EPOCH).days for day in some], np.int64)
        work[numbers[(numbers >= first) & (numbers <= last)] - first] = works
    return work


class RecurringDays:
    """The occurrences of a recurring duty for a column of events: the same as `recurring.Occurrences`, row by row."""

    def __init__(self, begun: Days, step: Span, month_ends: bool, first: int) -> None:
        self.begun, self.step, self.month_ends = begun.astype(np.int64), step, month_ends
        self.first = np.zeros(len(begun), np.int64)
        if not month_ends:
            later = self.begun < first
            self.first[later] = self.latest(np.full(len(begun), first - 1))[later] + 1

    def base(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        """The day of an occurrence, row by row."""
        if not self.step.months:
            return self.begun + self.step.days * place
        month, of_month = _months(self.begun)
        start, length = _month(month + self.step.months * place)
        if self.month_ends:
            return start + length - 1
        return start + np.minimum(of_month, length - 1)

    def latest(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        """The last occurrence on or before a day, row by row; below 0 where there is none."""
        if not self.step.months:
            return (day - self.begun) // self.step.days
        place = (_months(day)[0] - _months(self.begun)[0]) // self.step.months
        return np.where(self.base(place) <= day, place, place - 1)

    def newest(self, done: NDArray[np.int64], today: int) -> tuple[Days, Days]:
        """The occurrence asked about and the day it was done: see `duties._newest`. A base after today has not come."""
        none = done < self.base(self.first)
        never = (done > today) | none
        covered = np.where(never, self.first, self.latest(np.where(never, self.begun, done)))
        after = self.base(covered + 1)
        opens = ~never & (after <= today)
        base = np.where(opens, after, self.base(covered))
        return base.astype(np.int32), np.where(never | opens, int(NEVER), done).astype(np.int32)


def ends_of_months(days: Days, months: int) -> Days:
    """The last day of the stretch of so many calendar months that each day lies in."""
    month = _months(days.astype(np.int64))[0]
    start, length = _month(month // months * months + months - 1)
    return (start + length - 1).astype(np.int32)


def _months(days: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The month of each day, counted from January 1970, and the day's place in it, from 0."""
    clipped = np.clip(days, _FIRST, _LAST)
    month = clipped.astype("datetime64[D]").astype("datetime64[M]")
    return month.astype(np.int64), clipped - month.astype("datetime64[D]").astype(np.int64)


def _month(month: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first day of each month and how many days it has."""
    start = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return start, after - start
