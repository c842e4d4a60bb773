"""What a rule says that the model of a city does not put people through: named, so that nobody takes its silence for mildness."""

from collections.abc import Iterator

from openroll.rules import CONFINING, ENDING, Duty, Measure, Rule, given

ACTS = frozenset({"file", "report-change"})
EVENTS = frozenset({"connection", "activation", "change", "in-force"})
"""What duties of the model are counted from: a home is active from the day it is connected."""
MEASURES = frozenset({"order-to-correct", "warning", "fine", "suspension", "closure", "deactivation"})

OF_DUTIES = frozenset({"operators", "duties", "condition", "before"})
"""The reasons that name duties; the others name measures, kinds, or what happened."""


def is_modelled(duty: Duty) -> bool:
    """Whether people of the model have this duty: it is their own, of an act and an event that happen in a city."""
    hangs_on_more = duty.recurs or duty.threshold or duty.most or duty.services
    return not duty.of_others and not hangs_on_more and duty.act in ACTS and duty.counts_from in EVENTS


def unmodelled(rule: Rule) -> dict[str, tuple[str, ...]]:
    """What of a rule is not modelled, by why (the keys of `unmodelled` in report/words.toml), with the ids it is about."""
    found: dict[str, list[str]] = {}
    for why, name in _all(rule):
        found.setdefault(why, []).append(name)
    return {why: tuple(dict.fromkeys(names)) for why, names in found.items()}


def _all(rule: Rule) -> Iterator[tuple[str, str]]:
    for duty in rule.duties:
        yield from _of_duty(duty)
    for measure in rule.measures:
        yield from _of_measure(measure, rule)
    for kind in given(rule.kinds, ()):
        yield "kinds", kind.id
    for standing in given(rule.standing, ()):
        yield "standing", standing.state
    for one in given(rule.succession, ()):
        yield "succession", one.when


def _of_duty(duty: Duty) -> Iterator[tuple[str, str]]:
    if duty.of_others:
        yield "operators", duty.id
    elif not is_modelled(duty):
        yield "duties", duty.id
    if duty.condition:
        yield "condition", duty.id
    if any(deadline.backwards for deadline in duty.deadlines):
        yield "before", duty.id


def _of_measure(measure: Measure, rule: Rule) -> Iterator[tuple[str, str]]:
    fine = given(measure.fine, None)
    if measure.kind in CONFINING:
        yield "liberty", measure.id
    elif measure.kind not in MEASURES:
        yield "measures", measure.id
    if measure.kind in ENDING and any(rule.natures[kind] == "operator" for kind in measure.against):
        yield "closing", measure.id
    if measure.kind == "fine" and measure.fine_to is None and not (fine and fine.units_to):
        yield "no-top", measure.id
    if fine is not None and (fine.percent_from or fine.percent_to):
        yield "percent", measure.id
    if fine is not None and given(fine.per, "breach") in ("day", "subscription-and-day", "month"):
        yield "again", measure.id
