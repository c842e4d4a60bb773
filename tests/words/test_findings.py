"""What the checks of a rule find is said in every language that there are words for."""

import re

import pytest

from openroll.rules import Finding, check, load, shipped
from openroll.rules.sentence import Sentence, sentence
from openroll.words import catalogue
from openroll.words.findings import as_data, told

SAFE = "cn-cq-2006-regulation+with-safeguards"
ASCII_WORDS = re.compile(r"[A-Za-z]{3,}")


def of_the_rule(finding: Finding) -> set[str]:
    """The ids in a finding that are the rule's own, and so the same in every language."""
    told = (finding.seen, finding.witness or finding.seen)
    given = [value for one in told for value in _given(one) if isinstance(value, str)]
    return {word for value in given for word in ASCII_WORDS.findall(value)}


def _given(told: Sentence) -> list[object]:
    every: list[object] = []
    for value in told.given.values():
        for one in value if isinstance(value, tuple) else (value,):
            every += _given(one) if isinstance(one, Sentence) else [one]
    return every


@pytest.mark.parametrize(
    "lang", [lang for lang in catalogue.shipped() if lang != "en" and not catalogue.is_draft(lang)]
)
def test_every_finding_is_said_in_every_language(lang: str) -> None:
    """Title, threshold, what was seen and the reason have no English in another language, but for the rule's own names."""
    for one in (finding for ref in (*shipped(), SAFE) for finding in check(load(ref))):
        for text in (one.title, one.threshold, one.seen, one.reason, one.witness or one.reason):
            said = re.sub(
                "`openroll [^`]*`", "", catalogue.said(lang, text)
            )  # what is typed is the same in every language
            assert set(ASCII_WORDS.findall(said)) <= of_the_rule(one), (one.id, text)


def test_a_finding_is_told_in_whole_sentences() -> None:
    """How it came out, what was seen and where, and what is asked where it is not kept, with words for closed values."""
    (court,) = (one for one in check(load("cn-cq-2006-notice")) if one.id == "cap")
    assert told("en", court) == (
        "Not kept. Seen: off-network: 6 months (the notice). Asked: 30 days or fewer. "
        "For example: a person, on any day: is without service, and this is the cap: 6 months."
    )
    assert told("zh", court) == (
        "不符合。所见：off-network：6个月（通告本身）。要求：不超过30天。例如：一个人，任何一天：没有服务，上限是：6个月。"
    )


def test_programs_read_what_they_read_before() -> None:
    """Titles and reasons are by language, threshold and what was seen also stand in English, as they did."""
    (one,) = (one for one in check(load("cn-cq-2006-notice")) if one.id == "no-cut-off")
    data = as_data(one, ("en", "zh"))
    assert data["title"] == {"en": "a person is not cut off for not filing", "zh": "不因未备案而停止个人上网"}
    assert data["reason"]["en"] == "not kept: a person is not cut off for not filing"
    assert data["reason"]["zh"] == "不符合：不因未备案而停止个人上网"
    assert (data["threshold"], data["seen"]) == ("0 days", "off-network up to 6 months")
    assert (
        data["witness"]["zh"] == "一个人，2006-08-07：2006-07-07开通，没有备案，因此可能面临：停机整顿（off-network）"
    )
    assert data["told"]["zh"] == {"threshold": "0天", "seen": "off-network，最长6个月"}


def test_a_sentence_is_filled_with_others_in_the_same_language() -> None:
    """Sentences within a sentence, and rows of them, are said in its language; an empty row is none; braces are no places."""
    row = sentence("{names}", names=(Sentence("none"), "{x}", 3))
    assert str(sentence("a: {row}", row=row)) == "a: none, {x}, 3"
    assert str(sentence("{names}", names=())) == "none"
    assert sentence("{a}", a=Sentence("yes")).said(lambda text: {"yes": "是"}.get(text, text)) == "是"
