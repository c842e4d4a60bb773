"""What a schema cannot say of a rule: names that must exist, days in order, clauses that say one thing."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from openroll.rules.faults import Fault
from openroll.rules.model import Clause, Duty, Rule
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.text import Path, line_of, said


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


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

Found = tuple[Path, Sentence | str, Sentence | str, str]
"""A mistake before it has a line: where, what was found, what was expected, an example."""


def sense_faults(rule: Rule, name: str, lines: Mapping[Path, int]) -> list[Fault]:
    """Every mistake of sense in a rule whose form is right."""
    found = [one for look in _LOOKS for one in look(rule)]
    return [Fault(name, line_of(lines, path), said(path), what, want, example) for path, what, want, example in found]


def _one_of(names: Iterable[str]) -> Sentence:
    return sentence(_("one of {names}"), names=tuple(names))


def _from(day: date) -> Sentence:
    return sentence(_("a date from {day} on"), day=day)


def _days(rule: Rule) -> Iterator[Found]:
    try:
        ZoneInfo(rule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield (
            ("zone",),
            sentence(_("There is no zone {name!r}."), name=rule.zone),
            Sentence(_("an IANA time zone")),
            "Asia/Shanghai",
        )
    if rule.in_force and rule.ended and rule.ended < rule.in_force:
        yield ("ended",), Sentence(_("The rule ends before it begins.")), _from(rule.in_force), ""


def _duties(rule: Rule) -> Iterator[Found]:
    measures = sorted(measure.id for measure in rule.measures)
    for place, duty in enumerate(rule.duties):
        for index, name in enumerate(duty.measures):
            if name not in measures:
                path = ("duties", place, "measures", index)
                want = _one_of(measures) if measures else Sentence(_("a measure of this id: add it"))
                yield path, sentence(_("There is no measure {name!r}."), name=name), want, ""
        if duty.applies != "all" and rule.in_force is None:
            want = Sentence(_("in_force on the rule: new and existing are known apart by it"))
            found = Sentence(_("The rule has no day on which it came into force."))
            yield ("duties", place, "applies"), found, want, "2006-07-07"
        yield from _deadlines(duty, place)


def _deadlines(duty: Duty, place: int) -> Iterator[Found]:
    for index, deadline in enumerate(duty.deadlines):
        if sum((deadline.period is not None, deadline.fixed is not None, deadline.promptly)) != 1:
            path = ("duties", place, "deadlines", index)
            found = Sentence(_("It says more than one thing, or nothing."))
            yield path, found, _one_of(("period", "fixed", "promptly")), "period: P30D"
    for since, times in Counter(deadline.since for deadline in duty.deadlines).items():
        if times > 1:
            yield (
                ("duties", place, "deadlines"),
                sentence(
                    _("{times} deadlines hold from {since}."), times=times, since=since or Sentence(_("the start"))
                ),
                Sentence(_("a `since` of its own on each")),
                "",
            )


def _money(rule: Rule) -> Iterator[Found]:
    for place, measure in enumerate(rule.measures):
        low, high = measure.fine_from, measure.fine_to
        if low and high and (low.currency != high.currency or low.amount > high.amount):
            path = ("measures", place, "fine_to")
            least, most = (f"{one.amount} {one.currency}" for one in (low, high))
            found = sentence(_("{most} is not above {least}."), most=most, least=least)
            yield path, found, Sentence(_("one currency, more")), ""


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
                yield (
                    (group, place),
                    sentence(_("{name!r} stands twice."), name=name),
                    Sentence(_("each name once")),
                    "",
                )
    for place, name in enumerate(rule.minimum):
        if name not in groups["fields"]:
            found = sentence(_("There is no field {name!r}."), name=name)
            yield ("minimum", place), found, _one_of(groups["fields"]), ""
    for unknown in sorted(set(rule.safeguards) - SAFEGUARD_IDS):
        found = sentence(_("There is no safeguard {name!r}."), name=unknown)
        yield ("safeguards", unknown), found, _one_of(sorted(SAFEGUARD_IDS)), ""


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
            found = sentence(_("There is no source {name!r}."), name=clause.source)
            yield (*path, "source"), found, _one_of(known), ""


_LOOKS: tuple[Callable[[Rule], Iterator[Found]], ...] = (_days, _duties, _money, _names, _sources)
