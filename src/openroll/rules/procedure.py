"""A procedure as data: steps, each with who has to act, what may be done by whom, by when, and what follows when nothing is.

A rule names the procedure that requests go by (`requests`), or goes by the one that ships first. The files that ship are never
changed, since requests name them by digest: a new way of doing things is a new file.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from openroll.rules.language import Text
from openroll.rules.procedure_sense import sense_faults
from openroll.rules.reading import read_as
from openroll.rules.values import Identifier, key

_SHIPPED = files("openroll.rules") / "procedures"
PRESET = "request-1"
"""The procedure of a rule that names none."""

Party = Literal["authority", "reviewer", "operator", "objector", "person", "clock"]
"""Who acts in a step: one of the organisations of the matter, the person that it is about, or nobody but the clock."""

_TIME = re.compile(r"P(?=.)(?:(\d{1,4})D)?(?:T(?=.)(?:(\d{1,4})H)?(?:(\d{1,4})M)?)?")
Time = Annotated[str, Meta(pattern=f"^{_TIME.pattern}$", description="days, hours and minutes", examples=["P10D"])]


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that may be done in a step: which act, by whom, and the step that the matter is in then."""

    act: Annotated[str, Meta(pattern="^[a-z][a-z-]*$", description="what is done", examples=["approve"])]
    by: Annotated[Party, key("who does it", "reviewer")]
    to: Annotated[Identifier, key("the step that follows", "with-operator")]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A step: its owner is whose turn it is, until `time` (in an emergency `urgent`) is over; `missed` is where it goes then.

    `restarts` says whether coming back into the step gives its whole time anew; otherwise what was left of it goes on. An
    `end` has no owner: nothing is left to do there.
    """

    id: Annotated[Identifier, key("the name of the step", "under-review")]
    title: Annotated[Text, key("what it is called", {"en": "under review"})]
    owner: Annotated[Party | None, key("whose turn it is", "reviewer")] = None
    moves: Annotated[tuple[Move, ...], key("what may be done", [])] = ()
    time: Annotated[Time | None, key("how long it may take", "P10D")] = None
    urgent: Annotated[Time | None, key("how long in an emergency", "PT96H")] = None
    missed: Annotated[Identifier | None, key("the step that follows when nothing was done", "refused")] = None
    restarts: Annotated[bool, key("whether coming back gives the whole time anew", False)] = False
    end: Annotated[bool, key("whether the matter ends here", False)] = False


class Procedure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A procedure, whole. `begins` names the first step by how a matter begins: `ordinary`, `emergency`, `preserve`.

    `preserve` is how long an operator keeps what it holds for a production that may follow; `postpone` how long telling the
    person may be put off, in all; `pair` how many requests of one officer one reviewer may approve within `pair_time`.
    """

    id: Annotated[Identifier, key("the name of the procedure", "request-1")]
    title: Annotated[Text, key("what it is called", {"en": "Asked, reviewed, answered"})]
    begins: Annotated[Mapping[Identifier, Identifier], key("the first step", {"ordinary": "under-review"})]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, description="its steps", examples=[[]])]
    preserve: Annotated[Time, key("how long something is preserved", "P60D")] = "P60D"
    postpone: Annotated[Time, key("how long telling may be put off in all", "P90D")] = "P90D"
    extend: Annotated[Time, key("how long a time may be extended, once a step", "P10D")] = "P10D"
    pair: Annotated[int, Meta(ge=1, description="approvals of one officer by one reviewer", examples=[20])] = 20
    pair_time: Annotated[Time, key("within what time", "P30D")] = "P30D"

    def step(self, name: str) -> Step:
        """The step of this name. Raises KeyError; a procedure that was read names only steps that it has."""
        return {step.id: step for step in self.steps}[name]

    def move(self, step: str, act: str, by: str) -> Move | None:
        """The move that an act of this party is in a step, if it may be made there."""
        return next((move for move in self.step(step).moves if (move.act, move.by) == (act, by)), None)

    @property
    def name(self) -> str:
        """How events name it: its id and the first 16 digits of the SHA-256 of its canonical JSON."""
        return f"{self.id}@{hashlib.sha256(msgspec.json.encode(self, order='sorted')).hexdigest()[:16]}"


def lasts(time: str) -> timedelta:
    """How long a `Time` is. A procedure that was read holds no other text there."""
    found = _TIME.fullmatch(time)
    if not found:
        raise ValueError(f"{time!r} is no time of days, hours and minutes")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def procedures() -> tuple[str, ...]:
    """The names of the procedures that ship, in order."""
    return tuple(sorted(file.name[:-5] for file in _SHIPPED.iterdir() if file.name.endswith(".yaml")))


@cache
def procedure(name: str) -> Procedure:
    """A procedure that ships, by its id. Raises KeyError, or RuleFaults."""
    if name not in procedures():
        raise KeyError(name)
    return parse_procedure((_SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def parse_procedure(text: str, name: str) -> Procedure:
    """The procedure that a YAML text describes. Raises RuleFaults with every mistake at once."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Procedure)}
    return read_as(text, name, Procedure, schema, sense_faults)
