"""Reading rule files: plain values held against the one JSON Schema, then against themselves (`sense`)."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.model import Rule
from openroll.rules.text import Path, line_of, said
from openroll.rules.validate import sense_faults
from openroll.rules.values import FORMS

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def rule_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of rule files, made from the types in `model`; published as `rule.schema.json` beside them.

    `overlays` is no key of a file: a rule has it from what was laid over it.
    """
    schema = msgspec.json.schema(Rule)
    del schema["$defs"]["Rule"]["properties"]["overlays"]
    return {"$schema": _DIALECT, "title": "Openroll rule file", **schema}


def rule_of(data: Any, name: str, lines: Mapping[Path, int]) -> Rule:
    """The rule that plain values describe. Raises RuleFaults with every mistake."""
    faults = form_faults(data, rule_schema(), name, lines)
    if not faults:
        rule = msgspec.convert(data, Rule, strict=False)
        faults = sense_faults(rule, name, lines)
        if not faults:
            return rule
    raise RuleFaults(faults)


def form_faults(data: Any, schema: dict[str, Any], name: str, lines: Mapping[Path, int]) -> list[Fault]:
    """Every place where plain values are not of the form that a JSON Schema asks."""
    # Here, not above: it loads two seconds and 21 MB of formats that no rule has, also where no rule is ever read.
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - as said

    validator = Draft202012Validator(schema, format_checker=FormatChecker(formats=["date"]))
    leaves = [leaf for error in validator.iter_errors(data) for leaf in _leaves(error)]
    return [fault for leaf in leaves for fault in _faults(leaf, name, lines)]


def _leaves(error: "ValidationError") -> "Iterator[ValidationError]":
    """What is really wrong under an either-or: the faults of the branch that is not just `null`."""
    real = [inner for inner in error.context or [] if inner.validator != "type" or inner.validator_value != "null"]
    if not real:
        yield error
    for inner in real:
        yield from _leaves(inner)


def _faults(error: "ValidationError", name: str, lines: Mapping[Path, int]) -> Iterator[Fault]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        yield from _unknown_keys(error, path, name, lines)
        return
    yield Fault(name, line_of(lines, path), said(path), _found(error), _expected(error), _example(error))


def _unknown_keys(error: "ValidationError", path: Path, name: str, lines: Mapping[Path, int]) -> Iterator[Fault]:
    schema: Any = error.schema
    instance: Any = error.instance
    known = list(schema.get("properties", {}))
    for key in sorted(set(instance) - set(known)):
        here = (*path, key)
        near = get_close_matches(key, known, 1)
        expected = f"only the keys {', '.join(known)}"
        yield Fault(name, line_of(lines, here), said(here), f"There is no key {key!r} here.", expected, "".join(near))


def _found(error: "ValidationError") -> str:
    if error.validator == "required":
        return error.message.replace("is a required property", "is missing") + "."
    return f"{json.dumps(error.instance, ensure_ascii=False)[:80]} does not fit."


_TYPES = {
    "string": "text",
    "object": "keys with values",
    "array": "a list",
    "number": "a number, in digits with or without a point",
}
_BOUNDS = {
    "minItems": "at least {} of them",
    "minLength": "text of at least {} character",
    "minimum": "a number of at least {}",
    "exclusiveMinimum": "a number above {}",
    "maximum": "a number of at most {}",
}


def _expected(error: "ValidationError") -> str:
    value: Any = error.validator_value
    schema = error.schema if isinstance(error.schema, dict) else {}
    match error.validator:
        case "enum":
            return "one of " + ", ".join(map(str, value))
        case "type":
            return _TYPES.get(str(value), f"a value of type {value}")
        case "required":
            return "the keys " + ", ".join(value)
        case "format":
            return "a date, YYYY-MM-DD"
        case "pattern":
            return FORMS.get(str(value)) or str(schema.get("description", f"text of the form {value}"))
        case bound:
            return _BOUNDS.get(str(bound), f"{bound} {{}}").format(value)


def _example(error: "ValidationError") -> str:
    schema = error.schema if isinstance(error.schema, dict) else {}
    if error.validator == "enum":
        allowed: Any = error.validator_value
        return str(allowed[0])
    if error.validator == "format":
        return "2006-10-30"
    example = next(iter(schema.get("examples", [])), "")
    return f"'{example}' (in quotes)" if example and isinstance(error.instance, int | float) else str(example)
