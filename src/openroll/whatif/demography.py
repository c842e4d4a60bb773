"""City model: what happens whatever the rule (connecting, hearing of it, moving, ending), and giving up for fear of a measure."""

import numpy as np

from openroll.whatif.day import Day
from openroll.whatif.moves import CONNECTED, State


def demography(day: Day) -> None:
    """Fill in the probabilities of connecting, hearing of the rule, changing and ending."""
    assumptions, tables = day.assumptions, day.tables
    at_once = day.rule_effects.before_connection[None, :, None]
    feared = assumptions.fear.stay_out * day.rule_effects.threat[None, :, None]
    come, heed = assumptions.life.connect * (1 - feared), assumptions.filing.heed
    outside = tables[State.OUTSIDE]
    outside["stayed-out"] = assumptions.life.connect * feared
    outside["came-filed"] = come * at_once
    outside["came"] = come * heed * ~at_once
    outside["came-unaware"] = come * (1 - heed) * ~at_once
    for state in CONNECTED:
        tables[state]["ended"] = assumptions.life.end
    tables[State.UNAWARE].then("heard", assumptions.filing.word)
    tables[State.FILED].then("changed", assumptions.life.change)


def fear_of_measures(day: Day) -> None:
    """Fill in the probability of giving up for fear of being put off the network; higher once warned.

    Nobody in the open counts as afraid where a rule threatens their group with nothing.
    """
    leave = day.assumptions.fear.leave * day.rule_effects.threat[None, :, None]
    for state in (State.OPEN, State.TURNED, State.RETURNED):
        duty = ~np.isnan(day.rule_effects.left(day.index, day.slots(state)))
        day.tables[state].then("gave-up", leave * duty)
    for state in (State.WARNED, State.OFF):
        day.tables[state].then("gave-up", leave)
