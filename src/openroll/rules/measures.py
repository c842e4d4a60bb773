"""Measures: what may follow when a duty is not met. Everything that laws have can be said, so that a check can refuse it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from openroll.rules.kinds import Kind
from openroll.rules.language import Text
from openroll.rules.values import AMOUNT, Clause, Identifier, Money, Office, Period, Unit, Value, given, key

MeasureKind = Literal[
    "order-to-correct",
    "warning",
    "fine",
    "suspension",
    "closure",
    "deactivation",
    "refusal-of-activation",
    "blocking-outgoing",
    "blocking-incoming",
    "throttling",
    "reactivation-ban",
    "contract-ban",
    "number-withdrawal",
    "licence-suspension",
    "licence-end",
    "business-ban",
    "seizure",
    "confiscation",
    "publication",
    "detention",
    "prison",
    "other",
]
GENTLE = frozenset({"order-to-correct", "warning"})
"""Measures that take nothing from anyone."""
CUTTING = frozenset(
    {
        "suspension",
        "closure",
        "deactivation",
        "refusal-of-activation",
        "blocking-outgoing",
        "blocking-incoming",
        "throttling",
        "reactivation-ban",
        "contract-ban",
        "number-withdrawal",
    }
)
"""Measures that take service, or a part of it, from whom they fall on."""
GOING_ON: frozenset[MeasureKind] = frozenset({"order-to-correct", "warning", "fine", "publication"})
"""The closed list of measures after which whoever they fall on goes on: an operator serves everyone as before."""
ENDING = frozenset(get_args(MeasureKind)) - GOING_ON
"""All others: against an operator they end or stop its service to everyone it serves."""
FINAL = frozenset({"deactivation", "number-withdrawal", "licence-end", "confiscation"})
"""Measures after which nothing comes back by itself, so that a cap bounds nothing."""
CONFINING = frozenset({"detention", "prison"})
"""Measures that take a person's liberty."""

Per = Literal["breach", "subscription", "day", "subscription-and-day", "month"]


class Fine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a fine is counted beside (or instead of) the plain amounts `fine_from` and `fine_to`. Any range may have one end only.

    `per` says what the amounts are multiplied with; `most` is the cap over all of it.
    """

    per: Annotated[Per, key("what each amount is for", "subscription-and-day")] | UnsetType = UNSET
    most: Annotated[Money, key("the cap over all", {"amount": "5000000", "currency": "KES"})] | UnsetType = UNSET
    percent_from: Annotated[Decimal, AMOUNT, key("percent, from", "0.5")] | UnsetType = UNSET
    percent_to: Annotated[Decimal, AMOUNT, key("percent, at most", "10")] | UnsetType = UNSET
    percent_of: (
        Annotated[Literal["turnover", "turnover-worldwide", "revenue", "profit"], key("percent of what", "turnover")]
        | UnsetType
    ) = UNSET
    unit: Annotated[Identifier, key("the id of one of the rule's `units`", "penalty-unit")] | UnsetType = UNSET
    units_from: Annotated[Decimal, AMOUNT, key("units, from", "250")] | UnsetType = UNSET
    units_to: Annotated[Decimal, AMOUNT, key("units, at most", "2000")] | UnsetType = UNSET


class Measure(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may follow when a duty is not met. `step` orders the ladder from 1; `cap` bounds what lasts in time."""

    id: Annotated[Identifier, key("the name of the measure in this rule", "off-network")]
    step: Annotated[int, Meta(ge=1, le=9, description="its place on the ladder", examples=[1])]
    kind: Annotated[MeasureKind, key("what it is", "warning")]
    title: Annotated[Text, key("the measure in words", {"zh": "警告", "en": "warning"})]
    against: Annotated[
        tuple[Kind, ...], Meta(min_length=1, description="kinds it may fall on", examples=[["organisation"]])
    ]
    decider: Annotated[Office, key("who decides on it", "court")]
    after_correction: Annotated[bool, key("only after notice and time to correct", True)] = False
    cap: Period | None = None
    fine_from: Annotated[Money | None, key("the least fine", {"amount": "1000", "currency": "CNY"})] = None
    fine_to: Annotated[Money | None, key("the greatest fine", {"amount": "3000", "currency": "CNY"})] = None
    at_least: Annotated[Period, key("the shortest it may last", "P2M")] | UnsetType = UNSET
    fine: Annotated[Fine, key("how the fine is counted", {"per": "day"})] | UnsetType = UNSET


class FineRange(msgspec.Struct, frozen=True):
    """What one fine can come to. An end is None where the rule names none; `percent` stands where no amount can be known.

    The amounts are for one `per`; `most` is the cap over all, None where there is none.
    """

    low: Money | None
    high: Money | None
    per: Per
    most: Money | None
    percent: tuple[Decimal | None, Decimal | None] | None = None
    percent_of: str = ""


def fine_range(measure: Measure, units: Iterable[Unit], on: date) -> FineRange | None:
    """What a fine can come to on a day, units turned into money by their worth that day; None for what is no fine.

    The worth of a unit on a day before it was set is unknown: the ends counted in it are None.
    """
    if measure.kind != "fine":
        return None
    fine = given(measure.fine, Fine())
    worth = next((unit.on(on) for unit in units if unit.id == fine.unit), None)
    percents = (_known(fine.percent_from), _known(fine.percent_to))
    return FineRange(
        measure.fine_from or _in_money(fine.units_from, worth),
        measure.fine_to or _in_money(fine.units_to, worth),
        given(fine.per, "breach"),
        _known(fine.most),
        percents if any(one is not None for one in percents) else None,
        given(fine.percent_of, ""),
    )


def has_top(measure: Measure) -> bool:
    """Whether a fine cannot grow without end: it has an upper end, and a cap over all where it is counted again and again."""
    fine = given(measure.fine, Fine())
    if fine.most is not UNSET:
        return True
    ends = measure.fine_to is not None or fine.units_to is not UNSET or fine.percent_to is not UNSET
    return ends and given(fine.per, "breach") == "breach"


def _known(value: Value | UnsetType) -> Value | None:
    return None if isinstance(value, UnsetType) else value


def _in_money(units: Decimal | UnsetType, worth: Money | None) -> Money | None:
    if isinstance(units, UnsetType) or worth is None:
        return None
    return Money(units * worth.amount, worth.currency)
