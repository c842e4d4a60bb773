"""What happens whatever the rule: people connect, hear of things, move house, end their subscriptions. And what fear does."""

import numpy as np

from openroll.whatif.day import Day
from openroll.whatif.moves import CONNECTED, State


def live(day: Day) -> None:
    """Fill in connecting, hearing, changing and ending."""
    given, tables = day.given, day.tables
    at_once = day.regime.before_connection[None, :, None]
    feared = given.fear.stay_out * day.regime.threat[None, :, None]
    come, heed = given.life.connect * (1 - feared), given.filing.heed
    outside = tables[State.OUTSIDE]
    outside["stayed-out"] = given.life.connect * feared
    outside["came-filed"] = come * at_once
    outside["came"] = come * heed * ~at_once
    outside["came-unaware"] = come * (1 - heed) * ~at_once
    for state in CONNECTED:
        tables[state]["ended"] = given.life.end
    tables[State.UNAWARE].then("heard", given.filing.word)
    tables[State.FILED].then("changed", given.life.change)


def fear(day: Day) -> None:
    """Fill in giving up: those who know of an unmet duty and would rather be off than risk being put off; worse once warned.

    Nobody in the open counts as afraid where a rule threatens their group with nothing.
    """
    leave = day.given.fear.leave * day.regime.threat[None, :, None]
    for state in (State.OPEN, State.TURNED, State.RETURNED):
        duty = ~np.isnan(day.regime.left(day.place, day.slots(state)))
        day.tables[state].then("gave-up", leave * duty)
    for state in (State.WARNED, State.OFF):
        day.tables[state].then("gave-up", leave)
