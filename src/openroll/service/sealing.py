"""Sealing a short text under a key of the roll: ChaCha20-Poly1305 (RFC 8439), bound to what it is for."""

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


class CannotOpen(Exception):
    """What was sealed does not open: it was altered, moved from elsewhere, or sealed under another key."""


def seal(key: bytes, text: str, purpose: str, random: Callable[[int], bytes]) -> bytes:
    """Seal a text under a key of 32 bytes. It opens for the same purpose only. The nonce (12 random bytes) stands before it.

    Random nonces are safe for some 2^32 texts under one key (RFC 8439, section 2.8, with NIST SP 800-38D's reckoning).
    """
    nonce = random(_NONCE)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, text.encode(), purpose.encode())


def unseal(key: bytes, sealed: bytes, purpose: str) -> str:
    """The text that was sealed for this purpose. Raises CannotOpen."""
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode()).decode()
    except (InvalidTag, ValueError):
        raise CannotOpen("sealed under another key or for another purpose, or altered") from None


def opens(key: bytes, sealed: bytes, purpose: str) -> bool:
    """Whether a key opens what was sealed for this purpose."""
    try:
        unseal(key, sealed, purpose)
    except CannotOpen:
        return False
    return True


def subkey(key: bytes, label: str) -> bytes:
    """A key of 32 bytes for one use alone, from a key of the roll (HKDF-SHA-256, RFC 5869; `label` is its info)."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=label.encode()).derive(key)
