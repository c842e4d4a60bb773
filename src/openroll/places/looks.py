"""What stands in `jurisdiction.yaml` held against itself: names, zones, validators, days, lines of an address.

Each look is given a sketch, which has None for what is not of its form: that is a fault already, and hides no other.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import SimpleNamespace
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.numbers import list_currencies

from openroll.places.address import PART
from openroll.places.days_off import known_countries, known_regions
from openroll.places.model import EARLIEST, LATEST, PARTS, NumberFormat
from openroll.places.numbers import fits, knows_region, module
from openroll.places.pattern import PatternWrong, read
from openroll.rules.language import ranges
from openroll.rules.sentence import Sentence
from openroll.rules.text import Path
from openroll.rules.zones import is_zone, zone_fault

MOST_NAME = 200
"""Characters of a name, in any language."""

Found = tuple[Path, Sentence | str, Sentence | str, str]
"""A mistake before it has a line: where, what was found, what was expected, an example."""


def near(name: str, known: Iterable[str]) -> str:
    """The known name that somebody who wrote another may have meant; empty where none is near."""
    return next(iter(get_close_matches(name, list(known), 1)), "")


def speaks(text: Mapping[str, str], main: str) -> bool:
    """Whether a text has words for the readers of a language: in its tag, or in the tag without its last parts."""
    return any(text.get(tag) for tag in ranges(main))


def is_language(tag: str) -> bool:
    """Whether CLDR knows a language by its tag; of a region that it does not know for a language, the language will do."""
    return any(map(_is_known, ranges(tag)))


def _is_known(tag: str) -> bool:
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def look_at(place: SimpleNamespace) -> Iterator[Found]:
    """Everything wrong with a jurisdiction, but for the form of its values."""
    for look in (_languages, _texts, _zones, _names, _numbers, _working, _address):
        yield from look(place)


def _languages(place: Any) -> Iterator[Found]:
    before: set[str] = set()
    for index, tag in place.languages:
        if tag in before:
            yield ("languages", index), f"{tag!r} stands twice.", "each language once", ""
        if not is_language(tag):
            yield ("languages", index), f"CLDR knows no language {tag!r}.", "a language tag (BCP 47)", "sw"
        before.add(tag)


def _texts(place: Any) -> Iterator[Found]:
    """Every text has words in the main language."""
    if not place.languages or place.languages[0][0] != 0:
        return
    main = place.languages[0][1]
    texts: list[tuple[Path, Mapping[str, str]]] = [(("title",), place.title)]
    for group in ("kinds", "accesses", "numbers"):
        texts += [((group, index, "title"), one.title) for index, one in getattr(place, group)]
    for group in ("levels", "notes"):
        texts += [((group, index), text) for index, text in getattr(place, group)]
    for path, text in texts:
        if path[0] != "notes":
            long = [lang for lang, words in text.items() if len(words) > MOST_NAME]
            for lang in long:
                yield (*path, lang), f"It has {len(text[lang]):,} characters.", f"at most {MOST_NAME}", ""
        if text and not speaks(text, main):
            yield path, f"It has no words in the main language, {main}.", f"a text in {main}", ""


def _zones(place: Any) -> Iterator[Found]:
    named = [(("zones", index), zone) for index, zone in place.zones]
    for path, zone in [(("zone",), place.zone), *named]:
        if zone is not None and not is_zone(zone):
            yield path, *zone_fault(zone)
    zones = [zone for _, zone in place.zones]
    if zones and place.zone is not None and place.zone not in zones:
        yield ("zones",), f"The zone {place.zone} is not among its zones.", f"{place.zone} among them", ""
    if place.currency is not None and place.currency not in list_currencies():
        yield ("currency",), f"There is no currency {place.currency!r}.", "an ISO 4217 code", "KES"


def _names(place: Any) -> Iterator[Found]:
    for group in ("kinds", "accesses", "numbers", "sources"):
        yield from _twice(group, ((index, one.id) for index, one in getattr(place, group)), "id")
    for group in ("rules", "compare"):
        yield from _twice(group, getattr(place, group), "")


def _twice(group: str, named: Iterable[tuple[int, str | None]], key: str) -> Iterator[Found]:
    before: set[str] = set()
    for index, name in named:
        if name is not None and name in before:
            path: Path = (group, index, key) if key else (group, index)
            yield path, f"{name!r} stands twice.", f"each {key or group.removesuffix('s')} once", ""
        before.add(name or "")


def _numbers(place: Any) -> Iterator[Found]:
    held: dict[str, int] = {}
    for index, form in place.numbers:
        path: Path = ("numbers", index)
        ways = [form.stdnum, form.phonenumbers, form.pattern]
        if sum(way is not None for way in ways) != 1:
            want = "one of stdnum, phonenumbers, pattern"
            yield path, "It names several validators, or none.", want, "stdnum: za.idnr"
            continue
        wrong = _unfit(form)
        if wrong is not None:
            yield path, *wrong
        elif form.example is not None and not fits(form.example, _validator(form)):
            yield (*path, "example"), f"{form.example!r} does not fit its own form.", "a made-up number that fits", ""
        for at, field in form.fields:
            if field in held:
                found = f"The field {field!r} is held to another form already."
                yield (*path, "fields", at), found, "each field in one form", ""
            held[field] = index


def _validator(form: Any) -> NumberFormat:
    """A form as far as it can be tried."""
    return NumberFormat(
        id="tried",
        title={},
        example=form.example,
        stdnum=form.stdnum,
        phonenumbers=form.phonenumbers,
        pattern=form.pattern,
    )


def _unfit(form: Any) -> tuple[str, str, str] | None:
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
        want = "characters, classes and counts (docs/jurisdiction.md)"
        return f"The pattern cannot be used: {error}.", want, "[0-9]{7,8}"
    return None


def _working(place: Any) -> Iterator[Found]:
    working = place.working
    if len({day for _, day in working.rest}) == 7:
        yield ("working", "rest"), "No day is worked.", "at most six days of rest", "[sat, sun]"
    years = working.years
    if years is not None and not EARLIEST <= years[0] <= years[1] <= LATEST:
        want = f"two years from {EARLIEST} to {LATEST}"
        yield ("working", "years"), f"{list(years)} are no years.", want, "[2024, 2030]"
    if working.holidays is None:
        if working.region is not None:
            yield ("working", "region"), "A region without a country.", "holidays beside it", "holidays: CH"
        return
    if years is None:
        yield (
            ("working", "years"),
            "It does not say for which years.",
            "the first and the last year",
            "years: [2024, 2030]",
        )
    if working.holidays not in known_countries():
        want = "a country code, or days.csv"
        yield ("working", "holidays"), f"The library knows no {working.holidays!r}.", want, "KE"
    elif working.region is not None and working.region not in known_regions(working.holidays):
        yield _region(working.holidays, working.region)


def _region(country: str, region: str) -> Found:
    known = known_regions(country)
    found = f"{country} has no {region!r}."
    if not known:
        want = f"no region: the library has one list of days for all of {country}; days.csv takes those of a part of it"
        return ("working", "region"), found, want, ""
    return ("working", "region"), found, f"one of {', '.join(known)}", near(region, known) or known[0]


def _address(place: Any) -> Iterator[Found]:
    for index, line in place.address.lines if place.address else ():
        path: Path = ("address", "lines", index)
        for part in PART.findall(line):
            if part not in PARTS:
                example = "{" + (near(part, PARTS) or "street") + "}"
                yield path, f"There is no part {part!r}.", f"one of {', '.join(PARTS)}", example
        if "{" in PART.sub("", line) or "}" in PART.sub("", line):
            yield path, f"A brace is open or closed alone in {line!r}.", "each part between two braces", "{town}"
