"""The same duties by column: a million subjects in a few passes over small whole numbers.

A frame of subjects has the columns of `Subject`: `kind` (Enum of KINDS or of the rule's kinds, or String), dates (Date),
`numbers.<name>` (whole numbers), `service` and `zone` (String). Answers are, for each duty, `<duty>.due` (Date) and
`<duty>.state` (Enum of STATES). A property test holds every cell equal to `duties.duties`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl
from msgspec import UnsetType
from numpy.typing import NDArray

from openroll.rules.calendar import EVERY_WEEK, Span, WorkingDays, day_in, span_of
from openroll.rules.columns import (
    ALWAYS,
    EPOCH,
    NEVER,
    Days,
    Flags,
    RecurringDays,
    WorkingTable,
    add_span,
    ends_of_months,
    number,
)
from openroll.rules.deadlines import days_of_hours, due_date, in_order
from openroll.rules.duties import STATES, stands_on, zone_of
from openroll.rules.duty import CALENDAR_EVENTS, Deadline, Duty, Threshold
from openroll.rules.kinds import KINDS
from openroll.rules.model import Rule, subject_kinds
from openroll.rules.recurring import asked_from, step_of
from openroll.rules.subject import DATES, DONE_FIELDS, EARLY, EVENT_FIELDS, OUTLIVING, PENDING, SUCCESSIONS
from openroll.rules.values import given

KIND = pl.Enum(KINDS)
STATE = pl.Enum(STATES)

_CHUNK = 65_536
"""Rows worked on together: small enough for the columns at hand to stay in the processor's cache."""

_NOT_YET, _MET, _OVERDUE = (np.uint8(STATES.index(state)) for state in ("not-yet-due", "met", "overdue"))
"""Codes of states. `due` follows `not-yet-due` and `met-late` follows `met`, so that a true comparison adds one."""


def duties_frame(
    frame: pl.DataFrame, rule: Rule, on: date | datetime, calendar: WorkingDays = EVERY_WEEK
) -> pl.DataFrame:
    """Every duty of the rule for every subject of the frame on a day, in the frame's order.

    Missing date columns count as dates that are not there. Raises polars' InvalidOperationError for a kind that is none of
    the rule's, ColumnNotFoundError where `kind` is missing, SchemaError for a kind that is null or a date column of another
    type, NoSuchZone for a zone that the rule does not have.
    """
    if "zone" in frame.columns:
        return _by_zone(frame, rule, on, calendar)
    return _on_day(frame, rule, day_in(rule.zone, on), calendar)


def _by_zone(frame: pl.DataFrame, rule: Rule, on: date | datetime, calendar: WorkingDays) -> pl.DataFrame:
    """Rows asked together whose zones have the same day: at any instant there are three days on earth at most."""
    zones, bare, parts = frame["zone"].fill_null(rule.zone), frame.drop("zone"), []
    days = {zone: day_in(zone_of(zone, rule), on) for zone in zones.unique()}
    if len({*days.values()}) < 2:
        return _on_day(bare, rule, next(iter(days.values()), day_in(rule.zone, on)), calendar)
    for day in sorted(set(days.values())):
        mine = zones.is_in([zone for zone, its in days.items() if its == day])
        part = _on_day(bare.filter(mine), rule, day, calendar)
        parts.append(part.with_columns(place=pl.Series(np.flatnonzero(mine.to_numpy()))))
    return pl.concat(parts).sort("place").drop("place")


class _Columns(NamedTuple):
    """The columns of a frame that duties look at; a date column that nobody has is None."""

    kinds: NDArray[np.uint8]
    dates: Mapping[str, Days | None]
    numbers: Mapping[str, pl.Series]
    service: pl.Series | None


def _on_day(frame: pl.DataFrame, rule: Rule, day: date, calendar: WorkingDays) -> pl.DataFrame:
    if frame["kind"].null_count():
        raise pl.exceptions.SchemaError("the column kind holds null: every subject is of a kind")
    of_kind = KIND if frame["kind"].dtype == KIND else pl.Enum(rule.known_kinds)
    columns = _Columns(
        frame["kind"].cast(of_kind).to_physical().to_numpy(),
        {name: _days(frame, name) for name in DATES},
        {name.removeprefix("numbers."): frame[name] for name in frame.columns if name.startswith("numbers.")},
        frame["service"] if "service" in frame.columns else None,
    )
    answers: list[pl.Series] = []
    for duty in rule.duties:
        due, states = _duty(duty, rule, columns, day, calendar)
        answers.append(due.alias(f"{duty.id}.due"))
        answers.append(pl.Series(f"{duty.id}.state", states).cat.to(STATE))
    return pl.DataFrame(answers)


