"""The standing words of the report (`words.toml`), and titles that others wrote made fit to be shown."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from openroll.words.catalogue import in_context

# Controls, invisible marks (among them those that turn the direction of reading), private and unassigned characters.
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


@cache
def texts() -> dict[str, dict[str, str]]:
    """Every text in English, by part and key."""
    return tomllib.loads((files("openroll.report") / "words.toml").read_text(encoding="utf-8"))


@cache
def words(part: str, lang: str) -> Mapping[str, str]:
    """The words of a part in a language, by key. Raises KeyError."""
    return {key: in_context(lang, f"report.{part}", text) for key, text in texts()[part].items()}


def seen(text: str) -> str:
    """A text as one line of what can be seen: no control, no mark that turns the digits of a number about."""
    spaced = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
    return "".join(one for one in spaced if unicodedata.category(one) not in _UNSEEN)
