"""What officials and operators write in their own words: reasons, outcomes. On record, it may hold no way to a person.

A telephone number, an identity number and an e-mail address have a form, and are refused. A name has none: no program can
tell one from another word, so what is asked on the pages, and SECURITY.md, say that names are not to be written.
"""

from openroll.register.refusal import Refusal
from openroll.register.refusals import ReasonMissing, TextNamesSomebody
from openroll.register.texts import unfit_text
from openroll.rules.naming import names_somebody

__all__ = ["MOST_REASON", "names_somebody", "reason_refusal"]

MOST_REASON = 500
"""Characters of a reason: a sentence or three."""


def reason_refusal(text: str, *, optional: bool = False) -> Refusal | None:
    """Why a reason is not taken: it is missing or too long, names somebody, or holds what nobody sees."""
    if not (optional or text.strip()) or len(text.strip()) > MOST_REASON:
        return ReasonMissing()
    return TextNamesSomebody() if names_somebody(text) else unfit_text(text, MOST_REASON, lines=True)
