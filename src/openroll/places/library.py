"""The jurisdictions that ship with Openroll. Their folders are part of the package, as code is."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from openroll.places.around import Around, Shipped
from openroll.places.bundle import Bundle
from openroll.places.reading import NAMES, read_bundle
from openroll.rules.faults import Fault
from openroll.rules.language import in_all

_SHIPPED = files("openroll.places") / "shipped"


class NoSuchJurisdiction(LookupError):
    """No jurisdiction of this name ships with Openroll. `known` lists what does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.known = shipped()
        super().__init__(f"there is no jurisdiction {name!r} here; there is {', '.join(self.known)}")


def shipped() -> tuple[str, ...]:
    """The names of the jurisdictions that ship, in order."""
    return tuple(sorted(one.name for one in _SHIPPED.iterdir() if (one / "jurisdiction.yaml").is_file()))


@cache
def load(name: str) -> Bundle:
    """A shipped jurisdiction by name. Raises NoSuchJurisdiction."""
    return read_bundle(own_files(name))


def surroundings(
    rules: Mapping[str, str], cities: Sequence[str], own_cities: Mapping[str, str | Sequence[Fault]] = {}
) -> Around:
    """What a folder is held against: its own rules' texts by name, the cities there are and its own, and what ships."""
    there = {name: load(name).jurisdiction for name in shipped()}
    return Around(
        rules, cities, {one.id: Shipped(one.version, in_all(one.title)) for one in there.values()}, own_cities
    )


def own_files(name: str) -> Mapping[str, bytes]:
    """The files of a shipped jurisdiction's bundle. Raises NoSuchJurisdiction."""
    folder = folder_of(name)
    return {file: (folder / file).read_bytes() for file in NAMES if (folder / file).is_file()}


def folder_of(name: str) -> Traversable:
    """The folder of a shipped jurisdiction, where its rules, words and city stand too. Raises NoSuchJurisdiction."""
    if name not in shipped():
        raise NoSuchJurisdiction(name)
    return _SHIPPED / name
