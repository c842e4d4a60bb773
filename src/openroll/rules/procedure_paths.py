"""Where a matter can go in a procedure: its steps as a graph, walked along what is done and along what is missed.

Everything that is judged of a procedure beyond one step is a walk: from some steps, along some ways, to what can be done there.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from openroll.rules.procedure_model import Move, Procedure, Step

APPROVES = frozenset({"approve", "narrow"})
"""Acts that say yes to what somebody asked."""
SECONDS = "second"
"""The act by which another person of the reviewer's says yes too, where a procedure has it."""
CONFIRMS = "confirm"
"""The act by which a second person of the authority stands for an emergency, after it was called back."""
ANSWERS = "answer"
"""The act by which something is given out."""
PRODUCES = "produce"
"""The act by which what was preserved is asked for."""
TELLS = "tell"
"""The act by which the person learns of it."""

YES = APPROVES | {SECONDS, CONFIRMS}
"""Acts without which nothing may be given out."""


class Way(NamedTuple):
    """A way out of a step: what is done (None: nothing, and its time is over), and where that leads."""

    step: Step
    move: Move | None
    to: str

    @property
    def act(self) -> str:
        """What is done; empty for silence."""
        return self.move.act if self.move else ""


Trail = tuple[str, ...]
"""The steps that a walk came through, the last one included."""


class Paths:
    """The ways of a procedure. A name of a step that it does not have leads nowhere."""

    def __init__(self, procedure: Procedure) -> None:
        self.procedure = procedure
        self.steps = {step.id: step for step in procedure.steps}
        self.begins = tuple(procedure.begins.values())

    def ways(self, name: str) -> Iterator[Way]:
        """The ways out of a step to another one."""
        step = self.steps.get(name)
        if step is None:
            return
        found = [Way(step, move, move.to) for move in step.moves]
        if step.missed is not None:
            found.append(Way(step, None, step.missed))
        yield from (way for way in found if way.to in self.steps and way.to != name)

    def walk(self, starts: Iterable[str], along: Callable[[Way], bool] = lambda _: True) -> dict[str, Trail]:
        """Every step that can be reached from some along some ways, each with the shortest trail to it; the nearest first."""
        trails: dict[str, Trail] = {name: (name,) for name in starts if name in self.steps}
        for name in (queue := list(trails)):
            for way in self.ways(name):
                if way.to not in trails and along(way):
                    trails[way.to] = (*trails[name], way.to)
                    queue.append(way.to)
        return trails

    def acting(self, act: str) -> tuple[str, ...]:
        """The steps in which something may be done, in the order of the file."""
        return tuple(name for name, step in self.steps.items() if step.takes(act))

    def tellings(self) -> tuple[str, ...]:
        """The steps in which the person is told."""
        return self.acting(TELLS)

    def silent(self, name: str) -> tuple[str, ...]:
        """The steps that follow one another when nobody does anything, this one first; the last is an end, or stood before."""
        seen = [name]
        while (step := self.steps.get(seen[-1])) is not None and step.missed in self.steps:
            seen.append(step.missed)
            if seen.count(step.missed) > 1:
                break
        return tuple(seen)


def given_unapproved(paths: Paths, starts: Iterable[str], past: frozenset[str] = YES) -> Iterator[Trail]:
    """The trails from some steps to one in which something can be given out, without any of some acts on the way."""
    trails = paths.walk(starts, lambda way: way.act not in past)
    for name, trail in trails.items():
        if paths.steps[name].takes(ANSWERS) or (past >= APPROVES and paths.steps[name].takes(PRODUCES)):
            yield trail


def given_past_objection(paths: Paths) -> Iterator[Trail]:
    """The trails to an answer that pass by the window in which a third body may object, if there is one."""
    windows = {name for name, step in paths.steps.items() if step.owner == "objector"}
    if windows:
        trails = paths.walk(paths.begins, lambda way: way.act != CONFIRMS and way.to not in windows)
        yield from (trail for name, trail in trails.items() if paths.steps[name].takes(ANSWERS))


def answered_in_emergency(paths: Paths) -> Iterator[Way]:
    """The answers that can be given before anybody reviewed, once an emergency was confirmed."""
    confirmed = [move.to for name in paths.acting(CONFIRMS) for move in paths.steps[name].moves if move.act == CONFIRMS]
    for name in paths.walk(confirmed, lambda way: way.act not in APPROVES):
        step = paths.steps[name]
        yield from (Way(step, move, move.to) for move in step.moves if move.act == ANSWERS)


def reviews_afterwards(step: Step | None) -> bool:
    """Whether a step is a review of what was done before it: the reviewer says yes or no, and silence is a no."""
    if step is None or step.owner != "reviewer" or step.silence != "annulled":
        return False
    return {("approve", "reviewer"), ("refuse", "reviewer")} <= {(move.act, move.by) for move in step.moves}


def untold(paths: Paths) -> Iterator[Way]:
    """The ways by which a matter ends without coming through a step in which the person is told."""
    tellings = set(paths.tellings())
    for name in paths.walk(paths.begins, lambda way: way.to not in tellings):
        yield from (way for way in paths.ways(name) if paths.steps[way.to].end)
