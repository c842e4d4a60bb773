"""Reading rule files: plain values held against the one JSON Schema, then against themselves (`sense`)."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.model import Rule
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.text import Path, line_of, said
from openroll.rules.validate import sense_faults
from openroll.rules.values import FORMS

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


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
        found = sentence(_("There is no key {name!r} here."), name=key)
        expected = sentence(_("only the keys {names}"), names=tuple(known))
        yield Fault(name, line_of(lines, here), said(here), found, expected, "".join(near))


def _found(error: "ValidationError") -> Sentence:
    if error.validator == "required":
        return sentence(_("{name} is missing."), name=error.message.removesuffix(" is a required property"))
    return sentence(_("{value} does not fit."), value=json.dumps(error.instance, ensure_ascii=False)[:80])


_TYPES = {
    "string": _("text"),
    "object": _("keys with values"),
    "array": _("a list"),
    "number": _("a number, in digits with or without a point"),
}
_BOUNDS = {
    "minItems": _("at least {value} of them"),
    "minLength": _("text of at least {value} character"),
    "minimum": _("a number of at least {value}"),
    "exclusiveMinimum": _("a number above {value}"),
    "maximum": _("a number of at most {value}"),
}


def _expected(error: "ValidationError") -> Sentence | str:
    value: Any = error.validator_value
    schema = error.schema if isinstance(error.schema, dict) else {}
    match error.validator:
        case "enum":
            return sentence(_("one of {names}"), names=tuple(map(str, value)))
        case "type":
            return sentence(_TYPES.get(str(value), _("a value of type {value}")), value=value)
        case "required":
            return sentence(_("the keys {names}"), names=tuple(value))
        case "format":
            return Sentence(_("a date, YYYY-MM-DD"))
        case "pattern":
            form = FORMS.get(str(value)) or schema.get("description", _("text of the form {value}"))
            return sentence(form, value=value)
        case bound:
            return sentence(_BOUNDS.get(str(bound), "{bound} {value}"), bound=bound, value=value)


def _example(error: "ValidationError") -> str:
    schema = error.schema if isinstance(error.schema, dict) else {}
    if error.validator == "enum":
        allowed: Any = error.validator_value
        return str(allowed[0])
    if error.validator == "format":
        return "2006-10-30"
    example = next(iter(schema.get("examples", [])), "")
    return f"'{example}'" if example and isinstance(error.instance, int | float) else flow(example)


def flow(example: Any) -> str:
    """A plain value as one line of YAML, as people write it: `{id: sim, title: {en: SIM card}}`."""
    if isinstance(example, dict):
        return "{" + ", ".join(f"{name}: {_quoted(value)}" for name, value in example.items()) + "}"
    if isinstance(example, list):
        return "[" + ", ".join(map(_quoted, example)) + "]"
    return str(example)


def _quoted(value: Any) -> str:
    """A value within others: a text that YAML would read as more than a text stands in quotation marks."""
    said = flow(value)
    return f"'{said}'" if isinstance(value, str) and set(said) & set("{}[],:#&*!|>%@`") else said
