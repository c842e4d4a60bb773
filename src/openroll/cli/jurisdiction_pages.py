"""A jurisdiction as `openroll jurisdiction show` prints it: what Openroll understood of a folder, file by file."""

from collections.abc import Iterator
from datetime import date

from msgspec import UNSET
from rich.console import Console

from openroll.places import Bundle, DayOff, NumberFormat, address_lines, digest, zones_of
from openroll.rules.language import in_language
from openroll.words.catalogue import has_words


def show_jurisdiction(out: Console, bundle: Bundle, day: date | None, lang: str) -> None:
    """Print a jurisdiction, its names in a language; with a day its districts of that day and the days off of that year."""
    place = bundle.jurisdiction
    out.print(f"{in_language(place.title, lang)} ({place.id}, version {place.version})", style="bold")
    for line in (*_head(bundle, lang), *_lists(bundle, lang)):
        out.print(line, soft_wrap=True, markup=False)
    districts = bundle.districts if day is None else tuple(one for one in bundle.districts if one.stands(day))
    out.print(f"{len(districts):,} districts:", style="bold")
    for district in districts:
        depth = len(bundle.path(district.code)) - 1
        until = f"  (until {district.until})" if district.until else ""
        name = in_language(district.title, lang)
        out.print(f"{'  ' * depth}{district.code}  {name}{until}", soft_wrap=True, markup=False)
    out.print(f"{len(bundle.offices):,} offices:" if bundle.offices else "No offices.", style="bold")
    for line in _offices(bundle, lang):
        out.print(line, soft_wrap=True, markup=False)
    out.print(f"{len(bundle.days_off):,} days that are not what their weekday says", style="bold")
    for one in bundle.days_off:
        if day is None or one.day.year == day.year:
            said = f"{one.day}  {'worked' if one.worked else 'off'}  {_name_of(one, lang)}"
            out.print(said, soft_wrap=True, markup=False)


def _head(bundle: Bundle, lang: str) -> Iterator[str]:
    place = bundle.jurisdiction
    wordless = [tag for tag in place.languages if not has_words(tag)]
    yield f"SHA-256 {digest(bundle)}"
    yield f"Languages {', '.join(place.languages)}; zone {', '.join(zones_of(bundle))}; currency {place.currency}"
    if wordless:
        yield f"Without words of Openroll's own yet, so that its pages are English there: {', '.join(wordless)}"
    yield f"No subscription there began before {place.earliest}"
    yield f"Rules: {', '.join(place.rules)}"
    yield f"What if: the city {place.city or '(none)'}; compared: {', '.join(place.compare) or '(the rules)'}"
    working = place.working
    library = f"; days off of {' '.join(filter(None, (working.holidays, working.region)))}" if working.holidays else ""
    known = f", known from {working.years[0]} to {working.years[1]}" if working.years else ""
    yield f"Days of rest: {', '.join(working.rest) or 'none'}{library}{known}"
    if place.levels is not UNSET:
        yield f"What districts are called: {' > '.join(in_language(level, lang) for level in place.levels)}"


def _lists(bundle: Bundle, lang: str) -> Iterator[str]:
    place = bundle.jurisdiction
    for name, group in (("Kinds", place.kinds), ("Ways to connect", place.accesses)):
        yield f"{name}: {', '.join(f'{in_language(one.title, lang)} ({one.id})' for one in group)}"
    for form in place.numbers:
        fields = f"in fields: {', '.join(form.held_fields)}" if form.held_fields else "in no field"
        yield f"Number: {in_language(form.title, lang)} ({form.id}), {_form(form)}, as {form.example}; held {fields}"
    for line in place.address.lines if place.address else ():
        yield f"Address: {line}"
    for source in place.sources:
        yield f"Source: {source.title} ({source.standing}{', ' + source.where if source.where else ''})"
    for note in place.notes:
        yield f"Note: {in_language(note, lang)}"


def _form(form: NumberFormat) -> str:
    if form.phonenumbers:
        return f"a telephone number of {form.phonenumbers} or with + and its country"
    return f"by stdnum {form.stdnum}" if form.stdnum else f"pattern {form.pattern}"


def _offices(bundle: Bundle, lang: str) -> Iterator[str]:
    for office in bundle.offices:
        counters = f"{office.counters} counter{'s' if office.counters > 1 else ''}"
        address = "; ".join(address_lines(bundle, office, lang))
        where = f": {address}" if address else ", no address"
        yield f"{office.district}  {in_language(office.title, lang)} ({counters}){where}"


def _name_of(day: DayOff, lang: str) -> str:
    return day.title if day.titles is UNSET else in_language(day.titles, lang)
