"""What the model itself says of what it made, by language: data, as what a city's own file says is."""

from importlib.resources import files
from typing import Any

import msgspec

from openroll.rules import Text
from openroll.rules.language import in_language, is_text

_WORDS = msgspec.json.decode(
    (files("openroll.whatif") / "made_words.json").read_bytes(), type=dict[str, dict[str, str]]
)


def made_words(name: str, **given: Any) -> Text:
    """A text in every language it has; what is given as a text by language is said in each of them."""
    return {
        lang: text.format(**{key: in_language(one, lang) if is_text(one) else one for key, one in given.items()})
        for lang, text in _WORDS[name].items()
    }
