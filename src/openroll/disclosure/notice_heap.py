"""A heap of published notices as JSON: what `GET /api/v1/notices/{bucket}` answers and `openroll notice read` takes.

Beside each notice stands the month in which it was published. A person has another heap each month: in one of them only what was
published about then can be theirs, so that only a few keys are derived of the many that the notices of all times would take. The
month is no secret: the public log has it beside the notice's digest.
"""

from collections.abc import Collection, Iterable
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


class _Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A notice; `month` as `2026-11`, empty where it is not known. JSON has bytes in base64."""

    context: str
    envelope: bytes
    month: str = ""


class _Heap(msgspec.Struct, frozen=True):
    form: str
    notices: tuple[_Notice, ...]
    senders: tuple[str, ...]


def heap_json(
    notices: Iterable[tuple[str, bytes] | tuple[str, bytes, str]], senders: Iterable[Published | str]
) -> bytes:
    """A heap as JSON: `form`, `notices` with `context`, `envelope` (base64) and `month`, and `senders`, the public lines."""
    written = tuple(_Notice(*one) for one in notices)
    lines = (one if isinstance(one, str) else public_line(one) for one in senders)
    return msgspec.json.encode(_Heap(FORM, written, tuple(line.strip() for line in lines)))


def heap_of(data: bytes, months: Collection[str] = ()) -> Heap:
    """Read a heap; with `months` only what was published in these, in those beside them, or nobody says when.

    Raises HeapMalformed: it is no such JSON, or a sender's key is none.
    """
    try:
        read = msgspec.json.decode(data, type=_Heap)
        if read.form != FORM:
            raise HeapMalformed(f"its form is not {FORM}")
        about = {"", *(one for month in months for one in _about(month))} if months else None
        notices = ((one.context, one.envelope) for one in read.notices if about is None or one.month in about)
        return Heap(tuple(notices), tuple(map(published_of, read.senders)))
    except HeapMalformed:
        raise
    except KeyUnfit as error:
        raise HeapMalformed(f"a sender's key in it: {error}") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise HeapMalformed(f"it is no heap of notices: {error}") from None


def _about(month: str) -> Iterable[str]:
    """A month and those beside it: the clock that a notice was sealed by need not be the roll's."""
    year, _, number = month.partition("-")
    at = int(year) * 12 + int(number) - 1
    return (f"{one // 12:04}-{one % 12 + 1:02}" for one in (at - 1, at, at + 1))
