"""What a rule asks of one subject on one day: each duty, its due date, its state, what may follow, who bears it.

States:

- `none`: the duty does not stand on the subject (another kind, new or existing, the event has not happened, the rule or the
  duty not in force, or the subscription ended before the duty was due).
- `not-yet-due`: the period has not begun: it counts from the day after the event, and that day has not come.
- `due`: the period runs; the due date is its last day. A duty due "promptly" stays here until met: no day is ever late.
- `met`, `met-late`: done, on the due date at the latest, or after it.
- `overdue`: not done, and the due date has passed.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

from openroll.rules.calendar import EVERY_WEEK, Span, WorkingDays, add, day_in, end_of_months, moved_by, span_of
from openroll.rules.duty import Deadline, Duty
from openroll.rules.kinds import NATURES
from openroll.rules.model import Rule, in_force, subject_kinds
from openroll.rules.recurring import Occurrences, occurrences_of, step_of
from openroll.rules.subject import DONE_FIELDS, EARLY, EVENT_FIELDS, OUTLIVING, PENDING, SUCCESSIONS, Subject
from openroll.rules.values import given

State = Literal["none", "not-yet-due", "due", "met", "met-late", "overdue"]
STATES: tuple[State, ...] = ("none", "not-yet-due", "due", "met", "met-late", "overdue")


class DutyState(msgspec.Struct, frozen=True):
    """How one duty stands. `due` is the last day, None where the rule gives no number. `article` is the duty's.

    `bearer` is who has to do it: `subscriber` (the subject itself), `operator` (whose record the subject is), or another kind
    by its name (`seller`). `counted_from` is the event's day. `no_service` tells that service may be withheld today for it.
    """

    duty: str
    state: State
    due: date | None
    article: str
    measures: tuple[tuple[str, str], ...] = ()
    bearer: str = "subscriber"
    counted_from: date | None = None
    no_service: bool = False


class NoSuchZone(ValueError):
    """A subject lies in a zone that the rule does not have."""

    def __init__(self, zone: str, rule: Rule) -> None:
        known = ", ".join((rule.zone, *given(rule.zones, ())))
        super().__init__(f"the rule {rule.ref} has no zone {zone!r}: it has {known}")


class Counted(NamedTuple):
    """A duty counted for one subject: the day of the event, the last day, and the day it was done.

    `pending` stands for a condition whose event has not come yet: `begun` is the day the condition stands from.
    """

    begun: date
    due: date | None
    done: date | None
    pending: bool = False


def duties(
    subject: Subject, rule: Rule, on: date | datetime, calendar: WorkingDays = EVERY_WEEK
) -> tuple[DutyState, ...]:
    """Every duty of the rule as it stands on the subject on a day (or at an instant, taken in the subject's zone).

    `calendar` says which days are working days. Raises NoSuchZone for a subject in a zone that the rule does not have, and
    ValueError for an instant without a zone.
    """
    day = day_in(zone_of(subject.zone, rule), on)
    return tuple(_stand(duty, subject, rule, day, calendar) for duty in rule.duties)


def zone_of(zone: str | None, rule: Rule) -> str:
    """The zone whose days count: the subject's own, where the rule has it, else the rule's. Raises NoSuchZone."""
    if zone is None or zone == rule.zone:
        return rule.zone
    if zone not in given(rule.zones, ()):
        raise NoSuchZone(zone, rule)
    return zone


def bearer_of(duty: Duty, rule: Rule) -> str:
    """Who bears a duty, as seen from the record it stands on: `subscriber`, `operator`, or a kind by its name."""
    if not duty.of_others:
        return "subscriber"
    of_kind = rule.natures if rule.kinds else NATURES
    return "operator" if any(of_kind.get(kind) == "operator" for kind in duty.bearers) else duty.bearers[0]


def deadline_on(duty: Duty, day: date) -> Deadline:
    """The deadline that holds on a day: the newest whose `since` has come, the first one before any has."""
    begun = [deadline for deadline in duty.deadlines if deadline.since is None or deadline.since <= day]
    return max(begun or duty.deadlines[:1], key=lambda deadline: deadline.since or date.min)


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


def _stand(duty: Duty, subject: Subject, rule: Rule, day: date, calendar: WorkingDays) -> DutyState:
    bearer = bearer_of(duty, rule)
    nothing = DutyState(duty.id, "none", None, duty.article, bearer=bearer)
    if not stands_on(duty, rule, day) or not _applies(duty, subject, rule):
        return nothing
    deadline = deadline_on(duty, day)
    counted = _count(duty, deadline, subject, rule, day, calendar)
    if counted is None:
        return nothing
    state = _state(counted, day, deadline)
    if state not in ("met", "met-late") and _fell_away(duty, subject, rule, counted.due, day):
        return nothing
    follow = _measures(duty, rule, subject, day) if state in ("overdue", "met-late") else ()
    return DutyState(
        duty.id,
        state,
        counted.due,
        deadline.article or duty.article,
        follow,
        bearer,
        counted.begun,
        withheld(duty, state),
    )


def stands_on(duty: Duty, rule: Rule, day: date) -> bool:
    """Whether a duty asks anything at all on a day: the rule is in force, and so is the duty."""
    return duty.holds(day) and in_force(rule, day, duty.id)


def withheld(duty: Duty, state: str) -> bool:
    """Whether service may be withheld for a duty in this state: while it is open before, once it is overdue after activation."""
    condition = given(duty.condition, "")
    if condition.startswith("before-"):
        return state in ("not-yet-due", "due", "overdue")
    return condition == "after-activation" and state == "overdue"


def _applies(duty: Duty, subject: Subject, rule: Rule) -> bool:
    if subject.kind not in subject_kinds(duty, rule):
        return False
    if duty.services is not msgspec.UNSET and subject.service not in given(duty.services, ()):
        return False
    threshold, most = given(duty.threshold, None), given(duty.most, None)
    if threshold is not None and subject.numbers.get(threshold.of, -1) <= threshold.above:
        return False
    if most is not None and most.of not in subject.numbers:
        return False
    if duty.applies == "all" or rule.in_force is None or subject.connected is None:
        return duty.applies == "all"
    return (subject.connected < rule.in_force) == (duty.applies == "existing")


def _count(
    duty: Duty, deadline: Deadline, subject: Subject, rule: Rule, day: date, calendar: WorkingDays
) -> Counted | None:
    """The days of a duty for one subject; None where its event has not come."""
    begun, fresh = _begun(duty, subject, rule, day), False
    moved = max(_passed(duty, subject, rule, day, "anew"), default=None)
    if begun is not None and moved is not None and begun < moved:
        begun, fresh = moved, True
    pending = _pending(duty, subject, begun, day)
    if pending is not None:
        done = _done(duty, subject, day)
        return Counted(pending, due_date(deadline, pending, calendar) if deadline.fixed else None, done, pending=True)
    if begun is None or (begun > day and not deadline.backwards):
        return None
    done = _done(duty, subject, day)
    occurrences = occurrences_of(duty, rule, begun)
    if occurrences is not None:
        found = _newest(occurrences, done, day)
        if found is None:
            return None
        due = due_date(deadline, found[0], calendar, month_ends=occurrences.month_ends)
        return Counted(found[0], due, found[1])
    early = (duty.act in EARLY and not fresh) or deadline.backwards or duty.act == "hold-at-most"
    if done is not None and done < begun and not early:
        done = None
    return Counted(begun, due_date(deadline, begun, calendar), done)


def _newest(occurrences: Occurrences, done: date | None, day: date) -> tuple[date, date | None] | None:
    """The occurrence that is asked about on a day: the first that no report covers, or the last one that a report does."""
    if done is None or done < occurrences.base(occurrences.first):
        base = occurrences.base(occurrences.first)
        return None if base > day else (base, None)
    covered = occurrences.latest(done)
    after = occurrences.base(covered + 1)
    return (after, None) if after <= day else (occurrences.base(covered), done)


def _begun(duty: Duty, subject: Subject, rule: Rule, day: date) -> date | None:
    field = EVENT_FIELDS.get(duty.counts_from)
    if field is not None:
        begun: date | None = getattr(subject, field)
        return begun
    if subject.connected is None or subject.connected > day:
        return None
    return rule.in_force if duty.counts_from == "in-force" else subject.connected


def _pending(duty: Duty, subject: Subject, begun: date | None, day: date) -> date | None:
    """The day from which a condition stands whose event has not come; None for a duty that is none, or whose event has."""
    field = PENDING.get(given(duty.condition, "")) if step_of(duty) is None else None
    if field is None or (begun is not None and begun <= day):
        return None
    since: date | None = getattr(subject, field)
    return since if since is not None and since <= day else None


def _done(duty: Duty, subject: Subject, day: date) -> date | None:
    if not isinstance(duty.most, msgspec.UnsetType):
        return date.min if subject.numbers[duty.most.of] <= duty.most.number else None
    done: date | None = getattr(subject, DONE_FIELDS[duty.act])
    return done if done is None or done <= day else None


def _passed(duty: Duty, subject: Subject, rule: Rule, day: date, how: str) -> Iterator[date]:
    """The days on which the subject passed to another operator, by then, where the rule lets that do so to the duty."""
    if how == "anew" and duty.counts_from not in ("connection", "activation"):
        return
    for one in given(rule.succession, ()):
        passed: date | None = getattr(subject, SUCCESSIONS[one.when])
        if one.duties == how and one.holds(day) and passed is not None and passed <= day:
            yield passed


def _fell_away(duty: Duty, subject: Subject, rule: Rule, due: date | None, day: date) -> bool:
    """Whether an open duty fell away: the subscription ended, or its operator went, before it was due."""
    ends = [subject.ended] if duty.counts_from not in OUTLIVING and duty.act != "report-end" else []
    if duty.of_others:
        ends += _passed(duty, subject, rule, day, "end")
    return any(end is not None and end <= day and (due is None or end <= due) for end in ends)


def _state(counted: Counted, day: date, deadline: Deadline) -> State:
    if counted.done is not None:
        return "met" if counted.due is None or counted.done <= counted.due else "met-late"
    if counted.due is not None and day > counted.due:
        return "overdue"
    runs = day > counted.begun or counted.pending or deadline.immediate or deadline.backwards
    return "due" if runs else "not-yet-due"


def _measures(duty: Duty, rule: Rule, subject: Subject, day: date) -> tuple[tuple[str, str], ...]:
    """The measures that may follow on that day, for who bears the duty and whom it is about: (id, article), lowest step first."""
    whom = {subject.kind, *(duty.bearers if duty.of_others else ())}
    may = [rule.measure(name) for name in duty.measures]
    against = sorted((one for one in may if whom & set(one.against) and one.holds(day)), key=lambda one: one.step)
    return tuple((one.id, one.article) for one in against)
