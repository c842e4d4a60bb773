"""What a decision can know of an envelope: that it is one, how long it is, and to whose keys it is sealed."""

from collections.abc import Iterable, Mapping

from openroll.disclosure.envelope import EnvelopeShape, digest, recipients
from openroll.register.refusal import Refusal
from openroll.register.request.refusals import EnvelopeUnfit, NoKey, NotSealedTo
from openroll.register.request.words import KIB, MOST_ENVELOPE, MOST_NOTICE


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
    """Why a notice to a person is not taken. It names no key, so that nobody sees whose it is: its form alone is looked at."""
    whole = 0 < len(notice) <= MOST_NOTICE and len(notice) % KIB == 0
    return None if whole else EnvelopeUnfit(most=MOST_NOTICE)
