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

from openroll.rules.calendar import EVERY_WEEK, WorkingDays, day_in
from openroll.rules.deadlines import deadline_of, due_date
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


def _stand(duty: Duty, subject: Subject, rule: Rule, day: date, calendar: WorkingDays) -> DutyState:
    bearer = bearer_of(duty, rule)
    nothing = DutyState(duty.id, "none", None, duty.article, bearer=bearer)
    if not stands_on(duty, rule, day) or not _applies(duty, subject, rule):
        return nothing
    found = _count(duty, subject, rule, day, calendar)
    if found is None:
        return nothing
    deadline, counted = found
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
    duty: Duty, subject: Subject, rule: Rule, day: date, calendar: WorkingDays
) -> tuple[Deadline, Counted] | None:
    """The deadline of a duty for one subject, and its days; None where its event has not come."""
    begun, fresh = _begun(duty, subject, rule, day), False
    moved = max(_passed(duty, subject, rule, day, "anew"), default=None)
    if begun is not None and moved is not None and begun < moved:
        begun, fresh = moved, True
    pending = _pending(duty, subject, begun, day)
    if pending is not None:
        deadline, due = deadline_of(
            duty, pending, day, lambda one: due_date(one, pending, calendar) if one.fixed else None
        )
        return deadline, Counted(pending, due, _done(duty, subject, day), pending=True)
    if begun is None:
        return None
    done = _done(duty, subject, day)
    occurrences = occurrences_of(duty, rule, begun)
    if occurrences is not None:
        found = _newest(occurrences, done, day) if begun <= day else None
        if found is None:
            return None
        base, month_ends = found[0], occurrences.month_ends
        deadline, due = deadline_of(duty, base, day, lambda one: due_date(one, base, calendar, month_ends=month_ends))
        return deadline, Counted(base, due, found[1])
    deadline, due = deadline_of(duty, begun, day, lambda one: _due(duty, one, begun, calendar))
    if begun > day and not deadline.backwards:
        return None
    early = (duty.act in EARLY and not fresh) or deadline.backwards or duty.act == "hold-at-most"
    if done is not None and done < begun and not early:
        done = None
    return deadline, Counted(begun, due, done)


def _due(duty: Duty, deadline: Deadline, begun: date, calendar: WorkingDays) -> date | None:
    """The last day of a duty for one event. Where that was over before the duty began, its time counts from there.

    A day for all, and what is counted back from an event, are what they are.
    """
    due, first = due_date(deadline, begun, calendar), duty.since
    if first is None or due is None or due >= first or deadline.fixed or deadline.backwards:
        return due
    return due_date(deadline, first, calendar)


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
