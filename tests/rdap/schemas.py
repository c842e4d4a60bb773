"""The JSON Schemas of RDAP answers that others made (`tests/vectors.py`, set `rdap`), as one validator of each kind of answer."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry, Resource

from tests.vectors import vectors


@cache
def _registry() -> Registry[Any]:
    registry: Registry[Any] = Registry()
    for path in sorted(vectors("rdap").glob("*.json")):
        registry = registry.with_resource(path.name, Resource.from_contents(_schema(path)))
    return registry


def _schema(path: Path) -> Any:
    """A schema as its makers' own validator reads it: a name within it (`$id`) begins no other document."""
    schema = json.loads(path.read_text())
    return {"$schema": "http://json-schema.org/draft-07/schema#"} | _unnamed(schema) | {"$id": path.name}


def _unnamed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_unnamed(one) for one in schema]
    if isinstance(schema, dict):
        return {name: _unnamed(value) for name, value in schema.items() if name != "$id" or not isinstance(value, str)}
    return schema


def faults(answer: Any, kind: str) -> list[str]:
    """What the schema of `rdap_{kind}.json` has against an answer: where, and what."""
    schema = _schema(vectors("rdap") / f"rdap_{kind}.json")
    validator = Draft7Validator(schema, registry=_registry(), format_checker=FormatChecker())
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message}" for one in validator.iter_errors(answer)]
