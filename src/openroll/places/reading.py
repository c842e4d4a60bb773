"""Reading a jurisdiction's folder: its files as a mapping of names to bytes, held against the schema, then against themselves.

`jurisdiction.yaml` and `districts.csv` must be there; `offices.csv`, `days.csv`, `districts.geojson` may. Every mistake of every
file comes at once, with its line.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from openroll.places.address import PART
from openroll.places.around import Around, OwnRules, city_faults, id_faults, look_around, own_rules
from openroll.places.bundle import Bundle
from openroll.places.days_off import days_off
from openroll.places.looks import look_at
from openroll.places.model import SHAPES, DayOff, District, Jurisdiction, city_path
from openroll.places.shapes import read_shapes
from openroll.places.sketch import sketch
from openroll.places.tables import (
    DAYS,
    DISTRICTS,
    OFFICES,
    depth,
    faults_in_order,
    read_days,
    read_districts,
    read_offices,
)
from openroll.rules.calendar import LONGEST_REST, moved_by
from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.form import form_faults
from openroll.rules.text import Path, line_of, read_on, said
from openroll.third_party import NotValid

MAIN = "jurisdiction.yaml"
NAMES = (MAIN, DISTRICTS, OFFICES, DAYS, SHAPES)
"""The files of a folder that are part of its bundle. Rules, words and the city stand in folders of their own within it."""

MOST_BYTES = 8_000_000
MOST_MAIN = 200_000
"""Bytes of `jurisdiction.yaml`, as of a rule: each is looked at many times. What is long has files of its own."""
_EXAMPLES: dict[str, Any] = {
    "Choice": {"id": "sim", "title": {"en": "SIM card", "sw": "Laini ya simu"}},
    "NumberFormat": {
        "id": "telephone",
        "title": {"en": "Telephone number"},
        "phonenumbers": "KE",
        "example": "0712 345678",
        "fields": ["phone"],
    },
    "Working": {"rest": ["sat", "sun"], "holidays": "KE", "years": [2024, 2030]},
    "Address": {"lines": ["{organisation}", "P.O. Box {box}", "{postcode} {town}"]},
    "Source": {"id": "gazette", "title": "Gazette notice 12 of 2024", "standing": "seen", "where": "gazette.example"},
}
"""What each part of the file looks like, for the schema and for faults."""


class JurisdictionFaults(RuleFaults):
    """A folder that is no jurisdiction. `faults` holds every mistake of every file."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.faults = tuple(faults_in_order(faults))
        self.args = ("\n".join(map(str, self.faults)),)


