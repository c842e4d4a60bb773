"""What a rule says that the model of a city does not put people through: named, so that nobody takes its silence for mildness."""

from collections.abc import Iterator
from datetime import timedelta

from openroll.rules import CONFINING, ENDING, Duty, Measure, Rule, given, subject_kinds
from openroll.whatif.city import City
from openroll.whatif.fines import uncharged

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


def unmodelled(rule: Rule, city: City) -> dict[str, tuple[str, ...]]:
    """What of a rule is not modelled in a city, by why (the keys of `unmodelled` in report/words.toml), with what it is about."""
    found: dict[str, list[str]] = {}
    for why, name in (*_all(rule), *_of_city(rule, city)):
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
    if _closes_unseen(measure, rule):
        yield "closing", measure.id
    if measure.kind == "fine" and measure.fine_to is None and not (fine and fine.units_to):
        yield "no-top", measure.id
    if fine is not None and given(fine.per, "breach") in ("day", "subscription-and-day", "month"):
        yield "again", measure.id


def _closes_unseen(measure: Measure, rule: Rule) -> bool:
    """Whether a measure ends the service of operators for a duty that nobody in a city has: what follows is not seen there."""
    if measure.kind not in ENDING or not any(rule.natures[kind] == "operator" for kind in measure.against):
        return False
    of_operators = [
        duty for duty in rule.duties if is_modelled(duty) and "access-operator" in subject_kinds(duty, rule)
    ]
    seen = "access-operator" in measure.against and any(measure.id in duty.measures for duty in of_operators)
    return not seen


def _of_city(rule: Rule, city: City) -> Iterator[tuple[str, str]]:
    """What hangs on the city: money it has no rate for, and dates that do not lie in its days."""
    for measure in rule.measures:
        for why in sorted(uncharged(measure, rule, city)):
            yield why, measure.id
    last = city.begin + timedelta(days=city.days - 1)
    if rule.in_force is not None and city.begin < rule.in_force:
        yield "moved", f"{rule.in_force} → {city.begin}"
    for duty in rule.duties:
        for deadline in duty.deadlines if is_modelled(duty) else ():
            if deadline.fixed is not None and not city.begin <= deadline.fixed <= last:
                yield "dates", f"{duty.id} {deadline.fixed}"
