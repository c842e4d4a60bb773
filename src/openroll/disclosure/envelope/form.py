"""An envelope's bytes: the header in the clear, and what stands behind it. Reading is strict: one content has one form.

docs/envelopes.md goes through it byte by byte. All numbers are unsigned, the highest byte first.
"""

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from openroll.disclosure.envelope.errors import EnvelopeShape
from openroll.disclosure.envelope.suites import KEY_ID_BYTES, SUITES, is_x25519

MAGIC = b"ORE1"
"""The first bytes of every envelope: what it is, and the version of its form."""
MOST_BYTES = 64 * 1024
"""An envelope has no more bytes than this, header and all."""
MOST_RECIPIENTS = 16
BLOCK = 1024
"""What is encrypted is filled up to a whole number of these."""
MOST_CONTEXT = 1024
"""Bytes of a context in UTF-8."""
TAG = 16
_COMMITMENT = 32
_SEALED_KEY = 32 + TAG


class Stanza(NamedTuple):
    """The envelope's key, sealed to one recipient by HPKE: `encapsulated` is RFC 9180's `enc`, `sealed` its `ct`."""

    suite: int
    key_id: bytes
    encapsulated: bytes
    sealed: bytes


class Header(NamedTuple):
    """What stands in the clear: to whom, and the commitment to the key."""

    stanzas: tuple[Stanza, ...]
    commitment: bytes

    def encoded(self) -> bytes:
        """The header's bytes."""
        parts = [MAGIC, bytes([len(self.stanzas)])]
        for stanza in self.stanzas:
            parts += [bytes([stanza.suite]), stanza.key_id, stanza.encapsulated, stanza.sealed]
        return b"".join([*parts, self.commitment])


class Parts(NamedTuple):
    """An envelope taken apart: the header, its bytes, and the ciphertext."""

    header: Header
    head: bytes
    body: bytes


def header_length(suites: Sequence[int]) -> int:
    """The bytes of a header for recipients of these suites."""
    stanzas = sum(1 + KEY_ID_BYTES + SUITES[suite].encapsulated + _SEALED_KEY for suite in suites)
    return len(MAGIC) + 1 + stanzas + _COMMITMENT


def inside_length(suites: Sequence[int], pad_to: int) -> int:
    """The bytes that are encrypted where all fit into `pad_to`: so many, or what an envelope to these suites has room for."""
    return min(pad_to, (MOST_BYTES - TAG - header_length(suites)) // BLOCK * BLOCK)


def context_bytes(context: str) -> bytes:
    """A context as it is bound. Raises ValueError: it has 1 to 1,024 bytes, and no half characters."""
    try:
        encoded = context.encode()
    except UnicodeEncodeError:
        encoded = b""
    if not 0 < len(encoded) <= MOST_CONTEXT:
        raise ValueError(f"the context of an envelope has 1 to {MOST_CONTEXT:,} bytes of UTF-8")
    return encoded


def binding(recipients: Sequence[tuple[int, bytes]], context: str) -> bytes:
    """HPKE's `info` for each recipient: what the envelope's key is for, the whole list of recipients, and the context."""
    named = bytes([len(recipients)]) + b"".join(bytes([suite]) + key_id for suite, key_id in recipients)
    return b"openroll envelope 1 key\0" + hashlib.sha256(named).digest() + context_bytes(context)


def around(head: bytes, context: str) -> bytes:
    """The associated data of the body: header and context, so that neither can be exchanged."""
    return hashlib.sha256(head).digest() + hashlib.sha256(context_bytes(context)).digest()


def signed_message(head: bytes, context: str, signer: bytes, content: bytes) -> bytes:
    """What a sender signs: the header with every recipient, the context, the signing key's own id, and the content."""
    return b"openroll envelope 1 signature\0" + around(head, context) + signer + hashlib.sha256(content).digest()


def take_apart(envelope: bytes) -> Parts:
    """Read an envelope's bytes without any key. Raises EnvelopeShape."""
    if not envelope.startswith(MAGIC):
        raise EnvelopeShape("it is no envelope: it does not begin with ORE1")
    if len(envelope) > MOST_BYTES:
        raise EnvelopeShape(f"it has more than {MOST_BYTES:,} bytes")
    reader = _Reader(envelope, len(MAGIC))
    count = reader.take(1)[0]
    if not 0 < count <= MOST_RECIPIENTS:
        raise EnvelopeShape(f"it has 1 to {MOST_RECIPIENTS} recipients, not {count}")
    stanzas = tuple(_stanza(reader) for _ in range(count))
    ids = [stanza.key_id for stanza in stanzas]
    if any(one >= other for one, other in pairwise(ids)):
        raise EnvelopeShape("its recipients do not stand in the order of their ids, each once")
    commitment = reader.take(_COMMITMENT)
    head, body = envelope[: reader.at], envelope[reader.at :]
    if len(body) < BLOCK + TAG or (len(body) - TAG) % BLOCK:
        raise EnvelopeShape(f"what is sealed in it is not a whole number of blocks of {BLOCK:,} bytes")
    return Parts(Header(stanzas, commitment), head, body)


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def take(self, length: int) -> bytes:
        """The next bytes. Raises EnvelopeShape where there are fewer."""
        taken = self._data[self.at : self.at + length]
        if len(taken) < length:
            raise EnvelopeShape("it was cut off")
        self.at += length
        return taken


def _stanza(reader: _Reader) -> Stanza:
    suite = reader.take(1)[0]
    if suite not in SUITES:
        raise EnvelopeShape(f"its suite, {suite}, is none that is known here")
    stanza = Stanza(suite, reader.take(KEY_ID_BYTES), reader.take(SUITES[suite].encapsulated), reader.take(_SEALED_KEY))
    if not is_x25519(stanza.encapsulated[-32:]):
        raise EnvelopeShape("the X25519 part of an encapsulated key is of small order, or written otherwise")
    return stanza
