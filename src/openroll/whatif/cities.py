"""Load a city file (YAML): check it against the schema of `city`, then against itself (`validate`).

Files are read as rule files are, by the same reading, with the same faults: all mistakes at once, each with its line.
"""

import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from openroll.rules import read_on, value_of
from openroll.whatif.city import City
from openroll.whatif.validate import city_faults

_SHIPPED = files("openroll.whatif") / "cities"
_PLACES = files("openroll") / "places" / "shipped"
"""Jurisdictions bring cities of their own: data of another room, and none of its code."""

_NUMBERS = frozenset({"value", "low", "high", "weight", "rate", "organisation", "operator", "site"})
"""The keys of a city file under which a number with a point may stand."""

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")


class NoSuchCity(LookupError):
    """No city of this name ships with Openroll. `known` lists what does."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"there is no city {name!r}; there is {', '.join(known)}")


def cities() -> tuple[str, ...]:
    """The names of the cities that ship: those that stand by themselves, then those that jurisdictions bring, each in order."""
    return tuple(_files())


@cache
def _files() -> dict[str, Traversable]:
    """The files of the cities that ship, by name."""
    own = sorted(_SHIPPED.iterdir(), key=lambda file: file.name)
    folders = [place / "cities" for place in _PLACES.iterdir() if (place / "cities").is_dir()]
    brought = sorted((file for folder in folders for file in folder.iterdir()), key=lambda file: file.name)
    return {file.name[:-5]: file for file in (*own, *brought) if file.name.endswith(".yaml")}


@cache
def load_city(name: str) -> City:
    """Load a shipped city by name. Raises NoSuchCity."""
    if name not in cities():
        raise NoSuchCity(name, cities())
    return parse_city(_files()[name].read_text(encoding="utf-8"), f"{name}.yaml")


def parse_city(text: str, name: str) -> City:
    """Parse a city file. Raises RuleFaults with every mistake at once."""
    plain = read_on(text, name)
    return value_of(plain._replace(value=_numbered(plain.value)), name, City, city_schema(), city_faults)


@cache
def city_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of city files, made from the types in `city`."""
    schema = msgspec.json.schema(City)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Openroll city file", **schema}


def _numbered(data: Any) -> Any:
    """Plain values with the decimals made numbers where numbers stand: rules read them as text, for money's sake."""
    if isinstance(data, list):
        return [_numbered(one) for one in data]
    if isinstance(data, dict):
        return {key: _number(one) if key in _NUMBERS else _numbered(one) for key, one in data.items()}
    return data


def _number(said: Any) -> Any:
    return float(said) if isinstance(said, str) and _DECIMAL.fullmatch(said) else said
