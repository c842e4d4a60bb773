"""A rule as the city model sees it: due dates by group (from `duties_frame`), consequences, and what an authority may learn.

A rule is measured as if it were in force from the city's first day on, and did not end. Subscriptions that are there on that
day are taken to have begun the day before; so a duty that makes no difference between new and existing counts for them from
that day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from openroll.rules import (
    ENDING,
    KIND,
    Deadline,
    Duty,
    Measure,
    Rule,
    WorkingDays,
    digest,
    duties_frame,
    given,
    most_days,
    subject_kinds,
)
from openroll.whatif.city import GROUPS, KIND_OF, City, Group
from openroll.whatif.fines import charged
from openroll.whatif.moves import STEP
from openroll.whatif.unmodelled import is_modelled

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_SLOTS = 256
"""Slots of a state: an address of chance has eight bits for them."""
OFF = frozenset({"suspension", "closure"})
"""Measures that put whoever they fall on off the network for a time."""
_OUTSIDE_THE_HOUSE = frozenset({"court", "independent-body"})
"""Deciders who are not the body that keeps the register."""


@dataclass(frozen=True)
class Consequence:
    """The heaviest consequence for one group: days off the network, a fine, or a warning only."""

    warning: bool
    fine: tuple[float, float] | None
    cap: int | None
    """Days off the network at most; where a rule names a suspension and no cap, a year."""
    own_hands: bool
    """Whether the body that keeps the register decides by itself."""
    deactivation: bool

    @property
    def anything(self) -> bool:
        """Whether anything follows at all."""
        return self.warning or self.fine is not None or self.cap is not None


def called(rules: Sequence[Rule]) -> tuple[str, ...]:
    """What rules of one run are called: as their files are, and versions of one rule by the version too, or by their digest."""
    refs = [rule.ref for rule in rules]
    versions = [(rule.ref, rule.version) for rule in rules]
    return tuple(
        rule.ref
        if refs.count(rule.ref) == 1
        else f"{rule.ref}@{rule.version}"
        if versions.count((rule.ref, rule.version)) == 1
        else f"{rule.ref}@{digest(rule)[:8]}"
        for rule in rules
    )


class RuleEffects:
    """A rule's effects on a city's calendar: due dates for every group and day of connection, and the consequences."""

    def __init__(self, rule: Rule, city: City, called: str = "") -> None:
        self.ref = called or rule.ref
        """What the rule is called beside others of the same run (`called`)."""
        late = rule.in_force is None or rule.in_force > city.begin
        # In force all through, whatever a court made of it since: `unmodelled` says so.
        self.rule = msgspec.structs.replace(
            rule, in_force=city.begin if late else rule.in_force, ended=None, standing=msgspec.UNSET
        )
        self.working_days = _working_days(city)
        self.city = city
        self.begin, self.days = city.begin, city.days
        self.kinds = tuple(self._kind(group) for group in GROUPS)
        self.bins = [city.begin + timedelta(days=index) for index in range(STEP // 2, city.days + STEP, STEP)]
        self.consequence = tuple(self._follows(kind) for kind in self.kinds)

    def _kind(self, group: Group) -> str:
        """A home is a `household` where the rule knows one, else a `person`."""
        kind = KIND_OF[group]
        return "person" if kind == "household" and "household" not in self.rule.covers else kind

    # When: asked of duties_frame

    @cached_property
    def eras(self) -> list[tuple[int, int]]:
        """Stretches of days, [first, last], on which the same deadlines hold."""
        duties = self.rule.duties
        begin = [one.since for duty in duties for one in (duty, *duty.deadlines) if one.since]
        begin += [duty.until + timedelta(days=1) for duty in duties if not isinstance(duty.until, msgspec.UnsetType)]
        days = {(day - self.begin).days for day in begin}
        starts = sorted({0, *(day for day in days if 0 < day < self.days)})
        return [
            (start, (starts[index + 1] if index + 1 < len(starts) else self.days) - 1)
            for index, start in enumerate(starts)
        ]

    @cached_property
    def _due_by_era(self) -> list[Numbers]:
        return [self._due("file", last) for _, last in self.eras]

    @cached_property
    def _change_by_era(self) -> list[Numbers]:
        return [self._due("report-change", last) for _, last in self.eras]

    def _due(self, act: str, last: int) -> Numbers:
        """Due days from the city's first, [groups, 1 + bins]: infinite where a duty names no day, NaN where there is none."""
        before = min(self.begin, self.rule.in_force or self.begin) - timedelta(days=1)
        horizon = self.begin + timedelta(days=last)
        dates = [before, *(min(one, horizon) for one in self.bins)]
        connected = dates * len(self.kinds) if act == "file" else [dates[0]] * len(dates) * len(self.kinds)
        frame = pl.DataFrame(
            {
                "kind": pl.Series([kind for kind in self.kinds for _ in dates], dtype=KIND),
                "connected": connected,
                "activated": connected,
                "changed": pl.Series(
                    [None] * len(dates) * len(self.kinds) if act == "file" else dates * len(self.kinds), dtype=pl.Date
                ),
            }
        )
        stand = duties_frame(frame, self.rule, horizon, self.working_days)
        mine = [duty for duty in self.rule.duties if duty.act == act and is_modelled(duty)]
        return self._soonest(mine, stand).reshape(len(self.kinds), len(dates))

    def _soonest(self, duties: list[Duty], stand: pl.DataFrame) -> Numbers:
        soonest = np.full(len(stand), np.nan)
        for duty in duties:
            has = (stand[f"{duty.id}.state"] != "none").to_numpy()
            due = (
                (stand[f"{duty.id}.due"] - self.begin)
                .dt.total_days()
                .cast(pl.Float64)
                .fill_null(float("inf"))
                .to_numpy()
            )
            soonest = np.where(has, np.fmin(soonest, due), soonest)
        return soonest

    def left(self, day: int, slots: int) -> Numbers:
        """Days left to file on a day, [groups, slots] (see `moves`): infinite without a date, NaN without a duty."""
        columns = [0, *(1 + max(day // STEP - back, 0) for back in range(slots - 1))]
        return self._due_by_era[self._era(day)][:, columns] - day

    def change_left(self, day: int, slots: int) -> Numbers:
        """The same for reporting a change, by steps since the change."""
        columns = [1 + max(day // STEP - back, 0) for back in range(slots)]
        return self._change_by_era[self._era(day)][:, columns] - day

    def _era(self, day: int) -> int:
        return max(index for index, (start, _) in enumerate(self.eras) if start <= day)

    def put_off(self, day: int) -> int:
        """How often the deadline of those who were there before was put off by then."""
        firsts = [np.nan_to_num(due[:, 0], nan=-1).max() for due in self._due_by_era[: self._era(day) + 1]]
        return sum(later > sooner for sooner, later in pairwise(firsts))

    @cached_property
    def slots_due(self) -> int:
        """Slots that newcomers go through until the longest period is over, and the one of those who were there before."""
        return self._slots((_periods(self.rule, "file") + STEP) // STEP + 3)

    @cached_property
    def slots_change(self) -> int:
        """The same for changes."""
        return self._slots((_periods(self.rule, "report-change") + STEP) // STEP + 2)

    def _slots(self, wanted: int) -> int:
        """As many as the longest period needs, or as the city has days for; no more than an address holds (see `cohorts`)."""
        return min(max(wanted, 3), self.days // STEP + 3, MOST_SLOTS)

    @property
    def before_connection(self) -> Flags:
        """Groups whose newcomers file before they are connected at all."""
        bins = np.array([(one - self.begin).days for one in self.bins])
        seen = bins <= self.eras[0][1]
        return np.asarray((self._due_by_era[0][:, 1:] <= bins)[:, seen].any(axis=1))

    # What may follow

    def _follows(self, kind: str) -> Consequence:
        bound = [duty for duty in self.rule.duties if is_modelled(duty) and kind in subject_kinds(duty, self.rule)]
        named = {name for duty in bound for name in duty.measures}
        mine = [one for one in self.rule.measures if one.id in named and kind in one.against and self._ever(one)]
        fines = [fine for one in mine if (fine := charged(one, self.rule, self.city, kind)) is not None]
        # An operator that may not serve is off, whatever that is called; who it serves is off with it (`served`).
        off = ENDING if kind == "access-operator" else OFF
        return Consequence(
            warning=any(one.kind in ("warning", "order-to-correct") for one in mine),
            fine=max(fines, key=lambda one: one[1], default=None),
            cap=max((_cap(one) for one in mine if one.kind in off), default=None),
            own_hands=any(one.decider not in _OUTSIDE_THE_HOUSE for one in mine),
            deactivation=any(one.kind == "deactivation" for one in mine) and "deactivation" not in off,
        )

    def _ever(self, measure: Measure) -> bool:
        """Whether a measure holds on any day of the city."""
        last = self.begin + timedelta(days=self.days)
        until = given(measure.until, last)
        return (measure.since is None or measure.since <= last) and self.begin <= until

    def says(self, safeguard: str) -> bool:
        """Whether the rule has this safeguard."""
        statement = self.rule.safeguards.get(safeguard)
        return statement is not None and statement.present

    @property
    def correction(self) -> int:
        """Days to correct before any measure; 0 where the rule gives none, 15 where it gives time and names no number."""
        if not self.says("correction"):
            return 0
        days = self.rule.safeguards["correction"].days
        return 15 if days is None else days

    @property
    def appeal(self) -> bool:
        """Whether a measure can be appealed."""
        return self.says("appeal")

    @property
    def appeal_suspends(self) -> bool:
        """Whether the appeal holds the measure back."""
        return self.appeal and bool(self.rule.safeguards["appeal"].suspends)

    @property
    def may_tell(self) -> Flags:
        """Groups that have no duty to file but may tell by choice."""
        open_to = self.says("choice") and any(field.by_choice for field in self.rule.fields)
        free = np.isnan(self._due_by_era[0]).all(axis=1)
        return free & open_to & np.array([kind in self.rule.covers for kind in self.kinds])

    @property
    def by_proxy(self) -> Flags:
        """Groups whose operator can file for them."""
        return np.array(
            [
                any(duty.via is not None and kind in subject_kinds(duty, self.rule) for duty in self.rule.duties)
                for kind in self.kinds
            ]
        )

    @property
    def open_book(self) -> bool:
        """Whether an authority can read every filed record without asking anyone: no word against bulk, none on prior review."""
        return not (self.says("no-bulk") and self.says("prior-review"))

    @property
    def threat(self) -> Numbers:
        """The severity of the heaviest measure for each group, from 0 to 1: months off the network over six, a fine a tenth."""
        return np.array(
            [min((one.cap or 0) / 180, 1) if one.cap else 0.1 if one.fine else 0.0 for one in self.consequence]
        )


def _periods(rule: Rule, act: str) -> int:
    """The longest period of a kind of duty, in days, 30 where there is none in days."""
    deadlines = [one for duty in rule.duties if duty.act == act and is_modelled(duty) for one in duty.deadlines]
    return max((days for one in deadlines if (days := _longest(one)) is not None), default=30)


def _longest(deadline: Deadline) -> int | None:
    """The most days that a deadline gives; of working days a week has five, and a feast may take two weeks."""
    if deadline.period:
        return most_days(deadline.period)
    if deadline.hours:
        return given(deadline.hours, 0) // 24 + 1
    return given(deadline.working_days, 0) * 7 // 5 + 14 if deadline.working_days else None


def _working_days(city: City) -> WorkingDays:
    """The city's working days, as rules count them."""
    weekend = tuple(day - 1 for day in range(1, 8) if day not in city.calendar.weekdays)
    return WorkingDays(((date.min, weekend),), frozenset(city.calendar.holidays), frozenset(city.calendar.worked))


def _cap(measure: Measure) -> int:
    return most_days(measure.cap) if measure.cap else 365
