"""Duties and their deadlines as data: who must do what, about whom, by when, and what hangs on it."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from openroll.rules.kinds import Kind, Nature
from openroll.rules.language import Text
from openroll.rules.values import Clause, Identifier, Period, given, key

Event = Literal[
    "connection",
    "change",
    "end",
    "activation",
    "loss",
    "notice",
    "sale",
    "post",
    "coming-of-age",
    "announcement",
    "request",
    "order",
    "transfer",
    "port",
    "suspension",
    "deactivation",
    "reactivation",
    "in-force",
    "month-end",
    "quarter-end",
    "half-year-end",
    "year-end",
]
"""What a period is counted from. Each has its date in a subject, but for `in-force` (the rule's own) and the calendar's ends."""

Act = Literal[
    "file",
    "report-change",
    "report-end",
    "report-loss",
    "report",
    "verify",
    "amend",
    "renew",
    "tell",
    "hand-over",
    "answer",
    "deactivate",
    "hold-at-most",
]
"""What is to be done. Each has the day it was done in a subject, but for `hold-at-most`, which is a number kept."""

Condition = Literal["before-activation", "after-activation", "before-reactivation"]
"""No act, no service: before activation there is none until it is done; after activation it stops when the time is over."""


class Deadline(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """By when: exactly one of a period, working days, hours, "at once", a `fixed` date, or "promptly", which is no number.

    Periods, working days and hours are counted from the event on, or back from it with `before`. Hours in a model of days: an
    event is known by its day alone, so hours end with the last day on which they can end (24 hours: the day after), or, with
    `rounded: down`, with the first.
    """

    period: Annotated[Period, key("counted from the day after the event", "P30D")] | None = None
    fixed: Annotated[date | None, key("one date for all", "2006-10-30")] = None
    promptly: Annotated[bool, key('"promptly": no number of days', True)] = False
    working_days: (
        Annotated[int, Meta(ge=1, le=999, description="working days from the day after the event", examples=[5])]
        | UnsetType
    ) = UNSET
    hours: Annotated[int, Meta(ge=1, le=9999, description="hours from the event", examples=[24])] | UnsetType = UNSET
    rounded: Annotated[Literal["up", "down"], key("to which day hours are rounded; up, if unsaid", "down")] | (
        UnsetType
    ) = UNSET
    at_once: Annotated[bool, key("on the day of the event", True)] | UnsetType = UNSET
    before: Annotated[bool, key("counted back from the event: so long in advance", True)] | UnsetType = UNSET
    moves: (
        Annotated[
            Literal["next-working-day", "previous-working-day"],
            key("where the last day goes when it is no working day", "next-working-day"),
        ]
        | UnsetType
    ) = UNSET

    @property
    def backwards(self) -> bool:
        """Whether it is counted back from the event."""
        return given(self.before, False)

    @property
    def immediate(self) -> bool:
        """Whether it is to be done at once."""
        return given(self.at_once, False)


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number that must be exceeded for a duty to stand, such as more than 100,000 visitors a day."""

    of: Annotated[Identifier, key("what is counted: a name in a subject's `numbers`", "visitors-a-day")]
    above: Annotated[int, Meta(ge=0, description="the duty stands above this", examples=[100000])]


class Most(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many of something one may hold, such as nine lines in all."""

    of: Annotated[Identifier, key("what is counted: a name in a subject's `numbers`", "lines")]
    number: Annotated[int, Meta(ge=0, description="so many and no more", examples=[9])]
    per: Annotated[Literal["operator", "country"], key("within what they are counted", "operator")] | UnsetType = UNSET


class Duty(Clause, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who must do what, to whom, via whom, by when.

    `about` makes it a duty of the bearers about each of their records of these kinds: it stands on the record, and its bearer
    is the operator (or seller) whose record that is. `counts_from` is the event that the deadline counts from. `applies` keeps
    apart those connected before the rule came into force (existing) and from then on (new). The newest of `deadlines` whose
    `since` had come on the event's day is the one that holds, or a later one that gives more time (`rules.deadlines`).
    """

    id: Annotated[Identifier, key("the name of the duty in this rule", "file")]
    bearers: Annotated[
        tuple[Kind, ...], Meta(min_length=1, description="kinds who have the duty", examples=[["access-operator"]])
    ]
    act: Annotated[Act, key("what is to be done", "file")]
    title: Annotated[Text, key("the duty in words", {"en": "File within 30 days"})]
    to: Annotated[Text, key("to whom", {"en": "the registrar"})]
    counts_from: Annotated[Event, key("the event that the deadline counts from", "connection")]
    deadlines: Annotated[
        tuple[Deadline, ...], Meta(min_length=1, description="by when", examples=[[{"period": "P30D"}]])
    ]
    via: Annotated[Text | None, key("through whom", {"en": "the access provider"})] = None
    applies: Annotated[Literal["new", "existing", "all"], key("to whom, by the day of connection", "new")] = "all"
    measures: Annotated[tuple[Identifier, ...], key("ids of the measures that may follow", ["warning"])] = ()
    about: (
        Annotated[tuple[Kind, ...], Meta(min_length=1), key("kinds of record it is a duty about", ["person"])]
        | UnsetType
    ) = UNSET
    natures: Annotated[tuple[Nature, ...], key("natures whose kinds it stands on too", ["person"])] | UnsetType = UNSET
    exempt: Annotated[tuple[Kind, ...], key("kinds it does not stand on", ["roamer"])] | UnsetType = UNSET
    services: (
        Annotated[tuple[Identifier, ...], key("services it stands on; all, if unsaid", ["prepaid"])] | UnsetType
    ) = UNSET
    condition: Annotated[Condition, key("what service hangs on it", "before-activation")] | UnsetType = UNSET
    recurs: Annotated[Period, key("it comes again after each such period", "P3M")] | UnsetType = UNSET
    threshold: (
        Annotated[Threshold, key("above which number it stands", {"of": "visitors-a-day", "above": 100000})] | UnsetType
    ) = UNSET
    most: Annotated[Most, key("how many one may hold", {"of": "lines", "number": 9})] | UnsetType = UNSET

    @property
    def of_others(self) -> bool:
        """Whether it is a duty about records of others, borne by who keeps them."""
        return not isinstance(self.about, UnsetType)


CALENDAR_EVENTS: dict[str, int] = {"month-end": 1, "quarter-end": 3, "half-year-end": 6, "year-end": 12}
"""Ends that the calendar brings, with their months: a duty counted from one comes again with each."""
