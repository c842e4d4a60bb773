"""The terms of a roll: the closed lists and bounds that its rule and its jurisdiction fix for every filing."""

from collections.abc import Iterable
from datetime import date

import msgspec

from openroll.places.bundle import Bundle
from openroll.places.model import NumberFormat
from openroll.places.subscriber_kinds import every_kind, subscriber_kinds
from openroll.rules import UNCONFIRMED_DAYS, Retention, Rule
from openroll.rules.kinds import fields_of_subscriptions


class Articles(msgspec.Struct, frozen=True):
    """Which articles of the rule the terms come from, as its text names them; empty where it names none.

    `covers` is whom the rule covers (the articles of its duties to file), `fields` what a filing tells.
    """

    covers: str = ""
    fields: str = ""


class Earlier(msgspec.Struct, frozen=True):
    """What records that stand may say: the words, counts of digests and first day of every version that has begun.

    A change of the rule or of the jurisdiction makes no record faulty: what stands is judged by the terms it was made under.
    """

    kinds: frozenset[str] = frozenset()
    accesses: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    digests: frozenset[int] = frozenset()
    earliest: date = date.max


class OtherDistrict(msgspec.Struct, frozen=True):
    """A district that a filing of today does not name, as it `ended` or only `begins`; `after` are those in its place today."""

    code: str
    ended: date | None
    begins: date | None
    after: tuple[str, ...]


class Terms(msgspec.Struct, frozen=True):
    """What a filing may say: closed lists, the range of dates, how many digests it must carry; how long it is kept or waits."""

    kinds: frozenset[str]
    """The kinds of subscriber that the place or the rule names and the rule covers."""
    uncovered: frozenset[str]
    """The kinds that the place or the rule names and under which nobody files."""
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
    earlier: Earlier = Earlier()
    digests_too: frozenset[int] = frozenset()
    """Other counts of digests that are taken: none of a filing, those of `earlier` of a list of what stands."""
    other_districts: tuple[OtherDistrict, ...] = ()

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

    @property
    def of_what_stands(self) -> "Terms":
        """The terms by which a list of records is judged that may have been made under any version so far."""
        return msgspec.structs.replace(
            self,
            kinds=self.kinds | self.earlier.kinds,
            accesses=self.accesses | self.earlier.accesses,
            districts=self.districts | self.earlier.districts,
            earliest=min(self.earliest, self.earlier.earliest),
            digests_too=self.earlier.digests - {self.digests},
        )


def earlier_terms(versions: Iterable[tuple[Rule, Bundle]]) -> Earlier:
    """What records may say that were made under these versions, each a rule and its jurisdiction."""
    begun = list(versions)
    return Earlier(
        frozenset(kind.id for rule, place in begun for kind in subscriber_kinds(rule, place)),
        frozenset(access.id for _, place in begun for access in place.jurisdiction.accesses),
        frozenset(code for _, place in begun for code in place.by_code),
        frozenset(len(personal_fields(rule)) for rule, _ in begun),
        min((place.jurisdiction.earliest for _, place in begun), default=date.max),
    )


def personal_fields(rule: Rule) -> tuple[str, ...]:
    """The names of the fields of which a filing carries digests."""
    return tuple(field.name for field in fields_of_subscriptions(rule))


def terms_of(
    rule: Rule,
    place: Bundle,
    today: date,
    unconfirmed_days: int = UNCONFIRMED_DAYS,
    earlier: Earlier = Earlier(),  # noqa: B008 - a frozen value
) -> Terms:
    """The terms under a rule, in a jurisdiction, on a civil day of the rule's zone.

    `unconfirmed_days` is how long filings made alone wait where the rule does not say; `earlier` what records say that stand.
    """
    kinds = frozenset(kind.id for kind in subscriber_kinds(rule, place))
    return Terms(
        kinds,
        frozenset(kind.id for kind in every_kind(rule, place)) - kinds,
        frozenset(access.id for access in place.jurisdiction.accesses),
        frozenset(district.code for district in place.leaves(today)),
        place.jurisdiction.earliest,
        today,
        len(personal_fields(rule)),
        rule.retention,
        unconfirmed_days,
        Articles(
            _joined(duty.article for duty in rule.duties if duty.act == "file"),
            _joined(field.article for field in fields_of_subscriptions(rule)),
        ),
        numbers=place.jurisdiction.numbers,
        earlier=earlier,
        other_districts=_other_districts(place, today),
    )


def _other_districts(place: Bundle, today: date) -> tuple[OtherDistrict, ...]:
    found = []
    for one in place.districts:
        if not one.stands(today):
            begins = one.since if one.since is not None and today < one.since else None
            after = () if begins else place.after(one.code, today)
            found.append(OtherDistrict(one.code, None if begins else one.until, begins, after))
    return tuple(found)


def _joined(articles: Iterable[str]) -> str:
    """Articles one after the other, each once."""
    return "; ".join(dict.fromkeys(article for article in articles if article))
