"""Duties that come again: after each period since an event, or with each end that the calendar brings."""

from datetime import date
from typing import NamedTuple

import msgspec

from openroll.rules.calendar import Span, add, end_of_months, months_between, moved_by, span_of
from openroll.rules.duty import CALENDAR_EVENTS, Duty
from openroll.rules.model import Rule


class Occurrences(NamedTuple):
    """The days that a recurring duty counts from: `base(0)`, `base(1)`, ...; `first` is the first one that the rule asks for.

    A step is whole months or whole days. With `month_ends` each base is the last day of its month.
    """

    begun: date
    step: Span
    month_ends: bool
    first: int = 0

    def base(self, place: int) -> date:
        """The day of an occurrence."""
        day = add(self.begun, Span(self.step.months * place, self.step.days * place))
        return end_of_months(day, 1) if self.month_ends else day

    def latest(self, day: date) -> int:
        """The last occurrence on or before a day; below 0 where there is none."""
        if not self.step.months:
            return (day - self.begun).days // self.step.days
        place = months_between(self.begun, day) // self.step.months
        return place if self.base(place) <= day else place - 1


def step_of(duty: Duty) -> Span | None:
    """How far apart the occurrences of a duty are; None for a duty that does not come again."""
    if duty.counts_from in CALENDAR_EVENTS:
        return Span(CALENDAR_EVENTS[duty.counts_from], 0)
    return None if isinstance(duty.recurs, msgspec.UnsetType) else span_of(duty.recurs)


def asked_from(duty: Duty, rule: Rule) -> date:
    """The day before which no occurrence is asked for: the rule's first, or the duty's own."""
    return max(rule.in_force or date.min, duty.since or date.min)


def occurrences_of(duty: Duty, rule: Rule, begun: date) -> Occurrences | None:
    """The occurrences of a duty since an event; None for a duty that does not come again."""
    step, first = step_of(duty), asked_from(duty, rule)
    if step is None:
        return None
    if duty.counts_from in CALENDAR_EVENTS:
        return Occurrences(end_of_months(max(begun, first), step.months), step, month_ends=True)
    every = Occurrences(begun, step, month_ends=False)
    if first <= begun:
        return every
    return every._replace(first=every.latest(moved_by(first, -1)) + 1)
