"""The postal address of an office, in the lines that its jurisdiction writes addresses in."""

import re
from collections.abc import Mapping

from msgspec import UNSET

from openroll.places.bundle import Bundle
from openroll.places.model import Office
from openroll.rules.language import in_language

PART = re.compile(r"\{([^{}]*)\}")
_LOOSE = " ,;-–\N{IDEOGRAPHIC COMMA}"
"""What stands between parts, and is left at an end of a line where a part is not told."""


def address_lines(place: Bundle, office: Office, lang: str) -> tuple[str, ...]:
    """An office's address, a line each, in a language; empty where none is known.

    Told by its parts it stands in the place's own lines, without those of which no part is told. Told as one line it is that.
    """
    address = place.jurisdiction.address
    if office.parts is UNSET or address is None:
        return (office.address,) if office.address else ()
    parts = dict(office.parts)
    parts["organisation"] = in_language(office.title, lang)
    if office.district in place.by_code:
        parts["district"] = in_language(place.by_code[office.district].title, lang)
    return tuple(filter(None, (_filled(line, parts) for line in address.lines)))


def _filled(line: str, parts: Mapping[str, str]) -> str:
    """A line with its parts: what stands before a part that is not told goes with it, and empty where none is told."""
    *pairs, tail = PART.split(line)  # words, a part, words, a part ... and the words behind the last one
    if not pairs:
        return tail
    told = [words + parts[name] for words, name in zip(pairs[::2], pairs[1::2], strict=True) if parts.get(name)]
    if not told:
        return ""
    return "".join([*told, tail if parts.get(pairs[-1]) else ""]).strip(_LOOSE)


def office_lines(place: Bundle, lang: str, district: str) -> tuple[str, ...]:
    """The first office of a district as lines of a letter: its name, and its address; none where the place names none."""
    office = next(iter(place.offices_of(district)), None)
    if office is None:
        return ()
    name = in_language(office.title, lang)
    return (name, *(line for line in address_lines(place, office, lang) if line != name))
