"""Programs that file over HTTP, as cheap as Python makes them: what they cost is taken from the server's own cores and time.

Requests are made before the clock starts, as pgbench's script is, and no answer is looked at beyond its status and length.
"""

import asyncio
import json
import os
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator

from openroll.register.subscription.handle import KEY_BYTES, handle_of

_KEY = os.urandom(KEY_BYTES)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_MOST_A_SECOND = 4_000
"""So many requests are made beforehand for each second; who needs more makes them on the way."""


async def load(port: int, token: str, count: int, seconds: float) -> list[float]:
    """File over so many connections for so long; the seconds that each filing took, from its sending to its whole answer."""
    requests = _requests(token, int(_MOST_A_SECOND * seconds))
    loop, waits = asyncio.get_running_loop(), list[float]()
    senders = [
        (await loop.create_connection(lambda: _Sender(requests, waits), "127.0.0.1", port))[1] for _ in range(count)
    ]
    end = time.perf_counter() + seconds
    for one in senders:
        one.begin(end)
    await asyncio.gather(*(one.over for one in senders))
    return waits


class _Sender(asyncio.Protocol):
    """One connection that files, waits for the acknowledgement, and files again."""

    def __init__(self, requests: Iterator[bytes], waits: list[float]) -> None:
        self._requests, self._waits = requests, waits
        self._answer = b""
        self._end = self._begun = 0.0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP's always is
        self._transport = transport

    def begin(self, end: float) -> None:
        """Send one filing after the other until then."""
        self._end = end
        self._send()

    def _send(self) -> None:
        self._begun = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, _, body = self._answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if length is None or len(body) < int(length[1]):
            return
        if not head.startswith(b"HTTP/1.1 201 "):
            self._fail(head)
            return
        self._answer, now = b"", time.perf_counter()
        self._waits.append(now - self._begun)
        if now < self._end:
            self._send()
        elif not self.over.done():
            self.over.set_result(None)
            self._transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.over.done():
            self._fail(b"the connection was closed")

    def _fail(self, why: bytes) -> None:
        if not self.over.done():
            self.over.set_exception(RuntimeError(f"a filing was not taken: {why[:200]!r}"))
        self._transport.close()


def _requests(token: str, count: int) -> Iterator[bytes]:
    """Requests of filings that nobody sent before: so many are made at once, and more as they are needed."""
    yield from [_request(token) for _ in range(count)]
    while True:
        yield _request(token)


def _request(token: str) -> bytes:
    random = os.urandom(140)
    told = sorted(urlsafe_b64encode(random[at : at + 32]).decode()[:43] for at in range(0, 128, 32))
    handle = handle_of(random[128:].hex(), _KEY)
    body = json.dumps(
        {
            "handle": handle,
            "kind": "household",
            "access": "adsl",
            "district": "500103",
            "connected": "2006-11-01",
            "digests": told,
        }
    ).encode()
    return (
        f"POST /api/v1/filings HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\nidempotency-key: {handle}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body
