"""What a schema cannot say of a rule: names that must exist, days in order, clauses that say one thing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from datetime import date
from difflib import get_close_matches

import msgspec

from openroll.rules.calendar import EARLIEST, LATEST, most_days
from openroll.rules.faults import Fault
from openroll.rules.kinds import NATURES
from openroll.rules.measures import Measure
from openroll.rules.model import Rule
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.text import Path, line_of, said
from openroll.rules.validate_duties import Found, duty_faults
from openroll.rules.values import Clause, given
from openroll.rules.zones import is_zone, zone_fault


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

MOST_KINDS = 200
"""Kinds that one rule may declare: a column of kinds has one byte for them."""
MOST_THINGS = 200
"""Things of one sort in a rule (duties, fields, measures, sources): the longest law has forty. Checks look at pairs of them."""


def sense_faults(rule: Rule, name: str, lines: Mapping[Path, int]) -> list[Fault]:
    """Every mistake of sense in a rule whose form is right."""
    found = list(_sizes(rule)) or [one for look in _LOOKS for one in look(rule)]
    return [Fault(name, line_of(lines, path), said(path), what, want, example) for path, what, want, example in found]


def _one_of(names: Iterable[str]) -> Sentence:
    known = tuple(names)
    return sentence(_("one of {names}"), names=known) if known else Sentence(_("a name that the rule has: it has none"))


def _from(day: date) -> Sentence:
    return sentence(_("a date from {day} on"), day=day)


def _days(rule: Rule) -> Iterator[Found]:
    zones: list[tuple[Path, str]] = [(("zone",), rule.zone)]
    zones += [(("zones", index), zone) for index, zone in enumerate(given(rule.zones, ()))]
    for path, zone in zones:
        if not is_zone(zone):
            yield path, *zone_fault(zone)
    if rule.in_force and rule.ended and rule.ended < rule.in_force:
        yield ("ended",), Sentence(_("The rule ends before it begins.")), _from(rule.in_force), ""
    for path, clause in clauses(rule):
        if clause.until and clause.since and clause.until < clause.since:
            yield (*path, "until"), Sentence(_("It ends before it begins.")), _from(clause.since), ""
    for path, day in _dates(rule, ()):
        if not EARLIEST <= day <= LATEST:
            found = sentence(_("{value} is far away."), value=day)
            yield path, found, sentence(_("a day from {first} to {last}, or none"), first=EARLIEST, last=LATEST), ""


def _dates(value: object, path: Path) -> Iterator[tuple[Path, date]]:
    """Every date that stands anywhere in a rule."""
    if isinstance(value, date):
        yield path, value
    elif isinstance(value, msgspec.Struct):
        for key in value.__struct_fields__:
            yield from _dates(getattr(value, key), (*path, key))
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from _dates(one, (*path, index))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _dates(one, (*path, key))


def _kinds(rule: Rule) -> Iterator[Found]:
    """Kinds that stand for all rules are not declared again; every kind that is named is one of them or declared."""
    declared = given(rule.kinds, ())
    for index, one in enumerate(declared):
        if one.id in NATURES:
            found = sentence(_("{name!r} stands for all rules already."), name=one.id)
            yield ("kinds", index, "id"), found, Sentence(_("a name of your own")), "foreigner"
    if len(declared) > MOST_KINDS:
        found = sentence(_("{count} kinds are declared."), count=len(declared))
        yield ("kinds",), found, sentence(_("at most {most}"), most=MOST_KINDS), ""
    known = rule.known_kinds
    for path, kind in _named_kinds(rule):
        if kind not in known:
            want = sentence(_("one of {names}, or one declared under `kinds`"), names=known)
            near = next(iter(get_close_matches(kind, known, 1)), known[0])
            yield path, sentence(_("There is no kind {name!r}."), name=kind), want, near


def _named_kinds(rule: Rule) -> Iterator[tuple[Path, str]]:
    groups: list[tuple[Path, Iterable[str]]] = [(("covers",), rule.covers)]
    for index, duty in enumerate(rule.duties):
        groups += [(("duties", index, "bearers"), duty.bearers), (("duties", index, "about"), given(duty.about, ()))]
        groups += [(("duties", index, "exempt"), given(duty.exempt, ()))]
    groups += [(("fields", index, "required_of"), one.required_of) for index, one in enumerate(rule.fields)]
    groups += [(("fields", index, "of"), given(one.of, ())) for index, one in enumerate(rule.fields)]
    groups += [(("measures", index, "against"), one.against) for index, one in enumerate(rule.measures)]
    for path, kinds in groups:
        for index, kind in enumerate(kinds):
            yield (*path, index), kind


def _duties(rule: Rule) -> Iterator[Found]:
    measures = sorted(measure.id for measure in rule.measures)
    for place, duty in enumerate(rule.duties):
        for index, name in enumerate(duty.measures):
            if name not in measures:
                path = ("duties", place, "measures", index)
                want = _one_of(measures) if measures else Sentence(_("a measure of this id: add it"))
                yield path, sentence(_("There is no measure {name!r}."), name=name), want, ""
        if rule.in_force is None and (duty.applies != "all" or duty.counts_from == "in-force"):
            key = "applies" if duty.applies != "all" else "counts_from"
            want = Sentence(
                _("in_force on the rule: new and existing are known apart by it, and `in-force` is counted from it")
            )
            found = Sentence(_("The rule has no day on which it came into force."))
            yield ("duties", place, key), found, want, "2006-07-07"
        yield from duty_faults(duty, ("duties", place))


def _sizes(rule: Rule) -> Iterator[Found]:
    """No list that would take a machine minutes to hold against the others."""
    lists: list[tuple[Path, int]] = [
        ((name,), len(value))
        for name in rule.__struct_fields__
        if name != "kinds" and isinstance(value := getattr(rule, name), Sized) and not isinstance(value, str)
    ]
    lists += [(("duties", index, "deadlines"), len(duty.deadlines)) for index, duty in enumerate(rule.duties)]
    for path, count in lists:
        if count > MOST_THINGS:
            yield (
                path,
                sentence(_("There are {count} of them."), count=count),
                sentence(_("at most {most}"), most=MOST_THINGS),
                "",
            )


def _money(rule: Rule) -> Iterator[Found]:
    units = [unit.id for unit in given(rule.units, ())]
    for place, measure in enumerate(rule.measures):
        low, high = measure.fine_from, measure.fine_to
        if low and high and (low.currency != high.currency or low.amount > high.amount):
            path = ("measures", place, "fine_to")
            least, most = (f"{one.amount} {one.currency}" for one in (low, high))
            found = sentence(_("{most} is not above {least}."), most=most, least=least)
            yield path, found, Sentence(_("one currency, more")), ""
        yield from _fine(measure, ("measures", place), units)


def _fine(measure: Measure, path: Path, units: list[str]) -> Iterator[Found]:
    fine = given(measure.fine, None)
    if measure.at_least and measure.cap and most_days(measure.at_least) > most_days(measure.cap):
        want = sentence(_("a period up to {cap}"), cap=measure.cap)
        yield (*path, "at_least"), Sentence(_("The shortest is longer than the longest.")), want, ""
    if fine is None:
        return
    path = (*path, "fine")
    if measure.kind != "fine":
        found = sentence(_("A measure of the kind {kind} is no fine."), kind=measure.kind)
        yield path, found, Sentence(_("`fine` on a measure of the kind fine")), ""
    for low, high, name in (
        (fine.percent_from, fine.percent_to, "percent_to"),
        (fine.units_from, fine.units_to, "units_to"),
    ):
        if low and high and low > high:
            found = sentence(_("{most} is not above {least}."), most=high, least=low)
            yield (*path, name), found, Sentence(_("the greater number")), ""
    if (fine.percent_from or fine.percent_to) and not fine.percent_of:
        yield path, Sentence(_("It does not say what the percent are of.")), "percent_of", "turnover"
    if (fine.units_from or fine.units_to) and not fine.unit:
        want = Sentence(_("unit, one of the rule's `units`"))
        yield path, Sentence(_("It does not say which unit it counts in.")), want, "penalty-unit"
    if fine.unit and fine.unit not in units:
        want = _one_of(units) if units else Sentence(_("a unit of this id: add it"))
        yield (*path, "unit"), sentence(_("There is no unit {name!r}."), name=fine.unit), want, ""


def _standing(rule: Rule) -> Iterator[Found]:
    duties = [duty.id for duty in rule.duties]
    for index, one in enumerate(given(rule.standing, ())):
        if one.since is None and one.state != "never-in-force":
            path = ("standing", index)
            yield path, Sentence(_("It does not say from which day on.")), "since", "since: 2010-03-02"
        for nth, name in enumerate(given(one.duties, ())):
            if name not in duties:
                want = _one_of(duties) if duties else Sentence(_("a duty of this id: add it"))
                found = sentence(_("There is no duty {name!r}."), name=name)
                yield ("standing", index, "duties", nth), found, want, ""
    for index, evidence in enumerate(given(rule.evidence, ())):
        if not evidence.source:
            want = Sentence(_("source: where the claim comes from, one of the rule's sources"))
            found = Sentence(_("A claim without a source is no evidence."))
            yield ("evidence", index), found, want, rule.sources[0].id


def _languages(rule: Rule) -> Iterator[Found]:
    for tag in given(rule.languages, ()):
        for name, text in (("title", rule.title), ("summary", rule.summary)):
            if tag not in text:
                found = sentence(_("It is not said in {tag}, a language of the rule."), tag=tag)
                yield (name,), found, sentence(_("words in {tag} too"), tag=tag), f"{tag}: ..."


def _names(rule: Rule) -> Iterator[Found]:
    groups: dict[str, list[str]] = {
        "duties": [duty.id for duty in rule.duties],
        "fields": [field.name for field in rule.fields],
        "measures": [measure.id for measure in rule.measures],
        "sources": [source.id for source in rule.sources],
        "minimum": list(rule.minimum),
        "kinds": [kind.id for kind in given(rule.kinds, ())],
        "units": [unit.id for unit in given(rule.units, ())],
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
    yield from _later_clauses(rule)


def _later_clauses(rule: Rule) -> Iterator[tuple[Path, Clause]]:
    for place, unit in enumerate(given(rule.units, ())):
        for index, worth in enumerate(unit.worth):
            yield ("units", place, "worth", index), worth
    for group in ("standing", "succession", "evidence"):
        for place, clause in enumerate(given(getattr(rule, group), ())):
            yield (group, place), clause


def _sources(rule: Rule) -> Iterator[Found]:
    known = sorted(source.id for source in rule.sources)
    for path, clause in clauses(rule):
        if clause.source and clause.source not in known:
            found = sentence(_("There is no source {name!r}."), name=clause.source)
            yield (*path, "source"), found, _one_of(known), ""


def _requests(rule: Rule) -> Iterator[Found]:
    # Here, not above: procedures are read as rules are, by what holds a rule against itself.
    from openroll.rules.validate_requests import requests_faults  # noqa: PLC0415 - as said

    yield from requests_faults(rule)


_LOOKS: tuple[Callable[[Rule], Iterator[Found]], ...] = (
    _days,
    _kinds,
    _duties,
    _money,
    _standing,
    _languages,
    _names,
    _sources,
    _requests,
)
