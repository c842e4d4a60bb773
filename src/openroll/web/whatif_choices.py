"""What the page *What if* of a roll offers: the roll's own rules, version by version, and its city, beside those that ship.

Own rules and an own city travel with the question (`Question.brought`), as the process that answers has nothing of the roll.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import UNSET

from openroll.places import Bundle
from openroll.places.model import WEEK
from openroll.rules import NoSuchRule, Rule, RuleFaults, canonical, digest, known_rules, load
from openroll.service.roll import RuleVersion
from openroll.service.simulation import MOST_RULES, Question

if TYPE_CHECKING:
    from openroll.whatif import City


AT = "@"
"""What stands between the reference of a rule that does not ship and its digest, in addresses as in the log."""


class OwnRule(NamedTuple):
    """A rule of the roll that does not ship alone, and the day from which it is in force."""

    rule: Rule
    starts: date


class Choices(NamedTuple):
    """What can be asked: the roll's own rules by name, its own city where it has one, and the question of who asks nothing."""

    own: Mapping[str, OwnRule]
    city: "City | None"
    first: Question

    @property
    def rules(self) -> dict[str, Rule]:
        """The rules one can choose from, by name: the roll's own, then those that ship."""
        return {name: one.rule for name, one in self.own.items()} | shipped_rules()

    @property
    def cities(self) -> "dict[str, City]":
        """The cities one can choose from, by name, the roll's own first."""
        from openroll.whatif import cities, load_city  # noqa: PLC0415 - the model is loaded when it is first needed

        own = {} if self.city is None else {self.city.id: self.city}
        return own | {name: load_city(name) for name in cities()}

    def brought(self, question: Question) -> Question:
        """The question with what it names and what does not ship."""
        texts = [
            (name, canonical(self.own[name].rule).decode())
            for name in question.rules
            if name in self.own and AT in name
        ]
        if self.city is not None and question.city == self.city.id:
            texts.append((self.city.id, msgspec.json.encode(self.city).decode()))
        return msgspec.structs.replace(question, brought=tuple(texts))


@cache
def shipped_rules() -> dict[str, Rule]:
    """All rules that ship and cover somebody who lives in a city."""
    return {name: rule for name in known_rules() if _lives_there(rule := load(name))}


def _lives_there(rule: Rule) -> bool:
    from openroll.whatif.city import KIND_OF  # noqa: PLC0415 - as above

    return bool({*KIND_OF.values(), "person"} & set(rule.covers))


@dataclass(frozen=True)
class _Versions:
    """The versions of a roll, to remember an answer by: they are told apart by the names that the log gives them."""

    named: tuple[tuple[date, str, str], ...]
    rules: tuple[RuleVersion, ...] = field(compare=False)


def choices(versions: tuple[RuleVersion, ...], today: date, city: str = "") -> Choices:
    """What a roll's page offers on a day, under these versions. `city` is the one that its settings name."""
    return _choices(_Versions(tuple((one.starts, one.name, one.place_name) for one in versions), versions), today, city)


@lru_cache(4)
def _choices(known: _Versions, today: date, city: str) -> Choices:
    """Its first question has the rules that the place compares, and where it names none the rule of the day and those that
    follow it; the city of its settings, else the place's own.
    """
    from openroll.whatif import cities  # noqa: PLC0415 - as above

    versions = known.rules
    version = next((one for one in reversed(versions) if one.starts <= today), versions[0])
    place = version.place.jurisdiction
    names = {id(one): _name(one) for one in versions}
    coming = [one for one in versions if one.starts > version.starts]
    compared = [found for name in place.compare if (found := _compared(name, version, names[id(version)]))]
    asked = compared or [names[id(one)] for one in (version, *coming) if _lives_there(one.rule)]
    # A rule of nobody who lives in a city has nothing to show there, and neither has a bundle of what shipped once.
    asked = list(dict.fromkeys(asked))[:MOST_RULES] or [known_rules()[0]]
    made = _own_city(version.place, today.year)
    there = city or (made.id if made is not None else place.city or cities()[0])
    own: dict[str, OwnRule] = {}
    for one in (version, *coming, *(one for one in reversed(versions) if one.starts < version.starts)):
        if names[id(one)] not in known_rules() and _lives_there(one.rule):
            own.setdefault(names[id(one)], OwnRule(one.rule, _since(one, versions)))
    offered = Choices(own, made, Question(there, tuple(asked)))
    return offered._replace(first=offered.brought(offered.first))


def _since(version: RuleVersion, versions: Sequence[RuleVersion]) -> date:
    """From when on a version's rule is in force: versions before it that change the jurisdiction alone have it too."""
    since = version.starts
    for one in sorted(versions, key=lambda one: one.starts, reverse=True):
        if one.starts < version.starts:
            if one.name != version.name:
                break
            since = one.starts
    return since


def _name(version: RuleVersion) -> str:
    """What a rule of a roll is called in an address: as it ships, where it ships; else by its digest too."""
    ref, own = version.rule.ref, digest(version.rule)
    try:
        ships = digest(load(ref)) == own
    except (NoSuchRule, RuleFaults):
        ships = False
    return ref if ships else f"{ref}{AT}{own[:16]}"


def _compared(name: str, version: RuleVersion, own: str) -> str:
    """The rule that `compare` names: the roll's own, one that ships, or none (any more)."""
    if name in known_rules():
        return name
    return own if name in (version.rule.id, version.rule.ref) else ""


def _own_city(place: Bundle, year: int) -> "City | None":
    """The city of a place where none ships that has its money: its folder's own, or one carried over."""
    from openroll.whatif import cities, load_city, parse_city  # noqa: PLC0415 - as above
    from openroll.whatif.restated import OtherPlace, rates, restated  # noqa: PLC0415 - as above

    there = place.jurisdiction
    if place.city is not UNSET:
        try:
            return parse_city(place.city, f"{there.city}.yaml")
        except RuleFaults:
            pass  # of another release of the model; the place still has money and days of its own
    named = there.city if there.city in cities() else ""
    like = load_city(named or rates().like)
    if named and like.currency == there.currency:
        return None
    rest = tuple(WEEK.index(day) + 1 for day in there.working.rest)
    return restated(
        like,
        OtherPlace(
            id=f"{there.id}-{year}" if f"{there.id}-{year}" not in cities() else f"{there.id}-town-{year}",
            title=there.title,
            currency=there.currency,
            begin=date(year, 1, 1),
            rest=rest,
            holidays=place.holidays,
            worked=place.make_up_days,
        ),
    )
