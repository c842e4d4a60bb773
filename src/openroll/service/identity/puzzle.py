"""Proof of work in the page: a puzzle that costs the browser seconds and the server one hash (as Hashcash, Back 2002).

A challenge is a text that the server signs and does not keep: what it is for, until when, how hard, and a random word. Its
solution is a number such that SHA-256 of `challenge.number` begins with so many zero bits. It holds for one form, one network
and a few minutes, and opens one try (`store.throttle.spend`).
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

LASTS = timedelta(minutes=10)
EASIEST, HARDEST = 18, 24
"""Zero bits: a quarter of a million hashes on average where nobody else works, sixteen million where many do; a browser's plain
script makes one or two million a second."""
_SHAPE = re.compile(r"(?P<signed>1\.(?P<until>[0-9]{1,12})\.(?P<bits>[0-9]{1,2})\.[0-9a-f]{32})\.(?P<mac>[0-9a-f]{64})")
_NUMBER = re.compile(r"[0-9]{1,16}")


def bits(load: float) -> int:
    """How hard a puzzle is at a load from 0 to 1."""
    return EASIEST + round((HARDEST - EASIEST) * min(1.0, max(0.0, load)))


def make(key: bytes, form: str, network: str, hard: int, now: datetime, random: bytes) -> str:
    """A challenge for one form and one network, `hard` zero bits, from now on; `random` is 16 bytes."""
    signed = f"1.{int((now + LASTS).timestamp())}.{hard}.{random.hex()}"
    return f"{signed}.{_mac(key, form, network, signed)}"


def solve(challenge: str) -> str:
    """The challenge with a number that solves it, as the page's script finds it: for programs, and for tests."""
    hard = int(challenge.split(".")[2])
    number = 0
    while _zeros(f"{challenge}.{number}") < hard:
        number += 1
    return f"{challenge}.{number}"


def solved(key: bytes, form: str, network: str, proof: str, now: datetime) -> bytes | None:
    """What names a solved challenge, so that it is spent once; None for anything that is none of ours, stale, or not solved."""
    challenge, _, number = proof.rpartition(".")
    found = _SHAPE.fullmatch(challenge)
    if found is None or not _NUMBER.fullmatch(number):
        return None
    if not hmac.compare_digest(found["mac"], _mac(key, form, network, found["signed"])):
        return None
    if now > datetime.fromtimestamp(int(found["until"]), UTC) or _zeros(proof) < int(found["bits"]):
        return None
    return hashlib.sha256(challenge.encode()).digest()


def _mac(key: bytes, form: str, network: str, signed: str) -> str:
    return hmac.new(key, f"puzzle\0{form}\0{network}\0{signed}".encode(), "sha256").hexdigest()


def _zeros(text: str) -> int:
    return 256 - int.from_bytes(hashlib.sha256(text.encode()).digest()).bit_length()
