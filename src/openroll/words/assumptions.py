"""What a city's assumptions are called, in any language: their titles and units stand in English in whatif/assumptions.yaml."""

from typing import TYPE_CHECKING

from openroll.words.catalogue import in_context

if TYPE_CHECKING:  # the model is not loaded for its words
    from openroll.whatif.titles import Title

CONTEXT = "assumption"
"""Under which the catalogues have them (babel.cfg)."""


def assumption_title(lang: str, title: "Title") -> str:
    """What an assumption is called."""
    return in_context(lang, CONTEXT, title.title)


def assumption_unit(lang: str, title: "Title", currency: str) -> str:
    """What it is counted in, with a city's currency in its place."""
    return in_context(lang, CONTEXT, title.unit).replace("{currency}", currency)
