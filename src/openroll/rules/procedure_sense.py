"""What a schema cannot say of a procedure: every path ends, each step is somebody's, nobody decides their own.

Silence never harms a person: when those who decide miss their time, nothing is given out.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from openroll.rules.faults import Fault
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.text import Path, line_of, said

if TYPE_CHECKING:
    from openroll.rules.procedure import Procedure, Step


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


DECIDES = frozenset({"approve", "narrow", "refuse", "second"})
"""Acts that decide on what somebody asked: never by who asked, nor by who answers."""
GIVES = "answer"
"""The act by which something is given out."""
ASKS = "authority"

Found = Iterator[tuple[Path, Sentence, Sentence]]


def sense_faults(value: "Procedure", name: str, lines: Mapping[Path, int]) -> list[Fault]:
    """Every mistake of sense in a procedure whose form is right."""
    found = list(_names(value)) or [one for look in (_owned, _ending, _deciding, _silence) for one in look(value)]
    return [Fault(name, line_of(lines, path), said(path), what, want) for path, what, want in found]


def _names(value: "Procedure") -> Found:
    known = tuple(step.id for step in value.steps)
    want = sentence(_("one of {names}"), names=known)
    for at, step in enumerate(value.steps):
        if known.index(step.id) != at:
            yield (
                ("steps", at, "id"),
                sentence(_("{name!r} stands twice."), name=step.id),
                Sentence(_("each name once")),
            )
        for number, move in enumerate(step.moves):
            if move.to not in known:
                yield ("steps", at, "moves", number, "to"), _no_step(move.to), want
        if step.missed is not None and step.missed not in known:
            yield ("steps", at, "missed"), _no_step(step.missed), want
    for how, first in value.begins.items():
        if first not in known:
            yield ("begins", how), _no_step(first), want


def _no_step(name: str) -> Sentence:
    return sentence(_("there is no step {name!r}."), name=name)


def _owned(value: "Procedure") -> Found:
    want = Sentence(_("an owner, a time, and a step that follows when it is missed"))
    for at, step in enumerate(value.steps):
        if step.end:
            if step.moves or step.owner or step.time or step.missed:
                yield ("steps", at), sentence(_("the end {name!r} goes on."), name=step.id), Sentence(_("nothing else"))
        elif step.owner is None or step.time is None or step.missed is None:
            yield ("steps", at), sentence(_("the step {name!r} is nobody's, or for ever."), name=step.id), want


def _ending(value: "Procedure") -> Found:
    """Silence ends: following what is missed, no step comes twice. So every path ends that anybody may take."""
    want = Sentence(_("an end"))
    for at, step in enumerate(value.steps):
        seen, now = [step.id], step
        while now.missed is not None and now.missed not in seen:
            now = value.step(now.missed)
            seen.append(now.id)
        if not now.end:
            yield ("steps", at, "missed"), sentence(_("silence goes round: {names}."), names=tuple(seen)), want


def _deciding(value: "Procedure") -> Found:
    want = Sentence(_("another body than the one that asks or answers"))
    for at, step in enumerate(value.steps):
        for number, move in enumerate(step.moves):
            if move.act in DECIDES and move.by != "reviewer":
                what = sentence(_("{act} is done by {party}."), act=move.act, party=move.by)
                yield ("steps", at, "moves", number, "by"), what, want


def _silence(value: "Procedure") -> Found:
    want = Sentence(_("a step in which nothing can be given out"))
    for at, step in enumerate(value.steps):
        waits = step.owner in ("reviewer", ASKS) and step.missed is not None
        if waits and step.missed is not None and _gives(value.step(step.missed)):
            what = sentence(_("when {party} says nothing, something can be given out."), party=step.owner)
            yield ("steps", at, "missed"), what, want


def _gives(step: "Step") -> bool:
    return any(move.act == GIVES for move in step.moves)
