"""Requests a minute, for each log and each source: whoever asks too much waits, and nobody else does."""

import ipaddress
from collections.abc import Callable

MOST_KNOWN = 10_000
"""Names whose buckets are remembered; the longest unused are forgotten, and begin full again."""


class Limits:
    """Buckets that fill evenly and hold a minute's worth: a burst is taken, a flood is not. For one thread at a time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """`monotonic` gives seconds that never go back."""
        self._monotonic = monotonic
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str, per_minute: int) -> float:
        """Take one request of `name`'s; 0 when it was free, else the seconds until one is."""
        now = self._monotonic()
        level, at = self._buckets.pop(name, (float(per_minute), now))
        level = min(float(per_minute), level + (now - at) * per_minute / 60)
        if level < 1:
            self._buckets[name] = (level, now)
            return (1 - level) * 60 / per_minute
        self._buckets[name] = (level - 1, now)
        if len(self._buckets) > MOST_KNOWN:
            self._buckets.pop(next(iter(self._buckets)))
        return 0.0


def source_of(address: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 network of an IPv6 one, which is one subscriber's."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
