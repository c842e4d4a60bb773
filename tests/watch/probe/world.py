"""An internet on loopback: name servers that lie, drip or say nothing, and sites that are live, dead, moved, huge or hostile.

Sites stand at 127.0.0.1 on ports of the world's own. 127.0.0.66 is a machine that nobody may reach: it counts who does.
"""

import asyncio
import ssl
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from openroll.register.site.addresses import Address
from openroll.watch.probe.place import Place, special_addresses

SITE = "127.0.0.1"
CLOSED = "127.0.0.2"
FORBIDDEN = "127.0.0.66"
Zone = dict[tuple[str, str], list[str] | Callable[[], list[str]] | None]
"""Records by name and kind; None says nothing at all."""
T = TypeVar("T")
Parts = AsyncGenerator[bytes, None]
Site = Callable[[str], Parts]
"""What a site sends for a request's path, part by part."""


def public_but_loopback(address: Address) -> str:
    """The internet's rule, but two addresses of this machine count as public."""
    return "" if str(address) in (SITE, CLOSED) else special_addresses().why_not(address)


class World:
    """Name servers and sites, in an event loop of a thread of their own."""

    def __init__(self, certificate: tuple[Path, Path]) -> None:
        self.zone: Zone = {}
        self.sites: dict[str, Site] = {}
        self.asked: list[str] = []
        """Host and path of each request."""
        self.reached = 0
        """Connections to the machine that nobody may reach."""
        self.heard: Callable[[str], object] = str
        """Told the head of each request."""
        self._certificate = certificate
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.run(self._open())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the world's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        """End all of it."""
        self.run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def place(self, **changed: Any) -> Place:
        """A place that looks at this world, with short times."""
        known = {"whole": 3.0, "step": 0.5, "names": 0.5}
        return Place(
            ("127.0.0.1",), self.names, public_but_loopback, {80: self.http, 443: self.https}, **known | changed
        )

    def at(self, name: str, *addresses: str) -> None:
        """A name has these addresses."""
        for kind, version in (("A", 4), ("AAAA", 6)):
            self.zone[name, kind] = [one for one in addresses if ip_address(one).version == version]

    async def _open(self) -> None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*self._certificate)
        loop = asyncio.get_running_loop()
        udp, _ = await loop.create_datagram_endpoint(lambda: _Names(self), local_addr=("127.0.0.1", 0))
        self._udp, self.names = udp, udp.get_extra_info("sockname")[1]
        plain = await asyncio.start_server(self._serve, SITE, 0)
        self.http = plain.sockets[0].getsockname()[1]
        secret = await asyncio.start_server(self._serve, SITE, 0, ssl=tls)
        self.https = secret.sockets[0].getsockname()[1]
        traps = [await asyncio.start_server(self._trap, FORBIDDEN, port) for port in (self.http, self.https)]
        tcp = await asyncio.start_server(self._names_by_tcp, "127.0.0.1", self.names)
        self._servers = [plain, secret, *traps, tcp]

    async def _end(self) -> None:
        self._udp.close()
        for server in self._servers:
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _trap(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached += 1
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            self.heard("\n".join(head))
            path = head[0].split()[1]
            host = next(line[5:].strip() for line in head if line.lower().startswith("host:"))
            self.asked.append(host + path)
            async with aclosing(self.sites[host](path)) as parts:
                async for part in parts:
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)  # a reader who is gone is seen in a turn of the loop
                    if writer.is_closing():
                        break
        writer.close()

    async def _names_by_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            question = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
            if (answer := self.answer(question, most=65_535)) is not None:
                writer.write(len(answer).to_bytes(2) + answer)
                await writer.drain()
        writer.close()

    def answer(self, wire: bytes, *, most: int) -> bytes | None:
        """The answer of the name servers; None for silence."""
        question = dns.message.from_wire(wire)
        asked = question.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(asked.rdtype)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if not any(one == name for one, _ in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
            return answer.to_wire()
        found = self.zone.get((name, kind), [])
        found = found() if callable(found) else found
        if found is None:
            return None
        if found == ["SERVFAIL"]:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif found == ["GARBAGE"]:
            return wire[:12] + b"\xc0\x0c" * 20
        elif found:
            answer.answer.append(dns.rrset.from_text(asked.name, 1, "IN", kind, *found))
        whole = answer.to_wire(max_size=65_535)
        if len(whole) > most:
            answer.answer.clear()
            answer.flags |= dns.flags.TC
            return answer.to_wire()
        return whole


class _Names(asyncio.DatagramProtocol):
    def __init__(self, world: World) -> None:
        self._world = world

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if (answer := self._world.answer(data, most=1_232)) is not None:
            self._transport.sendto(answer, addr)


# Sites.


def says(status: int = 200, body: bytes = b"", *headers: str) -> Site:
    """A site that answers so."""

    async def answer(path: str) -> Parts:
        lines = [f"HTTP/1.1 {status} So", f"Content-Length: {len(body)}", *headers, "", ""]
        yield "\r\n".join(lines).encode() + body

    return answer


def leads(*to: str, status: int = 302) -> Site:
    """A site that leads on: to the first address at first, and always to the last."""
    left = list(to)

    async def answer(path: str) -> Parts:
        where = left.pop(0) if len(left) > 1 else left[0]
        yield f"HTTP/1.1 {status} Go\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()

    return answer


async def silent(path: str) -> Parts:
    """A site that takes the request and says nothing."""
    await asyncio.Event().wait()
    yield b""


async def drips(path: str) -> Parts:
    """A site that sends the head of its answer byte by byte, for ever, faster than any single wait would end."""
    yield b"HTTP/1.1 200 OK\r\nX-Drip: "
    while True:
        yield b"x"
        await asyncio.sleep(0.05)


async def interim(path: str) -> Parts:
    """A site that answers for ever that it is still at it."""
    while True:
        yield b"HTTP/1.1 102 Processing\r\n\r\n"
        await asyncio.sleep(0.01)


async def hurried(path: str) -> Parts:
    """A site that says as fast as it can that it is still at it."""
    while True:
        yield b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000


async def endless_head(path: str) -> Parts:
    """A site whose head never ends, as fast as it can."""
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-More: " + b"y" * 4_000 + b"\r\n"


async def endless_body(path: str) -> Parts:
    """A site whose answer never ends."""
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"1000\r\n" + b"z" * 4_096 + b"\r\n"


async def no_http(path: str) -> Parts:
    """Something that speaks another language."""
    yield b"SSH-2.0-OpenSSH_9.2\r\n"
