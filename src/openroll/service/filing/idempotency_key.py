"""What the roll keeps of the key a filing came under: two hashes that nobody can compute who did not send it.

A key is the sender's word: a page's random one, or whatever an operator's program chose, and some choose a telephone number. A
plain hash of it could be found by trying, and so could a hash of the request. So both are keyed with what the sender holds and
the roll does not keep: a program's token (the roll has its SHA-256 only), a form's own random key and its browser's.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import NamedTuple

KEPT = timedelta(days=7)
"""A filing sent again after this is a new one, and is judged as such: a handle that is filed already is refused."""


class HiddenKey(NamedTuple):
    """A key and the request under it, each as the 32 bytes that are stored."""

    key: bytes
    request: bytes


def hidden(secret: bytes, key: str, request: bytes) -> HiddenKey:
    """Hide a key and a request. `secret` is what only the sender holds; where `key` itself is random it may be empty.

    HMAC-SHA-256 twice: with the secret over the key, then with what that gives over the request. What is stored of the key is
    a hash of the result, so that it opens no request.
    """
    inner = hmac.digest(secret or b"\0", b"openroll idempotency key\0" + key.encode(), "sha256")
    return HiddenKey(hashlib.sha256(inner).digest(), hmac.digest(inner, request, "sha256"))
