"""What is words only: every text of a rule that people read, found again whole, under a digest that moves with each letter."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from openroll.rules import (
    RuleFaults,
    canonical,
    load,
    plain,
    shipped,
    unjudged,
    words_digest,
    words_languages,
    words_parts,
)
from openroll.rules.language import is_text
from openroll.rules.reading import rule_of


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


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each string of plain values stands."""
    if isinstance(value, str):
        yield path
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from leaves(one, (*path, key))


def changed(value: Any, path: tuple[Any, ...]) -> Any:
    """Plain values with words of anybody's choice in one place."""
    if not path:
        return f"{value} and everybody is cut off"
    into = dict(value) if isinstance(value, dict) else list(value)
    into[path[0]] = changed(value[path[0]], path[1:])
    return into


def makes_sense(values: Any) -> bool:
    """Whether a rule file could say this: ids of sources are known ones, zones are zones."""
    try:
        rule_of({key: value for key, value in values.items() if key != "overlays"}, "changed", {})
    except RuleFaults:
        return False
    return True


@pytest.mark.parametrize("ref", shipped())
def test_nothing_can_be_said_in_a_rule_that_nobody_signs_for(ref: str) -> None:
    """Whatever text of a rule takes words of anybody's choice, these are among what two people read."""
    rule = load(ref)
    whole, said = plain(rule), words_digest(rule)
    unsigned = set()
    for path in leaves(whole):
        try:
            other = msgspec.convert(changed(whole, path), type(rule))
        except msgspec.ValidationError:
            continue  # a closed form
        if words_digest(other) == said and makes_sense(plain(other)):
            unsigned.add(str(next(one for one in reversed(path) if isinstance(one, str))))
    assert not unsigned


@pytest.mark.parametrize("ref", shipped())
def test_a_rule_that_is_kept_has_the_same_words(ref: str) -> None:
    """What a roll keeps of a rule (canonical JSON, keys in their order) is signed for as the file that was proposed."""
    rule = load(ref)
    assert words_digest(msgspec.json.decode(canonical(rule), type=type(rule))) == words_digest(rule)
