"""What officials and operators write in their own words: reasons, outcomes. On record, it may hold no way to a person.

A telephone number, an identity number and an e-mail address have a form, and are refused. A name has none: no program can
tell one from another word, so what is asked on the pages, and SECURITY.md, say that names are not to be written.
"""

import re
import unicodedata

from openroll.register.refusal import Refusal
from openroll.register.refusals import ReasonMissing, TextNamesSomebody
from openroll.register.texts import unfit_text

MOST_REASON = 500
"""Characters of a reason: a sentence or three."""

_DIGIT = "[0-9〇零一二三四五六七八九幺]"
_RUN = re.compile(f"{_DIGIT}{{6}}")
_PARTED = re.compile(rf"{_DIGIT}(?:[ \-‐-―.()]{{0,2}}{_DIGIT}){{6}}")
"""Seven digits and more, in groups as numbers are said: 138 1234 5678, (023) 6381-2345."""
_DAY = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}([-.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12][0-9]|3[01])(?![0-9])")
_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")


def reason_refusal(text: str, *, optional: bool = False) -> Refusal | None:
    """Why a reason is not taken: it is missing or too long, names somebody, or holds what nobody sees."""
    if not (optional or text.strip()) or len(text.strip()) > MOST_REASON:
        return ReasonMissing()
    return TextNamesSomebody() if names_somebody(text) else unfit_text(text, MOST_REASON, lines=True)


def names_somebody(text: str) -> bool:
    """Whether a text holds a number of six digits or more, however they are written or grouped, or an e-mail address.

    A calendar day such as 2006-11-27 is no such number.
    """
    plain = unicodedata.normalize("NFKC", "".join(one for one in text if unicodedata.category(one) != "Cf"))
    plain = "".join(str(unicodedata.digit(one)) if one.isdigit() else one for one in plain)
    plain = _DAY.sub("|", plain)
    return any(form.search(plain) for form in (_RUN, _PARTED, _ADDRESS))