@cache
def jurisdiction_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `jurisdiction.yaml`, made from the types in `model`."""
    schema = msgspec.json.schema(Jurisdiction)
    for name, example in _EXAMPLES.items():
        schema["$defs"][name]["examples"] = [example]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Openroll jurisdiction", **schema}


def read_bundle(files: Mapping[str, bytes], around: Around | None = None) -> Bundle:
    """The bundle that a folder's files describe, held against what stands around them where that is given.

    Raises JurisdictionFaults with every mistake of every file: a wrong key hides no wrong row, and neither hides a wrong rule.
    """
    faults = list(_sizes(files))
    if any(fault.file in files for fault in faults):
        raise JurisdictionFaults(faults)
    main, more = _main(files.get(MAIN), around)
    faults += more
    languages = tuple(tag for _, tag in main.sketch.languages)
    districts, more = read_districts(files[DISTRICTS], languages) if DISTRICTS in files else ((), [])
    faults += more
    codes = frozenset(district.code for district in districts)
    offices, more = read_offices(files[OFFICES], languages, codes, main.parts) if OFFICES in files else ((), [])
    faults += more
    written, more = read_days(files[DAYS], languages) if DAYS in files else ((), [])
    faults += more
    shapes, more = read_shapes(files[SHAPES], codes) if SHAPES in files else ("", [])
    faults += [*more, *main.level_faults(districts)]
    if main.jurisdiction is None or faults:
        raise JurisdictionFaults(faults)
    own = files.get(city_path(main.jurisdiction.city or ""))
    city = UNSET if own is None else _decoded(own)
    bundle = Bundle(main.jurisdiction, districts, _days(main.jurisdiction, written), offices, shapes, city)
    if (begun := idle_since(bundle)) is not None:
        found = f"From {begun} on, no day is worked for more than {LONGEST_REST} days."
        raise JurisdictionFaults([Fault(DAYS if DAYS in files else MAIN, 1, "", found, "days off, with work between")])
    return bundle


def idle_since(bundle: Bundle) -> date | None:
    """The first day of a row of days off that is too long; None where there is none."""
    calendar, last = bundle.working_days, date.min
    for holiday in sorted(bundle.holidays):
        if holiday <= last:
            continue
        day = holiday
        while not calendar.is_working(moved_by(day, -1)) and day > date.min:  # the weekend before it is as free
            day = moved_by(day, -1)
        last = day
        while not calendar.is_working(last) and (last - day).days <= LONGEST_REST:
            last = moved_by(last, 1)
        if (last - day).days > LONGEST_REST:
            return day
    return None


class _Main(NamedTuple):
    """What is known of `jurisdiction.yaml`: the jurisdiction where it is whole, a sketch of it, and the line of each value."""

    jurisdiction: Jurisdiction | None
    sketch: SimpleNamespace
    lines: Mapping[Path, int]

    @property
    def parts(self) -> frozenset[str] | None:
        """The parts that its address has; None where it says none."""
        address = self.sketch.address
        return None if address is None else frozenset(part for _, line in address.lines for part in PART.findall(line))

    def level_faults(self, districts: Sequence[District]) -> Iterator[Fault]:
        """No level is named that the tree has not; wider ones than those named go without a name."""
        named, deepest = len(self.sketch.levels), depth(districts)
        if deepest and named > deepest:
            found = f"It names {named} levels; the districts of {DISTRICTS} have {deepest}."
            want = "a name for each level, the widest first; the last is what filings name"
            yield Fault(MAIN, line_of(self.lines, ("levels",)), "levels", found, want)


def _sizes(files: Mapping[str, bytes]) -> Iterator[Fault]:
    for name in (MAIN, DISTRICTS):
        if name not in files:
            yield Fault(name, 1, "", "The file is missing.", f"{MAIN} and {DISTRICTS} in the folder")
    for name, data in files.items():
        most = MOST_MAIN if name == MAIN else MOST_BYTES
        if len(data) > most:
            yield Fault(name, 1, "", f"The file has {len(data):,} bytes.", f"at most {most:,}")


def _main(data: bytes | None, around: Around | None) -> tuple[_Main, list[Fault]]:
    """What `jurisdiction.yaml` says as far as it can be read, and every fault of it and of the rules beside it."""
    own = OwnRules({}, {}, ()) if around is None else own_rules(around)
    try:
        plain, lines, faults = read_on(_decoded(data), MAIN) if data is not None else ({}, {}, [])
    except RuleFaults as error:
        return _Main(None, sketch(None, Jurisdiction), {}), [*error.faults, *own.faults]
    at = {fault.path for fault in faults}
    if data is not None:
        faults += [fault for fault in form_faults(plain, jurisdiction_schema(), MAIN, lines) if fault.path not in at]
    drawn = sketch(plain, Jurisdiction)
    whole = None if faults or data is None else msgspec.convert(plain, Jurisdiction, strict=False)
    at = {fault.path for fault in faults}
    found = [*look_at(drawn), *(() if around is None else look_around(drawn, own, around))]
    faults += [
        Fault(MAIN, line_of(lines, path), said(path), what, want, example)
        for path, what, want, example in found
        if said(path) not in at
    ]
    more = () if around is None else (*id_faults(own, drawn, around), *city_faults(drawn, around))
    return _Main(whole, drawn, lines), [*faults, *own.faults, *more]


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RuleFaults([Fault(MAIN, line, "", "It is not UTF-8 text.", "a text file in UTF-8")]) from error


def _days(place: Jurisdiction, written: tuple[DayOff, ...]) -> tuple[DayOff, ...]:
    try:
        return days_off(place.working, place.languages, written)
    except NotValid as error:
        want = "another release of the library, or days.csv alone"
        raise JurisdictionFaults([Fault(MAIN, 1, "working/holidays", "The library failed on it.", want)]) from error
