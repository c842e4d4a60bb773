"""What differs between two jurisdictions, as people read it: a line for each value, each district, each day off, each office."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from openroll.places import Bundle, DayOff, District, Office
from openroll.places.model import SHAPES, Jurisdiction, city_path
from openroll.rules.diff import BOOKS, differences
from openroll.rules.language import in_language
from openroll.web.changes import in_every, lines
from openroll.words import catalogue
from openroll.words.catalogue import gettext
from openroll.words.labels import words


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


PARTS = {
    "title": _("name"),
    "languages": _("languages"),
    "zone": _("time zone"),
    "zones": _("time zones"),
    "currency": _("currency"),
    "kinds": _("kinds of subscriber"),
    "accesses": _("ways to connect"),
    "numbers": _("forms of numbers"),
    "earliest": _("first day on which a subscription can have begun"),
    "rules": _("rules"),
    "working": _("working days"),
    "address": _("form of an address"),
    "city": _("what-if city"),
    "compare": _("rules that the first question compares"),
    "sources": _("sources"),
    "notes": _("notes"),
    "levels": _("what districts are called"),
}
"""The keys of `jurisdiction.yaml` as pages say them."""
NAMED = ("kinds", "accesses", "numbers", "sources")
"""Keys whose members are told apart by their ids, so that their order is said by itself."""
BOOKISH = ("title", "sources", "notes")
"""Keys that change nothing for anybody: told after all others."""
OFFICE = {
    "street": _("street"),
    "number": _("house number"),
    "unit": _("part of the house"),
    "box": _("post box"),
    "postcode": _("postcode"),
    "town": _("town"),
    "region": _("region"),
    "country": _("country"),
}
"""The parts of an office's address as pages say them."""

Line = dict[str, str]


def place_changes(old: Bundle, new: Bundle, lang: str) -> list[Line]:
    """What differs between two states of a jurisdiction: where, what it was and what it is."""
    if old == new:
        return []
    return list(_all(old, new, lang))


def _all(old: Bundle, new: Bundle, lang: str) -> Iterator[Line]:
    first, last = _values(old, new, lang)
    district = gettext(lang, "district")
    names = {code: in_language(one.title, lang) for place in (old, new) for code, one in place.by_code.items()}
    yield from _rows(district, old.by_code, new.by_code, lambda one: _district(one, lang, names))
    yield from first
    before, after = ({one.day.isoformat(): one for one in place.days_off} for place in (old, new))
    yield from _rows(gettext(lang, "day"), before, after, lambda one: _day(one, lang))
    had, has = (dict(_offices(place.offices, lang)) for place in (old, new))
    office = gettext(lang, "office")
    yield from _rows(office, had, has, lambda one: _office(one, lang))
    yield from _order(gettext(lang, "districts"), old.by_code, new.by_code, lang)
    yield from _order(gettext(lang, "offices"), had, has, lang)
    yield from _map(old, new, lang)
    if old.city != new.city:
        name = old.jurisdiction.city if new.city is UNSET else new.jurisdiction.city
        had_file, has_file = (place.city is not UNSET for place in (old, new))
        yield _file(words(lang, PARTS, "city"), city_path(name or ""), had_file, has_file, lang)
    yield from last


def _file(what: str, name: str, had: bool, has: bool, lang: str) -> Line:
    """What stands in a file that no line can show: that it is another one."""
    told = (gettext(lang, "another") if had else "", gettext(lang, "this one") if has else "")
    return _changed(f"{what} ({name})", *told)


def _map(old: Bundle, new: Bundle, lang: str) -> Iterator[Line]:
    """The districts whose shapes differ, each by its code; what its shape is stands in the file."""
    if old.shapes == new.shapes:
        return
    yield _file(gettext(lang, "the map"), SHAPES, bool(old.shapes), bool(new.shapes), lang)
    before, after = (_shapes(place.shapes) for place in (old, new))
    codes = sorted(code for code in {*before, *after} if before.get(code) != after.get(code))
    if before and after and codes:
        path = " › ".join((gettext(lang, "the map"), gettext(lang, "districts")))
        yield _changed(path, "", catalogue.listed(lang, codes))


