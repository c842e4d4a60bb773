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
from openroll.rules.model import KINDS, Duty, Rule

KIND = pl.Enum(KINDS)
STATE = pl.Enum(STATES)
_EPOCH = date(1970, 1, 1)
_NEVER = np.int32(np.iinfo(np.int32).max)
"""Stands for a date that is not there: later than every day."""

_CHUNK = 65_536
"""Rows worked on together: small enough for the columns at hand to stay in the processor's cache."""

_NONE, _NOT_YET, _DUE, _MET, _LATE, _OVERDUE = (np.uint8(code) for code in range(6))
Days = NDArray[np.int32]


def duties_frame(frame: pl.DataFrame, rule: Rule, on: date | datetime) -> pl.DataFrame:
    """Every duty of the rule for every subject of the frame on a day, in the frame's order.

    Missing date columns count as dates that are not there. Raises polars' InvalidOperationError for a kind that is none of
    KINDS, ColumnNotFoundError where `kind` is missing, SchemaError for a kind that is null or a date column of another type.
    """
    day = day_in(rule.zone, on)
    if frame["kind"].null_count():
        raise pl.exceptions.SchemaError("the column kind holds null: every subject is of a kind")
    kinds = frame["kind"].cast(KIND).to_physical().to_numpy()
    columns: list[pl.Series] = []
    for duty in rule.duties:
        due, states = _duty(duty, rule, frame, kinds, day)
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
    duty: Duty, rule: Rule, frame: pl.DataFrame, kinds: NDArray[np.generic], day: date
) -> tuple[pl.Series, NDArray[np.uint8]]:
    height = frame.height
    begun = _days(frame, EVENT_FIELDS[duty.counts_from])
    states = np.zeros(height, np.uint8)
    if begun is None or not in_force(rule, day):
        return pl.Series([None], dtype=pl.Date).new_from_index(0, height), states
    deadline = deadline_on(duty, day)
    bears = np.isin(np.array(KINDS), duty.bearers)
    span = span_of(deadline.period) if deadline.period else None
    due = np.full(height, _NEVER) if span is None or span.months else np.empty(height, np.int32)
    if span is not None and span.months:
        due[:] = _add_months(begun, span)
    fixed = _number(deadline.fixed) if deadline.fixed else None
    done, connected = _days(frame, DONE_FIELDS[duty.act]), _days(frame, "connected")
    today, split = _number(day), None if rule.in_force is None else _number(rule.in_force)
    all_bear = bool(bears.all())
    for start in range(0, height, _CHUNK):
        part = slice(start, start + _CHUNK)
        mine = begun[part] <= today
        if not all_bear:
            mine &= bears[kinds[part]]
        if duty.applies != "all":
            mine &= _new_or_existing(duty, None if connected is None else connected[part], split)
        if span is not None and not span.months:
            np.add(begun[part], np.int32(span.days), out=due[part])
        elif fixed is not None:
            due[part] = fixed
        states[part] = _states(due[part], begun[part], None if done is None else done[part], today) * mine
        due[part][~mine] = _NEVER
    return _dates(due), states


def _new_or_existing(duty: Duty, connected: Days | None, split: np.int32 | None) -> NDArray[np.bool_] | bool:
    if connected is None or split is None:
        return False
    known: NDArray[np.bool_] = connected != _NEVER
    return known & ((connected < split) if duty.applies == "existing" else (connected >= split))


def _states(due: Days, begun: Days, done: Days | None, today: np.int32) -> NDArray[np.uint8]:
    """States from comparisons alone: each true one adds its number, so there is no branch a row."""
    open_state = np.where(due < today, _OVERDUE, _NOT_YET + (begun < today))
    if done is None:
        return open_state.astype(np.uint8, copy=False)
    closed = _MET + (done > due)
    return np.where(done <= today, closed, open_state).astype(np.uint8, copy=False)


def _add_months(days: Days, span: Span) -> Days:
    """Months to the same day or the month's last, then days; dates that are not there stay so."""
    dates = pl.Series(days).replace(int(_NEVER), None).cast(pl.Date)
    moved = dates.to_frame("d").select(pl.col("d").dt.offset_by(f"{span.months}mo").dt.offset_by(f"{span.days}d"))["d"]
    return moved.to_physical().fill_null(int(_NEVER)).to_numpy()


def _dates(days: Days) -> pl.Series:
    missing = days == _NEVER
    series = pl.Series(days)
    if missing.any():
        series = pl.select(pl.when(pl.Series(~missing)).then(series)).to_series()
    return series.cast(pl.Date)
