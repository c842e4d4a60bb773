"""The same duties by column: a million subjects in a few passes over small whole numbers.

A frame of subjects has the columns of `Subject`: `kind` (Enum of KINDS, or String) and dates (Date). Answers are, for each
duty, `<duty>.due` (Date) and `<duty>.state` (Enum of STATES). A property test holds every cell equal to `duties.duties`.
"""

from datetime import date, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from openroll.rules.calendar import Span, day_in, span_of
from openroll.rules.duties import DONE_FIELDS, EVENT_FIELDS, STATES, deadline_on, in_force
from openroll.rules.model import KINDS, Deadline, Duty, Rule

KIND = pl.Enum(KINDS)
STATE = pl.Enum(STATES)
_EPOCH = date(1970, 1, 1)
_NEVER = np.int32(np.iinfo(np.int32).max)
"""Stands for a date that is not there: later than every day."""

_CHUNK = 65_536
"""Rows worked on together: small enough for the columns at hand to stay in the processor's cache."""

_TABLE = 1_000_000
"""Days that a table of months is made for; dates further apart are moved one by one."""

_NOT_YET, _MET, _OVERDUE = (np.uint8(STATES.index(state)) for state in ("not-yet-due", "met", "overdue"))
"""Codes of states. `due` follows `not-yet-due` and `met-late` follows `met`, so that a true comparison adds one."""

Days = NDArray[np.int32]
Flags = NDArray[np.bool_]


def duties_frame(frame: pl.DataFrame, rule: Rule, on: date | datetime) -> pl.DataFrame:
    """Every duty of the rule for every subject of the frame on a day, in the frame's order.

    Missing date columns count as dates that are not there. Raises polars' InvalidOperationError for a kind that is none of
    KINDS, ColumnNotFoundError where `kind` is missing, SchemaError for a kind that is null or a date column of another type.
    """
    day = day_in(rule.zone, on)
    if frame["kind"].null_count():
        raise pl.exceptions.SchemaError("the column kind holds null: every subject is of a kind")
    kinds = frame["kind"].cast(KIND).to_physical().to_numpy()
    dates = {name: _days(frame, name) for name in {*EVENT_FIELDS.values(), *DONE_FIELDS.values()}}
    columns: list[pl.Series] = []
    for duty in rule.duties:
        due, states = _duty(duty, rule, dates, kinds, day)
        columns.append(due.alias(f"{duty.id}.due"))
        columns.append(pl.Series(f"{duty.id}.state", states).cat.to(STATE))
    return pl.DataFrame(columns)


def _days(frame: pl.DataFrame, name: str) -> Days | None:
    """A column of dates as days since 1970, `_NEVER` where there is none; None for a column without any."""
    if name not in frame.columns:
        return None
    column = frame[name]
    if column.null_count() == len(column) > 0:
        return None
    if column.dtype != pl.Date:
        raise pl.exceptions.SchemaError(f"the column {name} is of type {column.dtype}: dates are of type Date")
    physical = column.to_physical()
    return (physical if not column.null_count() else physical.fill_null(int(_NEVER))).to_numpy()


def _number(day: date) -> np.int32:
    return np.int32((day - _EPOCH).days)


def _duty(
    duty: Duty, rule: Rule, dates: dict[str, Days | None], kinds: NDArray[np.uint8], day: date
) -> tuple[pl.Series, NDArray[np.uint8]]:
    """One duty for all subjects: due dates and the codes of states, worked out chunk by chunk."""
    states = np.zeros(len(kinds), np.uint8)
    begun = dates[EVENT_FIELDS[duty.counts_from]]
    if begun is None or not in_force(rule, day):
        return _no_dates(len(kinds)), states
    deadline = deadline_on(duty, day)
    due, done, connected = _due(deadline, begun), dates[DONE_FIELDS[duty.act]], dates["connected"]
    mine, today = np.empty(len(kinds), np.bool_), _number(day)
    for start in range(0, len(kinds), _CHUNK):
        part = slice(start, start + _CHUNK)
        mine[part] = _bears(duty, kinds[part]) & (begun[part] <= today)
        if duty.applies != "all":
            mine[part] &= _new_or_existing(duty, rule, None if connected is None else connected[part])
        due_here = due[part] if isinstance(due, np.ndarray) else due
        here = _states(due_here, begun[part], None if done is None else done[part], today)
        np.multiply(here, mine[part].view(np.uint8), out=states[part])
    return _no_dates(len(kinds)) if deadline.promptly else _dates(due, mine), states


def _due(deadline: Deadline, begun: Days) -> Days | np.int32:
    """The due dates, or the one due date of all; `_NEVER` where the rule gives no day."""
    if deadline.fixed:
        return _number(deadline.fixed)
    if deadline.period is None:
        return _NEVER
    span = span_of(deadline.period)
    return _add_months(begun, span) if span.months else begun + np.int32(span.days)


def _bears(duty: Duty, kinds: NDArray[np.uint8]) -> Flags:
    """Who has the duty: kinds that stand together in KINDS are asked for as one range, in two comparisons."""
    bearers = sorted(KINDS.index(kind) for kind in duty.bearers)
    bears = np.zeros(len(kinds), np.bool_)
    while bearers:
        first = last = bearers.pop(0)
        while bearers and bearers[0] == last + 1:
            last = bearers.pop(0)
        bears |= (kinds >= np.uint8(first)) & (kinds <= np.uint8(last))
    return bears


def _new_or_existing(duty: Duty, rule: Rule, connected: Days | None) -> Flags | bool:
    if connected is None or rule.in_force is None:
        return False
    split = _number(rule.in_force)
    return connected < split if duty.applies == "existing" else (connected >= split) & (connected != _NEVER)


def _states(due: Days | np.int32, begun: Days, done: Days | None, today: np.int32) -> NDArray[np.uint8]:
    """States from comparisons and bytes alone, so that there is no branch a row: overdue is the greatest of the open ones."""
    running = _NOT_YET + (begun < today).view(np.uint8)
    late = np.less(due, today).view(np.uint8) * _OVERDUE
    open_state: NDArray[np.uint8] = np.maximum(running, late)
    if done is None:
        return open_state
    closed = _MET + (done > due).view(np.uint8)
    is_done = np.negative((done <= today).view(np.uint8))  # 0 or 255: a mask of all bits
    return (closed & is_done) | (open_state & ~is_done)


def _add_months(days: Days, span: Span) -> Days:
    """Months to the same day or the month's last, then days; a date that is not there gives any day."""
    there = days[days != _NEVER]
    if not len(there):
        return days
    first, last = int(there.min()), int(there.max())
    if last - first > _TABLE:
        return _moved(pl.Series(np.minimum(days, last)), span)
    table = _moved(pl.Series(np.arange(first, last + 1, dtype=np.int32)), span)
    moved: Days = table[np.minimum(days, last) - first]
    return moved


def _moved(days: pl.Series, span: Span) -> Days:
    moved = days.cast(pl.Date).dt.offset_by(f"{span.months}mo").dt.offset_by(f"{span.days}d")
    days_moved: Days = moved.to_physical().to_numpy()
    return days_moved


def _no_dates(height: int) -> pl.Series:
    return pl.Series([None], dtype=pl.Date).new_from_index(0, height)


def _dates(days: Days | np.int32, there: Flags) -> pl.Series:
    """Due dates where the duty is the subject's, null elsewhere."""
    dates = pl.Series(days) if isinstance(days, np.ndarray) else pl.lit(int(days), pl.Int32)
    return pl.select(pl.when(pl.Series(there)).then(dates).cast(pl.Date).alias("due")).to_series()
