"""What officials make of a case: the choice the rule leaves them, a bribe or none, the appeal.

The more one official may choose, the more there is to sell: who decides in their own house, between a warning and months off
the network, asks in `ask` of the cases; where somebody outside decides, in `ask_checked` of those. Under asymmetric liability
the one who pays goes free and so reports more often (Basu 2011), and the chance of a report keeps officials from asking.
"""

import numpy as np

from openroll.whatif.day import Day, Numbers
from openroll.whatif.moves import STEP, State
from openroll.whatif.rule_effects import Follows


def decide(day: Day) -> None:
    """Fill in decisions on cases whose time to correct is over, as many a day as the officials can."""
    ripe = _ripe(day)
    waiting = day.among({State.CASE: ripe}).sum(axis=1)
    day.seen["cases"] = day.of(State.CASE).astype(float)
    hands = (day.given.officials.number * day.given.officials.decisions).reshape(-1) * day.works
    decided = np.minimum(hands / np.maximum(waiting, 1), 1)[:, None, None] * ripe * day.tables[State.CASE].spare
    for place, follows in enumerate(day.regime.follows):
        if follows.anything:
            _decide_one(day, place, follows, decided[:, place])


def _ripe(day: Day) -> Numbers:
    """Slots of cases that may be decided: never before the days to correct are over, on whichever day a case was opened."""
    first = -(-day.regime.correction // STEP) + 1 if day.regime.correction else 0
    return (np.arange(day.slots(State.CASE)) >= first).astype(float)


def asking(day: Day, follows: Follows) -> Numbers:
    """The share of cases in which a bribe is asked, [runs, 1, 1]: none where there is nothing to choose between."""
    given = day.given.officials
    report = given.report_immune if day.city.liability == "asymmetric" else given.report
    heavier = follows.cap is not None or follows.fine is not None
    free = np.ones_like(given.ask) if follows.own_hands else given.ask_checked
    return given.ask * free * np.exp(-given.deterred * report) * heavier


def _decide_one(day: Day, group: int, follows: Follows, decided: Numbers) -> None:
    given, table = day.given.officials, day.tables[State.CASE]
    report = given.report_immune if day.city.liability == "asymmetric" else given.report
    asked = asking(day, follows)
    paid, reported = asked * np.minimum(given.pay, 1 - report), asked * report
    refused, free = np.maximum(asked - paid - reported, 0), 1 - asked  # the difference may come out a hair below nought

    def put(name: str, share: Numbers) -> None:
        table[name][:, group] = decided * share[:, 0]

    put("bribe-paid", paid)
    put("bribe-reported", reported)
    put("refused-cut" if follows.cap is not None else "refused-warn", refused)
    lighter = (
        "warn"
        if follows.warning and not (follows.fine and day.regime.correction and not day.regime.says("ladder"))
        else "fine"
    )
    harsh = free * given.harsh
    appealed = harsh * given.appeal if day.regime.appeal_suspends else np.zeros_like(harsh)
    if follows.cap is not None:
        put("appealed", appealed)
        short, half = given.length_short, given.length_half
        for name, share in (("cut-short", short), ("cut-half", half), ("cut-full", 1 - short - half)):
            put(name, (harsh - appealed) * share)
        put(lighter, free - harsh)
    elif follows.fine is not None and lighter == "warn":
        put("fine", harsh)
        put("warn", free - harsh)
    else:
        put(lighter, free)


def serve(day: Day) -> None:
    """Fill in what happens to suspensions and appeals: the last day comes, an appeal is won or lost."""
    given, off = day.given.officials, day.tables[State.OFF]
    if day.regime.appeal and not day.regime.appeal_suspends:
        off.then("appeal-won", np.minimum(given.appeal * given.appeal_won / given.appeal_days, 1))
    if (day.place + 1) % STEP == 0:
        off["released"][..., 0] = off.spare[..., 0]
    over = np.minimum(1 / given.appeal_days, 1)
    day.tables[State.APPEAL].then("appeal-won", over * given.appeal_won)
    lost = over * (1 - given.appeal_won) / np.maximum(1 - over * given.appeal_won, 1e-12)
    day.tables[State.APPEAL].then("appeal-lost", np.minimum(lost, 1))
