"""A jurisdiction as data: what a place calls things, how it counts days, and which numbers its people have.

The JSON Schema of `jurisdiction.yaml` is made from these types, descriptions and examples included, so that this file is the one
place where its form is said. What stands in tables (districts, days off) has files of its own beside it: see `places.reading`.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from openroll.rules import Identifier, Source
from openroll.rules.language import Tag, Text

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DistrictCode = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$",
        description="the official code of a district, as text: leading zeros count",
        examples=["047"],
    ),
]
Zone = Annotated[str, Meta(description="an IANA time zone, as Area/City", examples=["Africa/Nairobi"])]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of a closed list that a filing chooses from, such as a kind of subscriber or of access, as the law there names it."""

    id: Identifier
    title: Text


class NumberFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a number that identifies somebody looks like there, by a validator's name or a pattern; one of the three.

    `stdnum` names a module of python-stdnum (`za.idnr`), `phonenumbers` a region whose telephone numbers are meant (`KE`),
    `pattern` a regular expression that the whole number fits, blanks and hyphens taken out. `fields` are the personal fields of
    rules that hold such a number; where it is not said, the field that is called as the form is (`id`).
    """

    id: Identifier
    title: Text
    example: Annotated[str, Meta(min_length=1, description="a made-up number that fits", examples=["0712 345678"])]
    stdnum: Annotated[str, Meta(pattern=r"^[a-z]{2,10}(\.[a-z0-9_]{2,30})?$", examples=["za.idnr"])] | None = None
    phonenumbers: Annotated[str, Meta(pattern="^[A-Z]{2}$", examples=["KE"])] | None = None
    pattern: Annotated[str, Meta(min_length=1, max_length=200, examples=["[0-9]{7,8}"])] | None = None
    fields: Annotated[tuple[str, ...], Meta(examples=[["phone"]])] | UnsetType = UNSET

    @property
    def held_fields(self) -> tuple[str, ...]:
        """The personal fields of rules that are held to this form."""
        return (self.id,) if self.fields is UNSET else self.fields


class Working(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which days are worked, where a deadline counts working days.

    `rest` are the days of the week that are not worked. `holidays` names a country of the `holidays` library, `region` one of
    its subdivisions; `years` are the first and the last year for which days off are known. A file `days.csv` beside this one
    says more: a day off, or a day worked in place of one. A day outside of `years` is counted by the week alone, and said so.
    """

    rest: tuple[Weekday, ...] = ("sat", "sun")
    holidays: Annotated[str, Meta(pattern="^[A-Z]{2}$", examples=["KE"])] | None = None
    region: Annotated[str, Meta(pattern="^[A-Z0-9]{1,6}$", examples=["BE"])] | None = None
    years: Annotated[tuple[int, int], Meta(examples=[[2024, 2030]])] | None = None


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a postal address is written there: its lines, each a row of parts in braces, from the first line down."""

    lines: Annotated[
        tuple[Annotated[str, Meta(min_length=1, examples=["{street} {number}"])], ...], Meta(min_length=1, max_length=8)
    ]


SHAPES = "districts.geojson"
"""The file of a place's map."""
CITIES = "cities"
"""The folder of a place's own what-if cities."""


def city_path(name: str) -> str:
    """Where a folder has a city of its own."""
    return f"{CITIES}/{name}.yaml"


OFFICE_PARTS = ("street", "number", "unit", "box", "postcode", "town", "region", "country")
"""The parts of an office's address: columns of `offices.csv`. Its {organisation} is its name, its {district} that of its row."""

EARLIEST, LATEST = 1990, 2100
"""Years of which days off may be said."""
PARTS = ("name", "organisation", "street", "number", "unit", "box", "district", "postcode", "town", "region", "country")
"""The parts that an address line may name."""


class Jurisdiction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place that keeps a roll: what `jurisdiction.yaml` says.

    `languages` are those of its pages, mails and papers, the main one first. `rules` are the rules that its folder holds or
    that ship, the one that a roll is opened under first. `city` names the what-if city that stands for it, and `compare` the
    rules that its first question compares. `levels` is what its districts are called, the widest first: counties; or regions
    and beneath them districts.
    """

    id: Identifier
    version: Annotated[int, Meta(ge=1, examples=[1])]
    title: Text
    languages: Annotated[tuple[Tag, ...], Meta(min_length=1, examples=[["en", "sw"]])]
    zone: Zone
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="an ISO 4217 currency", examples=["KES"])]
    kinds: Annotated[tuple[Choice, ...], Meta(min_length=1)]
    accesses: Annotated[tuple[Choice, ...], Meta(min_length=1)]
    earliest: Annotated[
        date, Meta(description="the day on which the first subscription there can have begun", examples=["1994-04-20"])
    ]
    rules: Annotated[tuple[str, ...], Meta(min_length=1, examples=[["ke-notification"]])]
    zones: tuple[Zone, ...] = ()
    numbers: tuple[NumberFormat, ...] = ()
    working: Working = Working()
    address: Address | None = None
    city: Identifier | None = None
    compare: Annotated[tuple[str, ...], Meta(max_length=3)] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[Text, ...] = ()
    levels: (
        Annotated[tuple[Text, ...], Meta(min_length=1, max_length=6, examples=[[{"en": "County", "sw": "Kaunti"}]])]
        | UnsetType
    ) = UNSET


class District(msgspec.Struct, frozen=True):
    """A district: its code, its name by language, the district it is part of, and from when to when it stood.

    `since` is its first day and `until` its last one, None where the list does not say. A district that was split or renamed
    ends, and others begin; `into` names those that took its place.
    """

    code: str
    title: Text
    parent: str = ""
    since: date | None = None
    until: date | None = None
    into: tuple[str, ...] = ()

    def stands(self, day: date) -> bool:
        """Whether there is such a district on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Office(msgspec.Struct, frozen=True):
    """Where people of a district go: its name by language, its counters, its address as one line or by its parts."""

    district: str
    title: Text
    counters: int = 1
    address: str = ""
    parts: dict[str, str] | UnsetType = UNSET


class DayOff(msgspec.Struct, frozen=True):
    """A day that is not what its weekday says: a holiday, or (`worked`) a day worked in place of one.

    `titles` are its names by language; `title` is that in the main one, which is all that bundles of before had.
    """

    day: date
    worked: bool
    title: str = ""
    titles: Text | UnsetType = UNSET
