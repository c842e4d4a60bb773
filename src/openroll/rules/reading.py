"""Reading rule files: plain values held against the one JSON Schema of rules, then against themselves."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from openroll.rules.faults import Fault
from openroll.rules.form import value_of
from openroll.rules.model import Rule
from openroll.rules.text import Path, Plain
from openroll.rules.validate import sense_faults

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def rule_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of rule files, made from the types in `model`; published as `rule.schema.json` beside them.

    `overlays` is no key of a file: a rule has it from what was laid over it.
    """
    schema = msgspec.json.schema(Rule)
    del schema["$defs"]["Rule"]["properties"]["overlays"]
    return {"$schema": _DIALECT, "title": "Openroll rule file", **schema}


def rule_of(data: Any, name: str, lines: Mapping[Path, int], before: Sequence[Fault] = ()) -> Rule:
    """The rule that plain values describe. Raises RuleFaults with every mistake, those of the text (`before`) among them."""
    return value_of(Plain(data, dict(lines), list(before)), name, Rule, rule_schema(), sense_faults)
