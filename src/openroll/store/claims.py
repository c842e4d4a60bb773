"""Sealed claims of row-level security: for whom a transaction acts, as a MAC that the database checks (wall.sql).

A database role alone would not do: the runtime login may take on each of them, and a setting can be set by whoever runs a
statement. So a transaction carries its role, organisation and record under an HMAC-SHA-256 (RFC 2104) whose key the runtime
login cannot read in the database; without one, or under another's role, every table is empty and takes nothing.
"""

import hashlib
import hmac

_BLOCK = 64
"""Bytes of a block of SHA-256 (RFC 2104, "B")."""


class Claims:
    """The sealing key of one roll and the password of its runtime login, both made from a secret of the roll's own."""

    def __init__(self, secret: bytes, password: str = "") -> None:
        """`password` is the runtime login's where somebody else made it; else it, too, comes from the secret."""
        self._key = _derived(secret, b"openroll/database/claims/1")
        self.password = password or _derived(secret, b"openroll/database/runtime/1").hex()

    def seal(self, role: str, organisation: str, record: str) -> str:
        """The seal over who acts, in hexadecimal."""
        if "\n" in organisation:
            raise ValueError("the name of an organisation is one line")
        return hmac.digest(self._key, f"{role}\n{organisation}\n{record}".encode(), "sha256").hex()

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """The key as the database keeps it: the inner and the outer pad of RFC 2104."""
        padded = self._key.ljust(_BLOCK, b"\0")
        return bytes(byte ^ 0x36 for byte in padded), bytes(byte ^ 0x5C for byte in padded)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return hmac.new(secret, purpose, hashlib.sha256).digest()
