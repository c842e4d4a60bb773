"""A heap of published notices as JSON: what `GET /api/v1/notices/{bucket}` answers and `openroll notice read` takes.

Beside each notice stands the month in which it was published. It is no secret: the public log has it beside the notice's digest.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

import msgspec

from openroll.disclosure.envelope import KeyUnfit, Published, digest, public_line, published_of

FORM = "openroll-notices-1"


class HeapMalformed(ValueError):
    """What should be a heap of notices is none. The message says what is wrong with it."""


class HeapNotice(NamedTuple):
    """A notice as a heap gives it out. What `context` and `month` (empty where nobody says when) are is the heap's word: nothing
    proves it, while the public log names the notice by `digest`, the SHA-256 of its envelope in hexadecimal."""

    context: str
    envelope: bytes
    month: str
    digest: str


class Heap(NamedTuple):
    """Published notices, each with its context, and the public halves of the keys that their senders may have signed with.

    `next` is the `after` by which the heap goes on; 0 at its end. `digests` are the SHA-256 of all that is in it, in hexadecimal:
    by these the public log names notices; `every` is all that is in it, with month and digest.
    """

    notices: tuple[tuple[str, bytes], ...]
    senders: tuple[Published, ...]
    next: int = 0
    digests: frozenset[str] = frozenset()
    every: tuple[HeapNotice, ...] = ()


class _Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A notice; `month` as `2026-11`, empty where it is not known, which anything else but text says too. JSON has bytes in
    base64."""

    context: str
    envelope: bytes
    month: Any = ""


class _Heap(msgspec.Struct, frozen=True, omit_defaults=True):
    form: str
    notices: tuple[msgspec.Raw, ...]
    senders: tuple[msgspec.Raw, ...]
    next: int = 0


def heap_json(
    notices: Iterable[tuple[str, bytes] | tuple[str, bytes, str]],
    senders: Iterable[Published | str],
    goes_on: int = 0,
) -> bytes:
    """A heap as JSON: `form`, `notices` with `context`, `envelope` (base64) and `month`, `senders`, the public lines, and `next`
    where it `goes_on`."""
    written = tuple(msgspec.Raw(msgspec.json.encode(_Notice(*one))) for one in notices)
    lines = (one if isinstance(one, str) else public_line(one) for one in senders)
    encoded = tuple(msgspec.Raw(msgspec.json.encode(line.strip())) for line in lines)
    return msgspec.json.encode(_Heap(FORM, written, encoded, goes_on))


def heap_of(data: bytes) -> Heap:
    """Read a heap.

    Each notice and key is read by itself: what is none hides no other. Raises HeapMalformed where the whole is no heap.
    """
    try:
        read = msgspec.json.decode(data, type=_Heap)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise HeapMalformed(f"it is no heap of notices: {error}") from None
    if read.form != FORM:
        raise HeapMalformed(f"its form is not {FORM}")
    every = tuple(_readable(read.notices, _notice_in))
    sealed = tuple((one.context, one.envelope) for one in every)
    digests = frozenset(one.digest for one in every)
    return Heap(sealed, tuple(_readable(read.senders, _key_in)), max(read.next, 0), digests, every)


T = TypeVar("T")


def _readable(raws: Iterable[msgspec.Raw], read: Callable[[msgspec.Raw], T]) -> Iterator[T]:
    for raw in raws:
        with suppress(msgspec.DecodeError, KeyUnfit, ValueError, RecursionError):
            yield read(raw)


def _notice_in(raw: msgspec.Raw) -> HeapNotice:
    read = msgspec.json.decode(raw, type=_Notice)
    month = read.month if isinstance(read.month, str) else ""
    return HeapNotice(read.context, read.envelope, month, digest(read.envelope))


def _key_in(raw: msgspec.Raw) -> Published:
    return published_of(msgspec.json.decode(raw, type=str))
