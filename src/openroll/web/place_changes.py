"""What differs between two jurisdictions, as people read it: a line for each value, each district, each day off, each office."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from openroll.places import Bundle, DayOff, District, Office
from openroll.rules.diff import differences
from openroll.rules.language import in_language
from openroll.web.changes import line
from openroll.words import catalogue
from openroll.words.catalogue import gettext
from openroll.words.labels import words


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


MOST_LINES = 200
"""Lines that are shown; how many more there are is said."""
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

Line = dict[str, str]


def place_changes(old: Bundle, new: Bundle, lang: str) -> list[Line]:
    """What differs between two states of a jurisdiction: where, what it was and what it is."""
    if old == new:
        return []
    lines = list(_all(old, new, lang))
    if len(lines) <= MOST_LINES:
        return lines
    more = gettext(lang, "and {count} more").format(count=catalogue.number(lang, len(lines) - MOST_LINES))
    return [*lines[:MOST_LINES], _changed(more, "", "")]


def _all(old: Bundle, new: Bundle, lang: str) -> Iterator[Line]:
    yield from _values(old, new, lang)
    district = gettext(lang, "district")
    names = {code: in_language(one.title, lang) for place in (old, new) for code, one in place.by_code.items()}
    yield from _rows(district, old.by_code, new.by_code, lambda one: _district(one, lang, names))
    before, after = ({one.day.isoformat(): one for one in place.days_off} for place in (old, new))
    yield from _rows(gettext(lang, "day"), before, after, lambda one: _day(one, lang))
    had, has = (dict(_offices(place.offices, lang)) for place in (old, new))
    yield from _rows(gettext(lang, "office"), had, has, lambda one: _office(one, lang))
    if old.shapes != new.shapes:
        yield _changed(
            gettext(lang, "the map"), gettext(lang, "another") if old.shapes else "", gettext(lang, "this one")
        )


def _values(old: Bundle, new: Bundle, lang: str) -> Iterator[Line]:
    before, after = (msgspec.to_builtins(one.jurisdiction) for one in (old, new))
    titles = {
        one["id"]: in_language(one["title"], lang)
        for place in (before, after)
        for part in ("kinds", "accesses", "numbers")
        for one in place.get(part, ())
    }
    for one in differences(_listed(before), _listed(after)):
        if one.path[0] != "version":
            told = line(one, titles, lang)
            told["path"] = " › ".join([words(lang, PARTS, one.path[0]), *told["path"].split(" › ")[1:]])
            yield told


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

    parts = [in_language(one.title, lang)]
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
    return gettext(lang, "; ").join(filter(None, (kind, one.title)))


def _offices(offices: Iterable[Office], lang: str) -> Iterator[tuple[str, Office]]:
    for one in offices:
        yield f"{one.district} {in_language(one.title, lang)}", one


def _office(one: Office, lang: str) -> str:
    counters = gettext(lang, "counters: {count}").format(count=one.counters)
    return gettext(lang, "; ").join(filter(None, (counters, one.address)))
