"""The costs of a simulated day: money from one party to another, and time and use that are lost.

Every amount of money leaves one account and enters another, so the accounts of a day add up to nothing: money balances. Time and
use of the network are valued beside it, as resources that nobody gets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from openroll.whatif.city import GROUPS
from openroll.whatif.day import Day, Numbers
from openroll.whatif.moves import State
from openroll.whatif.rule_effects import Consequence
from openroll.whatif.served import CUTS, OPERATORS, dark, darkened

Account = Literal["people", "operators", "state", "officials", "others"]
ACCOUNTS: tuple[Account, ...] = ("people", "operators", "state", "officials", "others")
Moved = Mapping[str, NDArray[np.int64]]
"""How many made each move today, by name: [runs, groups]."""
_HOME = np.array([group.startswith("household") for group in GROUPS])


@dataclass
class Ledger:
    """A simulated day's payments and losses, [runs] each, in the city's currency."""

    runs: int
    money: dict[Account, Numbers] = field(init=False)
    lost: dict[Account, Numbers] = field(init=False)
    """Resources used up: time at what it is worth, use of the network that was not had."""
    moved: dict[str, Numbers] = field(default_factory=dict)
    """Money by what it was for."""

    def __post_init__(self) -> None:
        self.money = {account: np.zeros(self.runs) for account in ACCOUNTS}
        self.lost = {account: np.zeros(self.runs) for account in ACCOUNTS}

    def pay(self, payer: Account, payee: Account, amount: Numbers, what: str) -> None:
        """Book a payment; what goes to wages, fares and postage goes to `others`."""
        self.money[payer] = self.money[payer] - amount
        self.money[payee] = self.money[payee] + amount
        self.moved[what] = self.moved.get(what, 0) + amount

    def lose(self, whose: Account, worth: Numbers, what: str) -> None:
        """Book what is used up and nobody gets."""
        self.lost[whose] = self.lost[whose] + worth
        self.moved[what] = self.moved.get(what, 0) + worth


def reckon(day: Day, moved: Moved, opened: Numbers) -> Ledger:
    """The ledger of one simulated day, from the moves that were made (`moved`: counts by name, [runs, groups])."""
    ledger = Ledger(day.runs)
    _filing(ledger, day, moved)
    _measures(ledger, day, moved)
    costs = day.assumptions.costs
    ledger.pay("operators", "others", opened * costs.request.reshape(-1), "requests")
    reminded = day.seen.get("reminded")
    if reminded is not None:
        ledger.pay("state", "others", reminded * costs.reminder.reshape(-1), "reminders")
    return ledger


def _total(moved: Moved, *names: str) -> Numbers:
    return np.asarray(sum(moved[name].sum(axis=1) for name in names), dtype=float)


def _filing(ledger: Ledger, day: Day, moved: Moved) -> None:
    costs, assumptions = day.assumptions.costs, day.assumptions.channels
    hour, form = costs.hour.reshape(-1), costs.form.reshape(-1)
    served = _total(moved, "filed-counter", "reported-counter", "error-counter")
    away = _total(moved, "turned-away")
    # Those who were served waited as long as their district's line; those turned away had stood until they lost patience.
    visits, wait = day.seen["visits"], day.seen["wait"]
    mean_wait = (visits * wait).sum(axis=1) / np.maximum(visits.sum(axis=1), 1)
    trips = served + away
    at_counter = trips * costs.trip.reshape(-1) + served * (form + mean_wait) + away * assumptions.patience.reshape(-1)
    by_form = _total(moved, "filed-portal", "reported-portal", "error-portal", "overloaded")
    by_proxy = _total(moved, "filed-proxy", "reported-proxy", "error-proxy", "came-filed")
    ledger.lose("people", (at_counter + (by_form + by_proxy) * form) * hour, "time")
    ledger.pay("people", "others", trips * costs.fare.reshape(-1), "fares")
    minutes = served * assumptions.minutes.reshape(-1) / 60
    ledger.pay("state", "others", minutes * costs.official_hour.reshape(-1), "counters")
    ledger.pay("state", "others", by_form * costs.portal_filing.reshape(-1), "portal")
    ledger.pay("operators", "others", by_proxy * costs.proxy_filing.reshape(-1), "proxies")


def _measures(ledger: Ledger, day: Day, moved: Moved) -> None:
    costs = day.assumptions.costs
    hours = _total(moved, "detected") * costs.case_hours.reshape(-1)
    ledger.pay("state", "others", hours * costs.official_hour.reshape(-1), "cases")
    off = day.counts[..., day.layout.part[State.OFF]].sum(axis=(1, 3))
    month = np.where(_HOME, costs.month_online.reshape(-1, 1), costs.month_business.reshape(-1, 1))
    ledger.lose("people", (off * month).sum(axis=1) / 30.44, "off-line")
    if day.rule_effects.consequence[OPERATORS].cap is not None:
        unserved = dark(day)
        day.seen["dark"] = unserved.sum(axis=1)
        cuts = np.asarray(sum(moved[name][:, OPERATORS] for name in CUTS), dtype=float)
        day.seen["dark-cut"] = darkened(day, cuts)
        ledger.lose("people", (unserved * month).sum(axis=1) / 30.44, "off-line")
    for group, consequence in enumerate(day.rule_effects.consequence):
        if not consequence.anything:
            continue
        price = bribe(day, group, consequence)
        payer: Account = "operators" if group == OPERATORS else "people"
        ledger.pay(payer, "officials", moved["bribe-paid"][:, group] * price, "bribes")
        if consequence.fine is not None:
            ledger.pay(payer, "state", moved["fine"][:, group] * sum(consequence.fine) / 2, "fines")


def bribe(day: Day, group: int, consequence: Consequence) -> Numbers:
    """The bribe asked of one person of a group, [runs]: a share of what the heaviest measure would cost them."""
    costs = day.assumptions.costs
    month = (costs.month_online if _HOME[group] else costs.month_business).reshape(-1)
    heaviest = np.maximum(month * (consequence.cap or 0) / 30.44, consequence.fine[1] if consequence.fine else 0)
    return day.assumptions.officials.price.reshape(-1) * heaviest
