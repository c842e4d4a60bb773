"""A sentence that can be said in any language: English in code, with places, and what goes into them.

The translation is found by whoever says it (`words.catalogue`), so that what is decided here, without any catalogue, can be read
in every language of a roll. The English text is marked by `_`, by which `script/words` finds it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

Translate = Callable[[str], str]
"""A text of the code in a language; where that language has none, the text itself."""


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


class Sentence(msgspec.Struct, frozen=True):
    """A sentence. `given` fills its places: words and numbers as they are, other sentences, and rows of these."""

    text: str
    given: Mapping[str, Any] = {}

    def said(self, translate: Translate) -> str:
        """The sentence in a language."""
        filled = {name: _filled(value, translate) for name, value in self.given.items()}
        return translate(self.text).format_map(filled)

    def __str__(self) -> str:
        """The sentence in English."""
        return self.said(lambda text: text)


def sentence(text: str, **given: Any) -> Sentence:
    """A sentence and what goes into it."""
    return Sentence(text, given)


def _filled(value: Any, translate: Translate) -> str:
    if isinstance(value, Sentence):
        return value.said(translate)
    if isinstance(value, tuple):
        return translate(_(", ")).join(_filled(one, translate) for one in value) or translate(_("none"))
    return str(value)
