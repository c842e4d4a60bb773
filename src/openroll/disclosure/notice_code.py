"""A notice secret as people read and type it: 28 letters and digits in groups of four, of which the last two are a check.

Crockford's base32: digits and letters without I, L, O and U. What looks like another is taken for it (O for 0, I and L for 1, U
for V), small letters, full-width forms, spaces and dashes do not matter, and a mistyped character, or two exchanged, are found.
"""

import unicodedata
from operator import mul

from openroll.disclosure.notice import SECRET_BYTES

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BODY, _CHECK, _GROUP = 26, 2, 4
_ALIKE = str.maketrans("OILU", "011V")
_SPARE = 26 * 5 - SECRET_BYTES * 8
"""Bits that 26 characters have more than the secret; they are zero."""
_WEIGHTS = range(1, _BODY + 1)
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
    characters = "".join(ALPHABET[value] for value in (*values, *_check(values)))
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
    if tuple(values[_BODY:]) != _check(values[:_BODY]) or number & (1 << _SPARE) - 1:
        raise NoticeCodeWrong("a character is wrong, or two are exchanged: its last two do not fit the others")
    return (number >> _SPARE).to_bytes(SECRET_BYTES)


def _plain(code: str) -> str:
    """What counts of a code: no blanks, no dashes of any width, capitals, and of characters that look alike the one there is."""
    kept = (char for char in unicodedata.normalize("NFKC", code) if not _parts_groups(char))
    return "".join(kept).upper().translate(_ALIKE)


def _parts_groups(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in ("Pd", "Cf") or char in "\u2212._"


def _check(values: list[int]) -> tuple[int, int]:
    high, low = divmod(sum(map(mul, _WEIGHTS, values)) % _MODULUS, 32)
    return high, low
