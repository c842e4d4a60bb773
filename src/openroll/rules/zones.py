"""Which time zones mean the same on every machine: those named by a place (`Africa/Nairobi`), and no others."""

import re
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from openroll.rules.sentence import Sentence, sentence


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


_PLACE = re.compile(
    r"(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_+/-]{1,60}"
)
_OF_THE_MACHINE = re.compile(r"localtime|Factory|posixrules|(right|posix)/.*")
"""Names that the machine fills (`localtime`, `posixrules`), that mean nothing (`Factory`), or that count leap seconds."""


@cache
def _known() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if _PLACE.fullmatch(name))


def zone_names() -> frozenset[str]:
    """The names of all such zones: for a page, which goes by the same."""
    return _known()


def is_zone(zone: str) -> bool:
    """Whether a name is a zone by its place, which means the same on every machine (`localtime` and `posixrules` do not)."""
    return zone in _known()


def zone_fault(zone: str) -> tuple[Sentence, Sentence, str]:
    """What is wrong with a name that is no such zone: what was found, what was expected, an example."""
    found = sentence(_("There is no zone {name!r}."), name=zone)
    if _OF_THE_MACHINE.fullmatch(zone):
        found = sentence(_("What the zone {name!r} means hangs on the machine."), name=zone)
    near = get_close_matches(zone[:60], _known(), 1)
    return found, Sentence(_("an IANA time zone, as Area/City")), near[0] if near else "Africa/Nairobi"
