"""A telephone number, which stands in the public log: digits and what parts them, and no word of anybody's."""

import re

MOST = 40
"""Characters of a number, with what parts its digits and an extension."""
_LEAST_DIGITS = 3
_FORM = re.compile(r"[+(]?[0-9][0-9 ()./-]*(?:(?:x|#|;ext=) ?[0-9]{1,8})?")


def is_telephone(text: str) -> bool:
    """Whether a text is a telephone number, as `+86 23 1234 5678`; an extension follows `x`, `#` or `;ext=` (RFC 3966)."""
    digits = sum(char.isdigit() for char in text)
    return len(text) <= MOST and digits >= _LEAST_DIGITS and _FORM.fullmatch(text) is not None
