"""Rule files: the schema that is published, and what a broken file says about itself."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from openroll.rules import (
    Fault,
    NoSuchRule,
    RuleFaults,
    digest,
    load,
    load_overlay,
    overlays,
    parse_overlay,
    parse_rule,
    plain,
    rule_schema,
    shipped,
)

ROOM = files("openroll.rules")
GOOD = (ROOM / "shipped" / "notification-2006.yaml").read_text(encoding="utf-8")
FACTS = Path(__file__).parents[2] / "docs" / "facts" / "rules.md"


def faults_of(text: str) -> tuple[Fault, ...]:
    """The faults of a text that is no rule."""
    with pytest.raises(RuleFaults) as caught:
        parse_rule(text, "mine.yaml")
    return caught.value.faults


def edited(old: str, new: str) -> str:
    """The good file with the first of one text replaced."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def line(needle: str, text: str = GOOD) -> int:
    """The line on which a text first stands."""
    return text[: text.index(needle)].count("\n") + 1


def test_the_published_schema_is_the_one_in_use() -> None:
    """`rule.schema.json` equals `rule_schema()`, and is itself a valid JSON Schema 2020-12."""
    assert json.loads((ROOM / "rule.schema.json").read_text(encoding="utf-8")) == json.loads(json.dumps(rule_schema()))
    Draft202012Validator.check_schema(rule_schema())


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_rule_is_of_the_published_form(name: str) -> None:
    """Read by a plain YAML reader, each shipped file passes the published schema."""
    reader = YAML(typ="safe", pure=True)
    reader.constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))
    data: Any = reader.load((ROOM / "shipped" / f"{name}.yaml").read_text(encoding="utf-8"))
    Draft202012Validator(rule_schema()).validate(data)
    assert data["id"] == name


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_rule_is_one_of_the_facts(name: str) -> None:
    """Each shipped rule has its section, or its name, in docs/facts/rules.md."""
    assert name in FACTS.read_text(encoding="utf-8")


def test_seven_rules_and_one_overlay_ship() -> None:
    """The seven rules of docs/facts/rules.md and two overlays."""
    assert len(shipped()) == 7
    assert overlays() == ("with-safeguards", "with-sites")


@pytest.mark.parametrize(
    ("text", "at", "path", "expected"),
    [
        (edited("status: proposal", "status: no"), line("status:"), "status", "one of historic, in-force"),
        (edited("version: 2", "version: 1.5"), line("version:"), "version", "a whole number"),
        (edited("version: 2", "version: 0x1"), line("version:"), "version", "a whole number"),
        (edited("version: 2", "version: 0"), line("version:"), "version", "at least 1"),
        (edited("zone: Asia/Shanghai", "zone: Asia/Chongching"), line("zone:"), "zone", "an IANA time zone"),
        (edited("zone: Asia/Shanghai", "zone: ../../etc/passwd"), line("zone:"), "zone", "an IANA time zone"),
        (edited("status:", "in_force: 2006-02-30\nstatus:"), line("status:"), "in_force", "a date, YYYY-MM-DD"),
        (edited("status:", "in_force: 30.10.2006\nstatus:"), line("status:"), "in_force", "a date, YYYY-MM-DD"),
        (edited("status:", "in_force: 2006-07-07 12:00:00\nstatus:"), line("status:"), "in_force", "a date"),
        (edited("period: P30D", "period: 30 days"), line("period: P30D"), "duties/0/deadlines/0/period", "ISO 8601"),
        (edited("period: P30D", "period: P"), line("period: P30D"), "duties/0/deadlines/0/period", "ISO 8601"),
        (edited("period: P30D", "period: PT5H"), line("period: P30D"), "duties/0/deadlines/0/period", "ISO 8601"),
        (edited("period: P30D, ", ""), line("period: P30D"), "duties/0/deadlines/0", "one of period, fixed, promptly"),
        (edited("measures: [warning, fine]", "measures: [warning, jail]"), 22, "duties/0/measures/1", "one of fine"),
        (edited("amount: '1000'", "amount: 1000"), line("amount: '1000'"), "measures/1/fine_from/amount", "text"),
        (edited("amount: '1000'", "amount: 'NaN'"), line("amount: '1000'"), "measures/1/fine_from/amount", "digits"),
        (edited("amount: '3000'", "amount: '30'"), line("amount: '3000'"), "measures/1/fine_to", "one currency"),
        (edited("minimum: [name", "minimum: [shoe_size"), line("minimum:"), "minimum/0", "one of name, contact"),
        (edited("  told:", "  tolled:"), line("  told:"), "safeguards/tolled", "told"),
        (
            edited("  told:", "  told: {present: true}\n  told:"),
            line("  told:") + 1,
            "safeguards/told",
            "each key once",
        ),
        (
            edited("    source: ours", "    source: hearsay"),
            line("    source: ours"),
            "duties/0/source",
            "commentary, ours",
        ),
        (edited("zh: 警告", "Chinese: 警告"), line("zh: 警告"), "measures/0/title", "a language tag (BCP 47)"),
        (edited("step: 1", "step: 12"), line("step: 1"), "measures/0/step", "at most 9"),
        (edited("version: 2", "version: !!python/name:os.system 1"), line("version:"), "version", "a plain value"),
        (edited("en: warning", 'en: "\\e[31mwarning"'), line("en: warning"), "measures/0/title/en", "plain text"),
        (edited("en: warning", 'en: "\\u202egninraw"'), line("en: warning"), "measures/0/title/en", "plain text"),
        (edited("en: warning", 'en: "\\u200b\\u2060"'), line("en: warning"), "measures/0/title/en", "plain text"),
        (GOOD + "overlays: [with-safeguards]\n", GOOD.count("\n") + 1, "overlays", "only the keys id"),
        (GOOD + "<<: {id: other}\n", GOOD.count("\n") + 1, "", "a word as key"),
        (GOOD + "? [a, b]\n: 1\n", GOOD.count("\n") + 1, "", "a word as key"),
        (GOOD + "---\nid: second\n", GOOD.count("\n") + 1, "", "one document a file"),
        (GOOD + "bell: \x07\n", GOOD.count("\n") + 1, "", "YAML 1.2"),
        (GOOD + "\tx: 1\n", GOOD.count("\n") + 1, "", "spaces, never tabs"),
        ("", 1, "", "keys with values"),
        ("- a rule\n", 1, "", "keys with values"),
        ("[" * 20_000, 1, "", "YAML 1.2"),
        ("x" * 200_001, 1, "", "at most 200,000"),
    ],
)
def test_a_broken_file_says_where_and_what_was_expected(text: str, at: int, path: str, expected: str) -> None:
    """One mistake gives one fault with its line, the path to the value and what was expected there."""
    (fault,) = faults_of(text)
    assert (fault.file, fault.line, fault.path) == ("mine.yaml", at, path)
    assert expected in str(fault.expected)
    assert f"mine.yaml:{at}:" in str(fault)


