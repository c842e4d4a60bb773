"""The terms of a roll: the closed lists and bounds that its rule and its opening fix for every filing."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

import msgspec

from openroll.rules import UNCONFIRMED_DAYS, Retention

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
    """What a filing may say: closed lists, the range of dates, how many digests it must carry; how long it is kept or waits."""

    kinds: frozenset[str]
    accesses: frozenset[str]
    districts: frozenset[str]
    earliest: date
    latest: date
    digests: int
    retention: Retention | None = None
    unconfirmed_days: int = UNCONFIRMED_DAYS


def terms_of(rule: RuleTerms, districts: Iterable[str], today: date, unconfirmed_days: int = UNCONFIRMED_DAYS) -> Terms:
    """The terms under a rule, in a roll over these districts, on a civil day of the rule's zone.

    `unconfirmed_days` is how long filings made alone wait where the rule does not say.
    """
    personal = sum(1 for field in rule.fields if field.personal)
    return Terms(
        KINDS & frozenset(rule.covers),
        ACCESSES,
        frozenset(districts),
        EARLIEST,
        today,
        personal,
        rule.retention,
        unconfirmed_days,
    )
