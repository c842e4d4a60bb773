"""The number of a site: with check digits, never given twice, and in no order. Pure."""

import re

from openroll.register.check_digits import check_digits, check_digits_right
from openroll.register.request.one_record import typed
from openroll.register.subscription.filing_code import ff1_encrypt

DIGITS = 12
"""Of a number, without those that check it. Numbers of before had six: none of them is given again."""
_FIRST = 10 ** (DIGITS - 1)
_LIKE_A_NUMBER = re.compile(r"[\d\s-]{8,}")
_DOMAIN = b"openroll site number 1"
_FEWEST, _MOST, _GROUP = 8, 17, 4
"""Digits of a number with the two that check it, and how many of them stand together."""


def number_of_record(record: int, key: bytes) -> int:
    """The number of the site whose facts stand on a record: 12 digits, and no two records have one.

    It is the record's own number, which is never given twice, put through FF1 (NIST SP 800-38G) under the roll's key of filing
    codes, again and again until it has as many digits. So who has no key learns nothing by it of any other site: numbers that
    went up told by their neighbours which operator filed a person's site, and when. Raises ValueError beyond 9 * 10**11 records.
    """
    if not 0 < record < 9 * _FIRST:
        raise ValueError(f"no site has a number of record {record}")
    number = _FIRST + record
    while True:
        number = int(ff1_encrypt(f"{number:0{DIGITS}d}", key, _DOMAIN))
        if number >= _FIRST:
            return number


def number_text(number: int) -> str:
    """A site's number as it is shown, as `0007-9444`: at least six digits and two check digits (ISO 7064 MOD 97-10).

    Every digit that is wrong and every two neighbours that are swapped show. One below 1, which no site has, is shown as it is.
    """
    if number < 1:
        return str(number)
    payload = f"{number:06d}"
    digits = payload + check_digits(payload)
    return "-".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def is_like_a_number(text: str) -> bool:
    """Whether a text has the look of a site's number and none of a domain, be it right or mistyped."""
    return _LIKE_A_NUMBER.fullmatch(text) is not None


def read_number(text: str) -> int | None:
    """The number that a text shows; None for what is none, or is mistyped. Blanks and dashes do not matter."""
    digits = "".join(char for char in typed(text) if char not in "- ")
    if not (digits.isascii() and digits.isdigit() and _FEWEST <= len(digits) <= _MOST):
        return None
    number = int(digits[:-2])
    return number if number and check_digits_right(digits) and digits[:-2] == f"{number:06d}" else None
