"""A city file as types: population, assumptions with ranges and sources, districts, calendar.

The assumptions are one shape filled three ways: with `Quantity` (a value, its range, its source) in a city file; with arrays
of one number a run once they are drawn; so that a process reads `day.given.filing.launch` whatever the mode.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from openroll.rules import Identifier, Source, Text

Q = TypeVar("Q")
V = TypeVar("V")

Currency = Annotated[
    str, Meta(pattern="^[A-Z]{3}$", description="the three letters of a currency (ISO 4217)", examples=["CNY"])
]

Group = Literal["household-online", "household-offline", "organisation", "access-operator", "site"]
GROUPS: tuple[Group, ...] = ("household-online", "household-offline", "organisation", "access-operator", "site")
"""The groups of a city's people: the kinds of a rule, households apart by whether someone there can use a form on a screen."""

KIND_OF: dict[Group, str] = {
    "household-online": "household",
    "household-offline": "household",
    "organisation": "organisation",
    "access-operator": "access-operator",
    "site": "site",
}


class Quantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An assumed number with its range and provenance: `source` names one of the city's sources, `assumed` gives the reason.

    `low` and `high` bound what we would believe; runs draw evenly between them. A sourced number may stand without a range.
    """

    value: float
    low: float | None = None
    high: float | None = None
    source: str = ""
    assumed: Text | None = None

    @property
    def range(self) -> tuple[float, float]:
        """The range that runs draw the assumption from, or the number alone."""
        return (self.value if self.low is None else self.low, self.value if self.high is None else self.high)


class _Section(msgspec.Struct, Generic[Q], frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class People(_Section[Q], Generic[Q], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Assumptions: how many subscriptions there are on the first day, by kind, and how many more could come."""

    households: Q
    organisations: Q
    operators: Q
    sites: Q
    skilled: Q
    """Share of households where someone can use a form on a screen."""
    outside: Q
    """Households that may connect later, as a share of those connected on the first day."""


