"""The terms of a roll: the closed lists and bounds that its rule and its opening fix for every filing."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

import msgspec

from openroll.rules import Retention

KINDS = frozenset({"person", "household", "organisation"})
ACCESSES = frozenset({"dial-up", "adsl", "lan", "cable", "leased-line", "wireless", "other"})
EARLIEST = date(1994, 4, 20)
"""The day China's first full connection to the internet opened; no subscription is older."""


class RuleField(Protocol):
    """What the terms need of a rule's field."""

    @property
    def name(self) -> str: ...
    @property
    def personal(self) -> bool: ...


class RuleTerms(Protocol):
    """What the terms need of a rule: whom it covers, and its fields."""

    @property
    def covers(self) -> Sequence[str]: ...
    @property
    def fields(self) -> Sequence[RuleField]: ...
    @property
    def retention(self) -> Retention | None: ...


class Terms(msgspec.Struct, frozen=True):
    """What a filing may say: closed lists, the range of dates, and how many digests it must carry."""

    kinds: frozenset[str]
    accesses: frozenset[str]
    districts: frozenset[str]
    earliest: date
    latest: date
    digests: int
    retention: Retention | None = None


def terms_of(rule: RuleTerms, districts: Iterable[str], today: date) -> Terms:
    """The terms under a rule, in a roll over these districts, on a civil day of the rule's zone."""
    personal = sum(1 for field in rule.fields if field.personal)
    return Terms(
        KINDS & frozenset(rule.covers), ACCESSES, frozenset(districts), EARLIEST, today, personal, rule.retention
    )