def _shapes(text: str) -> dict[str, list[Any]]:
    """The shapes of a map by the codes of their districts."""
    found: dict[str, list[Any]] = {}
    for feature in json.loads(text)["features"] if text else ():
        found.setdefault(feature["properties"]["code"], []).append(feature["geometry"])
    return found


def _order(what: str, old: Iterable[str], new: Iterable[str], lang: str) -> Iterator[Line]:
    """That what is in both stands in another order."""
    before, after = list(old), list(new)
    both = set(before) & set(after)
    had, has = ([one for one in found if one in both] for found in (before, after))
    if had != has:
        order = gettext(lang, "in this order")
        yield _changed(f"{what} › {order}", *(catalogue.listed(lang, one) for one in (had, has)))


def _values(old: Bundle, new: Bundle, lang: str) -> tuple[list[Line], list[Line]]:
    """The values of `jurisdiction.yaml` that differ; apart from them, to be told last, those of its words and books."""
    before, after = (msgspec.to_builtins(one.jurisdiction) for one in (old, new))
    titles = {
        (part, one["id"]): one["title"] if isinstance(one["title"], str) else in_language(one["title"], lang)
        for place in (before, after)
        for part in NAMED
        for one in place.get(part, ())
    }
    found = [one for one in differences(_listed(before), _listed(after), Jurisdiction) if one.path not in BOOKS]
    told: tuple[list[Line], list[Line]] = ([], [])
    for one in found:
        told[one.path[0] in BOOKISH].extend(lines([one], titles, lang, PARTS))
    for key in NAMED:
        had, has = ([one["id"] for one in place.get(key, ())] for place in (before, after))
        told[key in BOOKISH].extend(_order(words(lang, PARTS, key), had, has, lang))
    return told


def _listed(value: Any) -> Any:
    """Tuples as lists, as a rule's plain values have them."""
    if isinstance(value, Mapping):
        return {key: _listed(one) for key, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, list | tuple) else value


def _rows(what: str, old: Mapping[str, Any], new: Mapping[str, Any], said: Any) -> Iterator[Line]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if before != after:
            yield _changed(f"{what} {key}", said(before) if before else "", said(after) if after else "")


def _changed(path: str, old: str, new: str) -> Line:
    return {"path": path, "article": "", "old": old, "new": new}


def _district(one: District, lang: str, names: Mapping[str, str]) -> str:
    """What a district is; others that it names by their own names, each with its code."""

    def called(code: str) -> str:
        return f"{names[code]} ({code})" if code in names else code

    parts = [in_every(one.title, lang)]
    if one.parent:
        parts.append(gettext(lang, "part of {district}").format(district=called(one.parent)))
    if one.since:
        parts.append(gettext(lang, "from {day}").format(day=catalogue.day(lang, one.since)))
    if one.until:
        parts.append(gettext(lang, "last day {day}").format(day=catalogue.day(lang, one.until)))
    if one.into:
        parts.append(
            gettext(lang, "after it {districts}").format(districts=gettext(lang, ", ").join(map(called, one.into)))
        )
    return gettext(lang, "; ").join(parts)


def _day(one: DayOff, lang: str) -> str:
    kind = gettext(lang, "worked") if one.worked else gettext(lang, "off")
    titles = "" if one.titles is UNSET else in_every(one.titles, lang)
    own = "" if one.titles is not UNSET and one.title in one.titles.values() else one.title
    return gettext(lang, "; ").join(filter(None, (kind, own, titles)))


def _offices(offices: Iterable[Office], lang: str) -> Iterator[tuple[str, Office]]:
    """Offices by their districts and names; of those that are called alike each later one with its number."""
    called = Counter[str]()
    for one in offices:
        name = f"{one.district} {in_language(one.title, lang)}"
        called[name] += 1
        yield name if called[name] == 1 else f"{name} ({called[name]})", one


def _office(one: Office, lang: str) -> str:
    """What an office is: its name, its counters, its address whole or part by part."""
    counters = gettext(lang, "counters: {count}").format(count=catalogue.number(lang, one.counters))
    parts = {} if one.parts is UNSET else one.parts
    address = (f"{words(lang, OFFICE, part)}{gettext(lang, ': ')}{said}" for part, said in parts.items())
    return gettext(lang, "; ").join(filter(None, (in_every(one.title, lang), counters, one.address, *address)))
