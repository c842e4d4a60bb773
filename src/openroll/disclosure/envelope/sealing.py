"""Seal an envelope: what a sender's own program does.

The only place of `disclosure` where something random is used, and it cannot be otherwise. HPKE's ephemeral keys, and what ML-DSA
hedges with, are drawn by the library and cannot be given to it from outside (a caller who could give them could give them
twice, and break both); the envelope's own key is drawn beside them for the same reason. Opening, reading and deriving are pure.
No decision of the register comes here: it never seals.
"""

import secrets
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from openroll.disclosure.envelope.errors import EnvelopeTooLong
from openroll.disclosure.envelope.form import (
    BLOCK,
    MOST_BYTES,
    MOST_RECIPIENTS,
    Header,
    Stanza,
    around,
    binding,
    inside_length,
    signed_message,
)
from openroll.disclosure.envelope.inside import NONCE, body_key, commitment_of, filled_up, overhead
from openroll.disclosure.envelope.keys import PublicKey, SigningKey
from openroll.disclosure.envelope.suites import SUITES


def most_content(to: Sequence[PublicKey], signer: SigningKey) -> int:
    """How many bytes of content go into one envelope to these recipients, signed by this key."""
    return inside_length([key.suite for key in to], MOST_BYTES) - overhead(signer.suite)


def seal(content: bytes, to: Sequence[PublicKey], signer: SigningKey, context: str, *, pad_to: int = BLOCK) -> bytes:
    """Seal content to each of `to` (1 to 16 keys, of either suite), signed by `signer` and bound to `context`.

    `context` names the matter, so that the envelope opens in no other. `pad_to` is a whole number of KiB: what is encrypted is
    filled up to a multiple of it, so that two contents that differ less look alike.
    Raises EnvelopeTooLong, and ValueError for recipients, a context or `pad_to` as none may be.
    """
    recipients = sorted(to, key=lambda key: key.key_id)
    if not 0 < len(recipients) <= MOST_RECIPIENTS or len({key.key_id for key in to}) != len(recipients):
        raise ValueError(f"an envelope has 1 to {MOST_RECIPIENTS} recipients, each once")
    if pad_to <= 0 or pad_to % BLOCK:
        raise ValueError(f"an envelope is filled up to a whole number of {BLOCK:,} bytes")
    most = most_content(to, signer)
    if len(content) > most:
        raise EnvelopeTooLong(len(content), most)
    key = secrets.token_bytes(32)
    head = _header(key, recipients, context)
    signature = signer.sign(signed_message(head, context, signer.verifying.key_id, content))
    room = most + overhead(signer.suite)
    inside = filled_up(signer.verifying, signature, content, min(pad_to, room), room)
    return head + ChaCha20Poly1305(body_key(key)).encrypt(NONCE, inside, around(head, context))


def _header(key: bytes, recipients: Sequence[PublicKey], context: str) -> bytes:
    info = binding([(one.suite, one.key_id) for one in recipients], context)
    stanzas = []
    for one in recipients:
        form = SUITES[one.suite]
        sealed = form.hpke.encrypt(key, one.hpke, info)
        stanzas.append(Stanza(one.suite, one.key_id, sealed[: form.encapsulated], sealed[form.encapsulated :]))
    return Header(tuple(stanzas), commitment_of(key)).encoded()
