"""The slips of whoever writes a rule by hand: a folder of them, each said as what was meant, at its line, all at once.

A case is one file of `slips`: what is done to the made rule (`edits`, or a whole `text`), and every sentence that is told of it.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from openroll.places import JurisdictionFaults, own_files, read_bundle
from openroll.register.decision import Refused
from openroll.register.roll.refusals import RuleFaulty
from openroll.rules import Fault, RuleFaults, check, parse_overlay, parse_rule
from openroll.rules.sentence import Sentence
from openroll.rules.text import MOST_RULE
from openroll.service.governance.rule_versions import read_rule
from openroll.words import catalogue

HERE = Path(__file__).parent
BASE = (HERE / "slips-base.yaml").read_text(encoding="utf-8")
CASES = sorted(path.stem for path in (HERE / "slips").iterdir())


def faults_of(text: str) -> list[Fault]:
    """The mistakes of a text that is no rule, in the order they are told."""
    with pytest.raises(RuleFaults) as caught:
        parse_rule(text, "mine.yaml")
    return list(caught.value.faults)


def slip(name: str) -> tuple[str, list[str]]:
    """A case: its text, and the sentences that are told of it."""
    case: Any = YAML(typ="safe", pure=True).load((HERE / "slips" / f"{name}.yaml").read_text(encoding="utf-8"))
    text = case.get("text", BASE)
    for edit in case.get("edits", ()):
        assert edit["old"] in text
        text = text.replace(edit["old"], edit["new"], 1)
    return text, case["faults"]


@pytest.mark.parametrize("name", CASES)
def test_a_slip_is_said_as_what_was_meant(name: str) -> None:
    """Every sentence of a case, in the order of the lines, and nothing besides; each in Chinese too."""
    text, wanted = slip(name)
    faults = faults_of(text)
    assert [str(one) for one in faults] == wanted
    untranslated = [text for one in faults for text in sentences(one.told) if catalogue.gettext("zh", text) == text]
    assert not [text for text in untranslated if text not in SAME_IN_EVERY_LANGUAGE]


SAME_IN_EVERY_LANGUAGE = ("YAML 1.2",)


def sentences(value: Any) -> list[str]:
    """The texts of a sentence and of those within it, as the catalogue knows them."""
    if isinstance(value, Sentence):
        return [value.text, *(text for inner in value.given.values() for text in sentences(inner))]
    return [text for inner in value for text in sentences(inner)] if isinstance(value, tuple) else []


def test_the_made_rule_itself_is_a_rule() -> None:
    """The rule in which the slips are made has none."""
    assert parse_rule(BASE, "made.yaml").id == "made"


def test_the_examples_that_are_shown_are_right() -> None:
    """A line that is shown as the right one, put in the wrong one's place, ends that mistake."""
    for name in (
        "comma-in-a-sentence",
        "unclosed-quote",
        "full-width-comma",
        "apostrophe-in-quotes",
        "colon-in-a-line",
    ):
        text, _ = slip(name)
        (fault,) = faults_of(text)
        lines = text.splitlines()
        wrong = lines[fault.line - 1]
        example = f"to: {{zh: 登记机构, {fault.example}}}" if fault.path else fault.example
        lines[fault.line - 1] = wrong[: len(wrong) - len(wrong.lstrip())] + example
        assert parse_rule("\n".join(lines), "mine.yaml").id == "made"


def test_overlays_and_jurisdictions_say_the_same() -> None:
    """A quote, a wrong key and a wrong zone of a jurisdiction, and a comma and a wrong name of an overlay, come at once."""
    files = dict(own_files("ke"))
    text = files["jurisdiction.yaml"].decode().replace("title: {en: A person", "title: {en: 'A person", 1)
    files["jurisdiction.yaml"] = text.replace("zone: Africa/Nairobi", "zone: posixrules\nzoo: 1").encode()
    with pytest.raises(JurisdictionFaults) as caught:
        read_bundle(files)
    assert [one.path for one in caught.value.faults if one.file == "jurisdiction.yaml"] == ["zone", "zoo", ""]
    with pytest.raises(RuleFaults) as of_overlay:
        parse_overlay("overlay: My Own\ntitle: {en: Mine, not yours}\nover: [made]\nlay: {}\n", "mine.yaml")
    assert [one.path for one in of_overlay.value.faults] == ["overlay", "title/en"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (BASE + "#" * MOST_RULE, "at most 200,000"),
        (BASE.replace("covers: [person", "covers: [" + "person, " * 300 + "person"), "at most 200"),
    ],
)
def test_a_rule_that_is_too_large_is_refused_and_never_cut(text: str, wanted: str) -> None:
    """A longer text than the limit, or a longer list, is refused with the limit: by command, and as a proposal on a page."""
    (fault,) = faults_of(text)
    assert wanted in str(fault.expected)
    refused = read_rule("", text)
    assert isinstance(refused, Refused)
    assert isinstance(refused.refusal, RuleFaulty)
    assert wanted in str(refused.refusal.faults[0])


def test_a_file_full_of_mistakes_is_read_in_one_breath() -> None:
    """A thousand mistakes give two hundred, and the text is gone through a few times, not once for each."""
    assert len(faults_of(BASE + "version: 3\n" * 1_000)) == 200
    assert 0 < len(faults_of(BASE + "x：1\n" * 1_000)) <= 20
    for wide in (" " * 30_000 + "，", "- " * 15_000, "，" * 30_000, "[" + "a, " * 2_000):
        assert faults_of(BASE + "x: {a: " + wide + "}: b: c\n")


@pytest.mark.parametrize(
    ("statement", "seen"),
    [
        ("{present: true, days: 13}", "13 days"),
        ("{present: true, days: 14}", "without correction: fine"),
        ("{present: false, days: 14}", "without correction: fine"),
    ],
)
def test_a_failed_check_never_shows_a_number_that_would_do(statement: str, seen: str) -> None:
    """Time to correct that is long enough, where a measure follows without it: what is seen is the measure, not the days."""
    rule = parse_rule(BASE.replace("safeguards:", f"safeguards:\n  correction: {statement}"), "mine.yaml")
    (found,) = (one for one in check(rule) if one.id == "correction")
    assert (found.outcome, str(found.seen)) == ("failed", seen)
    later = BASE.replace("step: 2", "step: 2\n    after_correction: true").replace(
        "safeguards:", "safeguards:\n  correction: {present: true, days: 14, since: 2199-01-01}"
    )
    (found,) = (one for one in check(parse_rule(later, "mine.yaml")) if one.id == "correction")
    assert found.outcome == "failed"
    assert "14 days" not in str(found.seen)


def test_the_page_on_rules_tells_what_is_told() -> None:
    """Each sentence of the table in docs/rules.md is one that the corpus has, and so is its example."""
    page = (HERE.parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `[^|]+` \| ([^|]+) For example: `([^|]+)` \|$", page, re.MULTILINE)
    told = [sentence for name in CASES for sentence in slip(name)[1]]
    assert len(rows) > 8
    for found, example in rows:
        end = example.replace("{en:", "{zh: 登记机构, en:")
        assert any(found in one and one.endswith(f"For example: {end}") for one in told), found
