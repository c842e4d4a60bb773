"""Sites for a benchmark of checks: name servers and web servers on loopback, in a process of their own. Prints both ports.

Every name has an address of its own, so that no machine is asked by two checks at once, and all of them answer.
"""

import asyncio
from typing import Any

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


def address_of(number: int) -> str:
    """The address of the site of a number, of 127.0.0.0/8."""
    return f"127.1.{number // 250 % 250}.{number % 250 + 1}"


class _Names(asyncio.DatagramProtocol):
    """A name server: the site `s7.example` is at the address of 7."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        question = dns.message.from_wire(data)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.AA | dns.flags.RA
        asked = question.question[0]
        if asked.rdtype == dns.rdatatype.A:
            number = int(asked.name.labels[0][1:])
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "A", address_of(number)))
        self._transport.sendto(answer.to_wire(), address)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_ANSWER)
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # who asked has gone
    writer.close()


async def main() -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    names, _ = await loop.create_datagram_endpoint(_Names, local_addr=("127.0.0.1", 0))
    sites = await asyncio.start_server(_serve, "0.0.0.0", 0, backlog=1_024)  # noqa: S104 - each site has an address of 127.0.0.0/8
    print(names.get_extra_info("sockname")[1], sites.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - to its parent
    await sites.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
