"""Words that give a clause away: a measure titled "is disconnected" cuts off, whatever kind it calls itself.

The words are data (`telltales.yaml`), by language. They add to what the structure says and never excuse: a clause is judged by
its kind, class and numbers first, and by its words where they say more.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

from openroll.rules.language import Text
from openroll.rules.text import read_yaml

Group = Literal[
    "person", "people", "firm", "site", "activity", "identity", "sensitive", "cutting", "anything", "hollow"
]
_FILE = "telltales.yaml"


def tells(group: Group, names: Iterable[str] = (), texts: Iterable[Text] = ()) -> bool:
    """Whether a name, or a text in any of its languages, has one of the words of a group."""
    said = [name.replace("_", " ").replace("-", " ") for name in names]
    said += [value for text in texts for value in text.values()]
    return any(_pattern(group).search(one.casefold()) for one in said)


@cache
def _pattern(group: Group) -> re.Pattern[str]:
    text = (files("openroll.rules") / _FILE).read_text(encoding="utf-8")
    words, _ = read_yaml(text, _FILE)
    letters = [word.casefold() for by_language in words[group].values() for word in by_language]
    return re.compile("|".join((r"\b" if word[0].isascii() else "") + re.escape(word) for word in letters))
