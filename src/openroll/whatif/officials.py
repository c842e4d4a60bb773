"""City model: how officials decide cases: the choice the rule leaves them, bribes, and appeals.

The more one official may choose, the more there is to sell: who decides in their own house, between a warning and months off
the network, asks in `ask` of the cases; where somebody outside decides, in `ask_checked` of those. Under asymmetric liability
the one who pays goes free and so reports more often (Basu 2011), and the chance of a report keeps officials from asking.
"""

import numpy as np

from openroll.whatif.day import Day, Numbers
from openroll.whatif.moves import STEP, State
from openroll.whatif.rule_effects import Consequence


def decide(day: Day) -> None:
    """Fill in decisions on cases whose time to correct is over, as many a day as the officials can."""
    ripe = _ripe(day)
    waiting = day.among({State.CASE: ripe}).sum(axis=1)
    day.seen["cases"] = day.of(State.CASE).astype(float)
    hands = (day.assumptions.officials.number * day.assumptions.officials.decisions).reshape(-1) * day.works
    decided = np.minimum(hands / np.maximum(waiting, 1), 1)[:, None, None] * ripe * day.tables[State.CASE].spare
    for index, consequence in enumerate(day.rule_effects.consequence):
        if consequence.anything:
            _decide_one(day, index, consequence, decided[:, index])


def _ripe(day: Day) -> Numbers:
    """Slots of cases that may be decided: never before the days to correct are over, on whichever day a case was opened."""
    first = -(-day.rule_effects.correction // STEP) + 1 if day.rule_effects.correction else 0
    return (np.arange(day.slots(State.CASE)) >= first).astype(float)


def share_asked_for_bribe(day: Day, consequence: Consequence) -> Numbers:
    """The share of cases in which a bribe is asked, [runs, 1, 1]: none where the rule leaves no choice."""
    assumptions = day.assumptions.officials
    report = assumptions.report_immune if day.city.liability == "asymmetric" else assumptions.report
    heavier = consequence.cap is not None or consequence.fine is not None
    free = np.ones_like(assumptions.ask) if consequence.own_hands else assumptions.ask_checked
    return assumptions.ask * free * np.exp(-assumptions.deterred * report) * heavier


def _decide_one(day: Day, group: int, consequence: Consequence, decided: Numbers) -> None:
    assumptions, table = day.assumptions.officials, day.tables[State.CASE]
    report = assumptions.report_immune if day.city.liability == "asymmetric" else assumptions.report
    asked = share_asked_for_bribe(day, consequence)
    paid, reported = asked * np.minimum(assumptions.pay, 1 - report), asked * report
    refused, free = np.maximum(asked - paid - reported, 0), 1 - asked  # the difference may come out a hair below nought

    def put(name: str, share: Numbers) -> None:
        table[name][:, group] = decided * share[:, 0]

    put("bribe-paid", paid)
    put("bribe-reported", reported)
    put("refused-cut" if consequence.cap is not None else "refused-warn", refused)
    lighter = (
        "warn"
        if consequence.warning
        and not (consequence.fine and day.rule_effects.correction and not day.rule_effects.says("ladder"))
        else "fine"
    )
    harsh = free * assumptions.harsh
    appealed = harsh * assumptions.appeal if day.rule_effects.appeal_suspends else np.zeros_like(harsh)
    if consequence.cap is not None:
        put("appealed", appealed)
        short, half = assumptions.length_short, assumptions.length_half
        for name, share in (("cut-short", short), ("cut-half", half), ("cut-full", 1 - short - half)):
            put(name, (harsh - appealed) * share)
        put(lighter, free - harsh)
    elif consequence.fine is not None and lighter == "warn":
        put("fine", harsh)
        put("warn", free - harsh)
    else:
        put(lighter, free)


def serve(day: Day) -> None:
    """Fill in the ends of suspensions, and of appeals won or lost."""
    assumptions, off = day.assumptions.officials, day.tables[State.OFF]
    if day.rule_effects.appeal and not day.rule_effects.appeal_suspends:
        off.then("appeal-won", np.minimum(assumptions.appeal * assumptions.appeal_won / assumptions.appeal_days, 1))
    if (day.index + 1) % STEP == 0:
        off["released"][..., 0] = off.spare[..., 0]
    over = np.minimum(1 / assumptions.appeal_days, 1)
    day.tables[State.APPEAL].then("appeal-won", over * assumptions.appeal_won)
    lost = over * (1 - assumptions.appeal_won) / np.maximum(1 - over * assumptions.appeal_won, 1e-12)
    day.tables[State.APPEAL].then("appeal-lost", np.minimum(lost, 1))
