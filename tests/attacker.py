"""A program that tries to find what was told: in plain sight, and by computing it from everything that the registrar holds.

It is given what somebody has who runs the machine or stole its backups (a dump, all keys, all files) and a list of candidates. It
reads values off (as text, hexadecimal, base64), and it tries them: as hashes under every key, and as disclosures (RFC 9901) under
every salt that it can make of the keys and of what stands beside a record. `tests/test_nothing_readable.py` shows first that it
finds values where they can be found.
"""

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

LABELS = (b"openroll csrf", b"openroll throttle", b"openroll subject")
"""Words that our code puts before a key where it makes another of it: an attacker has read it."""
_BEFORE_A_KEY = b"openroll idempotency key\0"
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){16,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{20,}")


class Attacker:
    """Who holds every key (`keys`, by any name), all that our code makes of them, and knows the rule's personal `fields`."""

    def __init__(self, keys: Mapping[str, bytes], fields: Sequence[str], derived: Sequence[bytes] = ()) -> None:
        made = [hashlib.sha256(label + key).digest() for label in LABELS for key in keys.values()]
        self.keys = list(dict.fromkeys([b"", *keys.values(), *made, *derived]))
        self._by_key = [(key, _hmac_under(key or b"\0")) for key in self.keys]
        self.fields = tuple(fields)

    def read_off(self, data: bytes, values: Iterable[str], *, encoded: bool = True) -> set[str]:
        """The values that stand in some bytes: as they are and, if `encoded`, in hexadecimal or base64 of either kind."""
        seen = [data]
        if encoded:
            seen += [bytes.fromhex(one.decode()) for one in _HEX.findall(data)]
            seen += _unbase64(data)
        texts = pl.Series([one.decode("utf-8", "ignore") for one in seen], dtype=pl.String)
        # All values in one pass (Aho-Corasick), however many.
        found = texts.str.extract_many(sorted(set(values)), overlapping=True).explode()
        return set(found.drop_nulls())

    def compute(self, targets: set[bytes], values: Iterable[str]) -> set[str]:
        """The values of which a hash, with or without a key, with or without the field's name, is one of `targets`."""
        return {value for value in values if any(one in targets for one in self._hashes(value))}

    def _hashes(self, value: str) -> Iterator[bytes]:
        bare, *named = [value.encode(), *(f"{field}\0{value}".encode() for field in self.fields)]
        for key, hashed in self._by_key:
            yield hashlib.sha256(key + bare).digest()
            yield from map(hashed, (bare, *named))
            inner = hashed(_BEFORE_A_KEY + bare)
            yield from (inner, hashlib.sha256(inner).digest())

    def open_record(self, beside: Iterable[bytes], targets: set[bytes], values: Sequence[str]) -> set[str]:
        """The values whose disclosure under any salt that can be made has one of `targets` as its digest.

        `beside` is everything that stands beside the record: salts, hashes, keys its forms came under, numbers, days.
        """
        # What is long enough to hide something, and numbers; not the words of the public part.
        materials = list(dict.fromkeys(one for one in beside if len(one) >= 16 or one.isdigit()))
        found = set()
        for field in self.fields:
            salts = set(self._salts(materials, field))
            for value in values:
                for salt in (*salts, *self._salts_by_value(materials, field, value)):
                    if _opens(salt, field, value, targets):
                        found.add(value)
        return found

    def _salts(self, materials: Sequence[bytes], field: str) -> Iterator[bytes]:
        name = field.encode()
        for key in (*self.keys, *materials):
            if key:
                yield from (key, key[:16], key[:32])
            yield from _cut(key, b"\0".join((b"salt", name)), name)
        for key in self.keys:
            for one in materials:
                yield from _cut(key, b"\0".join((one, b"salt", name)), b"\0".join((b"salt", one, name)), one + name)

    def _salts_by_value(self, materials: Sequence[bytes], field: str, value: str) -> Iterator[bytes]:
        parts = [f"salt\0{field}\0{value}".encode(), f"{field}\0{value}".encode()]
        for key in (*self.keys, *materials):
            yield from _cut(key, *parts)


def _hmac_under(key: bytes) -> Callable[[bytes], bytes]:
    """HMAC-SHA-256 under one key (RFC 2104), with what the key alone decides worked out: half the time over many texts."""
    padded = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inside, outside = (hashlib.sha256(bytes(byte ^ pad for byte in padded)) for pad in (0x36, 0x5C))

    def digest(text: bytes) -> bytes:
        inner, outer = inside.copy(), outside.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()

    assert digest(key) == hmac.digest(key, key, "sha256")
    return digest


def _cut(key: bytes, *texts: bytes) -> Iterator[bytes]:
    for text in texts:
        made = hmac.digest(key or b"\0", text, "sha256")
        yield from (made[:16], made, hashlib.sha256(key + text).digest()[:16])


def _opens(salt: bytes, field: str, value: str, targets: set[bytes]) -> bool:
    text = urlsafe_b64encode(salt).rstrip(b"=").decode()
    for spaced in (f'["{text}", "{field}", "{value}"]', f'["{text}","{field}","{value}"]'):
        if hashlib.sha256(urlsafe_b64encode(spaced.encode()).rstrip(b"=")).digest() in targets:
            return True
    return False


def _unbase64(data: bytes) -> Iterator[bytes]:
    for token in _BASE64.findall(data):
        plain = token.replace(b"+", b"-").replace(b"/", b"_")
        yield urlsafe_b64decode(plain[: len(plain) // 4 * 4])
        if len(plain) % 4 > 1:
            yield urlsafe_b64decode(plain + b"=" * (-len(plain) % 4))


def hashes_in(data: bytes) -> set[bytes]:
    """Everything of 32 bytes that stands in some bytes, in hexadecimal or base64: what a guess is held against."""
    found = {bytes.fromhex(one.decode()) for one in re.findall(rb"[0-9a-f]{64,}", data) if len(one) == 64}
    for token in re.findall(rb"[A-Za-z0-9+/_-]{43,}", data):
        if len(token) == 43:
            found.add(urlsafe_b64decode(token.replace(b"+", b"-").replace(b"/", b"_") + b"="))
    return found


def pieces_of(row: Any) -> Iterator[bytes]:
    """Every value in a row of a dump, and in the JSON within it, as bytes: what may have gone into a salt."""
    if isinstance(row, Mapping):
        for value in row.values():
            yield from pieces_of(value)
    elif isinstance(row, list):
        for value in row:
            yield from pieces_of(value)
    elif isinstance(row, str) and row[:1] in ("{", "["):
        yield from pieces_of(json.loads(row))
    elif isinstance(row, str) and re.fullmatch(r"\\x([0-9a-f]{2})+", row):
        yield bytes.fromhex(row[2:])
        yield row[2:].encode()
    elif row not in (None, ""):
        text = str(row)
        yield text.encode()
        # A key with a word before it, as `form-0123…`: the rest by itself, as text and as the bytes it may spell.
        rest = text.rpartition("-")[2]
        yield rest.encode()
        if re.fullmatch(r"(?:[0-9a-f]{2}){8,}", rest):
            yield bytes.fromhex(rest)