class Filing(_Section[Q], Generic[Q], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Assumptions: the daily probabilities that somebody who knows of their duty files."""

    heed: Q
    """Share that has heard of the rule and takes it to concern them on the first day."""
    word: Q
    """Chance a day that one who has not heard does, by word of mouth and news."""
    launch: Q
    """Extra chance on the first day, fading."""
    launch_days: Q
    """Days over which the launch fades to a third (1/e)."""
    lull: Q
    """Chance a day between the rushes."""
    rush: Q
    """Extra chance on the last day before the deadline."""
    rush_days: Q
    """Days before the deadline at which the extra chance is a third (1/e) of the last day's."""
    disbelief: Q
    """Share of the rush that is lost each time a deadline was put off."""
    late: Q
    """What is left of the lull's chance once the deadline has passed, as a factor."""
    unasked: Q
    """Chance a day of telling by choice, for one who has no duty but may."""
    reminder: Q
    """Extra chance on the day a reminder comes; also the share of the unaware whom it reaches."""


class Channels(_Section[Q], Generic[Q], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Assumptions: counters in offices, the portal, and operators who file for their subscribers."""

    online: Q
    """Share of filings that those who can bring through the portal (0 where there is none)."""
    portal: Q
    """Filings the portal can take a day."""
    proxy: Q
    """Share of household filings that the access operator hands in, where the rule lets it."""
    hours: Q
    """Hours a counter is open on a day of work."""
    minutes: Q
    """Minutes one filing takes at a counter, on average."""
    spread: Q
    """Squared coefficient of variation of those minutes (1: exponential; 0: all alike)."""
    patience: Q
    """Hours that people stand in line before they leave for the day, on average."""
    error_counter: Q
    error_portal: Q
    error_proxy: Q
    """Share of filings by each way that come back for correction."""
    correct: Q
    """Chance a day that a filing which came back is handed in again."""
    again: Q
    """Chance a day that one who was turned away comes again."""


class Life(_Section[Q], Generic[Q], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Assumptions: daily probabilities of connecting, moving and ending, whatever the rule."""

    connect: Q
    """Chance a day that one outside connects."""
    change: Q
    """Chance a day that something told changes."""
    end: Q
    """Chance a day that a subscription ends by itself."""


class Officials(_Section[Q], Generic[Q], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Assumptions: how many officials look for the overdue and decide, their capacity, and how they use their discretion."""

    number: Q
    checks: Q
    """Overdue records that one official can find and open a case on, a working day."""
    decisions: Q
    """Cases that one official decides, a working day."""
    harsh: Q
    """Share of decisions where one who may choose takes the heavier measure."""
    length_short: Q
    length_half: Q
    """Of suspensions: shares that last a sixth and a half of the cap; the rest lasts to the cap."""
    appeal: Q
    """Share of heavier measures that are appealed where the rule gives an appeal."""
    appeal_days: Q
    appeal_won: Q
    ask: Q
    """Share of cases in which one with the whole range in their hands asks for a bribe."""
    ask_checked: Q
    """What is left of that share where somebody outside the house decides, as a factor."""
    price: Q
    """What is asked, as a share of what the heavier measure would cost the person."""
    pay: Q
    """Share of those asked who pay, with symmetric liability."""
    report: Q
    """Share of those asked who report it, with symmetric liability (giver and taker punished alike)."""
    report_immune: Q
    """The same with asymmetric liability: the giver goes free (Basu 2011)."""
    deterred: Q
    """How strongly the chance of being reported keeps officials from asking: asks fall by the factor exp(-deterred x report)."""


class Fear(_Section[Q], Generic[Q], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Assumptions: who stays away where a measure is months off the network, or the register is open to all."""

    leave: Q
    """Chance a day of giving up the subscription, for one with an unmet duty under the heaviest threat."""
    stay_out: Q
    """Share of newcomers who do not connect under the heaviest threat."""


class Requests(_Section[Q], Generic[Q], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Assumptions: how often authorities ask for records."""

    asked: Q
    """Requests a year for each thousand subscriptions."""
    approved: Q
    """Share approved where an independent body decides first."""


class Costs(_Section[Q], Generic[Q], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Assumptions: costs in the city's currency, and time."""

    hour: Q
    """What an hour of a person's time is worth."""
    trip: Q
    """Hours on the way to a counter and back."""
    form: Q
    """Hours to fill in the form, on any way."""
    fare: Q
    official_hour: Q
    """What an hour of an official or of a clerk costs the state."""
    proxy_filing: Q
    portal_filing: Q
    """What a filing by each way costs the operator, the state."""
    case_hours: Q
    """Hours of officials for one case, from opening to decision."""
    request: Q
    """What answering one request costs the operator."""
    month_online: Q
    """What a month of being on the network is worth to a household."""
    month_business: Q
    """The same to an organisation."""
    reminder: Q
    """What one reminder costs the state."""


class Assumptions(msgspec.Struct, Generic[Q], frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All assumptions of a city, by process."""

    people: People[Q]
    filing: Filing[Q]
    channels: Channels[Q]
    life: Life[Q]
    officials: Officials[Q]
    fear: Fear[Q]
    requests: Requests[Q]
    costs: Costs[Q]

    def items(self) -> Iterator[tuple[str, Q]]:
        """Every assumption with its path, as in `filing.launch`, in the order of the file's form."""
        for section in self.__struct_fields__:
            inner = getattr(self, section)
            for name in inner.__struct_fields__:
                yield f"{section}.{name}", getattr(inner, name)

    def filled(self, change: Callable[[str, Q], V]) -> "Assumptions[V]":
        """The same shape with every assumption changed; `change` is given its path and what stood there."""
        sections = {}
        for section in self.__struct_fields__:
            inner = getattr(self, section)
            values = {name: change(f"{section}.{name}", getattr(inner, name)) for name in inner.__struct_fields__}
            sections[section] = type(inner)(**values)
        return Assumptions(**sections)


class District(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the city with offices of its own. `weight` shares out the city's people; only its ratio to the others counts."""

    code: str
    title: Text
    weight: Annotated[float, Meta(gt=0)]
    counters: Annotated[int, Meta(ge=0)]
    """Counters in its offices together."""
    source: str = ""
    assumed: Text | None = None


class Calendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which days are days of work: weekdays from 1 (Monday), days off besides, and days worked against the week."""

    weekdays: tuple[Annotated[int, Meta(ge=1, le=7)], ...] = (1, 2, 3, 4, 5)
    holidays: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()
    source: str = ""
    assumed: Text | None = None

    def works(self, day: date) -> bool:
        """Whether offices are open and officials at work."""
        return day in self.worked or (day.isoweekday() in self.weekdays and day not in self.holidays)


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one unit of another currency is worth in the city's, so that a rule that fines in it can be charged."""

    currency: Currency
    rate: Annotated[
        float, Meta(gt=0, description="what one unit of it is worth in the city's currency", examples=[0.055])
    ]
    source: str = ""
    assumed: Text | None = None


class Turnover(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one of each kind turns over in a year, in the city's currency: what fines in percent are counted from."""

    organisation: Annotated[float, Meta(ge=0, description="an organisation's, a year", examples=[500000])]
    operator: Annotated[float, Meta(ge=0, description="an operator's, a year", examples=[90000000])]
    site: Annotated[float, Meta(ge=0, description="a web site's, a year", examples=[20000])]
    source: str = ""
    assumed: Text | None = None


class City(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A city file, whole. The model begins on `begin` and is meant for `days` days."""

    id: Identifier
    title: Text
    summary: Text
    currency: Currency
    begin: date
    days: Annotated[int, Meta(ge=1, le=3660)]
    calendar: Calendar
    liability: Literal["symmetric", "asymmetric"] = "symmetric"
    """Whether one who pays a bribe is punished as the one who takes it, or goes free."""
    reminders: tuple[Annotated[int, Meta(ge=0, le=365)], ...] = ()
    """Days before a deadline on which the registrar reminds those who have not filed."""
    districts: Annotated[tuple[District, ...], Meta(min_length=1)]
    assumptions: Assumptions[Quantity]
    sources: tuple[Source, ...] = ()
    notes: tuple[Text, ...] = ()
    exchange: tuple[Exchange, ...] | UnsetType = UNSET
    turnover: Turnover | UnsetType = UNSET
