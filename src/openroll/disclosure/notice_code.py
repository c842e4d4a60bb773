"""A notice secret as people read and type it: 28 letters and digits in groups of four, of which the last two are a check.

Crockford's base32: digits and letters without I, L, O and U. What looks like another is taken for it (O for 0, I and L for 1, U
for V), small letters, full-width forms, spaces and dashes do not matter, and a mistyped character, or two exchanged, are found.
"""

import unicodedata
from collections.abc import Sequence
from itertools import count
from operator import mul

from openroll.disclosure.notice import SECRET_BYTES

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BODY, _CHECK, _GROUP = 26, 2, 4
_ALIKE = str.maketrans("OILU", "011V")
_SPARE = 26 * 5 - SECRET_BYTES * 8
"""Bits that 26 characters have more than the secret; they are zero."""
_MODULUS = 1021
"""A prime above 31 * 31: a sum of weighted values shows any one wrong character, and any two exchanged ones."""


class NoticeCodeWrong(ValueError):
    """What was typed is no notice code. The message says what is the matter with it."""


def code_of(secret: bytes) -> str:
    """The notice code of a secret (16 bytes). Raises ValueError."""
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a notice secret has {SECRET_BYTES} bytes")
    number = int.from_bytes(secret) << _SPARE
    values = [number >> 5 * place & 31 for place in reversed(range(_BODY))]
    characters = "".join(ALPHABET[value] for value in (*values, *check_of(values)))
    return "-".join(characters[at : at + _GROUP] for at in range(0, len(characters), _GROUP))


def secret_of(code: str) -> bytes:
    """The secret of a notice code as somebody typed it. Raises NoticeCodeWrong."""
    values = [ALPHABET.find(char) for char in _plain(code)]
    if -1 in values:
        raise NoticeCodeWrong("it has a character that no notice code has")
    if len(values) != _BODY + _CHECK:
        raise NoticeCodeWrong(f"a notice code has {_BODY + _CHECK} letters and digits, and this {len(values)}")
    number = 0
    for value in values[:_BODY]:
        number = number << 5 | value
    if tuple(values[_BODY:]) != check_of(values[:_BODY]) or number & (1 << _SPARE) - 1:
        raise NoticeCodeWrong("a character is wrong, or two are exchanged: its last two do not fit the others")
    return (number >> _SPARE).to_bytes(SECRET_BYTES)


def _plain(code: str) -> str:
    """What counts of a code: no blanks, no dashes of any width, capitals, and of characters that look alike the one there is."""
    return without_groups(code).upper().translate(_ALIKE)


def without_groups(code: str) -> str:
    """A code as one word, however it was typed: without blanks and dashes of any width, and in plain forms of its characters."""
    return "".join(char for char in unicodedata.normalize("NFKC", code) if not _parts_groups(char))


def _parts_groups(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in ("Pd", "Cf") or char in "\u2212._"


def check_of(values: Sequence[int]) -> tuple[int, int]:
    """Two values that show any one wrong of these (each 0 to 31, at most 32 of them), and any two exchanged."""
    high, low = divmod(sum(map(mul, count(1), values)) % _MODULUS, 32)
    return high, low
