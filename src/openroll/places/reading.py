"""Reading a jurisdiction's folder: its files as a mapping of names to bytes, held against the schema, then against themselves.

`jurisdiction.yaml` and `districts.csv` must be there; `offices.csv`, `days.csv`, `districts.geojson` may. Every mistake of every
file comes at once, with its line.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import msgspec
from babel.core import Locale, UnknownLocaleError
from babel.numbers import list_currencies

from openroll.places.bundle import Bundle
from openroll.places.days_off import days_off, known_countries, known_regions
from openroll.places.model import EARLIEST, LATEST, PARTS, DayOff, Jurisdiction, NumberFormat
from openroll.places.numbers import fits, knows_region, module
from openroll.places.pattern import PatternWrong, read
from openroll.places.shapes import SHAPES, read_shapes
from openroll.places.tables import (
    DAYS,
    DISTRICTS,
    MOST_NAME,
    OFFICES,
    faults_in_order,
    read_days,
    read_districts,
    read_offices,
)
from openroll.rules.calendar import moved_by
from openroll.rules.faults import Fault, RuleFaults
from openroll.rules.language import ranges
from openroll.rules.reading import value_of
from openroll.rules.sentence import Sentence
from openroll.rules.text import Path, line_of, read_on, said
from openroll.rules.zones import is_zone, zone_fault
from openroll.third_party import NotValid

MAIN = "jurisdiction.yaml"
NAMES = (MAIN, DISTRICTS, OFFICES, DAYS, SHAPES)
"""The files of a folder that are part of its bundle. Rules, words and cities stand in folders of their own within it."""

MOST_BYTES = 8_000_000
_PART = re.compile(r"\{([^{}]*)\}")

Found = tuple[Path, Sentence | str, Sentence | str, str]
"""A mistake before it has a line: where, what was found, what was expected, an example."""


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
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Openroll jurisdiction", **schema}


def read_bundle(files: Mapping[str, bytes]) -> Bundle:
    """The bundle that a folder's files describe. Raises JurisdictionFaults."""
    faults = list(_sizes(files))
    if faults:
        raise JurisdictionFaults(faults)
    jurisdiction, faults = _jurisdiction(files[MAIN])
    languages = jurisdiction.languages if jurisdiction else ()
    districts, more = read_districts(files[DISTRICTS], languages)
    faults += more
    codes = frozenset(district.code for district in districts)
    offices, more = read_offices(files[OFFICES], languages, codes) if OFFICES in files else ((), [])
    faults += more
    written, more = read_days(files[DAYS]) if DAYS in files else ((), [])
    faults += more
    shapes, more = read_shapes(files[SHAPES], codes) if SHAPES in files else ("", [])
    faults += more
    if jurisdiction is None or faults:
        raise JurisdictionFaults(faults)
    bundle = Bundle(jurisdiction, districts, _days(jurisdiction, written), offices, shapes)
    if (begun := idle_since(bundle)) is not None:
        found = f"From {begun} on, no day is worked for more than {MOST_IDLE} days."
        raise JurisdictionFaults([Fault(DAYS if DAYS in files else MAIN, 1, "", found, "days off, with work between")])
    return bundle


MOST_IDLE = 60
"""Days off in a row beyond which a deadline in working days would mean nothing."""


def idle_since(bundle: Bundle) -> date | None:
    """The first day of a row of days off that is too long; None where there is none."""
    calendar, last = bundle.working_days, date.min
    for day in sorted(bundle.holidays):
        if day <= last:
            continue
        last = day
        while not calendar.is_working(last) and (last - day).days <= MOST_IDLE:
            last = moved_by(last, 1)
        if (last - day).days > MOST_IDLE:
            return day
    return None


def _sizes(files: Mapping[str, bytes]) -> Iterator[Fault]:
    for name in (MAIN, DISTRICTS):
        if name not in files:
            yield Fault(name, 1, "", "The file is missing.", f"{MAIN} and {DISTRICTS} in the folder")
    for name, data in files.items():
        if len(data) > MOST_BYTES:
            yield Fault(name, 1, "", f"The file has {len(data):,} bytes.", f"at most {MOST_BYTES:,}")


