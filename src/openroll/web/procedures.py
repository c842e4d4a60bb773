"""A procedure as pages show it: its picture, and beside it every step in words for whoever does not see one."""

from typing import Any

from markupsafe import Markup

from openroll.rules.language import in_language
from openroll.rules.procedure import Procedure
from openroll.rules.procedure_order import in_order
from openroll.words.labels import words
from openroll.words.procedure_picture import procedure_picture
from openroll.words.procedures import SECTIONS, step_words, whole_words


def procedure_shown(shown: Procedure, lang: str) -> dict[str, Any]:
    """What a page says of a procedure: title, picture, steps by the ways they lie on, and what holds for the whole."""
    return {
        "title": in_language(shown.title, lang),
        "name": shown.name,
        "svg": Markup(procedure_picture(shown, lang, "procedure")),  # noqa: S704 - our own drawing: every text in it is escaped
        "sections": [
            {
                "title": words(lang, SECTIONS, section.how),
                "steps": [step_words(lang, shown, leg) for leg in section.legs],
            }
            for section in in_order(shown)
        ],
        "whole": whole_words(lang, shown),
    }
