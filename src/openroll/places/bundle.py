"""A jurisdiction whole: the one bundle that a roll is opened under, with the digest that stands in its log.

What a due date hangs on is in it as plain values (each day off, each district with its days), so that a library's next release
or a file changed on a disk changes nothing: another bundle is another digest, and takes a published act.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

import msgspec
from msgspec import UNSET, UnsetType

from openroll.places.model import WEEK, DayOff, District, Jurisdiction, Office
from openroll.rules.calendar import WorkingDays
from openroll.rules.language import in_language


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A jurisdiction with its tables. `shapes` is its map as GeoJSON (RFC 7946), a feature a district; empty without one.

    `city` is the text of its own city file, where it has one that does not ship.
    """

    jurisdiction: Jurisdiction
    districts: tuple[District, ...]
    days_off: tuple[DayOff, ...] = ()
    offices: tuple[Office, ...] = ()
    shapes: str = ""
    city: str | UnsetType = UNSET

    @cached_property
    def by_code(self) -> Mapping[str, District]:
        """Its districts by their codes, in the list's order."""
        return {district.code: district for district in self.districts}

    def leaves(self, day: date) -> tuple[District, ...]:
        """The districts that a filing of a day may name: those that stand then and are no parent of one that does."""
        standing = [district for district in self.districts if district.stands(day)]
        parents = {district.parent for district in standing}
        return tuple(district for district in standing if district.code not in parents)

    def after(self, code: str, day: date) -> tuple[str, ...]:
        """The districts that stand on a day in the place of one that ended: those it went into, and those they went into."""
        found: dict[str, None] = {}
        asked, seen = list(self.by_code[code].into), {code}
        while asked:
            one = asked.pop(0)
            if one in seen or one not in self.by_code:
                continue
            seen.add(one)
            if self.by_code[one].stands(day):
                found[one] = None
            else:
                asked = [*self.by_code[one].into, *asked]
        return tuple(found)

    def path(self, code: str) -> tuple[District, ...]:
        """A district and what it is part of, the widest first; empty for an unknown code."""
        path: list[District] = []
        while code in self.by_code:
            path.insert(0, self.by_code[code])
            code = self.by_code[code].parent
        return tuple(path)

    def offices_of(self, code: str) -> tuple[Office, ...]:
        """Where people of a district go: its offices, or where it has none those of the nearest that it is part of."""
        for district in reversed(self.path(code)):
            there = tuple(office for office in self.offices if office.district == district.code)
            if there:
                return there
        return ()

    def level(self, lang: str) -> str:
        """What a district that filings name is called there, as `County`; empty where the place does not say."""
        levels = self.jurisdiction.levels
        return "" if levels is UNSET else in_language(levels[-1], lang)

    @cached_property
    def working_days(self) -> WorkingDays:
        """Which days are worked there: what deadlines in working days are counted by."""
        rest = tuple(WEEK.index(day) for day in self.jurisdiction.working.rest)
        return WorkingDays(((date.min, rest),), self.holidays, self.make_up_days)

    @cached_property
    def holidays(self) -> frozenset[date]:
        """The days off of the years that are known."""
        return frozenset(one.day for one in self.days_off if not one.worked)

    @cached_property
    def make_up_days(self) -> frozenset[date]:
        """The days worked in place of others."""
        return frozenset(one.day for one in self.days_off if one.worked)


def zones_of(bundle: Bundle) -> tuple[str, ...]:
    """The time zones of the place: the one it names first."""
    place = bundle.jurisdiction
    return tuple(dict.fromkeys((place.zone, *place.zones)))


def speaking(bundle: Bundle, languages: Sequence[str]) -> Bundle:
    """The same place with other languages, the main one first. What has no words in one of them shows the nearest it has."""
    return msgspec.structs.replace(
        bundle, jurisdiction=msgspec.structs.replace(bundle.jurisdiction, languages=tuple(languages))
    )


def full_name(bundle: Bundle) -> str:
    """How events name it: its id and its SHA-256, `ke@…`."""
    return f"{bundle.jurisdiction.id}@{digest(bundle)}"


def canonical(bundle: Bundle) -> bytes:
    """The bundle as canonical JSON: what its digest is over and what a roll keeps of it."""
    return msgspec.json.encode(bundle, order="sorted")


def digest(bundle: Bundle) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(bundle)).hexdigest()


def bundle_of(text: str | bytes) -> Bundle:
    """The bundle that a canonical JSON holds. Raises msgspec.DecodeError."""
    return msgspec.json.decode(text, type=Bundle)
