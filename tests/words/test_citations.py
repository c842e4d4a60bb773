"""Articles are cited as each language cites them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from openroll.rules import load, plain, shipped
from openroll.words.citations import cited

NAMES = [*shipped(), "cn-cq-2006-regulation+with-safeguards"]


def articles(value: Any) -> Iterator[str]:
    """Every article that stands anywhere in a rule."""
    if isinstance(value, dict):
        if value.get("article"):
            yield str(value["article"])
        for one in value.values():
            yield from articles(one)
    if isinstance(value, list):
        for one in value:
            yield from articles(one)


@pytest.mark.parametrize(
    ("article", "said"),
    [
        ("Art. 12(2)", "第12条第2款"),
        ("Overlay art. 1", "附加规定第1条"),
        ("Overlay art. 2; amounts of the regulation", "附加规定第2条；数额出自条例"),
        ("§172(1)", "§172(1)"),
    ],
)
def test_an_article_is_cited_in_chinese(article: str, said: str) -> None:
    """Numbers come first in Chinese; English keeps the rule file's words."""
    assert cited("zh", article) == said
    assert cited("en", article) == article


@pytest.mark.parametrize("name", NAMES)
def test_every_article_of_the_shipped_rules_has_chinese_words(name: str) -> None:
    """No English word is left in any article of a shipped rule."""
    for article in articles(plain(load(name))):
        assert not re.search(r"[A-Za-z]{2,}", cited("zh", article)), article
