"""A rule as data: what every value of a rule file means.

The JSON Schema of rule files is made from these types (and those of `values`, `kinds`, `measures`, `duty`), descriptions and
examples included, so that the types are the one place where the form of a rule is said. Periods are ISO 8601 (`P30D`, `P2M`,
`P1Y`), dates civil dates in the rule's `zone`, money Decimal with a currency.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from openroll.rules.duty import Duty, Event
from openroll.rules.kinds import NATURAL, DeclaredKind, Kind, Nature, natures
from openroll.rules.language import Tag, Text
from openroll.rules.measures import Measure
from openroll.rules.procedure_model import Requests
from openroll.rules.values import (
    Clause,
    FieldName,
    Identifier,
    NotEmpty,
    Office,
    Period,
    Source,
    Unit,
    given,
    key,
)

Status = Literal["in-force", "repealed", "struck-down", "proposal", "historic", "suspended", "never-in-force"]

FieldClass = Literal[
    "identity",
    "identity-number",
    "document",
    "contact",
    "address",
    "birth",
    "gender",
    "nationality",
    "line",
    "device",
    "payment",
    "photograph",
    "biometric",
    "genetic",
    "health",
    "religion",
    "ethnic-origin",
    "political-opinion",
    "sexual-life",
    "criminal-record",
    "location",
    "traffic",
    "content",
]
SENSITIVE: frozenset[FieldClass] = frozenset(
    {
        "biometric",
        "genetic",
        "health",
        "religion",
        "ethnic-origin",
        "political-opinion",
        "sexual-life",
        "criminal-record",
    }
)
"""Classes that GDPR 9 and 10 and PIPL 28 set apart: what no register of subscriptions needs."""
ACTIVITY: frozenset[FieldClass] = frozenset({"location", "traffic", "content"})
"""Classes of what someone does, rather than who they are."""


class Field(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something a filing asks for. `personal` fields enter a register as digests only; empty `required_of` means by choice.

    `of` are the kinds that it means anything for: nobody else is offered it. Left out, it is everybody's.
    """

    name: Annotated[FieldName, key("the name of the field in this rule", "id_number")]
    title: Annotated[Text, key("the field in words", {"zh": "身份证号", "en": "identity number"})]
    personal: Annotated[bool, key("whether it is about a person: then it enters a roll as a digest only", True)]
    required_of: Annotated[tuple[Kind, ...], key("kinds who must tell it; none: by choice", ["organisation"])] = ()
    aims: Annotated[tuple[Text, ...], key("what this field is for", [{"en": "to serve notices"}])] = ()
    activity: Annotated[bool, key("whether it is about what someone does online", True)] = False
    classes: Annotated[tuple[FieldClass, ...], key("what it holds", ["photograph", "biometric"])] | UnsetType = UNSET
    of: (
        Annotated[
            tuple[Kind, ...], Meta(min_length=1), key("the kinds it is offered to; all, if left out", ["organisation"])
        ]
        | UnsetType
    ) = UNSET

    def offered_to(self, kind: str) -> bool:
        """Whether somebody of a kind is offered it; without a kind, whether anybody is."""
        return not kind or self.of is UNSET or kind in self.of

    @property
    def by_choice(self) -> bool:
        """Whether nobody has to tell this."""
        return not self.required_of

    @property
    def sensitive(self) -> bool:
        """Whether it holds what data protection laws set apart."""
        return not SENSITIVE.isdisjoint(given(self.classes, ()))


