"""The terms of a rule's clauses on a terminal: a line for each, in English; what a clause does not say is left out."""

import re

from openroll.rules import Deadline, Duty, Fine, Measure, Rule, fine_range, given
from openroll.rules.language import in_all
from openroll.rules.procedure import Requests, procedure_for, settings_of

_UNITS = {"Y": "year", "M": "month", "D": "day"}
_EVENTS = {"in-force": "rule's first day", "order": "order", "post": "posting"}
_CONDITIONS = {
    "before-activation": "no service before it is done: it is not activated",
    "after-activation": "service may stop once it is overdue",
    "before-reactivation": "no service again before it is done",
}


def span(period: str) -> str:
    """A period in words: P1M15D is "1 month 15 days"."""
    found = re.findall(r"(\d+)([YMD])", period)
    return " ".join(counted(int(number), _UNITS[unit]) for number, unit in found)


def counted(number: int, unit: str) -> str:
    """A number of things: "1 day", "3 days"."""
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def deadline(one: Deadline, duty: Duty) -> str:
    """By when: "30 days from the day after the connection"."""
    event = _EVENTS.get(duty.counts_from, duty.counts_from.replace("-", " "))
    moved = f"; where that is no working day, the {given(one.moves, '').replace('-', ' ')}" if one.moves else ""
    return _counted(one, event) + moved


def _counted(one: Deadline, event: str) -> str:
    if one.period == "P0D":
        return f"the day of the {event} at the latest"
    if one.immediate:
        return f"at once: on the day of the {event}"
    length = span(one.period) if one.period else ""
    length = length or (counted(given(one.working_days, 0), "working day") if one.working_days else "")
    length = length or (counted(given(one.hours, 0), "hour") if one.hours else "")
    if length and one.backwards:
        return f"{length} before the {event}"
    if one.hours:
        return f"{length} from the {event}, to the {'first' if one.rounded == 'down' else 'last'} day they can end on"
    if length:
        return f"{length} from the day after the {event}"
    return str(one.fixed) if one.fixed else '"promptly", no number of days'


def duty_terms(duty: Duty) -> list[str]:
    """On whom a duty stands and what hangs on it, a line each."""
    threshold, most = given(duty.threshold, None), given(duty.most, None)
    per = f" per {most.per}" if most and most.per else ""
    told = [
        f"about each: {', '.join(given(duty.about, ()))}" if duty.about else "",
        f"and every kind that is a: {', '.join(given(duty.natures, ()))}" if duty.natures else "",
        f"but not: {', '.join(given(duty.exempt, ()))}" if duty.exempt else "",
        f"only for: {', '.join(given(duty.services, ()))}" if duty.services else "",
        f"only above {threshold.above:,} {threshold.of}" if threshold else "",
        f"no more than {most.number:,} {most.of}{per}" if most else "",
        _CONDITIONS[given(duty.condition, "before-activation")] if duty.condition else "",
        f"again after each {span(given(duty.recurs, ''))}" if duty.recurs else "",
    ]
    return [one for one in told if one]


def fine_terms(measure: Measure, rule: Rule) -> list[str]:
    """What a fine can come to: amounts, units, percent, what for, and the cap over all."""
    fine, low, high = given(measure.fine, Fine()), measure.fine_from, measure.fine_to
    money = next((one.currency for one in (high, low) if one), "")
    told = [_between(f"{low.amount:,}" if low else None, f"{high.amount:,}" if high else None, money)]
    told += [_between(_said(fine.units_from), _said(fine.units_to), str(given(fine.unit, "")))]
    of = given(fine.percent_of, "").replace("-", " ")
    told += [_between(_said(fine.percent_from), _said(fine.percent_to), f"% of the {of}")]
    told += [f"for each {given(fine.per, '').replace('-', ' ')}" if fine.per else ""]
    found = fine_range(measure, given(rule.units, ()), rule.in_force) if rule.in_force and fine.unit else None
    if found and found.high:
        told += [f"{found.high.amount:,} {found.high.currency} at most on {rule.in_force}"]
    most = given(fine.most, None)
    told += [f"{most.amount:,} {most.currency} in all at most" if most else ""]
    return [one for one in told if one]


def _said(number: object) -> str | None:
    return str(number) if number else None


def _between(low: str | None, high: str | None, unit: str) -> str:
    if not high:
        return f"from {low} {unit}" if low else ""
    return f"{low or 0} to {high} {unit}"


def standing_terms(rule: Rule) -> list[tuple[str, list[str]]]:
    """What became of a rule and what it gives as reasons: kinds, units, standing, succession, evidence, each by a name."""
    rows: list[tuple[str, list[str]]] = []
    rows += [(one.id, [*in_all(one.title), f"nature: {one.nature}"]) for one in given(rule.kinds, ())]
    for unit in given(rule.units, ()):
        worth = [f"{one.value.amount:,} {one.value.currency} {_since(one.since)}".strip() for one in unit.worth]
        rows.append((unit.id, [*in_all(unit.title), *worth]))
    for one in given(rule.standing, ()):
        decided = f"decided on {one.decided}" if one.decided else ""
        about = f"for: {', '.join(given(one.duties, ()))}" if one.duties else ""
        rows.append(
            (one.state, [" ".join(filter(None, [_since(one.since), decided, given(one.by, "")])), about, one.article])
        )
    for passed in given(rule.succession, ()):
        agreed = f"agreed by: {', '.join(given(passed.agreed_by, ()))}" if passed.agreed_by else ""
        rows.append((passed.when, [f"duties {passed.duties.replace('-', ' ')}", agreed, passed.article]))
    return rows


def evidence_terms(rule: Rule) -> list[tuple[str, list[str]]]:
    """The reasons that a rule gives for itself, by number."""
    rows = []
    for place, one in enumerate(given(rule.evidence, ()), 1):
        figure = " ".join(str(part) for part in (given(one.figure, ""), given(one.year, "")) if part)
        aim = f"for: {' '.join(in_all(given(one.aim, {})))}" if one.aim else ""
        rows.append((str(place), [*in_all(one.claim), figure, aim, f"{one.article} [{one.source}]".strip()]))
    return rows


def _since(day: object) -> str:
    return f"since {day}" if day else ""


def requests_terms(rule: Rule) -> list[tuple[str, list[str]]]:
    """By which procedure requests go under a rule, and what the rule sets of it; nothing where it says nothing."""
    requests = rule.requests
    if not isinstance(requests, Requests):
        return []
    set_so = [f"{name}: {value}" for name, value in settings_of(requests).items()]
    cited = f"{requests.article} [{requests.source}]" if requests.source else requests.article
    return [(requests.procedure, [*in_all(procedure_for(rule).title), *set_so, cited])]
