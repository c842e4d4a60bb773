"""What a decision can know of an envelope: that it is one, how long it is, and to whose keys it is sealed."""

from collections.abc import Iterable, Mapping

from openroll.disclosure.envelope import HYBRID, EnvelopeShape, digest
from openroll.disclosure.envelope.form import TAG, inside_length, take_apart
from openroll.register.refusal import Refusal
from openroll.register.request.refusals import EnvelopeUnfit, NoKey, NotSealedTo
from openroll.register.request.words import MOST_ENVELOPE, NOTICE, TEXT

_DIGEST = 64


def digest_of(envelope: bytes) -> str:
    """How facts name an envelope; empty where there is none."""
    return digest(envelope) if envelope else ""


def sealed_refusal(
    envelope: bytes, keys: Mapping[str, frozenset[str]], readers: Iterable[str], size: int = TEXT
) -> Refusal | None:
    """Why an envelope is not taken: its form, its size, or that one of its readers could not open it or somebody else could.

    All of a kind are of one `size` (TEXT or ANSWER), so that whoever passes them on learns nothing by it.
    """
    if len(envelope) > MOST_ENVELOPE:
        return EnvelopeUnfit(most=MOST_ENVELOPE)
    try:
        stanzas, body = (parts := take_apart(envelope)).header.stanzas, parts.body
    except EnvelopeShape:
        return EnvelopeUnfit(most=MOST_ENVELOPE)
    if len(body) != inside_length([one.suite for one in stanzas], size) + TAG:
        return EnvelopeUnfit(most=MOST_ENVELOPE)
    to = {one.key_id.hex() for one in stanzas}
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
