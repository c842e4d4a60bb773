"""Strict decoding of base64 and decimal numbers in C2SP texts: each has one canonical form, all others are refused."""

import binascii
import re
from base64 import b64decode, b64encode

from openroll.tlog.errors import Malformed


def strict_base64(text: str, what: str = "base64") -> bytes:
    """Decode standard base64 in its one canonical form: no white space, right padding, no loose bits. Raises Malformed."""
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Malformed(f"{what} is not base64") from error
    if b64encode(data).decode() != text:
        raise Malformed(f"{what} is not in base64's one canonical form")
    return data


def strict_decimal(text: str, what: str) -> int:
    """A whole number below 2**63 in ASCII digits without leading zeroes. Raises Malformed."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text) or int(text) >= 1 << 63:
        raise Malformed(f"{what} is not a whole number in plain digits")
    return int(text)
