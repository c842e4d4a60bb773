"""The terms of a roll: the closed lists and bounds that its rule and its jurisdiction fix for every filing."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

import msgspec

from openroll.places.bundle import Bundle
from openroll.places.model import NumberFormat
from openroll.rules import UNCONFIRMED_DAYS, Retention


class RuleField(Protocol):
    """What the terms need of a rule's field."""

    @property
    def name(self) -> str: ...
    @property
    def personal(self) -> bool: ...

    @property
    def article(self) -> str: ...


class RuleDuty(Protocol):
    """What the terms need of a rule's duty."""

    @property
    def act(self) -> str: ...
    @property
    def article(self) -> str: ...


class RuleTerms(Protocol):
    """What the terms need of a rule: whom it covers, its duties and its fields."""

    @property
    def covers(self) -> Sequence[str]: ...
    @property
    def fields(self) -> Sequence[RuleField]: ...
    @property
    def duties(self) -> Sequence[RuleDuty]: ...
    @property
    def retention(self) -> Retention | None: ...


class Articles(msgspec.Struct, frozen=True):
    """Which articles of the rule the terms come from, as its text names them; empty where it names none.

    `covers` is whom the rule covers (the articles of its duties to file), `fields` what a filing tells.
    """

    covers: str = ""
    fields: str = ""


class Terms(msgspec.Struct, frozen=True):
    """What a filing may say: closed lists, the range of dates, how many digests it must carry; how long it is kept or waits."""

    kinds: frozenset[str]
    """The kinds of subscriber that the place has and the rule covers."""
    uncovered: frozenset[str]
    """The kinds of subscriber that the place has and the rule does not cover."""
    accesses: frozenset[str]
    districts: frozenset[str]
    earliest: date
    latest: date
    digests: int
    retention: Retention | None = None
    unconfirmed_days: int = UNCONFIRMED_DAYS
    articles: Articles = Articles()
    numbers: tuple[NumberFormat, ...] = ()
    """The forms of numbers of the place. What is told of a field is held to its form by who tells it, and by nobody after."""

    def form_of(self, field: str) -> NumberFormat | None:
        """The form that the values of a personal field have there; None for a field of any text."""
        return next((form for form in self.numbers if field in form.held_fields), None)

    def misfit(self, field: str, value: str) -> NumberFormat | None:
        """The form that a value of a personal field should have and has not; None for a value that is well."""
        form = self.form_of(field)
        if form is None or not value:
            return None
        from openroll.places.numbers import fits  # noqa: PLC0415 - 8 MB of numbering plans, where a number is first looked at

        return None if fits(value, form) else form


def terms_of(rule: RuleTerms, place: Bundle, today: date, unconfirmed_days: int = UNCONFIRMED_DAYS) -> Terms:
    """The terms under a rule, in a jurisdiction, on a civil day of the rule's zone.

    `unconfirmed_days` is how long filings made alone wait where the rule does not say.
    """
    personal = sum(1 for field in rule.fields if field.personal)
    kinds = frozenset(kind.id for kind in place.jurisdiction.kinds)
    return Terms(
        kinds & frozenset(rule.covers),
        kinds - frozenset(rule.covers),
        frozenset(access.id for access in place.jurisdiction.accesses),
        frozenset(district.code for district in place.leaves(today)),
        place.jurisdiction.earliest,
        today,
        personal,
        rule.retention,
        unconfirmed_days,
        Articles(
            _joined(duty.article for duty in rule.duties if duty.act == "file"),
            _joined(field.article for field in rule.fields if field.personal),
        ),
        numbers=place.jurisdiction.numbers,
    )


def _joined(articles: Iterable[str]) -> str:
    """Articles one after the other, each once."""
    return "; ".join(dict.fromkeys(article for article in articles if article))
