"""Procedures as data: what ships stays as it is, every check has a mistake of its own, and a rule sets what it may."""

import json
import re
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.rules.mutated import ALONE
from tests.rules.test_slips import sentences

from openroll.rules import Finding, Rule, RuleFaults, canonical, check, digest, load, obstacles, parse_rule
from openroll.rules.checks.requests import most_approved
from openroll.rules.faults import Fault
from openroll.rules.procedure import (
    Procedure,
    Requests,
    lasts,
    parse_procedure,
    procedure,
    procedure_for,
    procedure_named,
    procedure_schema,
    procedures,
)
from openroll.rules.procedure_sense import ACTS, CHECKS, failing, sense_faults
from openroll.words import catalogue

ROOM = files("openroll.rules")
PAGE = (Path(__file__).parents[2] / "docs" / "procedures.md").read_text(encoding="utf-8")
GOOD = (ROOM / "procedures" / "request-1.yaml").read_text(encoding="utf-8")
RULE = (ROOM / "shipped" / "notification-2006.yaml").read_text(encoding="utf-8")


def faults_of(text: str) -> tuple[Fault, ...]:
    """The mistakes of a text that is no procedure."""
    with pytest.raises(RuleFaults) as caught:
        parse_procedure(text, "mine.yaml")
    return caught.value.faults


def rule_faults(said: str) -> tuple[Fault, ...]:
    """The mistakes of a rule that says this of requests."""
    with pytest.raises(RuleFaults) as caught:
        parse_rule(f"{RULE}\nrequests: {said}\n", "mine.yaml")
    return caught.value.faults


def test_what_ships_stays_as_it_is() -> None:
    """Events of requests name these digests for ever: a file that ships is never changed, a new one is added beside it."""
    assert [procedure(name).name for name in procedures()] == [
        "request-1@6ff932b125951f9c",
        "request-objection-1@6e594f0c2e2d6468",
        "request-two-1@c80e14d32eb8b004",
    ]


def test_a_rule_that_says_nothing_of_requests_has_the_digest_it_had() -> None:
    """The key stands in no canonical form until a rule says it: entries of old rolls name the digests of before."""
    rule = load("notification-2006")
    assert digest(rule) == "e83cb76c9e00801fada1703919a95761f9e1be24fd6d4f5b950e6b398d87bdee"
    assert b"requests" not in canonical(rule)


