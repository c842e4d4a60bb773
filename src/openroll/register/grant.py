"""A grant: what makes something that was given good once, or lets it be taken back. A digest of a word that its giver keeps.

It is registered nowhere. Only when it is taken back, by its word, or shown, where it is good once, does a roll hear of it: of a
number, and of nothing that was given. Pure.
"""

import hashlib
import re
from base64 import b32encode
from typing import NamedTuple

from openroll.disclosure.notice_code import check_of, without_groups

WORD_BYTES = 15
PRESET_DAYS = 365
"""Days that something with a grant is good for, where its giver says nothing."""
MOST_DAYS = 730
"""Days that something with a grant may be good for at most: so long, and a while more, a roll remembers what became of it."""
GRANT = re.compile("[0-9a-f]{64}")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_BODY, _CHECK, _GROUP = 24, 2, 4
_WORD = re.compile(f"[a-z2-7]{{{_BODY}}}(?:[a-z2-7]{{{_CHECK}}})?")


class Word(NamedTuple):
    """A word as somebody typed it: its 24 characters, and whether two more showed that none of them is wrong.

    A roll cannot know whether a word without them is right: it never heard of any grant before.
    """

    body: str
    checked: bool


def word_of(random: bytes) -> str:
    """The word of a grant, from 15 random bytes: 24 small letters and digits (base32) and two that check them, in groups of four.

    Raises ValueError.
    """
    if len(random) != WORD_BYTES:
        raise ValueError(f"a grant's word is made from {WORD_BYTES} bytes")
    body = b32encode(random).decode().lower()
    word = body + _check_of(body)
    return "-".join(word[at : at + _GROUP] for at in range(0, len(word), _GROUP))


def read_word(typed: str) -> Word | None:
    """A word as somebody typed it; None for what is none, or has a wrong character. Blanks, dashes and capitals do not matter.

    One of before they had a check has 24 characters, and so has one whose last two were lost.
    """
    plain = without_groups(typed).lower()
    if not _WORD.fullmatch(plain):
        return None
    body, check = plain[:_BODY], plain[_BODY:]
    return Word(body, bool(check)) if check in ("", _check_of(body)) else None


def grant_of(word: str) -> str | None:
    """The grant that a word takes back, 64 hex digits; None for what is no such word, or is mistyped."""
    read = read_word(word)
    return None if read is None else hashlib.sha256(b"openroll grant 1\0" + read.body.encode()).hexdigest()


def _check_of(body: str) -> str:
    return "".join(_ALPHABET[value] for value in check_of([_ALPHABET.index(char) for char in body]))
