"""Under which account number a value was filed: a salt that commits to it, and opens for whoever is to be shown that.

A handle is a pseudonym under its operator's key, so nobody else could tell whose record an answer is of. The number itself has no
place in the register, salted or not: it goes into the salts of the values that are filed under it. Each salt is a digest over the
number and 16 random bytes, its *opening*. Who has a disclosure, and not its opening, cannot try numbers until one fits; who has
both sees that the value was filed under this number, and its operator could not open it to any other.
"""

import hashlib
import re
from base64 import urlsafe_b64decode

from openroll.disclosure.disclosure import base64url
from openroll.register.subscription.handle import AccountUnfit, normalised

OPENING_BYTES = 16
_DOMAIN = b"openroll number 1\0"
_OPENING = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_APART = re.compile(r"[-./:_ ]+")


def salt_for(account: str, opening: bytes) -> bytes:
    """The 32 bytes of a salt: SHA-256 over `openroll number 1`, a zero byte, the opening, and the normalised number in UTF-8.

    All of them are used: with fewer an operator could search two numbers that have one salt. Raises ValueError for an opening
    of another length.
    """
    if len(opening) != OPENING_BYTES:
        raise ValueError(f"an opening has {OPENING_BYTES} bytes")
    return hashlib.sha256(_DOMAIN + opening + account.encode()).digest()


def opens(opening: str, salt: str, account: str) -> bool:
    """Whether an opening shows that what has this salt was filed under this number; opening and salt in base64url."""
    if _OPENING.fullmatch(opening) is None:
        return False
    data = urlsafe_b64decode(opening + "==")
    return base64url(data) == opening and base64url(salt_for(account, data)) == salt


def alike(one: str, other: str) -> bool:
    """Whether two numbers are one, the marks left out that stand within: an officer may have it without them."""
    try:
        return bare(normalised(one)) == bare(normalised(other))
    except AccountUnfit:
        return False


def bare(number: str) -> str:
    """A number without the marks that stand within."""
    return _APART.sub("", number)
