"""What of a jurisdiction stands readable in every record, held to what a clear field of a rule is held to.

Its kinds, its ways to connect and its districts are lists of its own, and each record names one of each: none of them may say
who somebody is, what they believe or what they do. A kind is called what its nature is; a way to connect says what carries it;
a code is no number of a person, nor a name of a district somebody's door.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from babel.core import get_global
from msgspec import UNSET

from openroll.places.bundle import Bundle
from openroll.places.model import SHAPES, Choice, District, NumberFormat
from openroll.places.numbers import fits, knows_region
from openroll.places.shapes import read_shapes
from openroll.places.tables import DAYS, DISTRICTS
from openroll.rules.faults import Fault
from openroll.rules.kinds import NATURES, Nature
from openroll.rules.language import ENGLISH, Text
from openroll.rules.naming import names_somebody
from openroll.rules.readable import PLAIN, names_people, revealing, says_nature, too_telling
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.strays import as_unsaid, because
from openroll.rules.telltales import is_called, only, says, tells


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


MAIN = "jurisdiction.yaml"
MOST_DIGITS = 12
"""Digits that the code of a district may have: official lists come to twelve, numbers of persons to more."""
LEAST_DIGITS = 6
"""Digits below which a number is nobody's."""
_SAID: tuple[Nature, ...] = ("organisation", "site")
_PART = re.compile(r"\{[^{}]*\}")
_PLAIN = Sentence(_("plain words that say nothing of anybody"))


def readable_faults(bundle: Bundle, kinds: Mapping[str, Nature] = NATURES) -> tuple[Fault, ...]:
    """Every part of a jurisdiction that may not stand readable in a record; `kinds` has the nature of each kind of the rule."""
    found = [*_kinds(bundle, kinds), *_accesses(bundle), *_districts(bundle), *_texts(bundle), *_map(bundle)]
    return tuple(found)


def _kinds(bundle: Bundle, kinds: Mapping[str, Nature]) -> Iterator[Fault]:
    for index, kind in enumerate(bundle.jurisdiction.kinds):
        for why in _of_kind(kind, kinds.get(kind.id)):
            found = sentence(_("Each record of the kind {kind} says so readably: {why}."), kind=kind.id, why=why)
            yield Fault(MAIN, 1, f"kinds/{index}/title", found, _PLAIN, "A household")


def _of_kind(kind: Choice, nature: Nature | None) -> Iterator[Sentence]:
    """Why the name of a kind may not stand: what it gives away, or that it calls people something else, or others people."""
    found = tuple(revealing(kind.id, kind.title))
    yield from found
    if found:
        return
    plain = any(only(group, kind.id, kind.title, strict=False) for group in PLAIN.values())
    if nature is None:
        if not (plain or any(says_nature(one, kind.id, kind.title) for one in _SAID)):
            yield Sentence(_("it says neither that it is people nor that it is an organisation"))
    elif nature in PLAIN:
        if not only(PLAIN[nature], kind.id, kind.title, strict=False):
            why = Sentence(_("its words are in no list of plain words for kinds of people"))
            yield because(why, PLAIN[nature], kind.id, kind.title)
        else:
            yield from too_telling(kind.id, kind.title)
    elif names_people(nature, kind.id, kind.title):
        yield Sentence(_("its title says people, or does not say that it is an organisation, an operator or a site"))


def _accesses(bundle: Bundle) -> Iterator[Fault]:
    for index, access in enumerate(bundle.jurisdiction.accesses):
        whys = list(revealing(access.id, access.title))
        if tells("marked", (access.id,), (access.title,)):
            whys.append(Sentence(_("it is a list of somebody")))
        if not whys and not says("access", access.id, access.title):
            why = Sentence(_("it does not say what carries the line"))
            whys.append(as_unsaid(why, "access", access.id, access.title))
        elif not whys and not only("connecting", access.id, access.title, strict=False):
            why = Sentence(_("its words are in no list of plain words for ways to connect"))
            whys.append(because(why, "connecting", access.id, access.title))
        for why in whys:
            found = sentence(_("Each record of {access} says so readably: {why}."), access=access.id, why=why)
            yield Fault(
                MAIN, 1, f"accesses/{index}", found, Sentence(_("what carries the line, in plain words")), "Fibre"
            )


