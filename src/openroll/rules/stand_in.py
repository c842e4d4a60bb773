"""Reading on behind values that do not fit: each is put right by a stand-in, so that mistakes of sense elsewhere come at once.

A stand-in might itself give mistakes, or hide some. So a file is put right twice, each time with other stand-ins, and what is
told is what is wrong both times and stands at no place that was put right.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from openroll.rules.faults import Fault
from openroll.rules.language import ENGLISH
from openroll.rules.sentence import Sentence
from openroll.rules.text import Path, said
from openroll.rules.values import FIELD_PATTERN, IDENTIFIER_PATTERN

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Errors = Callable[[Any], "list[ValidationError]"]
Sense = Callable[[Any], "list[Fault]"]
_ROUNDS = 4
_MADE_UP = "stands-in-for-"
_NAMES = ("id", "name", "overlay")


class _CannotStandIn(ValueError):
    """Nothing of ours fits where this value stands."""


def further_faults(data: Any, schema: Mapping[str, Any], errors: Errors, sense: Sense) -> list[Fault]:
    """The mistakes of sense of plain values that do not fit a schema. `errors` are those of form, `sense` those of sense."""
    try:
        first, second = (_Repair(data, schema, world).faults(errors, sense) for world in (0, 1))
    except (_CannotStandIn, msgspec.ValidationError):
        return []
    again = {(fault.path, str(fault.found)) for fault in second}
    return [fault for fault in first if (fault.path, str(fault.found)) in again]


class _Repair:
    """One putting right of one file, in one of two worlds of stand-ins."""

    def __init__(self, data: Any, schema: Mapping[str, Any], world: int) -> None:
        self.data = copy.deepcopy(data)
        self.given = data
        self.schema = schema
        self.world = world
        self.touched: list[Path] = []
        self.made: dict[str, str] = {}
        """Names that were made up, with what had stood there."""

    def faults(self, errors: Errors, sense: Sense) -> list[Fault]:
        for _round in range(_ROUNDS):
            wrong = errors(self.data)
            if not wrong:
                told = [self._as_written(fault) for fault in sense(self.data) if not self._ours(fault)]
                return [fault for fault in told if _MADE_UP not in f"{fault.found} {fault.expected}".replace("_", "-")]
            for error in wrong:
                with suppress(KeyError, IndexError, TypeError):  # put right already with what was around it
                    self._put_right(error)
        raise _CannotStandIn

    def _put_right(self, error: "ValidationError") -> None:
        path = tuple(error.absolute_path)
        schema: Any = error.schema
        if error.validator == "additionalProperties":
            place = self._at(path)
            for key in sorted(set(place) - set(schema.get("properties", {}))):
                self.touched.append((*path, key))
                del place[key]
        elif error.validator == "required":
            place = self._at(path)
            for key in schema["required"]:
                if key not in place:
                    if key in _NAMES:
                        raise _CannotStandIn  # who names it elsewhere cannot be told from who names nothing
                    place[key] = self._value(schema["properties"][key], (*path, key))
        elif isinstance(self._at(path), dict) and not isinstance(error.instance, dict):
            place = self._at(path)  # the name of a key: a text in a language that has no tag
            self.touched.append(path)
            place.pop(error.instance, None)
            place.setdefault(ENGLISH, "-")
        else:
            value = self._value(schema, path)
            if not path:
                raise _CannotStandIn
            self._at(path[:-1])[path[-1]] = value

    def _at(self, path: Path) -> Any:
        place = self.data
        for step in path:
            place = place[step]
        return place

    def _value(self, schema: Any, path: Path) -> Any:
        self.touched.append(path)
        value = self._stand_in(schema, 0)
        if isinstance(value, str) and value.replace("_", "-").startswith(_MADE_UP):
            try:
                self.made[value] = str(self._written(path))
            except (KeyError, IndexError, TypeError):
                self.made[value] = ""
        return value

    def _written(self, path: Path) -> Any:
        place = self.given
        for step in path:
            place = place[step]
        return place

    def _stand_in(self, schema: Any, depth: int) -> Any:
        if depth > 12:
            raise _CannotStandIn
        if "$ref" in schema:
            schema = self.schema["$defs"][schema["$ref"].rpartition("/")[2]]
        for either in ("anyOf", "oneOf"):
            if either in schema:
                kinds = sorted(schema[either], key=lambda one: one.get("type") != "null")
                return self._stand_in(kinds[0 if self.world == 0 else -1], depth + 1)
        if "enum" in schema:
            return schema["enum"][-self.world]
        return self._of_type(schema, depth)

    def _of_type(self, schema: Any, depth: int) -> Any:
        match schema.get("type"):
            case "null":
                return None
            case "boolean":
                return bool(self.world)
            case "integer" | "number":
                return max(schema.get("minimum", 1), 1 + self.world if "maximum" not in schema else 1)
            case "string":
                return self._text(schema)
            case "array":
                return [self._stand_in(schema["items"], depth + 1) for _one in range(schema.get("minItems", 0))]
            case "object" if "properties" in schema:
                needed = schema.get("required", ())
                return {key: self._stand_in(schema["properties"][key], depth + 1) for key in needed}
            case "object":
                return {ENGLISH: "-"} if schema.get("minProperties") else {}
        raise _CannotStandIn

    def _text(self, schema: Any) -> str:
        if schema.get("pattern") in (IDENTIFIER_PATTERN, FIELD_PATTERN):
            name = f"{_MADE_UP}{self.world}-{len(self.touched)}"
            return name if schema["pattern"] == IDENTIFIER_PATTERN else name.replace("-", "_")
        if schema.get("format") == "date":
            return ("1900-01-01", "2199-12-31")[self.world]
        return str(next(iter(schema.get("examples", ())), "-"))

    def _ours(self, fault: Fault) -> bool:
        """Whether a fault stands where something was put right, or names what had stood there."""
        parts = fault.path.split("/") if fault.path else []
        for path in self.touched:
            steps = [str(one) for one in path]
            if parts[: len(steps)] == steps or steps[: len(parts)] == parts:
                return True
        return any(old and said((old,)) in _words(fault.found) for old in self.made.values())

    def _as_written(self, fault: Fault) -> Fault:
        """The fault without names that were made up: what had stood there stands there again."""
        return msgspec.structs.replace(
            fault,
            found=self._again(fault.found),
            expected=self._again(fault.expected),
            example=self._again(fault.example),
        )

    def _again(self, value: Any) -> Any:
        if isinstance(value, Sentence):
            return Sentence(value.text, {key: self._again(one) for key, one in value.given.items()})
        if isinstance(value, tuple):
            return tuple(self._again(one) for one in value)
        return self.made.get(value, value) if isinstance(value, str) else value


def _words(found: Sentence | str) -> Sequence[str]:
    return [found] if isinstance(found, str) else list(_given(found))


def _given(found: Sentence) -> Iterator[str]:
    for value in found.given.values():
        yield str(value)
