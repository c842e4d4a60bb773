"""The bounds of the times of a procedure: too short a time takes a right away, too long a one has no end. Our policy.

They are only ever made wider: a monitor holds requests of any time against them (`validate_requests.unnameable`).
"""

from collections.abc import Iterator
from typing import NamedTuple

from openroll.rules.procedure_model import Procedure, Step, lasts
from openroll.rules.procedure_paths import APPROVES, CONFIRMS, PRODUCES, SECONDS, Paths, answered_in_emergency
from openroll.rules.text import Path


class Bound(NamedTuple):
    """The shortest and the longest time, and the shortest in an emergency."""

    least: str
    most: str
    urgent: str = "PT1H"


STEPS = {
    "the person's complaint": Bound("P30D", "P366D", "P30D"),
    "objection by a third body": Bound("P3D", "P30D", "PT24H"),
    "telling the person": Bound("PT8H", "P14D", "PT8H"),
    "telling the person late": Bound("P30D", "P366D", "P30D"),
    "confirming an emergency": Bound("PT1H", "P1D"),
    "review after an emergency": Bound("PT8H", "P14D", "PT8H"),
    "review": Bound("P1D", "P30D", "PT4H"),
    "what was preserved": Bound("P1D", "P180D", "P1D"),
    "any other": Bound("PT1H", "P60D"),
}
"""Of the time of a step, by what is done in it."""
WHOLE = {
    "preserve": Bound("P1D", "P180D"),
    "postpone": Bound("P0D", "P180D"),
    "extend": Bound("P0D", "P30D"),
    "pair_time": Bound("P1D", "P366D"),
}
"""Of what holds for the whole procedure."""
MOST_PAIR = 1000
"""Approvals of one officer by one reviewer at most. Above 100 in 30 days the safeguard `no-bulk` is not kept."""

Beyond = tuple[Path, str, str, str]
"""A time out of its bounds: where it stands, the time, the shortest, the longest."""


def bound_of(paths: Paths, step: Step) -> str:
    """What is done in a step, as `STEPS` calls it."""
    tellings = paths.tellings()
    after = {way.to for way in answered_in_emergency(paths)}
    kinds = {
        "the person's complaint": step.owner == "person",
        "objection by a third body": step.owner == "objector",
        "telling the person late": step.id in tellings and _is_late(paths, step.id),
        "telling the person": step.id in tellings,
        "confirming an emergency": step.takes(CONFIRMS) is not None,
        "review after an emergency": step.id in after and step.owner == "reviewer",
        "review": step.owner == "reviewer" and any(step.takes(act) for act in (*APPROVES, SECONDS)),
        "what was preserved": step.takes(PRODUCES) is not None,
    }
    return next((name for name, is_so in kinds.items() if is_so), "any other")


def _is_late(paths: Paths, name: str) -> bool:
    """Whether a telling comes only after another was missed."""
    tellings = set(paths.tellings())
    into = [way for one in paths.steps for way in paths.ways(one) if way.to == name]
    return bool(into) and all(way.move is None and way.step.id in tellings for way in into)


def beyond_bounds(procedure: Procedure) -> Iterator[Beyond]:
    """Every time of a procedure that is out of its bounds. An emergency takes no longer than what is none."""
    for name, bound in WHOLE.items():
        yield from _beyond((name,), getattr(procedure, name), bound.least, bound.most)
    paths = Paths(procedure)
    for at, step in enumerate(procedure.steps):
        bound = STEPS[bound_of(paths, step)]
        if step.time is not None:
            yield from _beyond(("steps", at, "time"), step.time, bound.least, bound.most)
        if step.urgent is not None:
            yield from _beyond(("steps", at, "urgent"), step.urgent, bound.urgent, step.time or bound.most)


def _beyond(path: Path, time: str, least: str, most: str) -> Iterator[Beyond]:
    if not lasts(least) <= lasts(time) <= lasts(most):
        yield path, time, least, most
