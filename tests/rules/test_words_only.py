"""What is words only: every text of a rule that people read, found again whole, under a digest that moves with each letter."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from openroll.rules import load, plain, shipped, unjudged, words_digest, words_languages, words_parts
from openroll.rules.language import is_text


def texts_of(value: Any) -> Iterator[dict[str, str]]:
    """Every text by language in a rule's plain values, wherever it stands."""
    if is_text(value):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_of(one)


@pytest.mark.parametrize("ref", shipped())
def test_no_text_of_a_rule_is_left_out(ref: str) -> None:
    """What somebody reads who signs is each text that the rule has, in all its languages, under the headings of the report."""
    rule = load(ref)
    parts = words_parts(rule)
    read = [dict(text) for part in parts for _, text in part.texts if set(text) != {"und"}]
    whole = [text for text in texts_of(plain(rule)) if text]
    assert sorted(map(str, map(sorted, map(dict.items, read)))) == sorted(str(sorted(text.items())) for text in whole)
    assert [str(part.about) for part in parts] == [str(one) for one in unjudged(rule)][: len(parts)]
    assert {tag for text in whole for tag in text} == set(words_languages(rule))


def test_the_digest_is_of_the_words_and_of_nothing_else() -> None:
    """A letter in one language changes it; a number that checks judge does not."""
    rule = load("notification-2006")
    assert len(words_digest(rule)) == 64
    assert words_digest(msgspec.structs.replace(rule, version=7)) == words_digest(rule)
    assert words_digest(msgspec.structs.replace(rule, summary={**rule.summary, "en": "Stay in."})) != words_digest(rule)
