"""The number of a site: short, with check digits, and never given twice. Pure."""

from openroll.register.check_digits import check_digits, check_digits_right
from openroll.register.request.one_record import typed

_FEWEST, _MOST, _GROUP = 8, 17, 4
"""Digits of a number with the two that check it, and how many of them stand together."""


def number_text(number: int) -> str:
    """A site's number as it is shown, as `0007-9444`: at least six digits and two check digits (ISO 7064 MOD 97-10).

    Every digit that is wrong and every two neighbours that are swapped show. One below 1, which no site has, is shown as it is.
    """
    if number < 1:
        return str(number)
    payload = f"{number:06d}"
    digits = payload + check_digits(payload)
    return "-".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def read_number(text: str) -> int | None:
    """The number that a text shows; None for what is none, or is mistyped. Blanks and dashes do not matter."""
    digits = "".join(char for char in typed(text) if char not in "- ")
    if not (digits.isascii() and digits.isdigit() and _FEWEST <= len(digits) <= _MOST):
        return None
    number = int(digits[:-2])
    return number if number and check_digits_right(digits) and digits[:-2] == f"{number:06d}" else None
