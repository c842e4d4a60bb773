"""A text that stands in public, signed by a key whose other half opens envelopes.

The same keys sign what is sealed. So that neither signature passes for the other, the two messages begin differently, and the id
of the key, made of both its halves, is signed here too (docs/envelopes.md, "A text in public").
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from openroll.disclosure.envelope.keys import SigningKey, VerifyingKey
from openroll.disclosure.envelope.suites import SUITES

MOST_SIGNATURE = -(-4 * max(one.signature for one in SUITES.values()) // 3)
"""Characters of the longest signature."""


def statement_message(text: str, signer: bytes) -> bytes:
    """What is signed of a text by the key with this id."""
    return b"openroll statement 1 signature\0" + signer + hashlib.sha256(text.encode()).digest()


def sign_text(text: str, signer: SigningKey) -> str:
    """The signature of a text, in base64url without padding."""
    signature = signer.sign(statement_message(text, signer.verifying.key_id))
    return urlsafe_b64encode(signature).decode().rstrip("=")


def is_signed(text: str, signature: str, key: VerifyingKey) -> bool:
    """Whether a text is signed so by a key, the signature written in its one form."""
    if not signature.isascii() or len(signature) > MOST_SIGNATURE:
        return False
    try:
        raw = urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        message = statement_message(text, key.key_id)
    except ValueError:  # what is no base64url; half characters
        return False
    in_one_form = urlsafe_b64encode(raw).decode().rstrip("=") == signature
    return in_one_form and key.is_signature(raw, message)
