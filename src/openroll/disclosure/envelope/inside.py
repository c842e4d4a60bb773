"""What is encrypted: the sender's signature and the content, filled up with zeros; and the keys it is encrypted under."""

from typing import NamedTuple

from openroll.disclosure.envelope.errors import EnvelopeShape
from openroll.disclosure.envelope.form import BLOCK
from openroll.disclosure.envelope.keys import VerifyingKey, derived
from openroll.disclosure.envelope.suites import KEY_ID_BYTES, SUITES

NONCE = bytes(12)
"""The body's nonce: each envelope's key is used once."""
_LENGTH = 4


class Inside(NamedTuple):
    """What stood inside: the signing key's suite and id, the signature, the content."""

    suite: int
    signer: bytes
    signature: bytes
    content: bytes


def body_key(key: bytes) -> bytes:
    """The key of the body, from the envelope's key."""
    return derived(key, b"openroll envelope 1 body\0")


def commitment_of(key: bytes) -> bytes:
    """What the header says of the envelope's key. No second key has the same, so that all recipients read one content:
    ChaCha20-Poly1305 alone would let a sender make a ciphertext that opens to two contents under two keys."""
    return derived(key, b"openroll envelope 1 commitment\0")


def overhead(suite: int) -> int:
    """The bytes that stand before the content, where a key of this suite signs."""
    return 1 + KEY_ID_BYTES + SUITES[suite].signature + _LENGTH


def filled_up(signer: VerifyingKey, signature: bytes, content: bytes, step: int, most: int) -> bytes:
    """The plaintext of a body: filled up with zeros to a multiple of `step`, or to `most` where that is less."""
    plain = bytes([signer.suite]) + signer.key_id + signature + len(content).to_bytes(_LENGTH) + content
    length = min(-(-len(plain) // step) * step, most)
    return plain + bytes(length - len(plain))


def taken_out(plain: bytes) -> Inside:
    """Read the plaintext of a body. Raises EnvelopeShape: also where what fills it up is anything but zeros."""
    suite = plain[0]
    if suite not in SUITES:
        raise EnvelopeShape(f"the suite of its signature, {suite}, is none that is known here")
    begin = overhead(suite)
    if begin > len(plain):
        raise EnvelopeShape("what is sealed in it was cut off")
    length = int.from_bytes(plain[begin - _LENGTH : begin])
    if begin + length > len(plain) or any(plain[begin + length :]) or len(plain) % BLOCK:
        raise EnvelopeShape("what is sealed in it is not filled up as it should be")
    signer, signature = plain[1 : 1 + KEY_ID_BYTES], plain[1 + KEY_ID_BYTES : begin - _LENGTH]
    return Inside(suite, signer, signature, plain[begin : begin + length])
