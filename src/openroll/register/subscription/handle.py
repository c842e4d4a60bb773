"""Handles: what the register calls an operator's subscription by, a keyed pseudonym of the operator's own account number.

`h1`, 32 characters of lower base32 (RFC 4648 section 6: the first 160 bits of HMAC-SHA-256) and two check characters. The
key stays with the operator, so that nobody else can try account numbers until one fits; the register takes a new handle
only in this form, so that a raw number is refused by its shape, whatever country it is from. docs/handles.md has vectors.
"""

import hmac
import re
import unicodedata
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from operator import mul

PREFIX = "h1"
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
LENGTH = 36
FORM = re.compile(r"h1[a-z2-7]{34}", re.ASCII)
OLD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
"""What a handle could be before it had a form; records filed then keep theirs until it is changed. New ones fit it too."""

WEIGHTS = tuple(range(1, 33))
MODULUS = 1021
"""A prime above 32 * 31: a sum of weighted values then shows any one wrong character, and any two exchanged ones."""

KEY_BYTES = 32
MOST_ACCOUNT = 256
_DOMAIN = b"openroll/handle/1\0"
_KEY_DOMAIN = b"openroll/handle-key/1\0"
_KEY_LINE = re.compile(r"openroll-handle-key-1 ([a-z2-7]{8}) ([A-Za-z0-9_-]{43})\s*", re.ASCII)
_VALUES = bytes(ALPHABET.index(chr(byte)) if chr(byte) in ALPHABET else 255 for byte in range(256))
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


class AccountUnfit(ValueError):
    """An account number that no handle is made of: empty, too long, or with characters that do not show."""


class KeyDamaged(ValueError):
    """A key file that is none, or was changed."""


def normalised(account: str) -> str:
    """An account number as it is hashed: in Unicode form NFKC (full-width digits are digits), without spaces around it.

    Upper and lower case, zeros at the front and marks within stay: they may tell two accounts apart. Raises AccountUnfit.
    """
    plain = account if account.isascii() else unicodedata.normalize("NFKC", account)
    plain = plain.strip(" ")
    if not 0 < len(plain) <= MOST_ACCOUNT:
        raise AccountUnfit(f"an account number has 1 to {MOST_ACCOUNT} characters")
    if not (plain.isascii() and plain.isprintable()) and any(_hidden(char) for char in plain):
        raise AccountUnfit("an account number has no characters that do not show")
    return plain


def _hidden(char: str) -> bool:
    return char == "\ufffd" or unicodedata.category(char) in _HIDDEN


def handle_of(account: str, key: bytes) -> str:
    """The handle of an operator's own account number under its key (32 bytes). Raises AccountUnfit, ValueError."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a handle key has {KEY_BYTES} bytes")
    mac = hmac.digest(key, _DOMAIN + normalised(account).encode(), "sha256")
    body = b32encode(mac[:20]).decode().lower()
    return PREFIX + body + check_of(body)


def check_of(body: str) -> str:
    """The two check characters of a handle's 32 characters: any one wrong character shows, and any two exchanged."""
    high, low = divmod(sum(map(mul, WEIGHTS, body.encode().translate(_VALUES))) % MODULUS, 32)
    return ALPHABET[high] + ALPHABET[low]


def is_handle(text: str) -> bool:
    """Whether a text has the form of a handle, its check characters included."""
    return FORM.fullmatch(text) is not None and check_of(text[2:34]) == text[34:]


def key_id(key: bytes) -> str:
    """Eight characters by which two handle keys are told apart; they say nothing of the key."""
    return b32encode(hmac.digest(key, _KEY_DOMAIN, "sha256")[:5]).decode().lower()


def key_line(key: bytes) -> str:
    """A handle key as its file holds it, on one line: what it is, its id, and the key in base64url."""
    return f"openroll-handle-key-1 {key_id(key)} {urlsafe_b64encode(key).decode().rstrip('=')}\n"


def key_of(text: str) -> bytes:
    """The handle key in a key file's text. Raises KeyDamaged: a wrong key would make handles that find nothing."""
    found = _KEY_LINE.fullmatch(text)
    if found is None:
        raise KeyDamaged("it is no handle key")
    key = urlsafe_b64decode(found.group(2) + "=")
    if key_id(key) != found.group(1):
        raise KeyDamaged("its id is not that of its key")
    return key
