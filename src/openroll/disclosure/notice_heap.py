"""A heap of published notices as JSON: what `GET /api/v1/notices/{bucket}` answers and `openroll notice read` takes."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from openroll.disclosure.envelope import KeyUnfit, Published, public_line, published_of

FORM = "openroll-notices-1"


class HeapMalformed(ValueError):
    """What should be a heap of notices is none. The message says what is wrong with it."""


class Heap(NamedTuple):
    """Published notices, each with its context, and the public halves of the keys that their senders may have signed with."""

    notices: tuple[tuple[str, bytes], ...]
    senders: tuple[Published, ...]


class _Notice(msgspec.Struct, frozen=True):
    context: str
    envelope: str


class _Heap(msgspec.Struct, frozen=True):
    form: str
    notices: tuple[_Notice, ...]
    senders: tuple[str, ...]


def heap_json(notices: Iterable[tuple[str, bytes]], senders: Iterable[Published]) -> bytes:
    """A heap as JSON: `form`, `notices` with `context` and `envelope` (base64), and `senders`, the public lines."""
    written = tuple(_Notice(context, b64encode(envelope).decode()) for context, envelope in notices)
    return msgspec.json.encode(_Heap(FORM, written, tuple(public_line(one).strip() for one in senders)))


def heap_of(data: bytes) -> Heap:
    """Read a heap. Raises HeapMalformed: it is no such JSON, or a sender's key is none."""
    try:
        read = msgspec.json.decode(data, type=_Heap)
        if read.form != FORM:
            raise HeapMalformed(f"its form is not {FORM}")
        notices = tuple((one.context, b64decode(one.envelope, validate=True)) for one in read.notices)
        return Heap(notices, tuple(map(published_of, read.senders)))
    except HeapMalformed:
        raise
    except KeyUnfit as error:
        raise HeapMalformed(f"a sender's key in it: {error}") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise HeapMalformed(f"it is no heap of notices: {error}") from None