def test_all_mistakes_come_at_once_in_the_order_of_the_lines() -> None:
    """Four mistakes of form in one file give four faults, first line first."""
    broken = GOOD.replace("version: 2", "version: one").replace("status: proposal", "status: law")
    broken = broken.replace("decider: independent-body", "decider: mayor")
    faults = faults_of(broken)
    assert [fault.path for fault in faults] == ["version", "status", "measures/0/decider", "measures/1/decider"]
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)


def test_all_mistakes_of_sense_come_at_once() -> None:
    """Where the form is right, unknown names and days out of order are all told together."""
    broken = GOOD.replace("status:", "in_force: 2006-12-01\nended: 2006-01-01\nstatus:", 1)
    broken = broken.replace("measures: [warning, fine]", "measures: [jail]").replace("zone: Asia", "zone: Mars")
    assert [fault.path for fault in faults_of(broken)] == [
        "ended",
        "zone",
        "duties/0/measures/0",
        "duties/1/measures/0",
        "duties/2/measures/0",
    ]


def test_an_unknown_key_names_the_one_that_was_meant() -> None:
    """A misspelt key stands with its own line and the nearest key as example."""
    (fault,) = faults_of(edited("    title: {zh: 变更后", "    titel: {zh: x, en: x}\n    title: {zh: 变更后"))
    assert (fault.line, fault.path, fault.example) == (line("    title: {zh: 变更后"), "duties/1/titel", "title")


def test_anchors_that_unfold_without_end_are_refused() -> None:
    """Nine levels of anchors, each nine times the one before, are refused and not unfolded."""
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    (fault,) = faults_of("\n".join([GOOD, "a0: &a0 [x]", *levels]))
    assert "unfold without end" in str(fault.found)


def test_a_thing_that_holds_itself_is_refused() -> None:
    """An anchor inside its own value is refused and not followed."""
    (fault,) = faults_of(GOOD + "loop: &loop [*loop]\n")
    assert "unfold without end" in str(fault.found)


def test_an_anchor_that_stays_small_means_what_it_says() -> None:
    """Writing a text once and pointing to it gives the same rule."""
    text = GOOD.replace("{zh: 登记机构, en: the registrar}", "&to {zh: 登记机构, en: the registrar}", 1)
    again = text.replace("to: {zh: 登记机构, en: the registrar}", "to: *to")
    assert digest(parse_rule(again, "mine.yaml")) == digest(load("notification-2006"))