def test_the_schema_of_procedures_is_published() -> None:
    """`procedure.schema.json` is what files are held against, and every procedure that ships is of it."""
    published = json.loads((ROOM / "procedure.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(procedure_schema()))
    Draft202012Validator.check_schema(published)
    assert "settings" not in published["$defs"]["Procedure"]["properties"]


@pytest.mark.parametrize("name", procedures())
def test_what_ships_passes_every_check(name: str) -> None:
    """No check finds a mistake in a procedure that ships."""
    assert failing(procedure(name)) == ()


@pytest.mark.parametrize("name", [one.id for one in CHECKS])
def test_every_check_has_a_mistake_that_it_alone_finds(name: str) -> None:
    """One change of a procedure that ships fails this check and no other, and is said in Chinese too."""
    assert failing(ALONE[name]) == (name,)
    told = [text for one in sense_faults(ALONE[name], "mine.yaml", {}) for text in sentences(one.told)]
    assert [text for text in told if catalogue.gettext("zh", text) == text and re.search("[a-z]{4}", text)] == []


@pytest.mark.parametrize(
    ("old", "new", "line_of", "path", "example"),
    [
        ("time: P10D", "time: 10 days", "time: P10D", "steps/0/time", "P10D"),
        ("time: PT96H", "time: P96H", "time: PT96H", "steps/8/time", "PT96H"),
        ("time: P2D", "time: P1W", "time: P2D", "steps/9/time", "P7D"),
        ("owner: reviewer", "owner: reveiwer", "owner: reviewer", "steps/0/owner", "reviewer"),
        ("silence: no-decision", "silence: no decision", "silence: no", "steps/0/silence", "no-decision"),
        ("missed: to-tell", "misst: to-tell", "missed: to-tell", "steps/0/misst", "missed"),
        (
            "{act: approve, by: reviewer",
            "{act: aprove, by: reviewer",
            "{act: approve",
            "steps/0/moves/3/act",
            "approve",
        ),
        ("to: incomplete}", "to: incompleat}", "to: incomplete}", "steps/0/moves/1/to", "incomplete"),
        ("ordinary: under-review", "ordinary: under-reviev", "begins:", "begins/ordinary", "under-review"),
        ("postpone: P90D", "postpone: P900D", "postpone: P90D", "postpone", "P180D"),
        ("pair: 20", "pair: 20\nsettings: {}", "pair: 20", "settings", ""),
    ],
)
def test_a_slip_has_its_line_and_what_was_meant(old: str, new: str, line_of: str, path: str, example: str) -> None:
    """One mistake in a procedure file is told with its line, where it stands, and what was probably meant."""
    fault = faults_of(GOOD.replace(old, new, 1))[0]
    at = GOOD[: GOOD.index(line_of)].count("\n") + 1
    assert (fault.file, fault.line - ("settings" in path), fault.path, fault.example) == (
        "mine.yaml",
        at,
        path,
        example,
    )


def test_all_mistakes_come_at_once() -> None:
    """A wrong name, a wrong act and a wrong party are told together, in the order of the lines."""
    broken = GOOD.replace("act: approve", "act: aprove", 1).replace(
        "by: authority, to: to-tell", "by: authority, to: x1", 1
    )
    broken = broken.replace("act: refuse, by: reviewer", "act: refuse, by: operator", 1)
    assert [fault.path for fault in faults_of(broken)] == [
        "steps/0/moves/3/act",
        "steps/0/moves/5/by",
        "steps/0/moves/8/to",
    ]


def test_a_rule_names_its_procedure_and_sets_its_times() -> None:
    """What a rule sets holds, nothing else changes, and the name that events carry is enough to find it again."""
    said = (
        "{procedure: request-two-1, times: {under-review: P5D}, urgent: {with-operator: PT4H}, preserve: P30D, pair: 7}"
    )
    set_so = procedure_for(parse_rule(f"{RULE}\nrequests: {said}\n", "mine.yaml"))
    assert (set_so.step("under-review").time, set_so.step("with-operator").urgent) == ("P5D", "PT4H")
    assert (set_so.step("kept").time, set_so.preserve, set_so.pair) == ("P30D", "P30D", 7)
    assert set_so.step("second-review") == procedure("request-two-1").step("second-review")
    head = "request-two-1+pair=7+preserve=P30D+times.under-review=P5D+urgent.with-operator=PT4H@"
    assert set_so.name.startswith(head)
    assert procedure_named(set_so.name) == set_so


def test_what_a_rule_says_again_changes_no_name() -> None:
    """A rule that sets what the procedure says already goes by the procedure that ships, by its own name."""
    rule = parse_rule(f"{RULE}\nrequests: {{procedure: request-1, postpone: P90D, pair: 20}}\n", "mine.yaml")
    assert procedure_for(rule) is procedure("request-1")
    assert procedure_for(load("notification-2006")) is procedure("request-1")


@pytest.mark.parametrize(
    "name", ["request-1@0000000000000000", "request-9@0123456789abcdef", "request-1", "", "request-1+x@y"]
)
def test_a_name_of_no_procedure_is_none(name: str) -> None:
    """A name with another digest, of another file or with what cannot be set is not taken for one that ships."""
    with pytest.raises(KeyError):
        procedure_named(name)


def test_telling_is_put_off_no_longer_than_the_rule_says() -> None:
    """A rule under which the person is told within 30 days has telling put off 30 days, though its procedure says 90."""
    rule = parse_rule(RULE.replace("told: {present: true, days: 90", "told: {present: true, days: 30"), "mine.yaml")
    assert procedure_for(rule).postpone == "P30D"
    assert {one.id: one.outcome for one in check(rule)}["told"] == "passed"


@pytest.mark.parametrize(
    ("said", "path", "example"),
    [
        ("{procedure: reqest-1}", "requests/procedure", "request-1"),
        ("{procedure: request-1, times: {under-reviev: P5D}}", "requests/times/under-reviev", "under-review"),
        ("{procedure: request-1, times: {closed: P5D}}", "requests/times/closed", ""),
        ("{procedure: request-1, times: {kept: P5D}}", "requests/times/kept", "preserve: P30D"),
        ("{procedure: request-1, times: {under-review: P300D}}", "requests/times/under-review", "P30D"),
        ("{procedure: request-1, times: {told: P1D}}", "requests/times/told", "P30D"),
        ("{procedure: request-1, urgent: {with-operator: P20D}}", "requests/urgent/with-operator", "P10D"),
        ("{procedure: request-1, times: {under-review: 5 days}}", "requests/times/under-review", "P5D"),
        ("{procedure: request-1, preserve: P300D}", "requests/preserve", "P180D"),
        ("{procedure: request-1, postpone: P300D}", "requests/postpone", "P180D"),
        ("{procedure: request-1, pair: 5000}", "requests/pair", "20"),
        ("{procedure: request-1, pairs: 5}", "requests/pairs", "pair"),
        ("{procedure: request-1, source: hearsay}", "requests/source", ""),
        ("request-1", "requests", ""),
    ],
)
def test_what_a_rule_may_not_set_is_told_at_its_place(said: str, path: str, example: str) -> None:
    """A rule that names no procedure or sets a time out of bounds is told so, where it says it and with what it could say."""
    (fault, *more) = rule_faults(said)
    assert (fault.path, fault.example, more) == (path, example, [])
    assert fault.line == RULE.count("\n") + 2


def test_a_rule_cannot_set_so_much_that_its_name_is_too_long() -> None:
    """What a rule sets stands in every event of every request: a rule that sets nearly everything wants its own procedure."""
    steps = [step.id for step in procedure("request-two-1").steps if step.owner in ("reviewer", "authority")]
    times = ", ".join(f"{name}: P6D" for name in steps if name not in ("kept", "to-confirm"))
    urgent = ", ".join(f"{name}: P2D" for name in steps if name not in ("kept", "to-confirm"))
    (fault,) = rule_faults(f"{{procedure: request-two-1, times: {{{times}}}, urgent: {{{urgent}}}}}")
    assert fault.path == "requests"


def test_the_page_says_every_key_act_and_check() -> None:
    """docs/procedures.md leaves out no key of a procedure or of `requests`, no act and no check, and names no other check."""
    quoted = set(re.findall(r"`([^`\n]+)`", PAGE))
    keys = {*procedure_schema()["$defs"]["Procedure"]["properties"], *Requests.__struct_fields__}
    keys |= {key for thing in ("Step", "Move") for key in procedure_schema()["$defs"][thing]["properties"]}
    words = {word for one in quoted for word in re.findall(r"[a-z_-]+", one)}
    words |= set(re.findall(r"([a-z_]+): ", "".join(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))))
    words |= set(re.findall(r"^([a-z_]+):$", PAGE, re.MULTILINE)) | set(re.findall(r"    ([a-z_]+):", PAGE))
    assert keys | set(ACTS) | {one.id for one in CHECKS} <= words
    table = PAGE[PAGE.index("| check |") :].split("\n\n")[0]
    assert re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE) == [one.id for one in CHECKS]