def _jurisdiction(data: bytes) -> tuple[Jurisdiction | None, list[Fault]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, [Fault(MAIN, line, "", "It is not UTF-8 text.", "a text file in UTF-8")]
    try:
        plain = read_on(text, MAIN)
    except RuleFaults as error:
        return None, list(error.faults)
    try:
        return value_of(plain, MAIN, Jurisdiction, jurisdiction_schema(), _sense), []
    except RuleFaults as error:
        faults = list(error.faults)
    try:  # what is wrong in sense alone still says in which languages the other files speak
        return msgspec.convert(plain.value, Jurisdiction, strict=False), faults
    except msgspec.ValidationError:
        return None, faults


def _sense(place: Jurisdiction, name: str, lines: Mapping[Path, int]) -> list[Fault]:
    """What its schema cannot say of a jurisdiction."""
    found = [one for look in _LOOKS for one in look(place)]
    return [Fault(name, line_of(lines, path), said(path), what, want, example) for path, what, want, example in found]


def _is_known(tag: str) -> bool:
    """Whether CLDR knows exactly this tag; of a region that it does not know for a language, the language will do."""
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _languages(place: Jurisdiction) -> Iterator[Found]:
    for index, tag in enumerate(place.languages):
        if place.languages.index(tag) != index:
            yield ("languages", index), f"{tag!r} stands twice.", "each language once", ""
        if not any(map(_is_known, ranges(tag))):
            yield ("languages", index), f"CLDR knows no language {tag!r}.", "a language tag (BCP 47)", "sw"
    texts: list[tuple[Path, Mapping[str, str]]] = [(("title",), place.title)]
    for group in ("kinds", "accesses", "numbers"):
        texts += [((group, index, "title"), one.title) for index, one in enumerate(getattr(place, group))]
    for path, text in texts:
        for lang, words in text.items():
            if len(words) > MOST_NAME:
                yield (*path, lang), f"It has {len(words):,} characters.", f"at most {MOST_NAME}", ""
        if place.languages[0] not in text:
            yield (
                path,
                f"It has no words in the main language, {place.languages[0]}.",
                f"a text in {place.languages[0]}",
                "",
            )


def _zones(place: Jurisdiction) -> Iterator[Found]:
    for path, zone in [(("zone",), place.zone), *((("zones", index), zone) for index, zone in enumerate(place.zones))]:
        if not is_zone(zone):
            found, want, near = zone_fault(zone)
            yield path, found, want, near
    if place.zones and place.zone not in place.zones:
        yield ("zones",), f"The zone {place.zone} is not among its zones.", f"{place.zone} among them", ""
    if place.currency not in list_currencies():
        yield ("currency",), f"There is no currency {place.currency!r}.", "an ISO 4217 code", "KES"


def _names(place: Jurisdiction) -> Iterator[Found]:
    for group in ("kinds", "accesses", "numbers", "sources"):
        names = [one.id for one in getattr(place, group)]
        for index, name in enumerate(names):
            if names.index(name) != index:
                yield (group, index, "id"), f"{name!r} stands twice.", "each id once", ""
    for index, rule in enumerate(place.rules):
        if place.rules.index(rule) != index:
            yield ("rules", index), f"{rule!r} stands twice.", "each rule once", ""


def _numbers(place: Jurisdiction) -> Iterator[Found]:
    for index, form in enumerate(place.numbers):
        path: Path = ("numbers", index)
        ways = [form.stdnum, form.phonenumbers, form.pattern]
        if sum(way is not None for way in ways) != 1:
            yield (
                path,
                "It names several validators, or none.",
                "one of stdnum, phonenumbers, pattern",
                "stdnum: za.idnr",
            )
            continue
        wrong = _unfit(form)
        if wrong is not None:
            yield path, *wrong
        elif not fits(form.example, form):
            yield (*path, "example"), f"{form.example!r} does not fit its own form.", "a made-up number that fits", ""


def _unfit(form: NumberFormat) -> tuple[str, str, str] | None:
    """What is wrong with the validator that a format names."""
    if form.phonenumbers is not None and not knows_region(form.phonenumbers):
        return f"phonenumbers knows no region {form.phonenumbers!r}.", "an ISO 3166-1 code of two letters", "KE"
    try:
        if form.stdnum is not None:
            module(form.stdnum)
        if form.pattern is not None:
            read(form.pattern)
    except ImportError:
        return f"python-stdnum has no {form.stdnum!r}.", "a module of python-stdnum", "za.idnr"
    except PatternWrong as error:
        return (
            f"The pattern cannot be used: {error}.",
            "characters, classes and counts (docs/jurisdiction.md)",
            "[0-9]{7,8}",
        )
    return None


def _working(place: Jurisdiction) -> Iterator[Found]:
    working = place.working
    if len(set(working.rest)) == 7:
        yield ("working", "rest"), "No day is worked.", "at most six days of rest", "[sat, sun]"
    if working.holidays is None:
        if working.region is not None:
            yield ("working", "region"), "A region without a country.", "holidays beside it", "holidays: CH"
        return
    if working.holidays not in known_countries():
        yield (
            ("working", "holidays"),
            f"The library knows no {working.holidays!r}.",
            "a country code, or days.csv",
            "KE",
        )
    elif working.region is not None and working.region not in known_regions(working.holidays):
        yield (
            ("working", "region"),
            f"{working.holidays} has no {working.region!r}.",
            ", ".join(known_regions(working.holidays)),
            "",
        )
    if working.years is None:
        yield ("working",), "It does not say for which years.", "the first and the last year", "years: [2024, 2030]"
    elif not EARLIEST <= working.years[0] <= working.years[1] <= LATEST:
        yield (
            ("working", "years"),
            f"{list(working.years)} are no years.",
            f"two years from {EARLIEST} to {LATEST}",
            "[2024, 2030]",
        )


def _address(place: Jurisdiction) -> Iterator[Found]:
    for index, line in enumerate(place.address.lines if place.address else ()):
        for part in _PART.findall(line):
            if part not in PARTS:
                yield (
                    ("address", "lines", index),
                    f"There is no part {part!r}.",
                    f"one of {', '.join(PARTS)}",
                    "{street} {number}",
                )


_LOOKS = (_languages, _zones, _names, _numbers, _working, _address)


def _days(place: Jurisdiction, written: tuple[DayOff, ...]) -> tuple[DayOff, ...]:
    try:
        return days_off(place.working, place.languages[0], written)
    except NotValid as error:
        want = "another release of the library, or days.csv alone"
        raise JurisdictionFaults([Fault(MAIN, 1, "working/holidays", "The library failed on it.", want)]) from error
