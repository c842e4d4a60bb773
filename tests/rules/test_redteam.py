"""Abusive rules, a file each in `redteam`: every one is refused, by the check its first lines name, with a story that shows why.

To add one, add a file: `# trick:` says what it tries, `# fails:` which checks must fail (or `overlay`, where it cannot be laid at
all), `# written from:` what its author had read.
"""

import re
from datetime import date
from importlib.resources import files
from pathlib import Path
from time import process_time

import msgspec
import pytest

from openroll.rules import Rule, RuleFaults, check, load, load_under, parse_overlay, parse_rule
from openroll.rules.kinds import DeclaredKind
from openroll.words import catalogue
from openroll.words.findings import witness

FOLDER = Path(__file__).parent / "redteam"
RULES = sorted(FOLDER.glob("*.yaml"))
PUBLISHED = "the published checks alone"


def said(file: Path, key: str) -> str:
    """What the first lines of a file say under a key."""
    found = re.search(rf"^# {key}: (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"{file.name} does not say `# {key}:`"
    return found.group(1)


def read(file: Path) -> Rule:
    """The rule of a file, or the one that its overlay makes of the shipped rule it is for."""
    text = file.read_text(encoding="utf-8")
    if not re.search(r"^overlay:", text, re.MULTILINE):
        return parse_rule(text, file.name)
    overlay = parse_overlay(text, file.name)
    return load_under(overlay.over[0], [overlay])


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_an_abusive_rule_is_refused_with_a_witness(file: Path) -> None:
    """No live roll opens under it; no check that it must fail passes, and each tells a story in every language."""
    failing = said(file, "fails").split(", ")
    assert said(file, "trick")
    assert said(file, "written from")
    if failing == ["overlay"]:
        with pytest.raises(RuleFaults):
            read(file)
        return
    findings = {one.id: one for one in check(read(file))}
    assert any(one.shuts for one in findings.values())
    for name in failing:
        assert findings[name].outcome != "passed", name
        stories = {witness(lang, findings[name]) for lang in catalogue.shipped()}
        assert all(stories)
        assert len(stories) == len(catalogue.shipped()), "a story that is not translated"


def test_the_corpus_is_large_and_partly_written_from_the_published_checks() -> None:
    """There are 60 tricks at least, no two alike, 20 of them by someone who had read only what is published."""
    tricks = [said(file, "trick") for file in RULES]
    assert len(set(tricks)) == len(tricks) >= 60
    assert sum(said(file, "written from").startswith(PUBLISHED) for file in RULES) >= 20


def test_the_same_rule_gives_the_same_stories() -> None:
    """Nothing is left to chance: two readings of a rule give the same findings."""
    text = (files("openroll.rules") / "shipped" / "cn-cq-2006-notice.yaml").read_text(encoding="utf-8")
    assert check(parse_rule(text, "one")) == check(parse_rule(text, "two"))


def test_the_largest_rule_is_checked_in_under_a_second() -> None:
    """Thousands of duties on hundreds of kinds, each of its own shape (1.4 MB and more): stories are bounded."""
    rule = load("cn-cq-2006-notice")
    shapes = [
        msgspec.structs.replace(
            rule.duties[n % 3], id=f"duty-{n}", since=date.fromordinal(732500 + n), measures=(f"measure-{n % 300}",)
        )
        for n in range(2000)
    ]
    measures = [msgspec.structs.replace(rule.measures[n % 2], id=f"measure-{n}", step=1 + n % 9) for n in range(300)]
    kinds = tuple(DeclaredKind(f"kind-{n}", {"en": "a kind"}, "person") for n in range(200))
    largest = msgspec.structs.replace(rule, duties=tuple(shapes), measures=tuple(measures), kinds=kinds)
    assert len(msgspec.json.encode(largest)) > 1_000_000
    check(rule)  # reads the words that give a clause away, once for all rules
    begun = process_time()
    check(largest)
    assert process_time() - begun < 1
