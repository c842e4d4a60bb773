"""Guessing, slowed down: per source and per code, by buckets that fill with wrong tries and drain with time.

Nobody is locked out: a full bucket only asks to wait until one place is free, at most a minute or two, and a passkey is
never asked to. Buckets are keyed by a keyed hash, so that the table tells nobody's address and no code.
"""

import hashlib
import hmac
import ipaddress
import math
from datetime import datetime, timedelta

import msgspec
from psycopg import Connection

from openroll.service.roll import Roll
from openroll.store import sessions


class Limit(msgspec.Struct, frozen=True):
    """How many wrong tries a bucket holds, and after how many seconds one of them is forgotten."""

    holds: int
    drains_after: float


SOURCE = Limit(10, 30.0)
CODE = Limit(5, 60.0)


def source_of(address: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 network of an IPv6 one, which is one subscriber's."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def seen_from(peer: str, forwarded: str, behind_proxy: bool) -> str:
    """Where a request comes from: its peer, or what the one proxy in front of us wrote last."""
    return forwarded.rsplit(",", 1)[-1].strip() if behind_proxy else peer


def wait(roll: Roll, *, source: str, code: str = "") -> int:
    """Minutes to wait before the next try, 0 when it may be now."""
    now = roll.clock()
    with roll.database.own() as connection:
        return max(_wait(connection, bucket, limit, now) for bucket, limit in _buckets(roll, source, code))


def wrong(roll: Roll, *, source: str, code: str = "") -> None:
    """Count a wrong try."""
    now = roll.clock()
    with roll.database.own() as connection:
        for bucket, limit in _buckets(roll, source, code):
            sessions.fill(connection, bucket, 1 / limit.drains_after, now)
        sessions.forget_drained(connection, now - timedelta(hours=2))


def _buckets(roll: Roll, source: str, code: str) -> list[tuple[bytes, Limit]]:
    named = [("source", source_of(source), SOURCE)]
    if digits := "".join(letter for letter in code if letter.isdigit()):
        named.append(("code", digits, CODE))
    key = hashlib.sha256(b"openroll throttle" + roll.keys.code_key).digest()
    return [(hmac.digest(key, f"{kind}\0{name}".encode(), "sha256"), limit) for kind, name, limit in named]


def _wait(connection: Connection, bucket: bytes, limit: Limit, now: datetime) -> int:
    found = sessions.level(connection, bucket)
    if found is None:
        return 0
    left = found[0] - (now - found[1]).total_seconds() / limit.drains_after
    return 0 if left + 1 <= limit.holds else math.ceil((left + 1 - limit.holds) * limit.drains_after / 60)