class Statement(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a rule says of one safeguard: whether it is there, and the numbers that its check looks at.

    `days` is the safeguard's own time limit; `notice_days` how long before a hearing it is announced; `by` who decides or
    approves; `suspends` whether an appeal holds the measure back; `records` how many records one request may name.
    """

    present: Annotated[bool, key("whether the rule has it", True)]
    days: Annotated[int, Meta(ge=0, description="its time limit in days", examples=[14])] | None = None
    notice_days: Annotated[int, Meta(ge=0, description="days before a hearing", examples=[7])] | None = None
    by: (
        Annotated[
            Literal[
                "court",
                "independent-body",
                "other-body",
                "ministry",
                "registrar",
                "police",
                "regulator",
                "prosecutor",
                "operator",
            ],
            key("who decides or approves", "court"),
        ]
        | None
    ) = None
    suspends: Annotated[bool | None, key("whether an appeal holds the measure back", True)] = None
    records: Annotated[int, Meta(ge=1, description="records that one request may name", examples=[1])] | None = None
    note: Annotated[Text | None, key("what else is said", {"en": "on the spot"})] = None
    appointed_by: Annotated[Office, key("who appoints whoever is named by `by`", "parliament")] | UnsetType = UNSET
    dismissed_by: Annotated[Office, key("who may dismiss them", "court")] | UnsetType = UNSET
    term: Annotated[Period, key("for how long they are appointed", "P6Y")] | UnsetType = UNSET
    renewable: Annotated[bool, key("whether they can be appointed again", False)] | UnsetType = UNSET


class Retention(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long a record is kept after the subscription's end: a period, or to the end of the calendar year after it.

    `unconfirmed` is how long a filing that its subscriber made alone waits for its operator's word before it falls away; where
    the rule does not say, the roll's own setting holds. `counts_from` names another event than the end.
    """

    period: Period | None = None
    end_of_next_calendar_year: Annotated[bool, key("to the end of the calendar year after the event", True)] = False
    # Unset, not None: rules of before it existed keep their digest.
    unconfirmed: Annotated[Period, key("how long a filing made alone waits", "P30D")] | UnsetType = UNSET
    counts_from: Annotated[Event, key("the event that it counts from; the end, if unsaid", "deactivation")] | (
        UnsetType
    ) = UNSET


class Standing(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of a rule, or of some of its duties, from a day on (`since`): suspended or struck down by a court, revived.

    The newest that has begun holds. `never-in-force` needs no day. A rule struck down with delay has its last day before `since`.
    """

    state: Annotated[
        Literal["in-force", "suspended", "struck-down", "never-in-force", "repealed", "expired"],
        key("how it stands from that day on", "suspended"),
    ]
    by: Annotated[NotEmpty, key("who decided so", "Constitutional Council, 2009-580 DC")] | UnsetType = UNSET
    decided: Annotated[date, key("when that was decided", "2010-03-02")] | UnsetType = UNSET
    duties: Annotated[tuple[Identifier, ...], key("the duties it is about; all, if unsaid", ["file"])] | UnsetType = (
        UNSET
    )


class Succession(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What becomes of duties when an operator leaves, merges or is taken over, or a subscription is ported to another.

    `go-along`: all that was done stays done, and what is open is the successor's, with the days it had. `anew`: duties that
    count from the connection or activation begin again on that day, and nothing done before counts. `end`: what is open falls
    away. `agreed_by` names who must agree.
    """

    when: Annotated[Literal["leaves", "merges", "taken-over", "ported"], key("what happened", "ported")]
    duties: Annotated[Literal["go-along", "anew", "end"], key("what becomes of its duties", "go-along")]
    agreed_by: (
        Annotated[
            tuple[Literal["subscriber", "old-operator", "new-operator", "registrar", "regulator", "court"], ...],
            key("who must agree", ["old-operator", "new-operator"]),
        ]
        | UnsetType
    ) = UNSET


class Evidence(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a rule says to give a reason for itself: a claim, the figure in it, and where it comes from (`source`)."""

    claim: Annotated[Text, key("the claim, as the rule makes it", {"en": "net crime grows by 1,000 cases a year"})]
    figure: Annotated[NotEmpty, key("the figure in it, as text", "nearly 1,000 cases a year")] | UnsetType = UNSET
    year: Annotated[int, Meta(ge=1900, le=2199, description="of which year", examples=[2005])] | UnsetType = UNSET
    aim: Annotated[Text, key("the aim it is a reason for", {"en": "against fraud"})] | UnsetType = UNSET


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule, whole. `ref` names it with the overlays laid over it, as in `cn-cq-2006-regulation+with-safeguards`."""

    id: Annotated[Identifier, key("the name of the rule", "cn-cq-2006-notice")]
    version: Annotated[int, Meta(ge=1, description="goes up with every change", examples=[1])]
    title: Annotated[Text, key("its title", {"en": "Notice on filing"})]
    summary: Annotated[Text, key("what it says, in short", {"en": "Organisations file within 30 days."})]
    status: Annotated[Status, key("what it is today", "in-force")]
    zone: Annotated[str, Meta(description="an IANA time zone", examples=["Asia/Shanghai"])]
    in_force: Annotated[date | None, key("its first day", "2006-12-01")] = None
    ended: Annotated[date | None, key("its last day", "2006-11-30")] = None
    covers: Annotated[tuple[Kind, ...], Meta(min_length=1, description="kinds it speaks of", examples=[["person"]])]
    duties: Annotated[tuple[Duty, ...], key("who must do what by when", [])] = ()
    fields: Annotated[tuple[Field, ...], key("what a filing asks for", [])] = ()
    minimum: Annotated[tuple[FieldName, ...], key("names of the fields that are enough", ["name"])] = ()
    measures: Annotated[tuple[Measure, ...], key("what may follow", [])] = ()
    safeguards: Annotated[dict[str, Statement], key("what it says of each safeguard", {"told": {"present": True}})] = {}
    purposes: Annotated[tuple[Text, ...], key("the closed list of purposes", [{"en": "to reach operators"}])] = ()
    retention: Annotated[Retention | None, key("how long a record is kept", {"period": "P1Y"})] = None
    sources: Annotated[tuple[Source, ...], Meta(min_length=1, description="where it was read", examples=[[]])]
    notes: Annotated[tuple[Text, ...], key("what is uncertain or left out", [{"en": "Article numbers: unknown."}])] = ()
    overlays: tuple[Identifier, ...] = ()
    kinds: (
        Annotated[
            tuple[DeclaredKind, ...],
            key("kinds beside the seven", [{"id": "seller", "title": {"en": "a seller"}, "nature": "organisation"}]),
        ]
        | UnsetType
    ) = UNSET
    zones: Annotated[tuple[str, ...], key("further zones of the country", ["Asia/Urumqi"])] | UnsetType = UNSET
    languages: Annotated[tuple[Tag, ...], key("the languages its text is authentic in", ["de", "fr"])] | UnsetType = (
        UNSET
    )
    standing: Annotated[tuple[Standing, ...], key("what became of it", [{"state": "suspended"}])] | UnsetType = UNSET
    succession: (
        Annotated[
            tuple[Succession, ...],
            key("what becomes of duties as operators go", [{"when": "ported", "duties": "go-along"}]),
        ]
        | UnsetType
    ) = UNSET
    evidence: (
        Annotated[tuple[Evidence, ...], key("what it says to give reasons", [{"claim": {"en": "Fraud grows."}}])]
        | UnsetType
    ) = UNSET
    units: Annotated[tuple[Unit, ...], key("units that its fines are counted in", [])] | UnsetType = UNSET
    requests: (
        Annotated[Requests, key("by which procedure requests go, and what is set of it", {"procedure": "request-1"})]
        | UnsetType
    ) = UNSET

    @property
    def ref(self) -> str:
        """The rule's name with the overlays laid over it."""
        return "+".join((self.id, *self.overlays))

    @property
    def known_kinds(self) -> tuple[str, ...]:
        """Every kind that this rule can speak of: the seven, then its own."""
        return tuple(self.natures)

    @property
    def natures(self) -> dict[str, Nature]:
        """The nature of every kind that this rule can speak of."""
        return natures(given(self.kinds, ()))

    @property
    def natural(self) -> frozenset[str]:
        """The kinds of this rule that are people at home, by their nature."""
        return frozenset(kind for kind, nature in self.natures.items() if nature in NATURAL)

    def measure(self, identifier: str) -> Measure:
        """The measure of this id. Raises KeyError; a parsed rule names only measures that it has."""
        return {measure.id: measure for measure in self.measures}[identifier]


def in_force(rule: Rule, day: date, duty: str = "") -> bool:
    """Whether a rule (or one duty of it) asks anything on this day. A rule without dates (a proposal) is asked as if in force."""
    if (rule.in_force is not None and day < rule.in_force) or (rule.ended is not None and rule.ended < day):
        return False
    about = [one for one in given(rule.standing, ()) if one.holds(day) and duty in given(one.duties, (duty,))]
    return max(about, key=lambda one: one.since or date.min).state == "in-force" if about else True


def subject_kinds(duty: Duty, rule: Rule) -> frozenset[str]:
    """The kinds of record on which a duty stands: whom it is about, or who bears it, by kind and nature, without the exempt."""
    named, of = given(duty.about, duty.bearers), given(duty.natures, ())
    wide = {kind for kind, nature in rule.natures.items() if nature in of} if of else set()
    return frozenset({*named, *wide} - set(given(duty.exempt, ())))
