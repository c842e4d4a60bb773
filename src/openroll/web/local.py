"""What a place says of itself on pages: what its districts are called, and where people of a district go in person."""

from typing import NamedTuple

from openroll.places.address import address_lines
from openroll.places.bundle import Bundle
from openroll.places.model import District, Office
from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.words.catalogue import gettext

MOST_OFFICES = 1_000
"""Offices on the page Help; a person's own stand on their filing's page, however many there are elsewhere."""


class ShownOffice(NamedTuple):
    """An office in a reader's language: its name, and the lines of its address, none where none is known."""

    name: str
    lines: tuple[str, ...]


def district_word(application: Application, lang: str) -> str:
    """What a district is called there: as the jurisdiction says it, else a standing word."""
    return application.roll.place.level(lang) or gettext(lang, "District")


def with_parents(place: Bundle, district: District, lang: str) -> str:
    """A district's name, behind those of what it is part of: `Seeland, Biel/Bienne`. One that the place has no more, alone."""
    path = place.path(district.code) or (district,)
    return gettext(lang, ", ").join(in_language(one.title, lang) for one in path)


def offices_of(application: Application, lang: str, district: str) -> list[ShownOffice]:
    """Where people of a district go."""
    return [_shown(application, lang, office) for office in application.roll.place.offices_of(district)]


def offices_by_district(application: Application, lang: str) -> list[tuple[str, list[ShownOffice]]]:
    """Every office, by the names of districts in the order of their list; MOST_OFFICES at most."""
    place = application.roll.place
    named: dict[str, list[ShownOffice]] = {}
    order = {code: number for number, code in enumerate(place.by_code)}
    for office in sorted(place.offices, key=lambda one: order.get(one.district, len(order)))[:MOST_OFFICES]:
        name = gettext(lang, ", ").join(in_language(one.title, lang) for one in place.path(office.district))
        named.setdefault(name, []).append(_shown(application, lang, office))
    return list(named.items())


def _shown(application: Application, lang: str, office: Office) -> ShownOffice:
    name = in_language(office.title, lang)
    lines = address_lines(application.roll.place, office, lang)
    return ShownOffice(name, tuple(line for line in lines if line != name))
