"""City model: the channels people file through (counter, portal, operator), and how an attempt ends."""

import numpy as np

from openroll.whatif.city import GROUPS
from openroll.whatif.day import Day, Numbers
from openroll.whatif.filing import eagerness
from openroll.whatif.moves import AGED, STEP, State
from openroll.whatif.queues import day_at_counters

_SCREEN = np.array([group != "household-offline" for group in GROUPS])
TRYING = (State.OPEN, State.TURNED, State.RETURNED)


def attempts(day: Day) -> dict[State, Numbers]:
    """The probability of an attempt to file (or to report a change) today, by state, shaped to [runs, groups, slots]."""
    assumptions, rule_effects = day.assumptions.filing, day.rule_effects
    left = rule_effects.left(day.index, day.slots(State.OPEN))
    eager = _eager(day, left)
    trying = {
        State.OPEN: eager,
        State.TURNED: np.maximum(eager, day.assumptions.channels.again * (eager > 0)),
        State.RETURNED: np.maximum(eager, day.assumptions.channels.correct * (eager > 0)),
    }
    duty = ~np.isnan(left[:, :1])
    pressed = np.where(duty, day.assumptions.channels.correct, 0)
    first = eager[..., :1]
    in_case = pressed if rule_effects.correction else np.where(duty, assumptions.lull * assumptions.late, 0)
    trying[State.CASE] = in_case
    trying[State.WARNED] = np.maximum(pressed, first * duty)
    change = rule_effects.change_left(day.index, day.slots(State.STALE))
    to_report = assumptions.lull + assumptions.rush * np.exp(-np.maximum(_no_nan(change), 0) / assumptions.rush_days)
    trying[State.STALE] = np.where(
        np.isnan(change), assumptions.unasked * rule_effects.may_tell[:, None], np.minimum(to_report, 0.95)
    )
    return trying


def _eager(day: Day, left: Numbers) -> Numbers:
    assumptions, rule_effects = day.assumptions.filing, day.rule_effects
    first_days = [0, *((day.index // STEP - back) * STEP + STEP // 2 for back in range(left.shape[1] - 1))]
    since = np.maximum(day.index - np.array(first_days, dtype=float), 0)
    eager = eagerness(assumptions, since, _no_nan(left), np.array(float(rule_effects.put_off(day.index))))
    eager = np.where(np.isnan(left), assumptions.unasked * rule_effects.may_tell[:, None], eager)
    reached = np.isin(left, day.city.reminders)
    if reached.any():
        eager = np.minimum(eager + assumptions.reminder * reached, 0.95)
        unaware = day.tables[State.UNAWARE]
        unaware["heard"] = unaware["heard"] + np.minimum(assumptions.reminder * reached, unaware.spare)
        day.seen["reminded"] = day.among(dict.fromkeys(AGED, reached.astype(float))).sum(axis=1)
    return eager


def _no_nan(left: Numbers) -> Numbers:
    return np.nan_to_num(left, nan=np.inf, posinf=np.inf, neginf=-np.inf)


def ways(day: Day) -> None:
    """Fill in how attempts to file end. The last process of a day: attempts have what the other moves leave."""
    trying = attempts(day)
    share = _shares(day)
    tries = {state: probability * day.tables[state].spare for state, probability in trying.items()}
    # Who comes today, as expected: lines are worked out for them before anyone is drawn.
    coming = day.among({state: probability * share["counter"] for state, probability in tries.items()})
    day.served[...], wait, line = _counters(day, coming)
    day.seen["visits"], day.seen["wait"], day.seen["line"] = coming, wait, line
    at_portal = day.among({state: probability * share["portal"] for state, probability in tries.items()}).sum(axis=1)
    holds = day.assumptions.channels.portal.reshape(-1)
    got_in = np.minimum(holds / np.maximum(at_portal, 1), 1)[:, None, None]
    day.seen["portal-load"] = at_portal / np.maximum(holds, 1)
    # What counters serve differs by district: it is multiplied in when people are moved (see `moves.THROUGH`).
    through = {"counter": np.ones_like(got_in), "portal": got_in, "proxy": np.ones_like(got_in)}
    assumptions = day.assumptions.channels
    wrong = {"counter": assumptions.error_counter, "portal": assumptions.error_portal, "proxy": assumptions.error_proxy}
    for state, probability in tries.items():
        table = day.tables[state]
        name = "reported" if state is State.STALE else "filed"
        for way, part in share.items():
            table[f"{name}-{way}"] = probability * part * through[way] * (1 - wrong[way])
            if state in TRYING:
                table[f"error-{way}"] = probability * part * through[way] * wrong[way]
        if state in TRYING:
            table["turned-away"] = probability * share["counter"]
            table["overloaded"] = probability * share["portal"] * (1 - got_in)


def _shares(day: Day) -> dict[str, Numbers]:
    """The share of each group that tries each channel, [runs, groups, 1]; counters only on working days."""
    assumptions = day.assumptions.channels
    proxy = assumptions.proxy * day.rule_effects.by_proxy[:, None]
    portal = (1 - proxy) * assumptions.online * _SCREEN[:, None]
    counter = (1 - proxy - portal) * day.works
    return {"counter": counter, "portal": portal, "proxy": proxy}


def _counters(day: Day, coming: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Share served, hours waited and the queue at closing, [runs, districts]; a district without a counter serves nobody."""
    assumptions = day.assumptions.channels
    flat = {name: getattr(assumptions, name).reshape(-1, 1) for name in ("hours", "minutes", "spread", "patience")}
    servers = np.array([one.counters for one in day.city.districts])[None, :]
    if not day.works:
        nothing = np.zeros_like(coming)
        return nothing, nothing, nothing
    today = day_at_counters(coming, servers, flat["hours"], flat["minutes"], flat["spread"], flat["patience"])
    return today.share_served, today.wait, today.line_at_closing
