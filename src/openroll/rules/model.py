"""A rule as data: what every value of a rule file means.

The JSON Schema of rule files is made from these types, descriptions and examples included, so that this file is the one
place where the form of a rule is said. Periods are ISO 8601 (`P30D`, `P2M`, `P1Y`), dates civil dates in the rule's
`zone`, money Decimal with a currency.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from openroll.rules.language import Text


def _(text: str) -> str:
    """Mark a text for the catalogue: what the schema says of a form is said of a fault too."""
    return text


Kind = Literal[
    "person",
    "household",
    "organisation",
    "access-operator",
    "interconnecting-operator",
    "information-operator",
    "site",
]
KINDS: tuple[Kind, ...] = (
    "person",
    "household",
    "organisation",
    "access-operator",
    "interconnecting-operator",
    "information-operator",
    "site",
)
NATURAL = frozenset({"person", "household"})
"""The kinds that are people at home: the ones that no live rule may burden or cut off."""

Status = Literal["in-force", "repealed", "struck-down", "proposal", "historic"]
Identifier = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,63}$", examples=["cn-cq-2006-notice"])]
FieldName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$", examples=["id_number"])]
Period = Annotated[
    str,
    Meta(
        pattern=r"^P(?!$)([0-9]{1,2}Y)?([0-9]{1,3}M)?([0-9]{1,5}D)?$",
        description=_("an ISO 8601 period of at most 99 years, 999 months and 99999 days"),
        examples=["P30D"],
    ),
]
NotEmpty = Annotated[str, Meta(min_length=1)]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where values come from. `standing`: the text was seen, a news page reported it, or it is our own proposal."""

    id: Identifier
    title: NotEmpty
    standing: Literal["seen", "reported", "ours"]
    where: Annotated[str, Meta(examples=["news.boxuu.com/c/54233.html"])] = ""


class Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every value of a rule carries: the article that says it, the source it was read in, the day it took effect."""

    article: Annotated[str, Meta(description="the article, as its text names it", examples=["Art. 12(1)"])] = ""
    source: Annotated[str, Meta(description="the id of one of the rule's sources", examples=["boxuu"])] = ""
    since: date | None = None


class Field(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something a filing asks for. `personal` fields enter a register as digests only; empty `required_of` means by choice."""

    name: FieldName
    title: Text
    personal: bool
    required_of: tuple[Kind, ...] = ()
    aims: tuple[Text, ...] = ()
    activity: bool = False

    @property
    def by_choice(self) -> bool:
        """Whether nobody has to tell this."""
        return not self.required_of


class Deadline(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """By when: a period counted from the day after the event, or a `fixed` date, or only "promptly", which is no number."""

    period: Period | None = None
    fixed: date | None = None
    promptly: bool = False


Event = Literal["connection", "change", "end"]


class Duty(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who must do what, to whom, via whom, by when.

    `counts_from` is the event that the deadline counts from. `applies` keeps apart those connected before the rule came
    into force (existing) and from then on (new). The newest of `deadlines` whose `since` has come is the one that holds.
    """

    id: Identifier
    bearers: Annotated[tuple[Kind, ...], Meta(min_length=1)]
    act: Literal["file", "report-change", "report-end"]
    title: Text
    to: Text
    counts_from: Event
    deadlines: Annotated[tuple[Deadline, ...], Meta(min_length=1)]
    via: Text | None = None
    applies: Literal["new", "existing", "all"] = "all"
    measures: tuple[Identifier, ...] = ()


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount, never a float."""

    amount: Annotated[
        Decimal,
        Meta(
            description=_("an amount of digits, at most four of them after the point"),
            examples=["3000"],
            extra_json_schema={"pattern": r"^[0-9]{1,15}(\.[0-9]{1,4})?$"},
        ),
    ]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", examples=["CNY"])]


class Measure(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may follow when a duty is not met. `step` orders the ladder from 1; `cap` bounds what lasts in time."""

    id: Identifier
    step: Annotated[int, Meta(ge=1, le=9)]
    kind: Literal["order-to-correct", "warning", "fine", "suspension", "closure", "deactivation"]
    title: Text
    against: Annotated[tuple[Kind, ...], Meta(min_length=1)]
    decider: Literal["registrar", "police", "ministry", "operator", "independent-body", "court"]
    after_correction: bool = False
    cap: Period | None = None
    fine_from: Money | None = None
    fine_to: Money | None = None


class Statement(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a rule says of one safeguard: whether it is there, and the numbers that its check looks at.

    `days` is the safeguard's own time limit; `notice_days` how long before a hearing it is announced; `by` who decides or
    approves; `suspends` whether an appeal holds the measure back; `records` how many records one request may name.
    """

    present: bool
    days: Annotated[int, Meta(ge=0)] | None = None
    notice_days: Annotated[int, Meta(ge=0)] | None = None
    by: Literal["court", "independent-body", "other-body", "ministry", "registrar", "police"] | None = None
    suspends: bool | None = None
    records: Annotated[int, Meta(ge=1)] | None = None
    note: Text | None = None


class Retention(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long a record is kept after the subscription's end: a period, or to the end of the calendar year after it.

    `unconfirmed` is how long a filing that its subscriber made alone waits for its operator's word before it falls away; where
    the rule does not say, the roll's own setting holds.
    """

    period: Period | None = None
    end_of_next_calendar_year: bool = False
    # Unset, not None: rules of before it existed keep their digest.
    unconfirmed: Period | msgspec.UnsetType = msgspec.UNSET


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule, whole. `ref` names it with the overlays laid over it, as in `cn-cq-2006-regulation+with-safeguards`."""

    id: Identifier
    version: Annotated[int, Meta(ge=1, examples=[1])]
    title: Text
    summary: Text
    status: Status
    zone: Annotated[str, Meta(description="an IANA time zone", examples=["Asia/Shanghai"])]
    in_force: date | None = None
    ended: date | None = None
    covers: Annotated[tuple[Kind, ...], Meta(min_length=1)]
    duties: tuple[Duty, ...] = ()
    fields: tuple[Field, ...] = ()
    minimum: tuple[FieldName, ...] = ()
    measures: tuple[Measure, ...] = ()
    safeguards: dict[str, Statement] = {}
    purposes: tuple[Text, ...] = ()
    retention: Retention | None = None
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)]
    notes: tuple[Text, ...] = ()
    overlays: tuple[Identifier, ...] = ()

    @property
    def ref(self) -> str:
        """The rule's name with the overlays laid over it."""
        return "+".join((self.id, *self.overlays))

    def measure(self, identifier: str) -> Measure:
        """The measure of this id. Raises KeyError; a parsed rule names only measures that it has."""
        return {measure.id: measure for measure in self.measures}[identifier]
