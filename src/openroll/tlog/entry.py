"""Log entries with salted commitments: encode and parse what stands in a public log of something that must stay unreadable.

An entry says what kind of thing happened and on which day, and commits to the rest: SHA-256 over a salt of 32 random
bytes and the body. Who holds salt and body can show what was logged; nobody else can guess it, not even a body with few
possible values. An entry may also carry an act's text, for what is to be public in full: that text is its body, and a receipt
of it proves no other. Its form is five lines or so of text:

    salted-entry/v1
    <kind>
    <day, YYYY-MM-DD>
    <commitment, base64>
    [the act's text, to the end]
"""

import hashlib
import re
from base64 import b64encode
from binascii import b2a_base64
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from openroll.tlog.encoding import strict_base64
from openroll.tlog.errors import Malformed
from openroll.tlog.tiles import MOST_ENTRY

SALT_SIZE = 32
"""Bytes of every salt. It is fixed so that a commitment can be read in one way only."""
_HEAD = "salted-entry/v1\n"
_KIND = re.compile(r"[a-z0-9][a-z0-9./-]{0,63}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Entry(NamedTuple):
    """A log entry: `kind` and `day` in clear, a `commitment` of 32 bytes, and for a public act its text."""

    kind: str
    day: str
    commitment: bytes
    act: str | None = None

    def encode(self) -> bytes:
        """The entry's bytes, in its one form. Raises Malformed."""
        _check(self)
        commitment = b64encode(self.commitment).decode()
        data = f"{_HEAD}{self.kind}\n{self.day}\n{commitment}\n{self.act or ''}".encode()
        if len(data) > MOST_ENTRY:
            raise Malformed(f"an entry is at most {MOST_ENTRY} bytes")
        return data

    @classmethod
    def parse(cls, data: bytes) -> "Entry":
        """Read an entry; only its one form is taken. Raises Malformed."""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed("an entry is UTF-8 text") from error
        lines = text.removeprefix(_HEAD).split("\n", 3)
        if not text.startswith(_HEAD) or len(lines) != 4 or len(data) > MOST_ENTRY:
            raise Malformed("this is not a salted entry")
        entry = cls(lines[0], lines[1], strict_base64(lines[2], "the commitment"), lines[3] or None)
        _check(entry)
        return entry


def longest_act(kind: str) -> int:
    """The bytes of the longest text that an act of this kind can have in an entry."""
    return MOST_ENTRY - len(Entry(kind, "2006-11-01", bytes(32)).encode())


def _check(entry: Entry) -> None:
    if not _KIND.fullmatch(entry.kind) or not _is_day(entry.day):
        raise Malformed("an entry names its kind and its day")
    if len(entry.commitment) != 32 or entry.act == "":
        raise Malformed("an entry carries a commitment of 32 bytes, and an act's text or none")


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def commit(domain: bytes, salt: bytes, body: bytes) -> bytes:
    """The commitment: SHA-256(length of domain || domain || salt || body). `domain` is at most 255 bytes, `salt` 32."""
    if len(salt) != SALT_SIZE or len(domain) > 255:
        raise Malformed("a salt is 32 bytes, a domain at most 255")
    return hashlib.sha256(bytes([len(domain)]) + domain + salt + body).digest()


def commit_all(domain: bytes, salts: Sequence[bytes], bodies: Sequence[bytes]) -> list[bytes]:
    """`commit` for many: one salt and one body each."""
    if set(map(len, salts)) - {SALT_SIZE} or len(domain) > 255:
        raise Malformed("a salt is 32 bytes, a domain at most 255")
    sha256, prefix = hashlib.sha256, bytes([len(domain)]) + domain
    return [sha256(prefix + salt + body).digest() for salt, body in zip(salts, bodies, strict=True)]


def encode_entries(kinds: Sequence[str], days: Sequence[str], commitments: Sequence[bytes]) -> list[bytes]:
    """`Entry.encode` for many entries without an act's text: kind and day are checked once for each different pair."""
    pairs = list(zip(kinds, days, strict=True))
    heads = {pair: Entry(*pair, bytes(32)).encode()[:-45] for pair in set(pairs)}
    if set(map(len, commitments)) - {32}:
        raise Malformed("a commitment is 32 bytes")
    return [heads[pair] + b2a_base64(one) for pair, one in zip(pairs, commitments, strict=True)]  # it ends in a newline
