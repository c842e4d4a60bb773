"""Where a matter stands in a procedure, and where an act or a missed time takes it. Pure: the moment comes in.

What may be done when, and by whom, is the procedure's (`rules.procedure`); what an act says and needs is its record's to decide.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from openroll.rules.procedure import Move, Procedure, lasts


class Standing(msgspec.Struct, frozen=True):
    """Where a matter is: its step, since when, until when (`due`; None at an end), and what is `left` of the times of steps
    that it left before they were over, in seconds."""

    step: str
    since: datetime
    due: datetime | None
    urgent: bool = False
    left: Mapping[str, float] = {}


def begun(procedure: Procedure, how: str, now: datetime, *, urgent: bool = False) -> Standing:
    """Where a matter is that begins now. Raises KeyError for a way to begin that the procedure does not have."""
    step = procedure.begins[how]
    return Standing(step, now, _due(procedure, step, now, {}, urgent), urgent)


def moved(procedure: Procedure, at: Standing, move: Move, now: datetime) -> Standing:
    """Where a move takes a matter. A move that stays in its step restarts no clock, nor does coming back into one."""
    return at if move.to == at.step else _gone(procedure, at, move.to, now)


def missed(procedure: Procedure, at: Standing, now: datetime) -> Standing | None:
    """Where a matter goes whose time is over, as of the moment it was over; None while it is not, and at an end."""
    step = procedure.step(at.step)
    if at.due is None or step.missed is None or now < at.due:
        return None
    return left_by_silence(procedure, at, step.missed, at.due)


def left_by_silence(procedure: Procedure, at: Standing, to: str, over: datetime) -> Standing:
    """Where silence took a matter whose time was over at that moment: what events say of it is told again in the same way."""
    return _gone(procedure, at, to, over)


def put_off(at: Standing, due: datetime) -> Standing:
    """The same matter with another time: extended, or put off. It becomes no shorter."""
    return at if at.due is None or due <= at.due else msgspec.structs.replace(at, due=due)


def _gone(procedure: Procedure, at: Standing, to: str, now: datetime) -> Standing:
    left = dict(at.left)
    if at.due is not None:
        left[at.step] = max((at.due - now).total_seconds(), 0.0)
    return Standing(to, now, _due(procedure, to, now, left, at.urgent), at.urgent, left)


def _due(procedure: Procedure, step: str, now: datetime, left: Mapping[str, float], urgent: bool) -> datetime | None:
    of = procedure.step(step)
    if of.time is None:
        return None
    whole = lasts(of.urgent if urgent and of.urgent else of.time)
    return now + timedelta(seconds=left.get(step, whole.total_seconds()))
