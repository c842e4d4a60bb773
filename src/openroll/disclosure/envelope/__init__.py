"""Sealed envelopes: content for a few named recipients, signed by its sender, about one matter, of a length that tells little.

HPKE (RFC 9180) with a post-quantum hybrid, by `cryptography`. It knows nothing of registers or requests; docs/envelopes.md has
the form byte by byte, and the threat that each choice answers. Only `seal` draws randomness (openroll.disclosure.envelope.sealing
says why); everything else is pure.
"""

from openroll.disclosure.envelope.errors import (
    NOT_OURS,
    EnvelopeError,
    EnvelopeNotOurs,
    EnvelopeShape,
    EnvelopeTooLong,
    KeyUnfit,
)
from openroll.disclosure.envelope.form import BLOCK, MAGIC, MOST_BYTES, MOST_CONTEXT, MOST_RECIPIENTS
from openroll.disclosure.envelope.key_text import key_line, key_of, public_line, published_of
from openroll.disclosure.envelope.keys import HeldKey, PrivateKey, PublicKey, Published, SigningKey, VerifyingKey
from openroll.disclosure.envelope.opening import digest, open_envelope, recipients
from openroll.disclosure.envelope.sealing import most_content, seal
from openroll.disclosure.envelope.statement import MOST_SIGNATURE, is_signed, sign_text
from openroll.disclosure.envelope.suites import HYBRID, NAMES, SEED_BYTES, X25519

__all__ = [
    "BLOCK",
    "HYBRID",
    "MAGIC",
    "MOST_BYTES",
    "MOST_CONTEXT",
    "MOST_RECIPIENTS",
    "MOST_SIGNATURE",
    "NAMES",
    "NOT_OURS",
    "SEED_BYTES",
    "X25519",
    "EnvelopeError",
    "EnvelopeNotOurs",
    "EnvelopeShape",
    "EnvelopeTooLong",
    "HeldKey",
    "KeyUnfit",
    "PrivateKey",
    "PublicKey",
    "Published",
    "SigningKey",
    "VerifyingKey",
    "digest",
    "is_signed",
    "key_line",
    "key_of",
    "most_content",
    "open_envelope",
    "public_line",
    "published_of",
    "recipients",
    "seal",
    "sign_text",
]
