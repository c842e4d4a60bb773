"""What a schema cannot say of a rule: names that must exist, days in order, clauses that say one thing."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from openroll.rules.faults import Fault
from openroll.rules.model import Clause, Duty, Rule
from openroll.rules.text import Path, line_of, said

SAFEGUARD_IDS = frozenset(
    [
        "choice",
        "innocence",
        "correction",
        "hearing",
        "appeal",
        "ladder",
        "prior-review",
        "no-bulk",
        "told",
        "rights",
        "report",
        "review",
        "misuse",
    ]
)
"""The safeguards that a rule states in so many words; the other checks look at its duties, fields and measures."""

Found = tuple[Path, str, str, str]
"""A mistake before it has a line: where, what was found, what was expected, an example."""


def sense_faults(rule: Rule, name: str, lines: Mapping[Path, int]) -> list[Fault]:
    """Every mistake of sense in a rule whose form is right."""
    found = [one for look in _LOOKS for one in look(rule)]
    return [Fault(name, line_of(lines, path), said(path), what, want, example) for path, what, want, example in found]


def _days(rule: Rule) -> Iterator[Found]:
    try:
        ZoneInfo(rule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("zone",), f"There is no zone {rule.zone!r}.", "an IANA time zone", "Asia/Shanghai"
    if rule.in_force and rule.ended and rule.ended < rule.in_force:
        yield ("ended",), "The rule ends before it begins.", f"a date from {rule.in_force} on", ""


def _duties(rule: Rule) -> Iterator[Found]:
    measures = sorted(measure.id for measure in rule.measures)
    for place, duty in enumerate(rule.duties):
        for index, name in enumerate(duty.measures):
            if name not in measures:
                path = ("duties", place, "measures", index)
                yield path, f"There is no measure {name!r}.", f"one of {', '.join(measures) or 'none: add it'}", ""
        if duty.applies != "all" and rule.in_force is None:
            want = "in_force on the rule: new and existing are told apart by it"
            yield ("duties", place, "applies"), "The rule has no day on which it came into force.", want, "2006-07-07"
        yield from _deadlines(duty, place)


def _deadlines(duty: Duty, place: int) -> Iterator[Found]:
    for index, deadline in enumerate(duty.deadlines):
        if sum((deadline.period is not None, deadline.fixed is not None, deadline.promptly)) != 1:
            path = ("duties", place, "deadlines", index)
            yield path, "It says more than one thing, or nothing.", "one of period, fixed, promptly", "period: P30D"
    for since, times in Counter(deadline.since for deadline in duty.deadlines).items():
        if times > 1:
            yield (
                ("duties", place, "deadlines"),
                f"{times} deadlines hold from {since or 'the start'}.",
                "a `since` of its own on each",
                "",
            )


def _money(rule: Rule) -> Iterator[Found]:
    for place, measure in enumerate(rule.measures):
        low, high = measure.fine_from, measure.fine_to
        if low and high and (low.currency != high.currency or low.amount > high.amount):
            path = ("measures", place, "fine_to")
            yield (
                path,
                f"{high.amount} {high.currency} is not above {low.amount} {low.currency}.",
                "one currency, more",
                "",
            )


def _names(rule: Rule) -> Iterator[Found]:
    groups: dict[str, list[str]] = {
        "duties": [duty.id for duty in rule.duties],
        "fields": [field.name for field in rule.fields],
        "measures": [measure.id for measure in rule.measures],
        "sources": [source.id for source in rule.sources],
        "minimum": list(rule.minimum),
    }
    for group, names in groups.items():
        for place, name in enumerate(names):
            if names.index(name) != place:
                yield (group, place), f"{name!r} stands twice.", "each name once", ""
    for place, name in enumerate(rule.minimum):
        if name not in groups["fields"]:
            yield ("minimum", place), f"There is no field {name!r}.", f"one of {', '.join(groups['fields'])}", ""
    for unknown in sorted(set(rule.safeguards) - SAFEGUARD_IDS):
        want = f"one of {', '.join(sorted(SAFEGUARD_IDS))}"
        yield ("safeguards", unknown), f"There is no safeguard {unknown!r}.", want, ""


def clauses(rule: Rule) -> Iterator[tuple[Path, Clause]]:
    """Every clause of a rule that may cite a source, with where it stands."""
    for place, duty in enumerate(rule.duties):
        yield ("duties", place), duty
        for index, deadline in enumerate(duty.deadlines):
            yield ("duties", place, "deadlines", index), deadline
    for place, field in enumerate(rule.fields):
        yield ("fields", place), field
    for place, measure in enumerate(rule.measures):
        yield ("measures", place), measure
    for name, statement in rule.safeguards.items():
        yield ("safeguards", name), statement
    if rule.retention:
        yield ("retention",), rule.retention


def _sources(rule: Rule) -> Iterator[Found]:
    known = sorted(source.id for source in rule.sources)
    for path, clause in clauses(rule):
        if clause.source and clause.source not in known:
            yield (*path, "source"), f"There is no source {clause.source!r}.", f"one of {', '.join(known)}", ""


_LOOKS: tuple[Callable[[Rule], Iterator[Found]], ...] = (_days, _duties, _money, _names, _sources)
