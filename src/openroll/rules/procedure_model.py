"""What every value of a procedure file means, and what a rule sets of the procedure that it names (`requests`).

The JSON Schema of procedure files is made from these types. Times are ISO 8601 of days, hours and minutes (`P10D`, `PT96H`).
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from openroll.rules.language import Text
from openroll.rules.values import FORMS, TIME_PATTERN, Identifier, key

Party = Literal["authority", "reviewer", "operator", "objector", "person", "clock"]
"""Who acts in a step: one of the organisations of the matter, the person that it is about, or nobody but the clock."""

Silence = Literal["no-decision", "abandoned", "unconfirmed", "unanswered", "lapsed", "annulled"]
"""What comes of a matter by a time that is over. `annulled`: what was done before may not be used, for nobody said yes to it."""

TIME_PARTS = re.compile(TIME_PATTERN)
"""A time, its days, hours and minutes as groups."""
Time = Annotated[str, Meta(pattern=TIME_PATTERN, description=FORMS[TIME_PATTERN], examples=["P10D"])]


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that may be done in a step: which act, by whom, and the step that the matter is in then."""

    act: Annotated[Identifier, key("what is done", "approve")]
    by: Annotated[Party, key("who does it", "reviewer")]
    to: Annotated[Identifier, key("the step that follows", "with-operator")]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A step: its owner is whose turn it is, until `time` (in an emergency `urgent`) is over; `missed` is where it goes then.

    Coming back into a step gives what was left of its time, never the whole anew. `silence` is what comes of the matter by a time
    that is over. An `end` has no owner: nothing is left to do there.
    """

    id: Annotated[Identifier, key("the name of the step", "under-review")]
    title: Annotated[Text, key("what it is called", {"en": "under review"})]
    owner: Annotated[Party | None, key("whose turn it is", "reviewer")] = None
    moves: Annotated[tuple[Move, ...], key("what may be done", [])] = ()
    time: Annotated[Time | None, key("how long it may take", "P10D")] = None
    urgent: Annotated[Time | None, key("how long in an emergency", "PT96H")] = None
    missed: Annotated[Identifier | None, key("the step that follows when nothing was done", "refused")] = None
    silence: Annotated[Silence | None, key("what comes of the matter when nothing was done", "no-decision")] = None
    end: Annotated[bool, key("whether the matter ends here", False)] = False

    @property
    def longest(self) -> timedelta:
        """The longest that it may take, in an emergency or not; nothing at an end."""
        return max(lasts(time) for time in (self.time or "P0D", self.urgent or "P0D"))

    def takes(self, act: str) -> Move | None:
        """The first move of an act, whoever does it."""
        return next((move for move in self.moves if move.act == act), None)


class Procedure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """A procedure, whole. `begins` names the first step by how a matter begins: `ordinary`, `emergency`, `preserve`.

    `preserve` is how long an operator keeps what it holds for a production that may follow; `postpone` how long telling the
    person may be put off, in all; `pair` how many requests of one officer one reviewer may approve within `pair_time`.
    `settings` is what a rule set of it otherwise: it stands in no file.
    """

    # `dict`: what is asked of it at every fact of every request is made once.

    id: Annotated[Identifier, key("the name of the procedure", "request-1")]
    title: Annotated[Text, key("what it is called", {"en": "Asked, reviewed, answered"})]
    begins: Annotated[Mapping[str, Identifier], key("the first step", {"ordinary": "under-review"})]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, description="its steps", examples=[[]])]
    preserve: Annotated[Time, key("how long something is preserved", "P60D")] = "P60D"
    postpone: Annotated[Time, key("how long telling may be put off in all", "P90D")] = "P90D"
    extend: Annotated[Time, key("how long a time may be extended, once a step", "P10D")] = "P10D"
    pair: Annotated[int, Meta(ge=1, description="approvals of one officer by one reviewer", examples=[20])] = 20
    pair_time: Annotated[Time, key("within what time", "P30D")] = "P30D"
    settings: Mapping[str, str] | UnsetType = UNSET

    def step(self, name: str) -> Step:
        """The step of this name. Raises KeyError; a procedure that was read names only steps that it has."""
        return self._by_name[name]

    def move(self, step: str, act: str, by: str) -> Move | None:
        """The move that an act of this party is in a step, if it may be made there."""
        return next((move for move in self.step(step).moves if (move.act, move.by) == (act, by)), None)

    @cached_property
    def _by_name(self) -> Mapping[str, Step]:
        return {step.id: step for step in self.steps}

    @cached_property
    def telling(self) -> str:
        """The first step in which the person is to be told: the one that can be put off. Empty where there is none."""
        return next((step.id for step in self.steps if step.takes("tell")), "")

    @cached_property
    def tells(self) -> frozenset[str]:
        """The steps in which the person can be told."""
        return frozenset(step.id for step in self.steps if step.takes("tell"))

    @cached_property
    def tells_late(self) -> frozenset[str]:
        """The steps that follow where the time to tell the person was missed."""
        return frozenset(step.missed for step in self.steps if step.id in self.tells and step.missed is not None)

    @property
    def name(self) -> str:
        """How events name it: its id, what a rule set of it, and 16 digits of the SHA-256 of its canonical JSON.

        `request-1+postpone=P30D@0123456789abcdef`: an event and the files that ship are enough to know it, without the rule.
        """
        said = "".join(f"+{name}={value}" for name, value in (self.settings or {}).items())
        return f"{self.id}{said}@{hashlib.sha256(msgspec.json.encode(self, order='sorted')).hexdigest()[:16]}"

    @property
    def longest(self) -> timedelta:
        """How long a matter can take at most, whatever anybody does: each step once, extended once, and telling put off."""
        extended = sum(step.takes("extend") is not None for step in self.steps)
        steps = sum((step.longest for step in self.steps), timedelta())
        return steps + lasts(self.extend) * extended + lasts(self.postpone)


class Requests(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """By which procedure requests go under a rule, and what this rule sets of it otherwise."""

    procedure: Annotated[Identifier, key("the name of a procedure that ships", "request-1")]
    times: Annotated[dict[str, Time], key("how long a step may take", {"under-review": "P5D"})] | UnsetType = UNSET
    urgent: Annotated[dict[str, Time], key("how long in an emergency", {"with-operator": "PT4H"})] | UnsetType = UNSET
    preserve: Annotated[Time, key("how long something is preserved", "P30D")] | UnsetType = UNSET
    postpone: Annotated[Time, key("how long telling may be put off in all", "P30D")] | UnsetType = UNSET
    extend: Annotated[Time, key("how long a time may be extended, once a step", "P5D")] | UnsetType = UNSET
    pair: (
        Annotated[int, Meta(ge=1, description="approvals of one officer by one reviewer", examples=[10])] | UnsetType
    ) = UNSET
    pair_time: Annotated[Time, key("within what time", "P30D")] | UnsetType = UNSET
    article: Annotated[str, Meta(description="the article, as its text names it", examples=["Art. 9"])] = ""
    source: Annotated[str, Meta(description="the id of one of the rule's sources", examples=["boxuu"])] = ""


OF_WHOLE = ("preserve", "postpone", "extend", "pair", "pair_time")
"""What a rule may set of the whole procedure; `times` and `urgent` are of one step each."""


def lasts(time: str) -> timedelta:
    """How long a `Time` is. A procedure that was read holds no other text there."""
    found = TIME_PARTS.fullmatch(time)
    if not found:
        raise ValueError(f"{time!r} is no time of days, hours and minutes")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def settings_of(requests: Requests) -> dict[str, str]:
    """What a rule sets, one by one as names of procedures say it: `{"postpone": "P30D", "times.under-review": "P5D"}`."""
    whole = {name: str(getattr(requests, name)) for name in OF_WHOLE if getattr(requests, name) is not UNSET}
    of_steps = {
        f"{group}.{step}": time
        for group in ("times", "urgent")
        for step, time in (getattr(requests, group) or {}).items()
    }
    return dict(sorted((whole | of_steps).items()))


def settled(procedure: Procedure, settings: Mapping[str, str]) -> Procedure:
    """A procedure with what a rule sets of it. What it says already changes no name. Raises KeyError."""
    changed = {name: value for name, value in settings.items() if _said(procedure, name) != value}
    if not changed:
        return procedure
    whole = {name: int(value) if name == "pair" else value for name, value in changed.items() if name in OF_WHOLE}
    steps = tuple(_settled(step, changed) for step in procedure.steps)
    return msgspec.structs.replace(procedure, steps=steps, settings=dict(sorted(changed.items())), **whole)


def _said(procedure: Procedure, name: str) -> str | None:
    if name in OF_WHOLE:
        return str(getattr(procedure, name))
    group, _, step = name.partition(".")
    found = procedure.step(step)
    return {"times": found.time, "urgent": found.urgent}[group]


def _settled(step: Step, changed: Mapping[str, str]) -> Step:
    time = changed.get("preserve", step.time) if step.takes("produce") else step.time
    return msgspec.structs.replace(
        step, time=changed.get(f"times.{step.id}", time), urgent=changed.get(f"urgent.{step.id}", step.urgent)
    )
