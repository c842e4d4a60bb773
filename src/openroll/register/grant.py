"""A grant: what makes something that was given good once, or lets it be taken back. A digest of a word that its giver keeps.

It is registered nowhere. Only when it is taken back, by its word, or shown, where it is good once, does a roll hear of it: of a
number, and of nothing that was given. Pure.
"""

import hashlib
import re
from base64 import b32encode

WORD_BYTES = 15
MOST_DAYS = 730
"""Days that something with a grant may be good for at most: so long, and a while more, a roll remembers what became of it."""
_WORD = re.compile("[a-z2-7]{24}")
GRANT = re.compile("[0-9a-f]{64}")


def word_of(random: bytes) -> str:
    """The word of a grant, from 15 random bytes: 24 small letters and digits (base32). Raises ValueError."""
    if len(random) != WORD_BYTES:
        raise ValueError(f"a grant's word is made from {WORD_BYTES} bytes")
    return b32encode(random).decode().lower()


def grant_of(word: str) -> str | None:
    """The grant that a word takes back, 64 hex digits; None for what is no such word. Blanks around it do not matter."""
    plain = word.strip().lower()
    if not _WORD.fullmatch(plain):
        return None
    return hashlib.sha256(b"openroll grant 1\0" + plain.encode()).hexdigest()
