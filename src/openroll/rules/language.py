"""Text by language: `{"zh": "备案", "en": "Filing"}`, keyed by BCP 47 tags (RFC 5646).

A plain mapping, so that it is the same thing in a YAML file, in an event, in a jsonb column and in JSON. Which languages there
are is data: of a roll (`roll.opened`), of a rule file, of a city.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from msgspec import Meta


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


TAG_PATTERN = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
TAG = re.compile(TAG_PATTERN)
"""A language, and if need be its script and region, each as RFC 5646 section 2.1.1 would have it written: `zh`, `zh-Hant-TW`."""

ENGLISH = "en"
"""The language that the standing words are written in, and that stands in for one that says nothing."""
PRESET_LANGUAGES = ("zh", "en")
"""The languages of a roll that names none, and of every roll that was opened before rolls named theirs."""

Tag = Annotated[str, Meta(pattern=TAG_PATTERN, description=_("a language tag (BCP 47)"), examples=["zh"])]
Text = Annotated[
    Mapping[Tag, Annotated[str, Meta(min_length=1)]],
    Meta(
        description="a text by language", examples=[{"zh": "三十日内备案", "en": "File within 30 days"}], min_length=1
    ),
]


def in_language(text: Mapping[str, str], lang: str) -> str:
    """A text in a language, or what comes nearest; empty only where the mapping is.

    In this order: the tag itself, the tag without its last parts (RFC 4647 section 3.4: `zh-Hant-TW`, `zh-Hant`, `zh`), English,
    the first language by its tag.
    """
    for tag in (*ranges(lang), ENGLISH, *sorted(text)):
        if text.get(tag):
            return text[tag]
    return ""


def in_all(text: Mapping[str, str]) -> tuple[str, ...]:
    """A text in every language it has: English first, the others by their tags."""
    return tuple(text[tag] for tag in sorted(text, key=lambda tag: (tag != ENGLISH, tag)))


def is_text(value: object) -> bool:
    """Whether a plain value is a text by language: a mapping whose keys are all language tags and whose values are words.

    A rule's other mappings have keys that are longer (`title`, `period`), so that no list of languages has to be kept.
    """
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(TAG.fullmatch(str(key)) and isinstance(word, str) for key, word in value.items())
    )


def negotiated(header: str, languages: Sequence[str], otherwise: str) -> str:
    """Which of `languages` an `Accept-Language` header (RFC 9110 section 12.5.4) asks for; `otherwise` where it names none."""
    wanted = sorted(_weighed(header), key=lambda one: -one[1])
    known = {one.lower(): one for one in languages}
    for name, weight in wanted:
        found = next((known[part] for part in ranges(name.lower()) if part in known), None)
        if found is not None and weight > 0:
            return found
    return otherwise


def ranges(tag: str) -> Iterator[str]:
    """A tag and what is left of it as its parts are taken from its end: `zh-Hant-TW`, `zh-Hant`, `zh`."""
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


def _weighed(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(",")[:50]:
        name, _, weight = part.partition(";")
        try:
            yield name.strip(), float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
