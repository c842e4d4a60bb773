"""The mistakes of a rule's text are said in every language that there are words for."""

import re

import pytest

from openroll.register.decision import Refused
from openroll.register.roll.refusals import RuleFaulty
from openroll.rules import RuleFaults, parse_rule
from openroll.service.governance.rule_versions import read_rule
from openroll.words import catalogue

GOOD = """
id: mine
version: 1
title: {en: Mine}
summary: {en: A rule}
status: proposal
zone: Asia/Shanghai
covers: [person]
sources: [{id: own, title: Own, standing: ours}]
"""
BROKEN = {
    "a key that is none": GOOD + "colour: red\n",
    "a key twice": GOOD + "version: 2\n",
    "a word outside its list": GOOD.replace("proposal", "dreamt"),
    "nothing where something must be": GOOD.replace("version: 1\n", ""),
    "a zone that is none": GOOD.replace("Asia/Shanghai", "Asia/Nowhere"),
    "a number below its bound": GOOD.replace("version: 1", "version: 0"),
    "a period that is none": GOOD + "retention: {period: P1X}\n",
    "a name that nothing has": GOOD + "minimum: [shoe]\n",
    "a safeguard that is none": GOOD + "safeguards: {luck: {present: true}}\n",
    "text that is no YAML": GOOD + "a: [\n",
    "a character that nobody sees": GOOD.replace("Mine", '"\\u202e"'),
    "nothing at all": "[]",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_mistake_is_said_in_chinese_and_in_english(text: str) -> None:
    """In Chinese no English sentence is left; in English it reads as `openroll rule check` prints it."""
    with pytest.raises(RuleFaults) as faults:
        parse_rule(text, "mine")
    for fault in faults.value.faults:
        english, chinese = (catalogue.said(lang, fault.told) for lang in ("en", "zh"))
        assert english == str(fault)
        assert "应为" in chinese
        if "YAML" not in chinese:  # why it cannot be read is the library's own word
            found = catalogue.said("zh", fault.found) if not isinstance(fault.found, str) else fault.found
            assert not re.search("[A-Za-z]+ [A-Za-z]+ [a-z]+", found), found


def test_programs_read_the_mistakes_in_english() -> None:
    """The refusal carries sentences for pages, and plain English text for whoever reads its parameters."""
    refused = read_rule("", BROKEN["a key twice"])
    assert isinstance(refused, Refused)
    assert isinstance(refused.refusal, RuleFaulty)
    (told,) = refused.refusal.params["faults"]
    assert told.startswith("your text:10: version: 'version' stands on line 3 already.")
    missing = read_rule("nowhere-2000", "")
    assert isinstance(missing, Refused)
    assert isinstance(missing.refusal, RuleFaulty)
    assert catalogue.said("zh", missing.refusal.faults[0]).startswith("没有'nowhere-2000'；现有：")
