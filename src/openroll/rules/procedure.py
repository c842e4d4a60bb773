"""A procedure as data: steps, each with who has to act, what may be done by whom, by when, and what follows when nothing is.

A rule names the procedure that requests go by (`requests`), or goes by the one that ships first. The files that ship are never
changed, since requests name them by digest: a new way of doing things is a new file.
"""

from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import msgspec

from openroll.rules.form import read_as
from openroll.rules.model import Rule
from openroll.rules.procedure_model import (
    Move,
    Party,
    Procedure,
    Requests,
    Silence,
    Step,
    Time,
    lasts,
    settings_of,
    settled,
)
from openroll.rules.procedure_sense import sense_faults
from openroll.rules.text import MOST_RULE
from openroll.rules.values import given

__all__ = [
    "PRESET",
    "Move",
    "Party",
    "Procedure",
    "Requests",
    "Silence",
    "Step",
    "Time",
    "lasts",
    "parse_procedure",
    "procedure",
    "procedure_for",
    "procedure_named",
    "procedure_schema",
    "procedures",
    "settings_of",
    "settled",
]

_SHIPPED = files("openroll.rules") / "procedures"
PRESET = "request-1"
"""The procedure of a rule that names none."""


def procedures() -> tuple[str, ...]:
    """The names of the procedures that ship, in order."""
    return tuple(sorted(file.name[:-5] for file in _SHIPPED.iterdir() if file.name.endswith(".yaml")))


@cache
def procedure(name: str) -> Procedure:
    """A procedure that ships, by its id. Raises KeyError, or RuleFaults."""
    if name not in procedures():
        raise KeyError(name)
    return parse_procedure((_SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def procedure_for(rule: Rule) -> Procedure:
    """The procedure by which requests go under a rule, with what the rule sets of it.

    A rule that says under `told` within how many days the person is told, and sets no `postpone`, has telling put off no longer.
    """
    requests = given(rule.requests, Requests(procedure=PRESET))
    shipped = procedure(requests.procedure)
    told = rule.safeguards.get("told")
    if not requests.postpone and told is not None and told.present and told.days is not None:
        least = min(told.days, lasts(shipped.postpone).days)
        requests = msgspec.structs.replace(requests, postpone=f"P{least}D")
    return settled(shipped, settings_of(requests))


@lru_cache(256)  # a roll has few rules, and each request asks for its procedure at each step
def procedure_named(name: str) -> Procedure:
    """The procedure that events name: one that ships, with what a rule set of it. Raises KeyError where it is no such name."""
    said, _, _digest = name.rpartition("@")
    shipped, *settings = said.split("+")
    found = settled(procedure(shipped), dict(one.partition("=")[::2] for one in settings))
    if found.name != name:
        raise KeyError(name)
    return found


@cache
def procedure_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of procedure files; published as `procedure.schema.json` beside that of rules."""
    schema = msgspec.json.schema(Procedure)
    del schema["$defs"]["Procedure"]["properties"]["settings"]
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "title": "Openroll procedure file", **schema}


def parse_procedure(text: str, name: str) -> Procedure:
    """The procedure that a YAML text describes. Raises RuleFaults with every mistake at once."""
    return read_as(text, name, Procedure, procedure_schema(), sense_faults, MOST_RULE)
