"""What a file means: plain values held against the JSON Schema of what they describe, then against themselves (`sense`)."""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.meant import Meant, meant, shown
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.stand_in import further_faults
from openroll.rules.text import MOST_CHARACTERS, MOST_FAULTS, Path, Plain, line_of, read_on, said
from openroll.rules.values import FORMS

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


Value = TypeVar("Value")
Sense: TypeAlias = Callable[[Value, str, Mapping[Path, int]], list[Fault]]
"""What finds the mistakes of sense in something whose form is right: of its file, and with the lines of its values."""

MOST_REPAIRED = 40
"""Mistakes of form with which a file is still held against itself: one with more is no rule yet."""


def read_as(
    text: str,
    name: str,
    form: type[Value],
    schema: dict[str, Any],
    sense: "Sense[Value]",
    most: int = MOST_CHARACTERS,
) -> Value:
    """What a YAML text describes. Raises RuleFaults with every mistake of text, form and sense at once."""
    return value_of(read_on(text, name, most), name, form, schema, sense)


def value_of(plain: Plain, name: str, form: type[Value], schema: dict[str, Any], sense: "Sense[Value]") -> Value:
    """What plain values describe, held against a schema and then against itself (`sense`). Raises RuleFaults.

    Where something does not fit, the rest is still held against itself: a wrong word above hides no wrong name below.
    """
    if plain.value is None:
        raise RuleFaults(plain.faults or [_empty(name)])

    def sense_of(data: Any) -> list[Fault]:
        return sense(msgspec.convert(data, form, strict=False), name, plain.lines)

    faults = form_faults(plain.value, schema, name, plain.lines)
    if faults:
        further = [] if len(faults) > MOST_REPAIRED else further_faults(plain.value, schema, _errors(schema), sense_of)
        raise RuleFaults([*plain.faults, *faults, *further])
    value = msgspec.convert(plain.value, form, strict=False)
    faults = [*plain.faults, *sense(value, name, plain.lines)]
    if faults:
        raise RuleFaults(faults[:MOST_FAULTS])
    return value


def form_faults(data: Any, schema: dict[str, Any], name: str, lines: Mapping[Path, int]) -> list[Fault]:
    """The places where plain values are not of the form that a JSON Schema asks: MOST_FAULTS of them at most."""
    if data is None:
        return [_empty(name)]
    found = (fault for leaf in _all_errors(schema)(data) for fault in _faults(leaf, name, lines))
    return list(islice(found, MOST_FAULTS))


def _empty(name: str) -> Fault:
    return Fault(name, 1, "", Sentence(_("The file is empty.")), Sentence(_("keys with values")), "version: 1")


def _all_errors(schema: dict[str, Any]) -> "Callable[[Any], Iterator[ValidationError]]":
    """What lists the errors of plain values under a schema, one by one."""
    # Here, not above: what checks forms is a seventh of a second, also where no rule is ever read.
    from openroll.rules.json_schema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - as said

    validator = Draft202012Validator(schema, format_checker=FormatChecker(formats=["date"]))
    return lambda data: (leaf for error in validator.iter_errors(data) for leaf in _leaves(error))


def _errors(schema: dict[str, Any]) -> "Callable[[Any], list[ValidationError]]":
    return lambda data: list(_all_errors(schema)(data))


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
    probable = _meant(error)
    return probable.found if probable else sentence(_("{value} does not fit."), value=shown(error.instance))


def _meant(error: "ValidationError") -> Meant | None:
    return meant(str(error.validator), error.validator_value, error.instance)


_TYPES = {
    "string": _("text"),
    "object": _("keys with values"),
    "array": _("a list"),
    "number": _("a number, in digits with or without a point"),
    "integer": _("a whole number, in digits"),
    "boolean": _("true or false"),
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
    if error.validator == "required":
        return _example_of_missing(error, schema)
    probable = _meant(error)
    if probable and probable.example:
        return probable.example
    example = next(iter(schema.get("examples", [])), "")
    plain = example if isinstance(example, str) else flow(example)
    return f"'{plain}'" if example and isinstance(error.instance, int | float) and isinstance(example, str) else plain


def _example_of_missing(error: "ValidationError", schema: Mapping[str, Any]) -> str:
    """A key that is missing as it could stand there."""
    key = re.sub("^'|' is a required property$", "", error.message)
    wanted = schema.get("properties", {}).get(key, {})
    example = next(iter(wanted.get("examples", [])), wanted.get("enum", [""])[0])
    if example in ("", []):
        return f"{key}:"
    return f"{key}: {example if isinstance(example, str) else flow(example)}"


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