def test_the_example_of_the_page_is_a_procedure() -> None:
    """The procedure that docs/procedures.md shows whole reads without a mistake, and its `requests` stand in a rule."""
    of_rule, whole = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    value: Procedure = parse_procedure(whole, "page.yaml")
    assert failing(value) == ()
    assert procedure_for(parse_rule(RULE + of_rule, "mine.yaml")).settings


def test_times_are_days_hours_and_minutes() -> None:
    """P1DT2H30M is 26 hours and a half."""
    assert lasts("P1DT2H30M").total_seconds() == 26.5 * 3600


def test_a_procedure_is_the_same_after_it_was_written_down() -> None:
    """Encoded and decoded, a procedure that a rule set is equal and has the same name."""
    value = procedure_for(parse_rule(f"{RULE}\nrequests: {{procedure: request-1, postpone: P30D}}\n", "mine.yaml"))
    again = msgspec.json.decode(msgspec.json.encode(value), type=Procedure)
    assert (again, again.name) == (value, value.name)


def verdicts(rule: Rule) -> dict[str, Finding]:
    """How a rule stands with the safeguards that judge its procedure."""
    return {one.id: one for one in check(rule) if one.id in ("prior-review", "no-bulk", "told")}


@pytest.mark.parametrize(
    ("safeguard", "said", "story"),
    [
        ("told", "postpone: P91D", "its procedure (request-1) lets it be put off 91 days"),
        ("told", "postpone: P90DT1H", "its procedure (request-1) lets it be put off 91 days"),
        ("prior-review", "times: {later-review: P10D}", "reviews an emergency only within 10 days after the answer"),
        ("prior-review", "times: {later-review: P7DT1H}", "reviews an emergency only within 8 days after the answer"),
        ("no-bulk", "pair: 101", "lets one reviewer approve 101 requests of one officer in 30 days"),
        ("no-bulk", "pair: 20, pair_time: P3D", "lets one reviewer approve 200 requests of one officer in 30 days"),
    ],
)
def test_a_live_roll_stays_shut_by_what_the_procedure_does(safeguard: str, said: str, story: str) -> None:
    """A rule that says the right thing of a safeguard, and sets its procedure otherwise, opens no roll, and a story shows why."""
    rule = parse_rule(f"{RULE}\nrequests: {{procedure: request-1, {said}}}\n", "mine.yaml")
    assert [one.id for one in obstacles(rule)] == [safeguard]
    found = verdicts(rule)[safeguard]
    assert found.grave
    assert story in str(found.witness)
    assert str(found.witness).startswith("a subscriber whose identity an officer opens")