def _districts(bundle: Bundle) -> Iterator[Fault]:
    forms = (*bundle.jurisdiction.numbers, *_forms_of(bundle.jurisdiction.zone))
    for row, district in enumerate(bundle.districts, 2):
        if (why := _of_code(district, forms)) is not None:
            found = sentence(
                _("The code {code} stands readable in each record there: {why}."), code=district.code, why=why
            )
            yield Fault(DISTRICTS, row, "code", found, Sentence(_("the official code of a district")), "047")
        for why in _of_name(district):
            found = sentence(
                _("The name of {code} stands readable in each record there: {why}."), code=district.code, why=why
            )
            yield Fault(DISTRICTS, row, district.code, found, Sentence(_("the name of a district")), "Nairobi City")


def _of_code(district: District, forms: tuple[NumberFormat, ...]) -> Sentence | None:
    code = district.code
    digits = sum(one.isdigit() for one in code)
    if digits > MOST_DIGITS:
        return sentence(_("it has more than {most} digits"), most=MOST_DIGITS)
    if digits < LEAST_DIGITS:
        return None
    # Codes that grow from their parents' are a tree of places; by chance some fit a plan of telephone numbers.
    grown = len(district.parent) * 2 >= len(code) and code.startswith(district.parent)
    form = next((form for form in forms if fits(code, form) and not (grown and form.phonenumbers)), None)
    return None if form is None else sentence(_("it has the form of a number of somebody ({form})"), form=form.id)


def _of_name(district: District) -> Iterator[Sentence]:
    for lang, text in district.title.items():
        said: Text = {lang: text}
        if names_somebody(text.replace(district.code, "")):
            yield Sentence(_("it holds a number or an address by which somebody is found"))
        if tells("identity", (), (said,)):
            yield Sentence(_("it says who somebody is"))
        if tells("marked", (), (said,)):
            yield Sentence(_("it is a list of somebody"))
        elif is_called("sensitive", said):
            yield Sentence(_("it says what data protection law sets apart"))
        if is_called("activity", said):
            yield Sentence(_("it says what they do"))
        if names_a_door(text):
            yield Sentence(_("it is somebody's door"))


_NUMBER = re.compile(r"\d")


def names_a_door(text: str) -> bool:
    """Whether a text has the form of a postal address of one house: a word for a street or a door, and a number."""
    return _NUMBER.search(text) is not None and tells("door", (), ({ENGLISH: text},))


def _texts(bundle: Bundle) -> Iterator[Fault]:
    """Texts that stand on every page: the place's name, what is constant in an address, titles of days off."""
    place = bundle.jurisdiction
    lines = place.address.lines if place.address else ()
    texts = [("title", text) for text in place.title.values()]
    texts += [(f"address/lines/{index}", _PART.sub("", line)) for index, line in enumerate(lines)]
    texts += [
        (f"numbers/{index}/title", text) for index, one in enumerate(place.numbers) for text in one.title.values()
    ]
    levels = () if place.levels is UNSET else place.levels
    texts += [(f"levels/{index}", text) for index, one in enumerate(levels) for text in one.values()]
    named = [Fault(MAIN, 1, path, _SOMEBODY, _PLAIN) for path, text in texts if names_somebody(text)]
    yield from named
    for day in bundle.days_off:
        if any(map(names_somebody, (day.title, *(day.titles or {}).values()))):
            yield Fault(DAYS, 1, str(day.day), _SOMEBODY, Sentence(_("the name of a day")))


_SOMEBODY = Sentence(_("It holds a number or an address by which somebody is found."))


def _map(bundle: Bundle) -> Iterator[Fault]:
    if not bundle.shapes:
        return
    kept, faults = read_shapes(bundle.shapes, frozenset(bundle.by_code))
    yield from faults
    if not faults and kept != bundle.shapes:
        found = Sentence(_("The map holds more than shapes and codes of districts."))
        yield Fault(SHAPES, 1, "properties", found, Sentence(_("read the folder again: it keeps no more than these")))


@cache
def _forms_of(zone: str) -> tuple[NumberFormat, ...]:
    """The form of telephone numbers in the country of a zone, whether or not the place names it itself."""
    country = get_global("zone_territories").get(zone, "")
    if not knows_region(country):
        return ()
    return (NumberFormat(id="telephone", title={ENGLISH: country}, example="?", phonenumbers=country),)
