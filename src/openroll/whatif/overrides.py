"""A city with some assumptions set by hand (`--set`, a page's sliders), validated as a city file is."""

from collections.abc import Mapping

import msgspec

from openroll.rules import Path, RuleFaults, Source
from openroll.whatif.city import City, Quantity
from openroll.whatif.titles import titles
from openroll.whatif.validate import city_faults

BY_HAND = Source(id="set-by-hand", title="Set by hand for this run", standing="ours")
"""The source of a number that was set by hand, so that a report says so where it says what it rests on."""
_NO_LINES: Mapping[Path, int] = {}


class NoSuchAssumption(LookupError):
    """No assumption has this path. `known` lists them all, in the order of a city file."""

    def __init__(self, path: str, known: tuple[str, ...]) -> None:
        self.path, self.known = path, known
        super().__init__(f"there is no assumption {path!r}")


def known_path(path: str) -> str:
    """The path of an assumption, checked. Raises NoSuchAssumption."""
    known = tuple(titles())
    if path not in known:
        raise NoSuchAssumption(path, known)
    return path


def with_overrides(city: City, values: Mapping[str, float]) -> City:
    """The city with these assumptions, by path, fixed to these numbers: they have no range any more.

    Raises NoSuchAssumption, and RuleFaults where a number makes no sense there or beside the others.
    """
    for path in values:
        known_path(path)
    if not values:
        return city

    def fill(path: str, quantity: Quantity) -> Quantity:
        return Quantity(value=values[path], source=BY_HAND.id) if path in values else quantity

    sources = (*(one for one in city.sources if one.id != BY_HAND.id), BY_HAND)
    made = msgspec.structs.replace(city, assumptions=city.assumptions.filled(fill), sources=sources)
    faults = city_faults(made, city.id, _NO_LINES)
    if faults:
        raise RuleFaults(faults)
    return made