def _days(frame: pl.DataFrame, name: str) -> Days | None:
    """A column of dates as days since 1970, NEVER where there is none; None for a column without any."""
    if name not in frame.columns:
        return None
    column = frame[name]
    if column.null_count() == len(column) > 0:
        return None
    if column.dtype != pl.Date:
        raise pl.exceptions.SchemaError(f"the column {name} is of type {column.dtype}: dates are of type Date")
    physical = column.to_physical()
    return (physical if not column.null_count() else physical.fill_null(int(NEVER))).to_numpy()


class _Counted(NamedTuple):
    """A duty counted by column: the event's day, the last day (one for all, or NEVER), the day it was done."""

    begun: Days
    due: Days | np.int32
    done: Days | None
    pending: Flags | None


def _duty(
    duty: Duty, rule: Rule, columns: _Columns, day: date, calendar: WorkingDays
) -> tuple[pl.Series, NDArray[np.uint8]]:
    """One duty for all subjects: due dates and the codes of states, of each by the deadline that it could know."""
    first, *later = in_order(duty)
    known = [first, *(one for one in later if one.since is None or one.since <= day)]
    which = _which(duty, known, rule, columns, number(day), calendar) if len(known) > 1 else None
    if which is None:
        return _by_deadline(duty, first, rule, columns, day, calendar)
    states = np.zeros(len(which), np.uint8)
    due = _no_dates(len(which))
    for place in np.unique(which):
        rows = np.flatnonzero(which == place)
        due_here, states[rows] = _by_deadline(duty, known[place], rule, _rows(columns, rows), day, calendar)
        due = due.scatter(rows, due_here)
    return due, states


def _which(
    duty: Duty, known: Sequence[Deadline], rule: Rule, columns: _Columns, today: np.int32, calendar: WorkingDays
) -> NDArray[np.intp] | None:
    """Row by row which of the deadlines that a day knows is the event's (`deadlines.deadline_of`); None where none happened."""
    which = np.zeros(len(columns.kinds), np.intp)
    latest = np.full(len(which), ALWAYS)
    for place, deadline in enumerate(known):
        counted = _count(duty, deadline, rule, columns, today, calendar)
        if counted is None:
            return None
        event, due = counted.begun, np.broadcast_to(counted.due, which.shape)
        if counted.pending is not None and (waits := columns.dates[PENDING[given(duty.condition, "")]]) is not None:
            event = np.where(counted.pending, waits, event)
        since = ALWAYS if deadline.since is None else number(deadline.since)
        chosen = (since <= np.minimum(event, due)) | (due > latest) | (place == 0)
        which[chosen], latest[chosen] = place, due[chosen]
    return which


def _rows(columns: _Columns, rows: NDArray[np.intp]) -> _Columns:
    """Some rows of a frame's columns."""
    return _Columns(
        columns.kinds[rows],
        {name: None if days is None else days[rows] for name, days in columns.dates.items()},
        {name: column[rows] for name, column in columns.numbers.items()},
        None if columns.service is None else columns.service[rows],
    )


def _by_deadline(
    duty: Duty, deadline: Deadline, rule: Rule, columns: _Columns, day: date, calendar: WorkingDays
) -> tuple[pl.Series, NDArray[np.uint8]]:
    """One duty by one deadline: due dates and the codes of states, worked out chunk by chunk."""
    states, today = np.zeros(len(columns.kinds), np.uint8), number(day)
    counted = _count(duty, deadline, rule, columns, today, calendar) if stands_on(duty, rule, day) else None
    asked = _asked(duty, columns)
    if counted is None or asked is False:
        return _no_dates(len(states)), states
    begun, due, done, pending = counted
    ends, connected = _ends(duty, rule, columns, today), columns.dates["connected"]
    bearers = sorted(rule.known_kinds.index(kind) for kind in subject_kinds(duty, rule))
    latest, running = NEVER - 1 if deadline.backwards else today, deadline.immediate or deadline.backwards
    mine = np.empty(len(states), np.bool_)
    for start in range(0, len(states), _CHUNK):
        part = slice(start, start + _CHUNK)
        mine[part] = _bears(bearers, columns.kinds[part]) & (begun[part] <= latest)
        if duty.applies != "all":
            mine[part] &= _new_or_existing(duty, rule, None if connected is None else connected[part])
        if asked is not True:
            mine[part] &= asked[part]
        due_here = due[part] if isinstance(due, np.ndarray) else due
        here = _states(due_here, begun[part], None if done is None else done[part], today, running)
        for end in ends:
            undone = (here != _MET) & (here != _MET + 1)
            mine[part] &= ~(undone & (end[part] <= today) & (end[part] <= due_here))
        np.multiply(here, mine[part].view(np.uint8), out=states[part])
    if pending is not None and not deadline.fixed:
        mine &= ~pending
    return _no_dates(len(states)) if deadline.promptly else _dates(due, mine), states


