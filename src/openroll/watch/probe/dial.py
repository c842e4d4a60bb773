"""Dial an address that was judged, and no other: the connection's name is the site's, its number is the one that was looked at.

A name may give another address at each question (DNS rebinding). So it is asked once a host, what may not be dialled is thrown
away, and the HTTP client gets a network that knows those numbers only.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cache
from typing import Any

from httpcore2 import AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError, ConnectTimeout, ReadError

from openroll.watch.probe.manners import Manners
from openroll.watch.probe.names import addresses_of
from openroll.watch.probe.place import Place

TRIES = 2
"""Addresses of a host that are dialled: one, and another where nobody is there (Boulder: IPv6, then IPv4)."""


class Forbidden(Exception):
    """Every address of a host is one that may not be dialled; the first of them, and why, are its arguments."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why)
        self.address, self.why = address, why


MOST_READ = 32 * 1024
"""Bytes of an answer, its head and what is wanted of its body, and of all that comes before it (RFC 9110 section 15.2)."""


class _Measured(AsyncNetworkStream):
    """A connection of which no more than so much is read, however small the pieces."""

    def __init__(self, stream: AsyncNetworkStream) -> None:
        self._stream = stream
        self._left = MOST_READ

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read. Raises httpcore2's ReadError where it would be too much, and what the network raises."""
        if not self._left:
            raise ReadError(f"more than {MOST_READ:,} bytes")
        data = await self._stream.read(min(max_bytes, self._left), timeout)
        self._left -= len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncNetworkStream:
        """Go on under TLS: of what comes under it no more is read."""
        return _Measured(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What the network knows of itself."""
        return self._stream.get_extra_info(info)


class Judged(AsyncNetworkBackend):
    """A network that resolves a host by the place's name servers and dials only what may be dialled."""

    def __init__(self, place: Place, manners: Manners, end: asyncio.Timeout) -> None:
        self._place = place
        self._manners = manners
        self._end = end
        self._turn = AsyncExitStack()
        self._network = AnyIOBackend()
        self.dialled: list[str] = []
        """Every address that was dialled, in order."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - its signature is httpcore2's
        socket_options: Iterable[object] | None = None,  # noqa: ARG002
    ) -> AsyncNetworkStream:
        """Connect to a host. Raises NotFound, Forbidden, and httpcore2's ConnectError and ConnectTimeout."""
        async with self._waiting(self._manners.asking_names()):
            found = await addresses_of(self._place, host)
        if not found.allowed:
            raise Forbidden(*next(iter(found.refused.items())))
        fourth = next((one for one in found.allowed if one.version == 4), None)
        tries = dict.fromkeys([found.allowed[0], fourth or found.allowed[-1]])
        error: Exception | None = None
        for address in list(tries)[:TRIES]:
            await self.over()
            await self._turn.enter_async_context(self._waiting(self._manners.at(str(address))))
            self.dialled.append(str(address))
            try:
                stream = await self._network.connect_tcp(
                    str(address), self._place.ports.get(port, port), timeout=timeout
                )
                return _Measured(stream)
            except (ConnectError, ConnectTimeout) as raised:
                error = raised
        raise error or ConnectError("no address")

    async def over(self) -> None:
        """A request is over: whoever waits for the machine that was asked has its turn."""
        await self._turn.aclose()

    @asynccontextmanager
    async def _waiting(self, turn: AbstractAsyncContextManager[None]) -> AsyncIterator[None]:
        """Wait for a turn; the time of the look stands still meanwhile."""
        loop = asyncio.get_running_loop()
        begun, end = loop.time(), self._end.when()
        self._end.reschedule(None)
        async with turn:
            self._end.reschedule(None if end is None else end + loop.time() - begun)
            yield

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[object] | None = None,  # noqa: ARG002
    ) -> AsyncNetworkStream:
        """Never: a site has no path on this machine."""
        raise ConnectError("no site is a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """Wait; the client does between its own tries, of which it is given none."""
        await self._network.sleep(seconds)


@cache
def any_certificate() -> ssl.SSLContext:
    """TLS that vouches for nobody: the question is who answers under this name, and from several places (as Boulder asks).

    A certificate that ran out, or an old protocol, is the site's reader's matter: a register that called it dead would be wrong.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
