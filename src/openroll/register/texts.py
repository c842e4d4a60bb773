"""What a command may say in words: how long each of its texts is and which characters it has, whatever the face it came from.

What is official stands in the public log for ever, in an entry of a bounded size: so both are known before anything is decided.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from openroll.disclosure.text import shows
from openroll.register.command import Command
from openroll.register.event import Event
from openroll.register.refusals import ActTooLong, TextUnfit
from openroll.tlog.entry import longest_act
from openroll.tlog.tiles import MOST_ENTRY

MOST_TITLE = 100
MOST_TEXT = 255
"""Characters of a text that `_MOST` does not name."""

_FREE = 1_000_000
_MOST = {
    "title": MOST_TITLE,
    "registrar": MOST_TITLE,
    "issuer": 500,
    "holder": 500,
    "checkpoint": 40_000,  # a note with a signature of each kind by the log and by each witness
    "public": 5_000,  # the public half of an envelope key, of ML-KEM and ML-DSA
    "decision": 10_000,  # the text of a decision with the fields that it is on
    "signature": 4_000,  # of Ed25519 and ML-DSA
    "keys": 4_000,  # one public key, of ML-DSA too
    # Of a rule and a bundle the log holds the digest; a reason's length is its own refusal (`free_text`).
    **dict.fromkeys(("rule", "bundle", "figures", "reason", "why", "outcome"), _FREE),
}
"""Characters by the name of the field."""
_LINES = frozenset({"checkpoint", "rule", "bundle", "figures", "reason", "why", "outcome"})
"""Fields that hold more than one line."""

# Control characters, separators of lines and paragraphs, lone surrogates: Unicode's categories Cc, Zl, Zp and Cs. After them the
# marks that turn the direction of writing, which make one text look like another (Unicode TR 36, 2.6). A pattern, and no question
# for each character: a whole jurisdiction is one text of a command.
_UNSEEN = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
    r"\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
)
_UNSEEN_IN_LINES = re.compile(f"[{_UNSEEN}]")
_UNSEEN_IN_A_LINE = re.compile(rf"[\n\r\t{_UNSEEN}]")


def is_one_line(text: str) -> bool:
    """Whether a text has no line break of any kind, no other control character, no lone surrogate and no turning mark."""
    return _UNSEEN_IN_A_LINE.search(text) is None


def unfit(command: Command) -> TextUnfit | None:
    """Why a command's texts cannot be put on record, if so: the first that is too long or holds what nobody sees."""
    for field in command.__struct_fields__:
        for text in _texts(getattr(command, field)):
            if (wrong := unfit_text(text, _MOST.get(field, MOST_TEXT), lines=field in _LINES)) is not None:
                return wrong
    return None


def unfit_text(text: str, most: int, *, lines: bool = False) -> TextUnfit | None:
    """Why a text cannot be put on record, if so: it has more than `most` characters, or a break where `lines` are not allowed, or
    holds what nobody sees, or nothing else. (That one is empty, or of blanks alone, is a refusal of its own where it matters.)"""
    unseen = _UNSEEN_IN_LINES if lines else _UNSEEN_IN_A_LINE
    if len(text) <= most and unseen.search(text) is None and (text.isascii() or not text.strip() or shows(text)):
        return None
    return TextUnfit(begins=_shown(text), most=most)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name))
    elif isinstance(value, tuple | list | frozenset):
        for one in value:
            yield from _texts(one)


def _shown(text: str) -> str:
    """How a text begins, with what nobody sees as its code point; so all of one of which nothing shows."""
    if not shows(text):
        return "".join(f"\\u{ord(char):04x}" for char in text[:20])
    return _UNSEEN_IN_A_LINE.sub(lambda found: f"\\u{ord(found[0]):04x}", text[:20])


def too_long(events: Iterable[Event]) -> ActTooLong | None:
    """Why these facts cannot stand in the public log, if so: an official act stands there whole, and an entry has a bound."""
    for event in events:
        if event.official and len(event.body().encode()) > longest_act(event.name):
            return ActTooLong(most=MOST_ENTRY)
    return None
