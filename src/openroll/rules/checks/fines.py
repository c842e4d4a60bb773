"""What one fine can come to: its least and its most in one currency, whichever form it is said in, on each day that it holds.

An amount, units and their worth, percent and a cap over all stand side by side in one fine; on each day on which the worth of
the unit is another they are turned into one currency and held to the limits. What nobody can compare is refused.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from openroll.rules.calendar import moved_by
from openroll.rules.measures import Fine, Measure, has_top
from openroll.rules.model import Rule
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.text import read_yaml
from openroll.rules.values import Money, Unit, given

MOST_PERCENT = 10
"""Percent of turnover that a fine may come to (our policy: GDPR 83 has 4, the EU's competition law 10)."""
MOST_SPAN = 1000
"""Times by which a fine's upper end may exceed its lower one (our policy)."""


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class Amounts(NamedTuple):
    """What one fine can come to from a day on: its lower ends, its upper ends and its cap, None where it has none.

    `unknown` tells that it is counted in a unit that is worth nothing anybody knows on that day.
    """

    since: date
    lows: tuple[Money, ...]
    highs: tuple[Money, ...]
    cap: Money | None
    unknown: bool

    @property
    def all(self) -> tuple[Money, ...]:
        """Every amount in it."""
        return (*self.lows, *self.highs, *([self.cap] if self.cap else []))

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that it is said in, each once."""
        return tuple(dict.fromkeys(one.currency for one in self.all))

    @property
    def least(self) -> Decimal | None:
        """The least that it can come to; None where nothing says."""
        return min((one.amount for one in self.lows), default=None)

    @property
    def top(self) -> Decimal | None:
        """The end that it goes up to: its greatest upper end, or its cap where it has no other; None where nothing says."""
        return max((one.amount for one in self.highs or ([self.cap] if self.cap else [])), default=None)


def amounts(measure: Measure, rule: Rule) -> Iterator[Amounts]:
    """What a fine can come to on each day on which that changes, the first day first."""
    fine = given(measure.fine, Fine())
    unit = next((one for one in given(rule.units, ()) if one.id == fine.unit), None)
    counted = [one for one in (fine.units_from, fine.units_to) if one is not UNSET]
    for day in _days(unit, rule) if unit and counted else (rule.in_force or date.min,):
        worth = unit.on(day) if unit else None
        lows = (measure.fine_from, _in_money(fine.units_from, worth))
        highs = (measure.fine_to, _in_money(fine.units_to, worth))
        yield Amounts(
            day,
            tuple(one for one in lows if one is not None),
            tuple(one for one in highs if one is not None),
            given(fine.most, None),
            bool(counted) and worth is None,
        )


def _days(unit: Unit, rule: Rule) -> tuple[date, ...]:
    """The days on which the worth of a unit changes while the rule is in force, its first day too.

    A rule without a first day begins, for its fines, on the day from which the unit is worth something.
    """
    edges = [one.since or date.min for one in unit.worth]
    first = rule.in_force or min(edges)
    edges += [moved_by(one.until, 1) for one in unit.worth if not isinstance(one.until, UnsetType)]
    last = rule.ended or date.max
    return tuple(sorted({first, *(day for day in edges if first < day <= last)}))


def _in_money(units: Decimal | UnsetType, worth: Money | None) -> Money | None:
    return None if isinstance(units, UnsetType) or worth is None else Money(units * worth.amount, worth.currency)


def excess(measure: Measure, rule: Rule) -> Sentence | None:
    """Why a fine has no end that could be called one, on whichever day; None if it has."""
    if measure.kind != "fine":
        return None
    if not has_top(measure):
        return Sentence(_("it has no upper end"))
    fine = given(measure.fine, Fine())
    least, most = (given(one, None) for one in (fine.percent_from, fine.percent_to))
    if (percent := max(least or Decimal(0), most or Decimal(0))) > MOST_PERCENT:
        return sentence(_("it goes up to {percent} percent of the {of}"), percent=percent, of=fine.percent_of)
    if least is not None and most is not None and most > least * MOST_SPAN:
        return sentence(_AS_PLEASES, low=least, high=most)
    return next((why for day in amounts(measure, rule) if (why := _beyond(day)) is not None), None)


_AS_PLEASES = _("it goes from {low} to {high}, as who decides pleases")


def _beyond(said: Amounts) -> Sentence | None:
    """Why what a fine comes to from one day on is beyond the limits."""
    if said.unknown:
        return sentence(_("nobody knows what its unit is worth on {day}"), day=said.since)
    if not said.all:
        return None
    if len(said.currencies) > 1:
        told = _("its amounts are in currencies that nobody can compare: {currencies}")
        return sentence(told, currencies=said.currencies)
    limit = most_fine(said.currencies[0])
    if limit is None:
        return sentence(_("no list has a most for this currency: {currency}"), currency=said.currencies[0])
    greatest = max(one.amount for one in said.all)
    if greatest > limit:
        return sentence(_("it goes up to {amount}"), amount=greatest)
    if said.cap and any(low.amount > said.cap.amount for low in said.lows):
        return Sentence(_("its cap is less than its least amount"))
    least, top = said.least, said.top
    crossed = any(high.amount < low.amount for high in said.highs for low in said.lows)
    if least is not None and top is not None and (top > least * MOST_SPAN or crossed):
        return sentence(_AS_PLEASES, low=least, high=top)
    return None


class Share(NamedTuple):
    """Which part of the most that a fine may be this one is: in money, and in percent of turnover. 1 is all of it."""

    money: Fraction
    percent: Fraction


def share(measure: Measure, rule: Rule, times: int = 1) -> Share:
    """The greatest part of the most that a fine comes to when it follows so often; its cap, where it has one, is all of it.

    A fine that `excess` refuses has no part that means anything.
    """
    fine = given(measure.fine, Fine())
    parts = [Fraction(0)]
    for said in amounts(measure, rule):
        if len(said.currencies) != 1 or not (limit := most_fine(said.currencies[0])):
            continue
        alone = max((one.amount for one in (*said.lows, *said.highs)), default=None)
        sums = [] if alone is None or given(fine.per, "breach") != "breach" else [Fraction(alone) * times]
        sums += [Fraction(said.cap.amount)] if said.cap else []
        parts.append(min(sums, default=Fraction(0)) / limit)
    percent = max(given(fine.percent_from, Decimal(0)), given(fine.percent_to, Decimal(0)))
    often = 1 if fine.most is not UNSET else times
    return Share(max(parts), Fraction(percent) * often / MOST_PERCENT)


@cache
def most_fine(currency: str) -> int | None:
    """The amount of a currency beyond which a fine for one act is none (our policy, `amounts.yaml`); None for one not listed."""
    text = (files("openroll.rules") / "amounts.yaml").read_text(encoding="utf-8")
    read, _lines = read_yaml(text, "amounts.yaml")
    if currency in read["currencies"]:
        return int(read["most"]) * int(read["small"])
    return int(read["most"]) if currency in read["plain"] else None
