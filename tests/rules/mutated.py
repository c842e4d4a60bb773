"""A procedure that ships with one thing of it changed: what its checks are tried with."""

from typing import Any

import msgspec

from openroll.rules.procedure import Move, Procedure, Step, procedure

WORDS = {"en": "words"}


def changed(name: str, step: str, **values: Any) -> Procedure:
    """A procedure that ships, with some values of one step changed."""
    value = procedure(name)
    steps = tuple(msgspec.structs.replace(one, **values) if one.id == step else one for one in value.steps)
    return msgspec.structs.replace(value, steps=steps)


def rewired(name: str, step: str, act: str, **values: Any) -> Procedure:
    """A procedure that ships, with some values of each move of one act in one step changed."""
    moves = procedure(name).step(step).moves
    return changed(
        name,
        step,
        moves=tuple(msgspec.structs.replace(move, **values) if move.act == act else move for move in moves),
    )


def without(name: str, step: str, act: str) -> Procedure:
    """A procedure that ships, without the moves of one act in one step."""
    return changed(name, step, moves=tuple(move for move in procedure(name).step(step).moves if move.act != act))


def with_move(name: str, step: str, move: Move) -> Procedure:
    """A procedure that ships, with one more move in one step."""
    return changed(name, step, moves=(*procedure(name).step(step).moves, move))


def with_step(name: str, step: Step) -> Procedure:
    """A procedure that ships, with one more step."""
    value = procedure(name)
    return msgspec.structs.replace(value, steps=(*value.steps, step))


ALONE: dict[str, Procedure] = {
    "names": rewired("request-1", "under-review", "return", to="incompleet"),
    "begins": msgspec.structs.replace(
        procedure("request-1"), begins={**procedure("request-1").begins, "sideways": "under-review"}
    ),
    "acts": rewired("request-1", "under-review", "withdraw", by="reviewer"),
    "decides": rewired("request-1", "preserved", "approve", by="operator"),
    "twice": with_move("request-1", "under-review", Move(act="refuse", by="reviewer", to="incomplete")),
    "owned": changed("request-1", "preserved", time=None),
    "postpones": rewired("request-1", "under-review", "postpone", by="authority"),
    "ends": changed("request-1", "incomplete", missed="incomplete"),
    "reached": with_step(
        "request-1",
        Step(
            id="island",
            title=WORDS,
            owner="reviewer",
            time="P10D",
            missed="to-tell",
            moves=(Move(act="refuse", by="reviewer", to="to-tell"),),
        ),
    ),
    "reviewed": rewired("request-1", "under-review", "withdraw", to="with-operator"),
    "heard": rewired("request-objection-1", "under-review", "narrow", to="with-operator"),
    "silence": changed("request-1", "kept", missed="with-operator"),
    "harms": changed("request-1", "told", missed="later-review"),
    "emergency": rewired("request-1", "urgent", "answer", to="to-tell"),
    "told": rewired("request-1", "under-review", "withdraw", to="closed"),
    "times": changed("request-1", "under-review", time="P300D"),
}
"""For every check, a procedure in which it finds a mistake, and no other check does."""