def _count(
    duty: Duty, deadline: Deadline, rule: Rule, columns: _Columns, today: np.int32, calendar: WorkingDays
) -> _Counted | None:
    """The days of a duty by column; None where nobody has its event. A plain duty passes through and copies nothing."""
    event, told = _event(duty, rule, columns, today), _done(duty, columns)
    step, waits = step_of(duty), None
    if step is None and given(duty.condition, "") in PENDING:
        waits = columns.dates[PENDING[given(duty.condition, "")]]
    if event is None:
        if waits is None:
            return None
        event = np.full(len(columns.kinds), NEVER)
    event, fresh = _anew(duty, rule, columns, event, today)
    begun, done = event, told
    if step is not None:
        begun, done = _occurrences(duty, step, rule, event, told, today)
    else:
        done = _counting(duty, deadline, event, told, fresh)
    due = _due(deadline, begun, calendar, at_ends=duty.counts_from in CALENDAR_EVENTS)
    if step is None and duty.since is not None and not deadline.fixed and not deadline.backwards:
        first = np.full(1, number(duty.since))
        due = np.where(due < first, _due(deadline, first, calendar, at_ends=False), due)
    if waits is None:
        return _Counted(begun, due, done, None)
    pending = (event > today) & (waits <= today)
    done = done if done is None or told is None else np.where(pending, told, done)
    due = due if deadline.fixed else np.where(pending, NEVER, due)
    return _Counted(np.where(pending, ALWAYS, begun), due, done, pending)


def _event(duty: Duty, rule: Rule, columns: _Columns, today: np.int32) -> Days | None:
    """The day of the event, row by row: the rule's own day and the calendar's ends are for whoever is connected by then."""
    if duty.counts_from in EVENT_FIELDS:
        return columns.dates[EVENT_FIELDS[duty.counts_from]]
    connected = columns.dates["connected"]
    if connected is None or (duty.counts_from == "in-force" and rule.in_force is None):
        return None
    if duty.counts_from == "in-force" and rule.in_force is not None:
        return np.where(connected <= today, number(rule.in_force), NEVER)
    begins = np.maximum(connected, max(number(asked_from(duty, rule)), ALWAYS))
    return np.where(connected <= today, ends_of_months(begins, CALENDAR_EVENTS[duty.counts_from]), NEVER)


def _done(duty: Duty, columns: _Columns) -> Days | None:
    if duty.act != "hold-at-most":
        return columns.dates[DONE_FIELDS[duty.act]]
    most = given(duty.most, None)
    if most is None or most.of not in columns.numbers:
        return None
    within = (columns.numbers[most.of] <= most.number).fill_null(value=False).to_numpy()
    return np.where(within, ALWAYS, NEVER)


def _asked(duty: Duty, columns: _Columns) -> Flags | bool:
    """Who is asked by number and service: True for all, False for nobody. What is not known of a row does not ask it."""
    asked: list[pl.Series] = []
    for of in (given(duty.threshold, None), given(duty.most, None)):
        if of is None:
            continue
        if of.of not in columns.numbers:
            return False
        counted = columns.numbers[of.of]
        asked.append(counted > of.above if isinstance(of, Threshold) else counted.is_not_null())
    if not isinstance(duty.services, UnsetType):
        if columns.service is None:
            return False
        asked.append(columns.service.is_in(list(duty.services)))
    if not asked:
        return True
    all_of: Flags = np.logical_and.reduce([one.fill_null(value=False).to_numpy() for one in asked])
    return all_of


def _anew(duty: Duty, rule: Rule, columns: _Columns, event: Days, today: np.int32) -> tuple[Days, Flags | None]:
    """The event's days where a duty begins again as a record passes to another operator, and on which rows it did."""
    days = _passed(rule, columns, today, "anew") if duty.counts_from in ("connection", "activation") else []
    if not days:
        return event, None
    moved = np.maximum.reduce([np.where(one <= today, one, ALWAYS) for one in days])
    fresh = event < moved
    return np.where(fresh, moved, event), fresh


def _passed(rule: Rule, columns: _Columns, today: np.int32, how: str) -> list[Days]:
    day = EPOCH + timedelta(days=int(today))
    fields = [SUCCESSIONS[one.when] for one in given(rule.succession, ()) if one.duties == how and one.holds(day)]
    found = [columns.dates[field] for field in dict.fromkeys(fields)]
    return [one for one in found if one is not None]