def test_telling_is_not_put_off_beyond_the_rules_own_number() -> None:
    """A rule that says 30 days under `told` and sets `postpone` to 60 says one thing and does another."""
    text = RULE.replace("told: {present: true, days: 90", "told: {present: true, days: 30")
    rule = parse_rule(f"{text}\nrequests: {{procedure: request-1, postpone: P60D}}\n", "mine.yaml")
    assert [one.id for one in obstacles(rule)] == ["told"]
    assert obstacles(parse_rule(f"{text}\nrequests: {{procedure: request-1, postpone: P20D}}\n", "mine.yaml")) == ()


@pytest.mark.parametrize(
    ("name", "safeguard"),
    [
        ("decides", "prior-review"),
        ("reviewed", "prior-review"),
        ("silence", "prior-review"),
        ("emergency", "prior-review"),
        ("told", "told"),
        ("postpones", "told"),
    ],
)
def test_the_safeguards_see_a_procedure_that_no_check_held_back(
    name: str, safeguard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a procedure with such a mistake ever to ship, the rules that name it would open no roll, gravely."""
    monkeypatch.setattr("openroll.rules.procedure.procedure", {"request-1": ALONE[name]}.__getitem__)
    assert safeguard in [one.id for one in obstacles(load("notification-2006")) if one.grave]


@pytest.mark.parametrize("name", ["request-two-1", "request-objection-1"])
def test_every_procedure_that_ships_opens_a_roll(name: str) -> None:
    """A rule with every safeguard opens a roll whichever of the procedures it names."""
    assert obstacles(parse_rule(f"{RULE}\nrequests: {{procedure: {name}}}\n", "mine.yaml")) == ()


@given(pair=st.integers(1, 1000), hours=st.integers(24, 366 * 24))
def test_no_30_days_have_more_approvals_than_are_judged(pair: int, hours: int) -> None:
    """Whoever approves as soon as may be, all at once whenever the time is over, stays within what the check counts."""
    days, rest = divmod(hours, 24)
    said = msgspec.structs.replace(procedure("request-1"), pair=pair, pair_time=f"P{days}DT{rest}H")
    assert most_approved(said) == pair * len(range(0, 30 * 24, hours))
