"""Notices: how an operator tells a person something through a public place that does not learn who is told.

The operator and the person share a **notice secret** that nobody else can make: it comes from the operator's handle key. From
it come, for each matter anew, a **bucket**, one of 1,024 heaps that notices are published in, and a **key** that its notice is
sealed to. Whoever has the secret fetches a heap and opens what is theirs; whoever keeps the heaps has no key, and sees no
two notices of one person that name the same one. The secret as people read and type it is in `notice_code`.

Pure but for `seal_notice`, which seals (openroll.disclosure.envelope.sealing).
"""

import hmac
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from openroll.disclosure.envelope import (
    HYBRID,
    EnvelopeNotOurs,
    PrivateKey,
    SigningKey,
    VerifyingKey,
    open_envelope,
    recipients,
    seal,
)
from openroll.disclosure.envelope.form import BLOCK, context_bytes
from openroll.disclosure.envelope.keys import derived

SECRET_BYTES = 16
"""128 bits: a code that is typed from paper, and more than anyone can try, with a quantum computer too."""
BUCKETS = 1024
FULL_HEAP = 256
"""Notices that a heap has on the average before it is parted in two."""
_HANDLE_KEY_BYTES = 32
_WORD_BYTES = 15


class OwnNotice(NamedTuple):
    """A notice sealed to a secret: its context, and its content, or why that cannot be read (`EnvelopeNotOurs.reason`)."""

    context: str
    content: bytes | None
    reason: str = ""


def notice_secret(handle_key: bytes, handle: str) -> bytes:
    """The notice secret of a subscription: 16 bytes, from its operator's handle key (32 bytes) and its handle.

    It changes when the handle does: the person then needs a new notice code. Raises ValueError.
    """
    return _under_handle_key(handle_key, b"openroll notice 1\0" + handle.encode())


def nobody_secret(handle_key: bytes, request: int) -> bytes:
    """The secret that the notice of a request is sealed to where its operator holds no such record: 16 bytes, from the operator's
    handle key (32 bytes) and the request's number. Nobody has a code of it.

    Telling the same request again gives the same bucket then, as it does where a record is held. Raises ValueError.
    """
    return _under_handle_key(handle_key, b"openroll notice to nobody 1\0" + str(request).encode())


def bucket_of(secret: bytes, request: int) -> int:
    """The bucket, 0 to 1,023, in which the notice of a request to a secret stands: the same each time that it is told.

    The public log has it. Of two requests, also about one person, the buckets have nothing in common, so that nobody sees by
    them whether two are about the same record, or whether there is one.
    """
    return _bucket(secret, b"openroll notice bucket 2\0" + str(request).encode())


def month_bucket(secret: bytes, month: str) -> int:
    """The bucket in which notices to a secret stood that were published in a month (as `2026-11`), before `bucket_of` was.

    All of a person's in one month had the same. It is looked for still, and hides which others are.
    """
    return _bucket(secret, b"openroll notice bucket 1\0" + month.encode())


def word_of(secret: bytes, context: str) -> str:
    """The word of a matter that a secret gives: 30 hexadecimal digits, the same each time that it is told.

    Where its SHA-256 stands in public beside the matter, whoever has the secret sees at once that they were told, and fetches
    nothing for it. Nobody else learns anything of it; of two matters, also about one person, the words have nothing in common.
    """
    what = b"openroll notice word 1\0" + context_bytes(context)
    return hmac.digest(_checked(secret), what, "sha256")[:_WORD_BYTES].hex()


def heap_number(bucket: int, heaps: int) -> int:
    """The heap, 0 to `heaps` - 1, in which a bucket's notices are fetched where there are so many heaps (`heaps_for`)."""
    return bucket * heaps // BUCKETS


def heaps_for(notices: int) -> int:
    """How many heaps the buckets of so many notices are given out in: a power of two up to 1,024.

    Few notices stand in one heap, which everybody fetches whole, so that nobody tells who asks by what they fetch.
    """
    heaps = 1
    while heaps < BUCKETS and notices >= 2 * heaps * FULL_HEAP:
        heaps *= 2
    return heaps


def notice_key(secret: bytes, context: str) -> PrivateKey:
    """The key that a notice about one matter is sealed to: another for each context, so that notices are not linked by it."""
    return PrivateKey(HYBRID, derived(_checked(secret), b"openroll notice key 1\0" + context_bytes(context)))


def seal_notice(content: bytes, secret: bytes, signer: SigningKey, context: str, *, pad_to: int = BLOCK) -> bytes:
    """Seal a notice to whoever has the secret; as `seal`, and with its errors."""
    return seal(content, [notice_key(secret, context).public], signer, context, pad_to=pad_to)


def open_notice(envelope: bytes, secret: bytes, signers: Sequence[VerifyingKey], context: str) -> bytes:
    """The content of a notice; as `open_envelope`, and with its errors."""
    return open_envelope(envelope, notice_key(secret, context), signers, context)


def own_notices(
    notices: Iterable[tuple[str, bytes]], secret: bytes, signers: Sequence[VerifyingKey]
) -> Iterator[OwnNotice]:
    """Of a heap's notices, as (context, envelope), those that are sealed to this secret.

    One that names the secret's key and does not open is told with the reason: somebody altered it. What is no envelope, or stands
    under a context that can be none, is nobody's. Raises ValueError for a secret of another length.
    """
    _checked(secret)
    for context, envelope in notices:
        try:
            key = notice_key(secret, context)
            if key.id not in recipients(envelope):
                continue
        except ValueError:  # EnvelopeShape, or a context that `seal` never took
            continue
        try:
            yield OwnNotice(context, open_envelope(envelope, key, signers, context))
        except EnvelopeNotOurs as error:
            yield OwnNotice(context, None, error.reason)
        except ValueError:  # EnvelopeShape: sealed to the person, and what was sealed is nothing
            yield OwnNotice(context, None, "does-not-open")


def _under_handle_key(handle_key: bytes, what: bytes) -> bytes:
    if len(handle_key) != _HANDLE_KEY_BYTES:
        raise ValueError(f"a handle key has {_HANDLE_KEY_BYTES} bytes")
    return hmac.digest(handle_key, what, "sha256")[:SECRET_BYTES]


def _bucket(secret: bytes, what: bytes) -> int:
    return int.from_bytes(hmac.digest(_checked(secret), what, "sha256")[:2]) >> 6


def _checked(secret: bytes) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a notice secret has {SECRET_BYTES} bytes")
    return secret
