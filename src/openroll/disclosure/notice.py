"""Notices: how an operator tells a person something through a public place that does not learn who is told.

The operator and the person share a **notice secret** that nobody else can make: it comes from the operator's handle key. From
it come a **bucket**, one of 1,024 heaps that notices are published in, and, for each matter anew, a **key** that its notice is
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
_HANDLE_KEY_BYTES = 32


class OwnNotice(NamedTuple):
    """A notice sealed to a secret: its context, and its content, or why that cannot be read (`EnvelopeNotOurs.reason`)."""

    context: str
    content: bytes | None
    reason: str = ""


def notice_secret(handle_key: bytes, handle: str) -> bytes:
    """The notice secret of a subscription: 16 bytes, from its operator's handle key (32 bytes) and its handle.

    It changes when the handle does: the person then needs a new notice code. Raises ValueError.
    """
    if len(handle_key) != _HANDLE_KEY_BYTES:
        raise ValueError(f"a handle key has {_HANDLE_KEY_BYTES} bytes")
    return hmac.digest(handle_key, b"openroll notice 1\0" + handle.encode(), "sha256")[:SECRET_BYTES]


def bucket_of(secret: bytes, period: str) -> int:
    """The heap, 0 to 1,023, in which notices to a secret stand that are published in a period (as `2026-11`).

    The period makes a person's heap another one each time. If it never changed, two notices of one operator in one heap would
    most likely be one person's.
    """
    mac = hmac.digest(_checked(secret), b"openroll notice bucket 1\0" + period.encode(), "sha256")
    return int.from_bytes(mac[:2]) >> 6


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
            yield OwnNotice(context, open_envelope(envelope, key, signers, context))
        except EnvelopeNotOurs as error:
            yield OwnNotice(context, None, error.reason)
        except ValueError:  # EnvelopeShape, or a context that `seal` never took
            continue


def _checked(secret: bytes) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a notice secret has {SECRET_BYTES} bytes")
    return secret