def test_comments_and_layout_do_not_change_the_digest() -> None:
    """The digest is over the rule, not over its file: comments, quotes and blank lines are nothing."""
    text = "# mine\n\n" + GOOD.replace("status: proposal", "status: 'proposal'   # ours")
    assert digest(parse_rule(text, "mine.yaml")) == digest(load("notification-2006"))


@pytest.mark.parametrize("ref", [*shipped(), "cn-cq-2006-regulation+with-safeguards"])
def test_digests_tell_rules_apart(ref: str) -> None:
    """No two shipped rules have one digest, and a rule with an overlay is another rule."""
    others = {digest(load(other)) for other in (*shipped(), "cn-cq-2006-regulation+with-safeguards") if other != ref}
    assert digest(load(ref)) not in others
    assert len(digest(load(ref))) == 64


def test_an_overlay_changes_adds_and_takes_away_by_name() -> None:
    """`with-safeguards` takes away the suspension, adds a warning, changes the deciders and leaves the fine's amounts."""
    before, after = load("cn-cq-2006-regulation"), load("cn-cq-2006-regulation+with-safeguards")
    assert [one.id for one in after.measures] == ["correct", "fine", "warning"]
    assert after.measure("fine").fine_to == before.measure("fine").fine_to
    assert after.measure("fine").decider == "independent-body"
    assert after.ref == "cn-cq-2006-regulation+with-safeguards"
    assert after.id == before.id


def test_an_overlay_over_a_rule_it_was_not_written_for_says_so() -> None:
    """The overlay's file is named, and the rule it was written for."""
    with pytest.raises(RuleFaults, match="not written for 'de-tkg172'") as caught:
        load("de-tkg172+with-safeguards")
    assert caught.value.faults[0].file == "with-safeguards.yaml"


def test_a_mistake_that_an_overlay_brings_in_is_the_overlays() -> None:
    """A wrong value under `lay` is told with the overlay's file and line, not the rule's."""
    text = "overlay: mine\ntitle: {zh: 我, en: Mine}\nover: [notification-2006]\nlay:\n  version: 2\n  status: law\n"
    with pytest.raises(RuleFaults) as caught:
        parse_rule(GOOD, "good.yaml", [parse_overlay(text, "mine.yaml")])
    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.path) == ("mine.yaml", 6, "status")


def test_a_broken_overlay_gives_all_its_mistakes() -> None:
    """An overlay without a title, with an unknown key and no rule to go over, says all three."""
    with pytest.raises(RuleFaults) as caught:
        parse_overlay("overlay: mine\nover: []\nlay: {}\nhat: red\n", "mine.yaml")
    assert [(fault.line, fault.path) for fault in caught.value.faults] == [(1, ""), (2, "over"), (4, "hat")]


def test_a_name_that_nothing_has_lists_what_there_is() -> None:
    """Unknown rules and overlays raise NoSuchRule, which names what ships."""
    with pytest.raises(NoSuchRule, match="cn-cq-2006-notice"):
        load("cn-cq-2007")
    with pytest.raises(NoSuchRule, match="with-safeguards"):
        load("cn-cq-2006-notice+with-feeling")
    assert load_overlay("with-safeguards").over == ("cn-cq-2006-regulation",)


def test_a_rule_as_plain_values_is_json() -> None:
    """`plain` gives dates and money as text: nothing that JSON cannot say."""
    values = plain(load("cn-cq-2006-regulation"))
    assert json.loads(json.dumps(values)) == values
    assert values["measures"][1]["fine_to"] == {"amount": "3000", "currency": "CNY"}


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=200), st.text("{}[]:-&*!<>?|'\"#% \n\tab01~", max_size=200)))
def test_no_text_gives_anything_but_a_rule_or_its_faults(text: str) -> None:
    """Any text is a rule or raises RuleFaults: no other error leaves the room."""
    assert faults_of(text)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_damage_to_a_good_file_gives_anything_but_a_rule_or_its_faults(data: st.DataObject) -> None:
    """A good file with a piece cut out or put in is a rule or raises RuleFaults, each fault on a line that exists."""
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 40)))
    put_in = data.draw(
        st.one_of(st.just(""), st.text(max_size=8), st.sampled_from(["null", "~", "[]", "{}", "*a", "9" * 30]))
    )
    text = GOOD[:start] + put_in + GOOD[end:]
    faults: tuple[Fault, ...] = ()
    try:
        parse_rule(text, "mine.yaml")
    except RuleFaults as error:
        faults = error.faults
    assert all(1 <= fault.line <= len(text.splitlines()) + 1 for fault in faults)
