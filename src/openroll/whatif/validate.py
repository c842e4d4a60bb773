"""Validate a city beyond its schema: ranges in order, sources that exist, shares that add up, a counter, working days."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from openroll.rules import EARLIEST, LATEST, Fault, Path, Text, given, line_of, said
from openroll.whatif.city import City, Quantity
from openroll.whatif.titles import Title, titles

Found = tuple[Path, str, str, str]
"""A mistake before it has a line: where, what was found, what was expected, an example."""

_EXAMPLE = "{value: 0.1, low: 0.05, high: 0.2, assumed: {zh: …, en: …}}"


def city_faults(city: City, name: str, lines: Mapping[Path, int]) -> list[Fault]:
    """Every mistake in a city that its schema cannot find."""
    found = [one for look in _LOOKS for one in look(city)]
    return [Fault(name, line_of(lines, path), said(path), what, want, example) for path, what, want, example in found]


def _quantities(city: City) -> Iterator[Found]:
    known = titles()
    for name, quantity in city.assumptions.items():
        path = ("assumptions", *name.split("."))
        yield from _range(path, quantity)
        yield from _bounds(path, quantity, known[name])


def _range(path: Path, quantity: Quantity) -> Iterator[Found]:
    low, high = quantity.range
    if not low <= quantity.value <= high:
        found = f"{quantity.value:g} is not within its range, {low:g} to {high:g}."
        yield path, found, "low <= value <= high", "{value: 2, low: 1, high: 3}"
    elif (quantity.low is None) != (quantity.high is None):
        yield path, "One end of the range is missing.", "both low and high, or neither for a sourced number", ""
    elif not quantity.source and quantity.assumed and low == high:
        yield path, "An assumed number without a range claims to be known.", "low and high, apart", _EXAMPLE


def _bounds(path: Path, quantity: Quantity, title: Title) -> Iterator[Found]:
    least, most = title.bounds
    outside = sorted({number for number in (quantity.value, *quantity.range) if not least <= number <= most})
    if outside:
        numbers = " and ".join(f"{number:g}" for number in outside)
        yield (
            path,
            f"{numbers} is no {title.takes} ({title.title.rstrip('.')}).",
            title.expected,
            "",
        )


def _sums(city: City) -> Iterator[Found]:
    officials, people = city.assumptions.officials, city.assumptions.people
    longest = officials.length_short.range[1] + officials.length_half.range[1]
    if longest > 1 + 1e-9:
        path = ("assumptions", "officials", "length_half")
        want = "the highs of length_short and length_half together at most 1: they are shares of one whole"
        yield path, f"Together they go up to {longest:g}.", want, ""
    if not any(one.range[0] > 0 for one in (people.households, people.organisations, people.operators, people.sites)):
        yield ("assumptions", "people"), "Nobody lives here.", "a kind of which there is at least one", ""


def _origins(city: City) -> Iterator[tuple[Path, str, Text | None]]:
    """Everything that says where it comes from: its path, its source, what is assumed."""
    for place, district in enumerate(city.districts):
        yield ("districts", place), district.source, district.assumed
    for place, exchange in enumerate(given(city.exchange, ())):
        yield ("exchange", place), exchange.source, exchange.assumed
    turnover = given(city.turnover, None)
    if turnover is not None:
        yield ("turnover",), turnover.source, turnover.assumed
    yield ("calendar",), city.calendar.source, city.calendar.assumed
    for name, quantity in city.assumptions.items():
        yield ("assumptions", *name.split(".")), quantity.source, quantity.assumed


def _sources(city: City) -> Iterator[Found]:
    known = sorted(source.id for source in city.sources)
    for path, source, assumed in _origins(city):
        if source and source not in known:
            want = f"one of {', '.join(known)}" if known else "a source listed under `sources`"
            yield (*path, "source"), f"There is no source {source!r}.", want, ""
        if not source and assumed is None:
            want = "a source of the city's list, or `assumed` with the reason (a number: with low and high)"
            yield path, "It does not say where it comes from.", want, _EXAMPLE
    ids = [source.id for source in city.sources]
    yield from _twice(ids, "sources")
    yield from _twice([one.currency for one in given(city.exchange, ())], "exchange")


def _twice(names: list[str], group: str) -> Iterator[Found]:
    for place, name in enumerate(names):
        if names.index(name) != place:
            yield (group, place), f"{name!r} stands twice.", "each once", ""


def _districts(city: City) -> Iterator[Found]:
    yield from _twice([district.code for district in city.districts], "districts")
    if not any(district.counters for district in city.districts):
        yield ("districts",), "There is no counter anywhere.", "a counter in at least one district", "counters: 1"


def _days(city: City) -> Iterator[Found]:
    if not EARLIEST <= city.begin <= LATEST - timedelta(days=city.days):
        yield ("begin",), f"{city.begin} is far away.", f"days from {EARLIEST} to {LATEST}", "2006-07-07"
    calendar = city.calendar
    for day in sorted(set(calendar.holidays) & set(calendar.worked)):
        place = calendar.worked.index(day)
        yield ("calendar", "worked", place), f"{day} is a holiday already.", "a day is worked or off, not both", ""


_LOOKS: tuple[Callable[[City], Iterator[Found]], ...] = (_quantities, _sums, _sources, _districts, _days)
