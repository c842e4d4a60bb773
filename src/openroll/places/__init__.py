"""A jurisdiction as data: languages, districts, kinds, numbers, days off. Pure: no clock, no network, no randomness.

One folder of files is one place; read whole it is a `Bundle` with a digest, which is what a roll is opened under.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from openroll.places.address import address_lines
from openroll.places.bundle import Bundle, bundle_of, canonical, digest, full_name, speaking, zones_of
from openroll.places.model import Choice, DayOff, District, Jurisdiction, NumberFormat, Office, Working
from openroll.places.preset import preset, preset_roll
from openroll.places.subscriber_kinds import every_kind, subscriber_kinds
from openroll.rules.zones import is_zone

if TYPE_CHECKING:
    from openroll.places.around import Around, Shipped
    from openroll.places.country import country_of
    from openroll.places.demo_file import Demonstration, demonstration
    from openroll.places.library import NoSuchJurisdiction, folder_of, load, own_files, shipped, surroundings
    from openroll.places.numbers import fits
    from openroll.places.readable import readable_faults
    from openroll.places.reading import MAIN, NAMES, JurisdictionFaults, jurisdiction_schema, read_bundle

__all__ = [
    "MAIN",
    "NAMES",
    "Around",
    "Bundle",
    "Choice",
    "DayOff",
    "Demonstration",
    "District",
    "Jurisdiction",
    "JurisdictionFaults",
    "NoSuchJurisdiction",
    "NumberFormat",
    "Office",
    "Shipped",
    "Working",
    "address_lines",
    "bundle_of",
    "canonical",
    "country_of",
    "demonstration",
    "digest",
    "every_kind",
    "fits",
    "folder_of",
    "full_name",
    "is_zone",
    "jurisdiction_schema",
    "load",
    "own_files",
    "preset",
    "preset_roll",
    "read_bundle",
    "readable_faults",
    "shipped",
    "speaking",
    "subscriber_kinds",
    "surroundings",
    "zones_of",
]

_LATER = {
    "around": ("Around", "Shipped"),
    "country": ("country_of",),
    "demo_file": ("Demonstration", "demonstration"),
    "library": ("NoSuchJurisdiction", "folder_of", "load", "own_files", "shipped", "surroundings"),
    "numbers": ("fits",),
    "readable": ("readable_faults",),
    "reading": ("MAIN", "NAMES", "JurisdictionFaults", "jurisdiction_schema", "read_bundle"),
}


def __getattr__(name: str) -> Any:
    """Load what reads folders when it is first asked for (PEP 562): an open roll has its bundle, and does without."""
    for module, names in _LATER.items():
        if name in names:
            value = getattr(import_module(f"openroll.places.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
