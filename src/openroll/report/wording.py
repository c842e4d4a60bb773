"""The report's fixed texts (`words.toml`) by language, and titles that others wrote made safe to show."""

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
    """Every text of the report in English, by part and key."""
    return tomllib.loads((files("openroll.report") / "words.toml").read_text(encoding="utf-8"))


@cache
def words(part: str, lang: str) -> Mapping[str, str]:
    """The texts of a part of the report in a language, by key. Raises KeyError."""
    return {key: in_context(lang, f"report.{part}", text) for key, text in texts()[part].items()}


def seen(text: str) -> str:
    """A title made safe: one line without control or bidirectional characters."""
    spaced = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
    return "".join(one for one in spaced if unicodedata.category(one) not in _UNSEEN)
