"""A jurisdiction held against what stands around it: its folder's own rules, and what ships with Openroll.

A folder is looked at so when it is checked and when a roll is opened in it. Whoever packs for a roll that is open takes the
folder as it was published.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

from openroll.places.looks import Found, near
from openroll.places.model import city_path
from openroll.rules import Rule, RuleFaults, known_rules, load, overlays, parse_rule
from openroll.rules.faults import Fault
from openroll.rules.language import in_all
from openroll.rules.model import Field
from openroll.rules.text import line_of, read_yaml

RULES = "rules"
"""The folder within a jurisdiction's that holds its rules."""


class Shipped(NamedTuple):
    """One jurisdiction that ships: its version, and its titles in every language."""

    version: int
    titles: Sequence[str]


class Around(NamedTuple):
    """What a jurisdiction is held against: the texts of its own rules by their files' names without `.yaml`, what-if cities, and
    the jurisdictions that ship, by id; and its own cities by their files' names: each one's currency, or its faults."""

    rules: Mapping[str, str]
    cities: Sequence[str]
    shipped: Mapping[str, Shipped]
    own_cities: Mapping[str, "str | Sequence[Fault]"] = {}


class OwnRules(NamedTuple):
    """A folder's own rules as far as they can be read, by name, with the lines of their ids; and their faults."""

    rules: Mapping[str, Rule]
    lines: Mapping[str, int]
    faults: Sequence[Fault]


def own_rules(around: Around) -> OwnRules:
    """The rules of a folder, each read whole."""
    rules: dict[str, Rule] = {}
    lines: dict[str, int] = {}
    faults: list[Fault] = []
    for name, text in around.rules.items():
        file = f"{RULES}/{name}.yaml"
        try:
            rules[name] = parse_rule(text, file)
            lines[name] = line_of(read_yaml(text, file)[1], ("id",))
        except RuleFaults as error:
            faults += error.faults
    return OwnRules(rules, lines, faults)


def id_faults(own: OwnRules, place: SimpleNamespace, around: Around) -> Iterator[Fault]:
    """Rules of a folder that are not called as their files are, or as rules that ship."""
    for name, rule in own.rules.items():
        at = (f"{RULES}/{name}.yaml", own.lines[name], "id")
        if rule.id in known_rules() and not _is_new_version(place, around):
            yield Fault(*at, f"{rule.id!r} is the id of a rule that ships.", "an id of its own", name)
        elif rule.id != name:
            yield Fault(*at, f"The rule is called {rule.id!r}, and its file {name!r}.", "one name for both", name)


def look_around(place: SimpleNamespace, own: OwnRules, around: Around) -> Iterator[Found]:
    """Everything that a jurisdiction names and that is not there, or that is another's."""
    yield from _taken(place, around)
    yield from _rules(place, around)
    yield from _kinds(place, own)
    yield from _fields(place, own)
    yield from _zones(place, own)
    yield from _city(place, around)


def _is_new_version(place: Any, around: Around) -> bool:
    """Whether a folder is a later version of a jurisdiction that ships, which keeps its id and its title."""
    there = around.shipped.get(place.id or "")
    return there is not None and place.version is not None and place.version > there.version


def _taken(place: Any, around: Around) -> Iterator[Found]:
    if _is_new_version(place, around):
        return
    if place.id in around.shipped:
        want = "an id of its own; or, for a change of that one, a higher version"
        yield ("id",), f"{place.id!r} is the id of a jurisdiction that ships.", want, f"{place.id}-2"
    titles = {title for there in around.shipped.values() for title in there.titles}
    taken = [title for title in in_all(place.title) if title in titles]
    if taken:
        yield ("title",), f"{taken[0]!r} is the title of a jurisdiction that ships.", "a title of its own", ""


