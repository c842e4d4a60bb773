"""In what order the steps of a procedure are told: along its ordinary path, then what is its own on the others, then the rest.

From the data alone: a path goes by the shortest way to an answer (or to a production), from there to the telling, and to an end.
"""

from itertools import pairwise
from typing import NamedTuple

from openroll.rules.procedure_model import Procedure, Step
from openroll.rules.procedure_paths import ANSWERS, PRODUCES, TELLS, Paths, Way


class Leg(NamedTuple):
    """A step on a path, and the way on from it that the path takes; None where the path ends or is told already from there on."""

    step: Step
    on: Way | None


class Section(NamedTuple):
    """A path by how it begins (`beside`: the steps that lie on none), with the steps that no section before it told."""

    how: str
    legs: tuple[Leg, ...]


BESIDE = "beside"
"""The section of steps that lie on no path."""


def in_order(procedure: Procedure) -> tuple[Section, ...]:
    """Every step of a procedure once, by the path that it lies on."""
    paths, told, sections = Paths(procedure), set[str](), []
    for how, first in procedure.begins.items():
        legs = []
        for way in _path(paths, first):
            if way.step.id in told:
                break
            legs.append(Leg(way.step, way if way.to else None))
            told.add(way.step.id)
        sections.append(Section(how, tuple(legs)))
    rest = tuple(Leg(step, None) for step in procedure.steps if step.id not in told)
    return tuple(section for section in (*sections, Section(BESIDE, rest)) if section.legs)


def _path(paths: Paths, first: str) -> list[Way]:
    """The ways of the path from a step, to an end; the last one leads nowhere."""
    found: list[Way] = []
    at = first
    for acts in ((ANSWERS, PRODUCES), (TELLS,)):
        for way in _nearest(paths, at, acts):
            found.append(way)
            at = way.to
    seen = {way.step.id for way in found}
    while at not in seen and not paths.steps[at].end:
        seen.add(at)
        silent = next((way for way in paths.ways(at) if way.move is None), None)
        if silent is None:
            break
        found.append(silent)
        at = silent.to
    return [*found, Way(paths.steps[at], None, "")]


def _nearest(paths: Paths, start: str, acts: tuple[str, ...]) -> list[Way]:
    """The ways from a step to the nearest in which one of some acts can be done, and that act; none where there is none."""
    trails = paths.walk([start], lambda way: way.move is not None)
    for name, trail in trails.items():
        for act in acts:
            done = next((way for way in paths.ways(name) if way.act == act), None)
            if done is not None:
                return [*(_between(paths, one, two) for one, two in pairwise(trail)), done]
    return []


def _between(paths: Paths, one: str, two: str) -> Way:
    return next(way for way in paths.ways(one) if way.to == two and way.move is not None)
