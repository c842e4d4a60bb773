"""What a decision can know of an envelope: that it is one, how long it is, and to whose keys it is sealed."""

from collections.abc import Iterable, Mapping

from openroll.disclosure.envelope import HYBRID, EnvelopeShape, digest, recipients
from openroll.disclosure.envelope.form import TAG, take_apart
from openroll.register.refusal import Refusal
from openroll.register.request.refusals import EnvelopeUnfit, NoKey, NotSealedTo
from openroll.register.request.words import MOST_ENVELOPE, NOTICE

_DIGEST = 64


def digest_of(envelope: bytes) -> str:
    """How facts name an envelope; empty where there is none."""
    return digest(envelope) if envelope else ""


def sealed_refusal(envelope: bytes, keys: Mapping[str, frozenset[str]], readers: Iterable[str]) -> Refusal | None:
    """Why an envelope is not taken: its form, or that one of its readers could not open it or somebody else could."""
    if len(envelope) > MOST_ENVELOPE:
        return EnvelopeUnfit(most=MOST_ENVELOPE)
    try:
        to = set(recipients(envelope))
    except EnvelopeShape:
        return EnvelopeUnfit(most=MOST_ENVELOPE)
    named = tuple(readers)
    for reader in named:
        if not keys.get(reader):
            return NoKey(organisation=reader)
    closed = tuple(reader for reader in named if not keys[reader] & to)
    known = frozenset().union(*(keys[reader] for reader in named))
    return NotSealedTo(organisations=closed) if closed or not to <= known else None


def notice_refusal(notice: bytes) -> Refusal | None:
    """Why a notice to a person is not taken: it is an envelope to one key, of the hybrid suite, and of the one size.

    Nobody knows whose key it is, as each notice has its own.
    """
    try:
        to = take_apart(notice)
    except EnvelopeShape:
        return EnvelopeUnfit(most=NOTICE)
    alike = [stanza.suite for stanza in to.header.stanzas] == [HYBRID] and len(to.body) == NOTICE + TAG
    return None if alike else EnvelopeUnfit(most=NOTICE)


def is_digest(text: str) -> bool:
    """Whether a text is a SHA-256 in hexadecimal."""
    return len(text) == _DIGEST and set(text) <= set("0123456789abcdef")
