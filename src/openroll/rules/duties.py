"""What a rule asks of one subject on one day: each duty, its due date, its state, what may follow.

States:

- `none`: the duty is not the subject's (another kind, new or existing, the event has not happened, the rule not in force).
- `not-yet-due`: the period has not begun: it counts from the day after the event, and that day has not come.
- `due`: the period runs; the due date is its last day. A duty due "promptly" stays here until met: no day is ever late.
- `met`, `met-late`: done, on the due date at the latest, or after it.
- `overdue`: not done, and the due date has passed.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

from openroll.rules.calendar import add, day_in, span_of
from openroll.rules.model import Deadline, Duty, Measure, Rule

State = Literal["none", "not-yet-due", "due", "met", "met-late", "overdue"]
STATES: tuple[State, ...] = ("none", "not-yet-due", "due", "met", "met-late", "overdue")


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a rule is asked about. Dates are civil dates in the rule's zone; None where nothing happened yet.

    `connected` is when the subscription (or site) began; `filed` when it was filed; `changed` and `ended` when it last
    changed and ended, `change_reported` and `end_reported` when that was told.
    """

    kind: str
    connected: date | None = None
    filed: date | None = None
    changed: date | None = None
    change_reported: date | None = None
    ended: date | None = None
    end_reported: date | None = None


class DutyState(msgspec.Struct, frozen=True):
    """How one duty stands. `due` is the last day, None where the rule gives no number. `article` is the duty's."""

    duty: str
    state: State
    due: date | None
    article: str
    measures: tuple[tuple[str, str], ...] = ()


EVENT_FIELDS = {"connection": "connected", "change": "changed", "end": "ended"}
DONE_FIELDS = {"file": "filed", "report-change": "change_reported", "report-end": "end_reported"}


def duties(subject: Subject, rule: Rule, on: date | datetime) -> tuple[DutyState, ...]:
    """Every duty of the rule as it stands for the subject on a day (or at an instant, taken in the rule's zone)."""
    day = day_in(rule.zone, on)
    return tuple(_stand(duty, subject, rule, day) for duty in rule.duties)


def _stand(duty: Duty, subject: Subject, rule: Rule, day: date) -> DutyState:
    begun: date | None = getattr(subject, EVENT_FIELDS[duty.counts_from])
    if begun is None or begun > day or not _applies(duty, subject, rule, day):
        return DutyState(duty.id, "none", None, duty.article)
    deadline = deadline_on(duty, day)
    due = None if deadline.promptly else _due(deadline, begun)
    done: date | None = getattr(subject, DONE_FIELDS[duty.act])
    state = _state(due, begun, done if done is None or done <= day else None, day)
    follow = _measures(duty, rule, subject) if state in ("overdue", "met-late") else ()
    return DutyState(duty.id, state, due, deadline.article or duty.article, follow)


def _applies(duty: Duty, subject: Subject, rule: Rule, day: date) -> bool:
    if subject.kind not in duty.bearers or not in_force(rule, day):
        return False
    if duty.applies == "all" or rule.in_force is None or subject.connected is None:
        return duty.applies == "all"
    return (subject.connected < rule.in_force) == (duty.applies == "existing")


def in_force(rule: Rule, day: date) -> bool:
    """Whether the rule asks anything on this day. A rule without dates (a proposal) is asked as if in force."""
    return (rule.in_force is None or rule.in_force <= day) and (rule.ended is None or day <= rule.ended)


def deadline_on(duty: Duty, day: date) -> Deadline:
    """The deadline that holds on a day: the newest whose `since` has come, the first one before any has."""
    begun = [deadline for deadline in duty.deadlines if deadline.since is None or deadline.since <= day]
    return max(begun or duty.deadlines[:1], key=lambda deadline: deadline.since or date.min)


def _due(deadline: Deadline, begun: date) -> date | None:
    return add(begun, span_of(deadline.period)) if deadline.period else deadline.fixed


def _state(due: date | None, begun: date, done: date | None, day: date) -> State:
    if done is not None:
        return "met" if due is None or done <= due else "met-late"
    if due is not None and day > due:
        return "overdue"
    return "due" if day > begun else "not-yet-due"


def _measures(duty: Duty, rule: Rule, subject: Subject) -> tuple[tuple[str, str], ...]:
    """The measures that may follow for this kind of subject: (id, article), lowest step first."""
    may: list[Measure] = [rule.measure(name) for name in duty.measures]
    against = sorted((one for one in may if subject.kind in one.against), key=lambda one: one.step)
    return tuple((one.id, one.article) for one in against)
