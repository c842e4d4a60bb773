"""Reading rule files: YAML with line numbers, held against the one JSON Schema, then against itself."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.model import Rule

MOST_CHARACTERS = 1_000_000
SAFEGUARD_IDS = frozenset(
    [
        "choice",
        "innocence",
        "correction",
        "hearing",
        "appeal",
        "ladder",
        "prior-review",
        "no-bulk",
        "told",
        "rights",
        "report",
        "review",
        "misuse",
    ]
)
"""The safeguards that a rule states in so many words; the other checks look at its duties, fields and measures."""

Path = tuple[str | int, ...]


@cache
def rule_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of rule files, made from the types in `model`."""
    schema: dict[str, Any] = msgspec.json.schema(Rule)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Openroll rule file", **schema}


def read_yaml(text: str, name: str) -> tuple[Any, dict[Path, int]]:
    """A YAML text as plain values, dates as ISO strings, and the line of every value. Raises RuleFaults."""
    if len(text) > MOST_CHARACTERS:
        raise RuleFaults([Fault(name, 1, "", f"The file has {len(text)} characters.", f"at most {MOST_CHARACTERS}")])
    try:
        loaded = _yaml().load(text)
        lines: dict[Path, int] = {(): 1}
        return _plain(loaded, (), lines), lines
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise RuleFaults(
            [Fault(name, line, "", f"This is not YAML: {error.problem}.", "YAML 1.2", "key: value")]
        ) from error
    except (YAMLError, ValueError, RecursionError, AssertionError) as error:
        raise RuleFaults([Fault(name, 1, "", f"This is not YAML: {error}.", "YAML 1.2", "key: value")]) from error


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = False
    return yaml


def _plain(value: Any, path: Path, lines: dict[Path, int]) -> Any:
    if len(path) > 20 or len(lines) > 100_000:
        raise ValueError("it is nested too deeply, or its anchors unfold without end")
    if isinstance(value, CommentedMap):
        for key in value:
            lines[(*path, str(key))] = value.lc.key(key)[0] + 1
        return {str(key): _plain(inner, (*path, str(key)), lines) for key, inner in value.items()}
    if isinstance(value, CommentedSeq):
        for index in range(len(value)):
            lines[(*path, index)] = value.lc.item(index)[0] + 1
        return [_plain(inner, (*path, index), lines) for index, inner in enumerate(value)]
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    raise ValueError(f"a value of the kind {type(value).__name__} has no place in a rule")


def rule_of(data: Any, name: str, lines: Mapping[Path, int]) -> Rule:
    """The rule that plain values describe. Raises RuleFaults with every mistake."""
    faults = list(_form_faults(data, name, lines))
    if not faults:
        rule = msgspec.convert(data, Rule, strict=False)
        faults = list(_sense_faults(rule, name, lines))
        if not faults:
            return rule
    raise RuleFaults(faults)


def _form_faults(data: Any, name: str, lines: Mapping[Path, int]) -> Iterator[Fault]:
    validator = Draft202012Validator(rule_schema(), format_checker=FormatChecker(formats=["date"]))
    for error in validator.iter_errors(data):
        for leaf in _leaves(error):
            path = tuple(leaf.absolute_path)
            yield Fault(name, _line(lines, path), _said(path), _found(leaf), _expected(leaf), _example(leaf))


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """What is really wrong under an either-or: the faults of the branch that is not just `null`."""
    real = [inner for inner in error.context or [] if inner.validator != "type" or inner.validator_value != "null"]
    if not real:
        yield error
    for inner in real:
        yield from _leaves(inner)


def _line(lines: Mapping[Path, int], path: Path) -> int:
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _said(path: Path) -> str:
    return "/".join(map(str, path))


def _found(error: ValidationError) -> str:
    if error.validator in ("required", "additionalProperties"):
        return error.message.replace("is a required property", "is missing").rstrip(".") + "."
    return f"{json.dumps(error.instance, ensure_ascii=False)[:80]} does not fit."


def _expected(error: ValidationError) -> str:
    value: Any = error.validator_value
    schema = error.schema if isinstance(error.schema, dict) else {}
    match error.validator:
        case "enum":
            return "one of " + ", ".join(map(str, value))
        case "type":
            return f"a value of type {value}"
        case "required":
            return "the keys " + ", ".join(value)
        case "additionalProperties":
            return "only the keys " + ", ".join(schema.get("properties", {}))
        case "format":
            return "a date, YYYY-MM-DD"
        case "pattern":
            return str(schema.get("description", f"text of the form {value}"))
        case _:
            return f"{error.validator} {value}"


def _example(error: ValidationError) -> str:
    schema = error.schema if isinstance(error.schema, dict) else {}
    if error.validator == "enum":
        allowed: Any = error.validator_value
        return str(allowed[0])
    if error.validator == "format":
        return "2006-10-30"
    return str(next(iter(schema.get("examples", [])), ""))


def _sense_faults(rule: Rule, name: str, lines: Mapping[Path, int]) -> Iterator[Fault]:
    """What a schema cannot say: names that must exist, dates in order, deadlines that say one thing."""

    def fault(path: Path, found: str, expected: str, example: str = "") -> Fault:
        return Fault(name, _line(lines, path), _said(path), found, expected, example)

    try:
        ZoneInfo(rule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield fault(("zone",), f"There is no zone {rule.zone!r}.", "an IANA time zone", "Asia/Shanghai")
    if rule.in_force and rule.ended and rule.ended < rule.in_force:
        yield fault(("ended",), "The rule ends before it begins.", f"a date from {rule.in_force} on")
    yield from _reference_faults(rule, fault)
    for place, duty in enumerate(rule.duties):
        for index, deadline in enumerate(duty.deadlines):
            if sum((deadline.period is not None, deadline.fixed is not None, deadline.promptly)) != 1:
                path = ("duties", place, "deadlines", index)
                yield fault(
                    path, "It says more than one thing, or nothing.", "one of period, fixed, promptly", "period: P30D"
                )
        if duty.applies != "all" and rule.in_force is None:
            yield fault(
                ("duties", place), "New and existing need the day the rule came into force.", "in_force on the rule"
            )


def _reference_faults(rule: Rule, fault: Any) -> Iterator[Fault]:
    measures = {measure.id for measure in rule.measures}
    sources = {source.id for source in rule.sources}
    for place, duty in enumerate(rule.duties):
        for unknown in sorted(set(duty.measures) - measures):
            yield fault(
                ("duties", place, "measures"), f"There is no measure {unknown!r}.", f"one of {sorted(measures)}"
            )
    for unknown in sorted(set(rule.safeguards) - SAFEGUARD_IDS):
        expected = f"one of {', '.join(sorted(SAFEGUARD_IDS))}"
        yield fault(("safeguards", unknown), f"There is no safeguard {unknown!r}.", expected)
    groups = (("duties", rule.duties), ("fields", rule.fields), ("measures", rule.measures))
    for group, clauses in groups:
        names = [clause.name if hasattr(clause, "name") else clause.id for clause in clauses]
        for place, clause in enumerate(clauses):
            if clause.source and clause.source not in sources:
                yield fault(
                    (group, place, "source"), f"There is no source {clause.source!r}.", f"one of {sorted(sources)}"
                )
            if names.index(names[place]) != place:
                yield fault((group, place), f"{names[place]!r} stands twice.", "each name once")
    for identifier, statement in rule.safeguards.items():
        if statement.source and statement.source not in sources:
            path = ("safeguards", identifier, "source")
            yield fault(path, f"There is no source {statement.source!r}.", f"one of {', '.join(sorted(sources))}")
