"""City model: what an authority learns of people: by reading at will where the register is open, by request where it is not."""

import numpy as np

from openroll.whatif.day import Day, Numbers
from openroll.whatif.moves import CONNECTED, State
from openroll.whatif.rng import Streams

_ASKED, _APPROVED = 2049, 2050
"""The numbers that requests and approvals are drawn under, in the place of a state (see `chance.place`)."""


def learn(day: Day, streams: Streams) -> dict[str, Numbers]:
    """Simulate one day's requests and what they open, and count the records readable without asking, [runs] each.

    `readable`: records an authority can read at will today. `opened`: records opened by a request today; `told`: people
    told of it.
    """
    connected = day.of(*CONNECTED)
    requests = day.assumptions.requests
    mean = connected[:, None] * requests.asked.reshape(-1, 1) / 1000 / 365
    asked = streams.poissons(mean, day.index, _ASKED)
    approved = asked
    if day.rule_effects.says("prior-review"):
        probability = requests.approved.reshape(-1, 1, 1)
        approved = streams.cohorts(asked, probability, day.index, _APPROVED)[..., 0]
    on_record = day.of(State.FILED, State.STALE)
    readable = on_record if day.rule_effects.open_book else np.zeros_like(on_record)
    told = approved if day.rule_effects.says("told") else np.zeros_like(approved)
    return {
        "readable": readable.astype(float),
        "requests": asked[:, 0].astype(float),
        "opened": approved[:, 0].astype(float),
        "told": told[:, 0].astype(float),
    }
