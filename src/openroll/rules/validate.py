"""What a schema cannot say of a rule: names that must exist, days in order, clauses that say one thing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from openroll.rules.calendar import most_days
from openroll.rules.faults import Fault
from openroll.rules.kinds import NATURES
from openroll.rules.measures import Measure
from openroll.rules.model import Rule
from openroll.rules.text import Path, line_of, said
from openroll.rules.validate_duties import Found, duty_faults
from openroll.rules.values import Clause, given

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


def sense_faults(rule: Rule, name: str, lines: Mapping[Path, int]) -> list[Fault]:
    """Every mistake of sense in a rule whose form is right."""
    found = [one for look in _LOOKS for one in look(rule)]
    return [Fault(name, line_of(lines, path), said(path), what, want, example) for path, what, want, example in found]


def _days(rule: Rule) -> Iterator[Found]:
    zones: list[tuple[Path, str]] = [(("zone",), rule.zone)]
    zones += [(("zones", place), zone) for place, zone in enumerate(given(rule.zones, ()))]
    for path, zone in zones:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield path, f"There is no zone {zone!r}.", "an IANA time zone", "Asia/Shanghai"
    if rule.in_force and rule.ended and rule.ended < rule.in_force:
        yield ("ended",), "The rule ends before it begins.", f"a date from {rule.in_force} on", ""
    for path, clause in clauses(rule):
        if clause.until and clause.since and clause.until < clause.since:
            yield (*path, "until"), "It ends before it begins.", f"a date from {clause.since} on", ""


def _kinds(rule: Rule) -> Iterator[Found]:
    """Kinds that stand for all rules are not declared again; every kind that is named is one of them or declared."""
    declared = given(rule.kinds, ())
    for place, one in enumerate(declared):
        if one.id in NATURES:
            yield ("kinds", place, "id"), f"{one.id!r} stands for all rules already.", "a name of your own", "foreigner"
    if len(declared) > MOST_KINDS:
        yield ("kinds",), f"{len(declared)} kinds are declared.", f"at most {MOST_KINDS}", ""
    known = rule.known_kinds
    for path, kind in _named_kinds(rule):
        if kind not in known:
            want = f"one of {', '.join(known)}, or one declared under `kinds`"
            yield path, f"There is no kind {kind!r}.", want, next(iter(get_close_matches(kind, known, 1)), known[0])


def _named_kinds(rule: Rule) -> Iterator[tuple[Path, str]]:
    groups: list[tuple[Path, Iterable[str]]] = [(("covers",), rule.covers)]
    for place, duty in enumerate(rule.duties):
        groups += [(("duties", place, "bearers"), duty.bearers), (("duties", place, "about"), given(duty.about, ()))]
        groups += [(("duties", place, "exempt"), given(duty.exempt, ()))]
    groups += [(("fields", place, "required_of"), one.required_of) for place, one in enumerate(rule.fields)]
    groups += [(("measures", place, "against"), one.against) for place, one in enumerate(rule.measures)]
    for path, kinds in groups:
        for place, kind in enumerate(kinds):
            yield (*path, place), kind


def _duties(rule: Rule) -> Iterator[Found]:
    measures = sorted(measure.id for measure in rule.measures)
    for place, duty in enumerate(rule.duties):
        for index, name in enumerate(duty.measures):
            if name not in measures:
                path = ("duties", place, "measures", index)
                yield path, f"There is no measure {name!r}.", f"one of {', '.join(measures) or 'none: add it'}", ""
        if rule.in_force is None and (duty.applies != "all" or duty.counts_from == "in-force"):
            key = "applies" if duty.applies != "all" else "counts_from"
            want = "in_force on the rule: new and existing are told apart by it, and `in-force` is counted from it"
            yield ("duties", place, key), "The rule has no day on which it came into force.", want, "2006-07-07"
        yield from duty_faults(duty, ("duties", place))


def _money(rule: Rule) -> Iterator[Found]:
    units = [unit.id for unit in given(rule.units, ())]
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
        yield from _fine(measure, ("measures", place), units)


def _fine(measure: Measure, path: Path, units: list[str]) -> Iterator[Found]:
    fine = given(measure.fine, None)
    if measure.at_least and measure.cap and most_days(measure.at_least) > most_days(measure.cap):
        yield (*path, "at_least"), "The shortest is longer than the longest.", f"a period up to {measure.cap}", ""
    if fine is None:
        return
    path = (*path, "fine")
    if measure.kind != "fine":
        yield path, f"A measure of the kind {measure.kind} is no fine.", "`fine` on a measure of the kind fine", ""
    for low, high, name in (
        (fine.percent_from, fine.percent_to, "percent_to"),
        (fine.units_from, fine.units_to, "units_to"),
    ):
        if low and high and low > high:
            yield (*path, name), f"{high} is not above {low}.", "the greater number", ""
    if (fine.percent_from or fine.percent_to) and not fine.percent_of:
        yield path, "It does not say what the percent are of.", "percent_of", "turnover"
    if (fine.units_from or fine.units_to) and not fine.unit:
        yield path, "It does not say which unit it counts in.", "unit, one of the rule's `units`", "penalty-unit"
    if fine.unit and fine.unit not in units:
        yield (*path, "unit"), f"There is no unit {fine.unit!r}.", f"one of {', '.join(units) or 'none: add it'}", ""


def _standing(rule: Rule) -> Iterator[Found]:
    duties = [duty.id for duty in rule.duties]
    for place, one in enumerate(given(rule.standing, ())):
        if one.since is None and one.state != "never-in-force":
            path = ("standing", place)
            yield path, "It does not say from which day on.", "since", "since: 2010-03-02"
        for index, name in enumerate(given(one.duties, ())):
            if name not in duties:
                want = f"one of {', '.join(duties) or 'none: add it'}"
                yield ("standing", place, "duties", index), f"There is no duty {name!r}.", want, ""
    for place, evidence in enumerate(given(rule.evidence, ())):
        if not evidence.source:
            want = "source: where the claim comes from, one of the rule's sources"
            yield ("evidence", place), "A claim without a source is no evidence.", want, rule.sources[0].id


def _languages(rule: Rule) -> Iterator[Found]:
    for tag in given(rule.languages, ()):
        for name, text in (("title", rule.title), ("summary", rule.summary)):
            if tag not in text:
                yield (name,), f"It is not said in {tag}, a language of the rule.", f"words in {tag} too", f"{tag}: ..."


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
            yield (*path, "source"), f"There is no source {clause.source!r}.", f"one of {', '.join(known)}", ""


_LOOKS: tuple[Callable[[Rule], Iterator[Found]], ...] = (
    _days,
    _kinds,
    _duties,
    _money,
    _standing,
    _languages,
    _names,
    _sources,
)
