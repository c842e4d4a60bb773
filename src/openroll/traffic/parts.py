"""How large a form, a query or a list of cookies may be, and forms read within that: counted before anything is taken apart.

Whoever sends one chooses its size and its number of parts, and both cost time on an event loop that everybody shares. Nothing
here remembers what it read.
"""

from urllib.parse import parse_qsl

import msgspec

MOST_NAME = 200
"""Characters of the name of one part, as it was sent."""


class Bounds(msgspec.Struct, frozen=True):
    """What one form, query or list of cookies may hold: bytes as they are sent, and parts."""

    size: int
    parts: int


FORM = Bounds(100_000, 100)
"""A form of ours has fewer than 40 fields, and 14 of them may hold 500 characters of nine bytes each."""
QUERY = Bounds(8_192, 100)
COOKIES = Bounds(8_192, 100)


class TooMuch(ValueError):
    """More parts, more bytes or longer names than the bounds say. The message repeats nothing of what was sent."""


def check(sent: bytes, separator: bytes, bounds: Bounds) -> None:
    """Raise TooMuch for what does not keep within its bounds; that takes one look over at most `bounds.size` bytes."""
    if len(sent) > bounds.size:
        raise TooMuch("too many bytes")
    if sent.count(separator) >= bounds.parts:
        raise TooMuch("too many parts")
    if any(len(part.partition(b"=")[0]) > MOST_NAME for part in sent.split(separator) if b"=" in part):
        raise TooMuch("a name is too long")


def form_fields(body: bytes, bounds: Bounds = FORM) -> dict[str, str | list[str]]:
    """The fields of a form (application/x-www-form-urlencoded): a text each, or a list where a name stands several times.

    Raises TooMuch before anything is decoded.
    """
    check(body, b"&", bounds)
    fields: dict[str, str | list[str]] = {}
    for name, value in parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=bounds.parts):
        before = fields.get(name)
        if isinstance(before, list):
            before.append(value)
        else:
            fields[name] = value if before is None else [before, value]
    return fields
