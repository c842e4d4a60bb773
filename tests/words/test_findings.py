"""What every check of a rule can come to is said in Chinese."""

import pytest

from openroll.rules import check, load, shipped
from openroll.rules.check import SAFEGUARDS
from openroll.words.findings import MEANT, say_finding


def test_every_check_has_words() -> None:
    """There are words for each safeguard and for no other, each with its own sentence for keeping it and for not."""
    assert set(MEANT) == {safeguard.id for safeguard in SAFEGUARDS}
    assert all(meant.passed != meant.failed for meant in MEANT.values())


@pytest.mark.parametrize("rule", shipped())
def test_the_findings_of_a_rule_are_said(rule: str) -> None:
    """Every finding of every shipped rule is said in Chinese by what it came to, and in English as it was seen."""
    for finding in check(load(rule)):
        assert say_finding(finding, "en") == finding.seen
        said = say_finding(finding, "zh")
        assert said in MEANT[finding.id]
        assert any("\u4e00" <= char <= "\u9fff" for char in said)
