"""Laws written in the format: each clause that it has stands in a real law, fines come to what they say, and checks see them."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from ruamel.yaml import YAML

from openroll.rules import (
    CALENDAR_EVENTS,
    DONE_FIELDS,
    EVENT_FIELDS,
    Deadline,
    Duty,
    Evidence,
    Field,
    Fine,
    FineRange,
    Measure,
    Money,
    Retention,
    Rule,
    RuleFaults,
    Standing,
    Statement,
    Subject,
    Succession,
    check,
    digest,
    duties,
    fine_range,
    given,
    has_top,
    in_force,
    kept_until,
    load,
    parse_rule,
    shipped,
)

HERE = Path(__file__).parent
LAWS = {file.stem: parse_rule(file.read_text(encoding="utf-8"), file.name) for file in (HERE / "laws").glob("*.yaml")}
WORLD = [*LAWS.values(), *(load(name) for name in shipped())]


def said(kind: type[msgspec.Struct], *things: msgspec.Struct) -> set[str]:
    """The keys of a clause that any of some things says."""
    return {key for key in kind.__struct_fields__ for one in things if getattr(one, key) not in (msgspec.UNSET, None)}


def test_every_key_of_every_clause_stands_in_a_law() -> None:
    """No key of a duty, deadline, measure, fine, field, safeguard, standing, succession, evidence or rule is without a law."""
    all_duties = [duty for rule in WORLD for duty in rule.duties]
    measures = [one for rule in WORLD for one in rule.measures]
    groups: list[tuple[type[msgspec.Struct], list[msgspec.Struct]]] = [
        (Rule, [*WORLD]),
        (Duty, [*all_duties]),
        (Deadline, [one for duty in all_duties for one in duty.deadlines]),
        (Measure, [*measures]),
        (Fine, [given(one.fine, Fine()) for one in measures]),
        (Field, [one for rule in WORLD for one in rule.fields]),
        (Statement, [one for rule in WORLD for one in rule.safeguards.values()]),
        (Standing, [one for rule in WORLD for one in given(rule.standing, ())]),
        (Succession, [one for rule in WORLD for one in given(rule.succession, ())]),
        (Evidence, [one for rule in WORLD for one in given(rule.evidence, ())]),
        (Retention, [rule.retention for rule in WORLD if rule.retention]),
    ]
    # Said by no law that we know: days of some clauses, a wait that is a roll's own, whom a field is offered to, and the
    # procedure of Openroll's requests.
    unsaid = {"since", "until", "dismissed_by", "unconfirmed", "percent_from", "units_from", "most", "requests", "of"}
    missing = {
        (kind.__name__, key) for kind, things in groups for key in set(kind.__struct_fields__) - said(kind, *things)
    }
    assert {key for _, key in missing} <= unsaid, missing


def test_every_form_of_a_duty_is_told_in_a_situation() -> None:
    """Each condition, form of deadline and clause on whom a duty stands is expected to stand in a situation of a law."""
    told: list[tuple[Duty, Deadline]] = []
    for file in (HERE / "situations").glob("law-*.yaml"):
        read = YAML(typ="safe").load(file)
        own = {duty.id: duty for duty in LAWS[Path(read["rule"]).stem].duties}
        expected = [(name, one) for situation in read["situations"] for name, one in situation["expect"].items()]
        told += [(own[name], deadline) for name, one in expected if one != "none" for deadline in own[name].deadlines]
    for key in ("about", "natures", "exempt", "services", "condition", "recurs", "threshold", "most"):
        assert any(getattr(duty, key) is not msgspec.UNSET for duty, _ in told), key
    for key in ("working_days", "hours", "at_once", "before", "moves"):
        assert any(getattr(deadline, key) is not msgspec.UNSET for _, deadline in told), key
    events = {duty.counts_from for duty, _ in told}
    # Counted the same way as their neighbours, and in no law that we know as a duty of a register.
    few = {
        "transfer",
        "port",
        "suspension",
        "deactivation",
        "reactivation",
        "half-year-end",
        "year-end",
        "end",
        "connection",
    }
    assert {*EVENT_FIELDS, *CALENDAR_EVENTS, "in-force"} - events <= few
    assert {*DONE_FIELDS, "hold-at-most"} - {duty.act for duty, _ in told} <= {"report-end", "verify"}


def money(amount: str, currency: str) -> Money:
    """An amount."""
    return Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("law", "measure", "expected", "capped"),
    [
        ("br-10703-2003", "user-fine", FineRange(None, money("50", "BRL"), "breach", None), True),
        ("za-rica-2009", "operator-fine", FineRange(None, money("100000", "ZAR"), "day", None), False),
        ("gh-li2006-2012", "fine", FineRange(None, money("24000", "GHS"), "breach", None), True),
        ("gh-li2006-2012", "fine-daily", FineRange(None, money("12000", "GHS"), "day", None), False),
        (
            "ng-rts-2011",
            "fine",
            FineRange(money("200000", "NGN"), money("200000", "NGN"), "subscription", None),
            False,
        ),
        (
            "cn-clauses",
            "percent",
            FineRange(None, money("50000000", "CNY"), "breach", None, (None, Decimal(5)), "turnover"),
            True,
        ),
        ("eu-clauses", "per-day", FineRange(None, None, "subscription-and-day", None), False),
    ],
)
def test_a_fine_comes_to_what_its_law_says(law: str, measure: str, expected: FineRange, capped: bool) -> None:
    """Ranges with one end, for each line or day, in units and percent; a daily fine without a cap has no top."""
    rule = LAWS[law]
    one = rule.measure(measure)
    assert fine_range(one, given(rule.units, ()), date(2021, 1, 1)) == expected
    assert has_top(one) == capped


def test_a_unit_has_no_worth_before_its_day() -> None:
    """What a penalty unit was worth before its worth was set is not guessed."""
    rule = LAWS["gh-li2006-2012"]
    found = fine_range(rule.measure("fine"), given(rule.units, ()), date(2005, 12, 31))
    assert found == FineRange(None, None, "breach", None)


def test_what_is_no_fine_has_no_range() -> None:
    """Prison is not counted in money."""
    assert fine_range(LAWS["ke-ln163-2015"].measure("user-prison"), (), date(2020, 1, 1)) is None


@pytest.mark.parametrize(
    ("law", "failing"),
    [
        ("ke-ln163-2015", {"no-cut-off", "court"}),
        ("za-rica-2009", {"no-cut-off", "court", "legality"}),
        ("gh-li2006-2012", {"no-cut-off", "court"}),
        ("br-10703-2003", {"no-cut-off", "court", "cap"}),
        ("in-dot-2021", {"no-cut-off", "court", "cap", "bearer"}),
        ("fr-hadopi1-2009", {"no-cut-off", "court", "cap"}),
        ("ng-rts-2011", {"legality"}),
    ],
)
def test_what_a_law_can_say_now_a_check_can_refuse(law: str, failing: set[str]) -> None:
    """Refusal to activate, blocked calls, a line that hangs on registration, a fine without a top: each is seen and refused."""
    failed = {one.id for one in check(LAWS[law]) if one.outcome == "failed"}
    assert failing <= failed


def test_a_kind_keeps_the_safeguards_of_its_nature() -> None:
    """A minor is a person however the law calls it: a measure or duty on minors alone fails as one on persons does."""
    rule = LAWS["ke-ln163-2015"]
    own = [duty for duty in rule.duties if duty.id == "own-name"]
    refuse = msgspec.structs.replace(rule.measure("refuse"), against=("minor",))
    only_minors = msgspec.structs.replace(rule, duties=tuple(own), measures=(refuse,))
    failed = {one.id for one in check(only_minors) if one.outcome == "failed"}
    assert {"bearer", "no-cut-off"} <= failed


@pytest.mark.parametrize(
    ("days", "follow"),
    [
        ({}, True),
        ({"since": date(2199, 1, 1)}, False),
        ({"until": date(2006, 9, 30)}, False),
        ({"since": date(2006, 10, 1)}, True),
    ],
)
def test_a_measure_follows_on_the_days_on_which_it_holds(days: dict[str, date], follow: bool) -> None:
    """A warning from 2199 on, or one that was abolished the day before, follows on no day of now."""
    rule = load("notification-2006")
    measures = tuple(msgspec.structs.replace(one, **days) if one.id == "warning" else one for one in rule.measures)
    late = Subject("organisation", date(2006, 8, 1))
    (state, *_) = duties(late, msgspec.structs.replace(rule, measures=measures), date(2006, 10, 1))
    assert state.state == "overdue"
    assert ("warning" in dict(state.measures)) == follow
    assert "fine" in dict(state.measures)


def test_a_duty_about_people_is_borne_by_who_has_it() -> None:
    """About each person and borne by operators passes `bearer`; borne by a person, or by everything that is one, fails."""
    each = next(duty for duty in load("notification-2006").duties if duty.id == "file-each")
    widened = Duty(**{**msgspec.structs.asdict(each), "about": msgspec.UNSET, "natures": ("person",)})
    by_people = Duty(**{**msgspec.structs.asdict(each), "bearers": ("person",)})
    outcomes = []
    for duty in (each, widened, by_people):
        rule = msgspec.structs.replace(load("notification-2006"), duties=(duty,))
        outcomes += [one.outcome for one in check(rule) if one.id == "bearer"]
    assert outcomes == ["passed", "failed", "failed"]


def test_a_rule_is_kept_from_the_event_that_it_counts_from() -> None:
    """Ten years from deactivation, and never less than to the end; without the day of the event, from the end."""
    kept = Retention(period="P10Y", counts_from="deactivation")
    ended = date(2022, 5, 1)
    assert kept_until(kept, ended, {"deactivation": date(2022, 8, 1)}) == date(2032, 8, 1)
    assert kept_until(kept, ended) == date(2032, 5, 1)
    assert kept_until(kept, ended, {"deactivation": date(2001, 1, 1)}) == ended


def test_a_rule_stands_by_day_and_duty() -> None:
    """In force, suspended, revived: the newest that has begun holds, for the duty that it is about."""
    rule = msgspec.structs.replace(
        load("notification-2006"),
        standing=(
            Standing(state="suspended", since=date(2010, 1, 1), duties=("file",)),
            Standing(state="in-force", since=date(2011, 1, 1)),
        ),
    )
    stands = [
        [in_force(rule, date(year, 6, 1), duty) for year in (2009, 2010, 2011)] for duty in ("file", "report-change")
    ]
    assert stands == [[True, False, True], [True, True, True]]


# The digests as they were before the format learnt what laws say (commit 08370b9): entries of old logs name them.
DIGESTS = {
    "cn-cq-2006-notice": "a5f4fbe0401603d3",
    "cn-cq-2006-regulation": "f0dc8487abf256bf",
}


@pytest.mark.parametrize("ref", DIGESTS)
def test_a_rule_of_before_keeps_its_digest(ref: str) -> None:
    """A key that a rule does not say stands nowhere in its canonical form."""
    assert digest(load(ref))[:16] == DIGESTS[ref]


EVERYTHING = (HERE / "made" / "everything.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "path", "expected"),
    [
        ("working_days: 5, ", "working_days: 5, hours: 2, ", "duties/0/deadlines/0", "one of period, fixed, promptly"),
        (
            "hours: 24, rounded: down",
            "period: P1D, rounded: down",
            "duties/1/deadlines/0/rounded",
            "rounded with hours",
        ),
        ("at_once: true", "at_once: true, before: true", "duties/2/deadlines/0/before", "before with period"),
        ("recurs: P1Y", "recurs: P1Y1D", "duties/2/recurs", "months, or days"),
        ("at_once: true", "period: P3D, before: true", "duties/2/deadlines/0", "a deadline counted from each time"),
        ("quarter-end", "quarter-end, recurs: P3M", "duties/1/recurs", "comes again by itself"),
        ("act: hold-at-most", "act: file", "duties/4/act", "`most` together"),
        ("exempt: [roamer]", "exempt: [rover]", "duties/0/exempt/0", "declared under `kinds`"),
        ("id: seller, title", "id: site, title", "kinds/1/id", "a name of your own"),
        ("zones: [Atlantic/Azores]", "zones: [Atlantic/Azure]", "zones/0", "an IANA time zone"),
        ("languages: [en, sw]", "languages: [en, de]", "summary", "words in de too"),
        ("unit: penalty-unit, ", "unit: pound, ", "measures/0/fine/unit", "one of penalty-unit"),
        ("percent_of: turnover", "per: day", "measures/0/fine", "each key once"),
        ("at_least: P1M, cap: P6M", "at_least: P1Y, cap: P6M", "measures/1/at_least", "up to P6M"),
        ("duties: [large]", "duties: [larger]", "standing/0/duties/0", "one of file-each"),
        ("state: suspended, since: 2010-03-02, ", "state: suspended, ", "standing/0", "since"),
        (
            "aim: {en: against fraud}, source: ours",
            "aim: {en: against fraud}",
            "evidence/0",
            "where the claim comes from",
        ),
        ("until: 2011-01-01", "until: 2001-01-01", "standing/0/until", "from 2010-03-02 on"),
        ("at_once: true", "at_once: true, until: 2011-01-01", "duties/2/deadlines/0/until", "the next"),
    ],
)
def test_clauses_that_do_not_go_together_are_told(old: str, new: str, path: str, expected: str) -> None:
    """One mistake in a rule of every clause gives a fault at its place, with what was expected."""
    assert old in EVERYTHING
    with pytest.raises(RuleFaults) as caught:
        parse_rule(EVERYTHING.replace(old, new, 1), "everything.yaml")
    faults = caught.value.faults
    assert any(fault.path.startswith(path) and expected in str(fault.expected) for fault in faults), faults


def test_the_schema_says_of_every_key_what_it_means_and_shows_one() -> None:
    """Each key of a rule file has a description and an example in the published schema."""
    from openroll.rules import rule_schema

    for name, thing in rule_schema()["$defs"].items():
        for key, value in thing.get("properties", {}).items():
            parts = [value, *value.get("anyOf", []), *value.get("allOf", [])]
            assert any("description" in part for part in parts), (name, key)
            assert any("examples" in part for part in parts), (name, key)
