"""Titles that others give: of the roll, of operators, of organisations, each by language."""

from collections.abc import Mapping

from openroll.register.roll.refusals import LanguagesWrong
from openroll.rules.language import TAG


def wrong_title(title: Mapping[str, str]) -> LanguagesWrong | None:
    """Why this is no title by language: it says nothing, says nothing in one of its languages, or one is no tag."""
    if title and all(text.strip() and TAG.fullmatch(lang) for lang, text in title.items()):
        return None
    return LanguagesWrong(languages=tuple(title))
