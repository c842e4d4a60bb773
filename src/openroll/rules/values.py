"""The small values that a rule is made of: names, periods, money, sources, and what every clause carries.

Keys that came after the first rolls were opened are unset by default and stand in no canonical form until a rule says them,
so that the digest of a rule written before never changes (`given` reads one).
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from openroll.rules.language import Text

Value = TypeVar("Value")


def _(text: str) -> str:
    """Mark a text for the catalogue: what the schema says of a form is said of a fault too."""
    return text


def key(meaning: str, *examples: Any) -> Meta:
    """What the published schema says of a key: its meaning and examples of a value."""
    return Meta(description=meaning, examples=list(examples))


def given(value: Value | UnsetType, otherwise: Value) -> Value:
    """A value of a key that may be unset, or another in its place."""
    return otherwise if isinstance(value, UnsetType) else value


IDENTIFIER_PATTERN = r"^[a-z][a-z0-9-]{1,63}$"
FIELD_PATTERN = r"^[a-z][a-z0-9_]{0,31}$"
PERIOD_PATTERN = r"^P(?!$)([0-9]{1,2}Y)?([0-9]{1,3}M)?([0-9]{1,5}D)?$"
TIME_PATTERN = r"^P(?!$)(?:([0-9]{1,4})D)?(?:T(?!$)(?:([0-9]{1,4})H)?(?:([0-9]{1,4})M)?)?$"
AMOUNT_PATTERN = r"^[0-9]{1,15}(\.[0-9]{1,4})?$"
CURRENCY_PATTERN = "^[A-Z]{3}$"
FORMS = {
    IDENTIFIER_PATTERN: _("a name of lower case letters, digits and hyphens that begins with a letter"),
    FIELD_PATTERN: _("a name of lower case letters, digits and underscores that begins with a letter"),
    PERIOD_PATTERN: _("an ISO 8601 period of at most 99 years, 999 months and 99999 days"),
    TIME_PATTERN: _("a time of days, hours and minutes (ISO 8601)"),
    AMOUNT_PATTERN: _("an amount of digits, at most four of them after the point, in quotes: it is text"),
    CURRENCY_PATTERN: _("the three capital letters of a currency (ISO 4217)"),
}
"""What each form of text is in words, for whoever wrote another."""

Identifier = Annotated[str, Meta(pattern=IDENTIFIER_PATTERN, examples=["cn-cq-2006-notice"])]
FieldName = Annotated[str, Meta(pattern=FIELD_PATTERN, examples=["id_number"])]
Period = Annotated[str, Meta(pattern=PERIOD_PATTERN, description=FORMS[PERIOD_PATTERN], examples=["P30D"])]
NotEmpty = Annotated[str, Meta(min_length=1)]
AMOUNT = Meta(description=FORMS[AMOUNT_PATTERN], examples=["3000"], extra_json_schema={"pattern": AMOUNT_PATTERN})

Office = Literal[
    "registrar", "police", "ministry", "operator", "independent-body", "court", "regulator", "prosecutor", "parliament"
]
"""Who decides, approves or appoints."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where values come from. `standing`: the text was seen, a news page reported it, or it is our own proposal."""

    id: Annotated[Identifier, key("the name by which clauses cite it", "boxuu")]
    title: Annotated[NotEmpty, key("the source in words", "Order 33 of the Ministry of Public Security, full text")]
    standing: Annotated[Literal["seen", "reported", "ours"], key("whether its text was read, or who says so", "seen")]
    where: Annotated[str, key("where it can be read", "news.boxuu.com/c/54233.html")] = ""


class Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every value of a rule carries: the article that says it, the source it was read in, its first and last day."""

    article: Annotated[str, Meta(description="the article, as its text names it", examples=["Art. 12(1)"])] = ""
    source: Annotated[str, Meta(description="the id of one of the rule's sources", examples=["boxuu"])] = ""
    since: Annotated[date | None, key("the first day on which this holds", "2006-12-01")] = None
    until: Annotated[date, key("the last day on which this holds", "2011-06-30")] | UnsetType = UNSET

    def holds(self, day: date) -> bool:
        """Whether this holds on a day: it has begun and has not ended."""
        return (self.since is None or self.since <= day) and (isinstance(self.until, UnsetType) or day <= self.until)


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount, never a float."""

    amount: Annotated[Decimal, AMOUNT]
    currency: Annotated[str, Meta(pattern=CURRENCY_PATTERN, description="an ISO 4217 code", examples=["CNY"])]


class Worth(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one unit is worth from a day on (`since`)."""

    value: Annotated[Money, key("what one unit is worth", {"amount": "12", "currency": "GHS"})]


class Unit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A unit that fines are counted in, such as Ghana's penalty unit; its worth is set by day."""

    id: Annotated[Identifier, key("the name of the unit in this rule", "penalty-unit")]
    title: Annotated[Text, key("the unit in words", {"en": "penalty unit"})]
    worth: Annotated[
        tuple[Worth, ...],
        Meta(
            min_length=1,
            description="what it is worth: of those whose `since` has come, the newest holds",
            examples=[[{"value": {"amount": "12", "currency": "GHS"}}]],
        ),
    ]

    def on(self, day: date) -> Money | None:
        """What one unit is worth on a day; None before its worth was set."""
        holding = [one for one in self.worth if one.holds(day)]
        return max(holding, key=lambda one: one.since or date.min).value if holding else None
