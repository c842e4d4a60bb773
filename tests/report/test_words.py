"""The report's words: both languages, for everything that a run answers and assumes, and numbers as people say them."""

import re

import pytest

from openroll.paper.typeface import typeface
from openroll.report import figures
from openroll.report.wording import seen, texts, words
from openroll.whatif import ANSWERS, titles
from openroll.words.assumptions import assumption_title, assumption_unit
from openroll.words.catalogue import in_context

TEXTS = [(part, text) for part, mine in texts().items() for text in mine.values()]


@pytest.mark.parametrize(("part", "text"), TEXTS)
def test_a_text_is_there_in_both_languages(part: str, text: str) -> None:
    """A text is English and has Chinese, with the same places to fill in, and can be printed."""
    chinese = in_context("zh", f"report.{part}", text)
    assert chinese != text or not re.search("[a-z]{2}", re.sub(r"\{\w+\}", "", text))
    assert sorted(re.findall(r"\{\w+\}", chinese)) == sorted(re.findall(r"\{\w+\}", text))
    assert typeface().can_show(chinese + text)
    assert not re.search("[‘’“”…—]", text)
    assert not re.search("[,;:!?()]", re.sub(r"[!-~]*[A-Za-z][!-~]*", "", chinese))


def test_every_answer_and_assumption_has_its_words() -> None:
    """Whatever the model answers or assumes has a title in both languages, and its process a heading."""
    for lang in ("zh", "en"):
        assert {one.name for one in ANSWERS} == set(words("answer", lang))
        assert {path.split(".")[0] for path in titles()} <= set(words("grounds", lang))
    for one in titles().values():
        assert assumption_title("zh", one) != one.title
        assert assumption_unit("zh", one, "{currency}") != one.unit


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (0.0421, "0.042", "0.042"),
        (3.14, "3.1", "3.1"),
        (9.96, "10", "10"),
        (43, "43", "43"),
        (1512, "1,500", "1,500"),
        (9_960, "1万", "10,000"),
        (613_470, "61万", "610,000"),
        (1_240_000, "120万", "1.2 million"),
        (64_066_000, "6,400万", "64 million"),
        (117_150_000, "1.2亿", "120 million"),
        (999_900, "100万", "1 million"),
        (-2_306, "−2,300", "−2,300"),
    ],
)
def test_numbers_are_said_as_people_say_them(value: float, zh: str, en: str) -> None:
    """Two figures that count, in the thousands of the language."""
    assert (figures.plain("zh", value), figures.plain("en", value)) == (zh, en)


@pytest.mark.parametrize(
    ("share", "en"), [(0, "0%"), (0.0004, "<0.1%"), (0.019, "1.9%"), (0.599, "60%"), (-0.57, "−57%"), (1, "100%")]
)
def test_shares_are_percentages(share: float, en: str) -> None:
    """Whole per cents, a tenth below ten, and never nought for what is there; with the sign where the language has it."""
    assert figures.percent("en", share) == figures.percent("zh", share) == en
    assert figures.percent("de", share) == en.replace("%", "\xa0%").replace(".", ",")


def test_what_cannot_be_seen_is_left_out() -> None:
    """Marks that turn the direction of reading, and controls, reach neither page nor paper."""
    assert seen("a\u202e1\x1b\n b\u2066") == "a1 b"