def _rules(place: Any, around: Around) -> Iterator[Found]:
    known = [*around.rules, *known_rules()]
    for index, reference in place.rules:
        first, *over = reference.split("+")
        if first not in known:
            yield _unknown(("rules", index), "rule", first, known, around)
        for name in over:
            if name not in overlays():
                near_by = near(name, overlays())
                yield ("rules", index), f"There is no overlay {name!r}.", f"one of {', '.join(overlays())}", near_by
    for index, reference in place.compare:
        own = [name for _, name in place.rules]
        if reference not in known_rules() and reference not in own:
            found = f"There is no rule {reference!r} to compare."
            want = f"one of its own `rules` ({', '.join(own)}), or one that ships: {', '.join(known_rules())}"
            yield ("compare", index), found, want, near(reference, [*own, *known_rules()])


def _unknown(path: tuple[str | int, ...], what: str, name: str, known: Sequence[str], around: Around) -> Found:
    own = f"{', '.join(around.rules)} (in {RULES}/)" if around.rules else f"a file {RULES}/{name}.yaml"
    want = f"{own}, or one that ships: {', '.join(known_rules())}"
    return path, f"There is no {what} {name!r}.", want, near(name, around.rules) or near(name, known)


def _read(place: Any, own: OwnRules) -> Sequence[Rule] | None:
    """The rules that the place names, without overlays; None where one of them cannot be read, and so says nothing."""
    names = [reference.partition("+")[0] for _, reference in place.rules]
    if not all(name in own.rules or name in known_rules() for name in names):
        return None
    return [own.rules[name] if name in own.rules else load(name) for name in names]


def _kinds(place: Any, own: OwnRules) -> Iterator[Found]:
    rules = _read(place, own)
    known = sorted({kind for rule in rules or () for kind in rule.known_kinds})
    for index, kind in place.kinds:
        if rules and kind.id is not None and kind.id not in known:
            found = f"No rule of the place knows the kind {kind.id!r}."
            want = f"one of {', '.join(known)}, or a kind that a rule declares under `kinds`"
            yield ("kinds", index, "id"), found, want, near(kind.id, known)


def _fields(place: Any, own: OwnRules) -> Iterator[Found]:
    rules = _read(place, own)
    known = sorted(
        {field.name for rule in rules or () for field in rule.fields if isinstance(field, Field) and field.personal}
    )
    for index, form in place.numbers:
        for at, field in form.fields:
            if rules and field not in known:
                found = f"No rule of the place has a personal field {field!r}."
                yield (
                    ("numbers", index, "fields", at),
                    found,
                    f"one of {', '.join(known) or 'none'}",
                    near(field, known),
                )


def _zones(place: Any, own: OwnRules) -> Iterator[Found]:
    zones = [zone for zone in dict.fromkeys((place.zone, *(zone for _, zone in place.zones))) if zone]
    for index, reference in place.rules:
        rule = own.rules.get(reference.partition("+")[0])
        if rule is not None and zones and rule.zone not in zones:
            found = f"The rule counts its days in {rule.zone}, which is no zone of the place."
            yield ("rules", index), found, f"a rule in {' or '.join(zones)}", ""


def _city(place: Any, around: Around) -> Iterator[Found]:
    if place.city is None:
        return
    own = around.own_cities.get(place.city)
    if place.city in around.cities:
        if own is not None:
            yield ("city",), f"{place.city!r} is the name of a city that ships.", "another name for your own", ""
    elif own is None:
        known = (*around.own_cities, *around.cities)
        want = f"one of {', '.join(known)}; or a file {city_path(place.city)} of your own"
        yield ("city",), f"There is no city {place.city!r}.", want, near(place.city, known) or known[0]
    elif isinstance(own, str) and place.currency is not None and own != place.currency:
        found = f"The city {place.city!r} has its money in {own}, and the place in {place.currency}."
        yield ("city",), found, "a city in the currency of the place", ""


def city_faults(place: SimpleNamespace, around: Around) -> Iterator[Fault]:
    """The faults of the city of a folder's own that it names."""
    own = around.own_cities.get(place.city or "", "")
    if not isinstance(own, str):
        yield from own
