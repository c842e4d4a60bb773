"""Open an envelope, or read of it what everyone may: pure, and for any bytes at all a result or one of two errors."""

import hashlib
import hmac
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from openroll.disclosure.envelope.errors import EnvelopeNotOurs
from openroll.disclosure.envelope.form import Parts, around, binding, signed_message, take_apart
from openroll.disclosure.envelope.inside import NONCE, body_key, commitment_of, taken_out
from openroll.disclosure.envelope.keys import PrivateKey, VerifyingKey
from openroll.disclosure.envelope.suites import SUITES


def digest(envelope: bytes) -> str:
    """An envelope's SHA-256 in hex: what the log and acts name it by."""
    return hashlib.sha256(envelope).hexdigest()


def recipients(envelope: bytes) -> tuple[str, ...]:
    """The ids of the keys that an envelope says it is sealed to, in hex and in their order. Raises EnvelopeShape.

    Without a key nobody can tell whether it really opens with them; whoever opens it is sure of the list.
    """
    return tuple(stanza.key_id.hex() for stanza in take_apart(envelope).header.stanzas)


def open_envelope(envelope: bytes, key: PrivateKey, signers: Sequence[VerifyingKey], context: str) -> bytes:
    """The content that one of `signers` sealed to this key and others, about `context`.

    Raises EnvelopeShape for bytes that are no envelope, and EnvelopeNotOurs, with the reason, for one that does not open here or
    that nobody of `signers` signed; ValueError for a context that can be none. Nothing of the content is given before
    everything was checked.
    """
    parts = take_apart(envelope)
    secret = _key(parts, key, context)
    if not hmac.compare_digest(commitment_of(secret), parts.header.commitment):
        raise EnvelopeNotOurs("does-not-open")
    try:
        plain = ChaCha20Poly1305(body_key(secret)).decrypt(NONCE, parts.body, around(parts.head, context))
    except InvalidTag:
        raise EnvelopeNotOurs("does-not-open") from None
    inside = taken_out(plain)
    signer = next((one for one in signers if (one.suite, one.key_id) == (inside.suite, inside.signer)), None)
    if signer is None:
        raise EnvelopeNotOurs("signer-unknown")
    if not signer.is_signature(inside.signature, signed_message(parts.head, context, signer.key_id, inside.content)):
        raise EnvelopeNotOurs("signature")
    return inside.content


def _key(parts: Parts, key: PrivateKey, context: str) -> bytes:
    """The envelope's key, as HPKE gives it out to one recipient."""
    stanzas = parts.header.stanzas
    info = binding([(stanza.suite, stanza.key_id) for stanza in stanzas], context)
    ours = (key.suite, key.public.key_id)
    stanza = next((one for one in stanzas if (one.suite, one.key_id) == ours), None)
    if stanza is None:
        raise EnvelopeNotOurs("not-a-recipient")
    try:
        return SUITES[stanza.suite].hpke.decrypt(stanza.encapsulated + stanza.sealed, key.hpke, info)
    except (InvalidTag, ValueError):
        raise EnvelopeNotOurs("does-not-open") from None