def _counting(duty: Duty, deadline: Deadline, begun: Days, told: Days | None, fresh: Flags | None) -> Days | None:
    """The day a duty was done, where that counts: a report of what has not happened yet is no report."""
    if told is None or deadline.backwards or duty.act == "hold-at-most" or (duty.act in EARLY and fresh is None):
        return told
    too_early = told < begun
    return np.where(too_early & fresh if duty.act in EARLY and fresh is not None else too_early, NEVER, told)


def _occurrences(
    duty: Duty, step: Span, rule: Rule, event: Days, told: Days | None, today: np.int32
) -> tuple[Days, Days]:
    """The occurrence that is asked about, row by row, and the day it was done."""
    days = RecurringDays(event, step, duty.counts_from in CALENDAR_EVENTS, (asked_from(duty, rule) - EPOCH).days)
    done = np.full(len(event), int(NEVER), np.int64) if told is None else told.astype(np.int64)
    base, done_then = days.newest(done, int(today))
    return np.where(event != NEVER, base, NEVER), done_then


def _ends(duty: Duty, rule: Rule, columns: _Columns, today: np.int32) -> list[Days]:
    """The days on which an open duty falls away: the subscription ended, or its operator went."""
    own = duty.counts_from not in OUTLIVING and duty.act != "report-end"
    ended = columns.dates["ended"] if own else None
    passed = _passed(rule, columns, today, "end") if duty.of_others else []
    return passed if ended is None else [ended, *passed]


def _due(deadline: Deadline, begun: Days, calendar: WorkingDays, *, at_ends: bool) -> Days | np.int32:
    """The due dates, or the one due date of all; NEVER where the rule gives no day."""
    if deadline.fixed:
        return number(due_date(deadline, deadline.fixed, calendar) or deadline.fixed)
    if deadline.promptly:
        return NEVER
    due = _moved_on(deadline, begun, calendar, at_ends=at_ends)
    if isinstance(deadline.moves, UnsetType):
        return due
    moved = WorkingTable(calendar, due, 1).moved(due, deadline.moves == "next-working-day")
    return moved if deadline.backwards else np.maximum(moved, begun)


def _moved_on(deadline: Deadline, begun: Days, calendar: WorkingDays, *, at_ends: bool) -> Days:
    if deadline.immediate:
        return begun
    if not isinstance(deadline.working_days, UnsetType):
        count = -deadline.working_days if deadline.backwards else deadline.working_days
        return WorkingTable(calendar, begun, deadline.working_days).add(begun, count)
    if not isinstance(deadline.hours, UnsetType):
        return begun + np.int32(days_of_hours(deadline))
    span = span_of(deadline.period or "P0D")
    if at_ends and span.months:
        return ends_of_months(add_span(begun, Span(span.months, 0)), 1) + np.int32(span.days)
    return add_span(begun, span.back if deadline.backwards else span)


def _bears(bearers: list[int], kinds: NDArray[np.uint8]) -> Flags:
    """On whom a duty stands: kinds that are listed together are asked for as one range, in two comparisons."""
    bearers, bears = list(bearers), np.zeros(len(kinds), np.bool_)
    while bearers:
        first = last = bearers.pop(0)
        while bearers and bearers[0] == last + 1:
            last = bearers.pop(0)
        bears |= (kinds >= np.uint8(first)) & (kinds <= np.uint8(last))
    return bears


def _new_or_existing(duty: Duty, rule: Rule, connected: Days | None) -> Flags | bool:
    if connected is None or rule.in_force is None:
        return False
    split = number(rule.in_force)
    return connected < split if duty.applies == "existing" else (connected >= split) & (connected != NEVER)


def _states(due: Days | np.int32, begun: Days, done: Days | None, today: np.int32, at_once: bool) -> NDArray[np.uint8]:
    """States from comparisons and bytes alone, so that there is no branch a row: overdue is the greatest of the open ones."""
    running = np.full(len(begun), _NOT_YET + 1, np.uint8) if at_once else _NOT_YET + (begun < today).view(np.uint8)
    late = np.less(due, today).view(np.uint8) * _OVERDUE
    open_state: NDArray[np.uint8] = np.maximum(running, late)
    if done is None:
        return open_state
    closed = _MET + (done > due).view(np.uint8)
    is_done = np.negative((done <= today).view(np.uint8))  # 0 or 255: a mask of all bits
    return (closed & is_done) | (open_state & ~is_done)


def _no_dates(height: int) -> pl.Series:
    return pl.Series([None], dtype=pl.Date).new_from_index(0, height)


def _dates(days: Days | np.int32, there: Flags) -> pl.Series:
    """Due dates where the duty is the subject's, null elsewhere."""
    dates = pl.Series(days) if isinstance(days, np.ndarray) else pl.lit(int(days), pl.Int32)
    return pl.select(pl.when(pl.Series(there)).then(dates).cast(pl.Date).alias("due")).to_series()
