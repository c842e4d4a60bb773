"""Deadlines: the last day of each, and which of those that a duty had over the years is the one of an event.

Nobody is late by a deadline that they could not know. So an event is judged by the deadline that stood on its day, and one that
came later counts for it only where it gives more time.
"""

from collections.abc import Callable
from datetime import date

import msgspec

from openroll.rules.calendar import EVERY_WEEK, Span, WorkingDays, add, end_of_months, moved_by, span_of
from openroll.rules.duty import Deadline, Duty
from openroll.rules.values import given


def in_order(duty: Duty) -> list[Deadline]:
    """The deadlines of a duty as they followed each other; before any has begun the first of them holds."""
    return sorted(duty.deadlines, key=lambda one: one.since or date.min)


def deadline_of(
    duty: Duty, begun: date, day: date, due_of: Callable[[Deadline], date | None]
) -> tuple[Deadline, date | None]:
    """The deadline of an event as a day knows it, with its last day by `due_of` (None for one that is never over).

    It is the newest that had begun on the event's day (and on its own last day, where that comes before), or whichever later one
    had begun by `day` and gives more time.
    """
    first, *later = in_order(duty)
    chosen = (first, due_of(first))
    for one in later:
        if one.since is not None and one.since > day:
            break
        due = due_of(one)
        last, before = due or date.max, chosen[1] or date.max
        if one.since is None or one.since <= min(begun, last) or last > before:
            chosen = (one, due)
    return chosen


def known_deadline(duty: Duty, begun: date, day: date | None = None) -> tuple[Deadline, date | None]:
    """The deadline of an event as a day knows it (its own, if unsaid), where every week is worked alike."""
    return deadline_of(duty, begun, day or begun, lambda one: due_date(one, begun, EVERY_WEEK))


def due_date(deadline: Deadline, begun: date, calendar: WorkingDays, month_ends: bool = False) -> date | None:
    """The last day of a deadline that counts from a day; None for "promptly".

    With `month_ends` the day is the end of a calendar month: months from there end with months (from 30 June to 31 July).
    A day that moves back to a working day moves no further than to the event: nobody is late who acts on that day.
    """
    due = deadline.fixed or _counted(deadline, begun, calendar, month_ends)
    if due is None or isinstance(deadline.moves, msgspec.UnsetType):
        return due
    moved = calendar.moved(due, deadline.moves == "next-working-day")
    return moved if deadline.fixed or deadline.backwards else max(moved, begun)


def days_of_hours(deadline: Deadline) -> int:
    """The days that a deadline of hours comes to, for an event known by its day alone (see `Deadline`); below 0 counted back."""
    hours, up = given(deadline.hours, 0), given(deadline.rounded, "up") == "up"
    whole, begun = hours // 24, (hours + 23) // 24
    if deadline.backwards:
        return -whole if up else -begun
    return begun if up else whole


def _counted(deadline: Deadline, begun: date, calendar: WorkingDays, month_ends: bool) -> date | None:
    if deadline.immediate:
        return begun
    if not isinstance(deadline.working_days, msgspec.UnsetType):
        return calendar.add(begun, -deadline.working_days if deadline.backwards else deadline.working_days)
    if not isinstance(deadline.hours, msgspec.UnsetType):
        return date.fromordinal(begun.toordinal() + days_of_hours(deadline))
    if deadline.period is None:
        return None
    span = span_of(deadline.period)
    if month_ends and span.months:
        return moved_by(end_of_months(add(begun, Span(span.months, 0)), 1), span.days)
    return add(begun, span.back if deadline.backwards else span)
