"""Ask a site once whether anybody answers under its name: yes or no, and where it leads; never what it says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import httpcore2
from httpcore2 import AsyncConnectionPool, Response

from openroll.register.request.one_record import a_labels, domain_fault
from openroll.register.site.looks import Outcome
from openroll.third_party import NotValid, third_party
from openroll.watch.probe.dial import Forbidden, Judged, any_certificate
from openroll.watch.probe.manners import Manners
from openroll.watch.probe.names import NotFound
from openroll.watch.probe.place import HTTP, HTTPS, Place

MOST_REDIRECTS = 10
MOST_PATH = 2_000
"""Characters of an address that a redirect may lead to (Boulder)."""
FAULT_BEGINS = 500
_AS_THEY_ARE = "/?%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a site: the outcome, with a detail for people, the addresses dialled, and the host it led to in the end.

    `body` is what was asked to be read of the answer, and nothing otherwise.
    """

    outcome: Outcome
    host: str
    detail: str = ""
    dialled: tuple[str, ...] = ()
    status: int = 0
    body: bytes = b""

    @property
    def answers(self) -> bool:
        """Whether the site answers."""
        return self.outcome == "answers"


class _Ended(Exception):
    """A look is over for a reason that is an outcome."""

    def __init__(self, outcome: Outcome, detail: str = "") -> None:
        super().__init__(outcome, detail)
        self.outcome, self.detail = outcome, detail


async def look(place: Place, domain: str, path: str = "/", *, most: int = 0, manners: Manners | None = None) -> Look:
    """Ask a domain (in A-labels) for a path, by HTTP and where nobody is there by HTTPS; read `most` bytes of the answer, and
    with 0 none. Never raises for anything a site does, and is over in the place's whole time, but for what it waits for its turn
    among others (`manners`)."""
    end = asyncio.timeout(place.whole)
    network = Judged(place, manners or Manners(), end)
    host = [domain]
    try:
        async with end:
            try:
                status, body = await _followed(place, network, f"http://{domain}{path}", host, most)
            except _Ended as ended:
                if ended.outcome not in ("nobody", "not-http") or host != [domain]:
                    raise
                status, body = await _followed(place, network, f"https://{domain}{path}", host, most)
    except _Ended as ended:
        return Look(ended.outcome, host[-1], ended.detail, tuple(network.dialled))
    except TimeoutError:
        return Look("silent", host[-1], f"no answer in {place.whole:g} seconds", tuple(network.dialled))
    except Exception as error:
        # Whatever else a library makes of what a site sends (TLS that breaks in the midst) is the site's doing: counted, no more.
        with suppress(NotValid), third_party("httpcore2", OSError):
            raise error
        return Look("not-http", host[-1], "it breaks off, or speaks no HTTP", tuple(network.dialled))
    outcome: Outcome = "faulty" if status >= FAULT_BEGINS else "answers"
    return Look(outcome, host[-1], "", tuple(network.dialled), status, body)


async def _followed(place: Place, network: Judged, address: str, hosts: list[str], most: int) -> tuple[int, bytes]:
    """The answer at the end of all redirects; the hosts on the way are appended."""
    been = {address}
    for _ in range(MOST_REDIRECTS + 1):
        async with _asked(place, network, address) as answer:
            where = _header(answer, b"location") if answer.status in (301, 302, 303, 307, 308) else None
            if where is None:
                return answer.status, await _read(answer, most)
        address = _redirected(address, where)
        if address in been:
            raise _Ended("redirect", "it leads back to itself")
        been.add(address)
        hosts.append(urlsplit(address).hostname or "")
    raise _Ended("redirect", f"more than {MOST_REDIRECTS} redirects")


@asynccontextmanager
async def _asked(place: Place, network: Judged, address: str) -> AsyncIterator[Response]:
    """One request on a connection of its own; what goes wrong ends the look."""
    headers: dict[bytes | str, bytes | str] = {
        "User-Agent": place.agent,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    times = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), place.step)}
    try:
        async with (
            AsyncConnectionPool(ssl_context=any_certificate(), max_connections=1, network_backend=network) as pool,
            pool.stream("GET", address, headers=headers, extensions=times) as answer,
        ):
            yield answer
    except NotFound as error:
        raise _Ended(error.fault) from error
    except Forbidden as error:
        raise _Ended("forbidden", f"{error.address}: {error.why}") from error
    except httpcore2.TimeoutException as error:
        raise _Ended("silent", f"no answer in {place.step:g} seconds") from error
    except httpcore2.ConnectError as error:
        raise _Ended("nobody", "nobody takes the connection") from error
    except (httpcore2.ProtocolError, httpcore2.NetworkError) as error:
        raise _Ended("not-http", "it breaks off, or speaks no HTTP") from error
    finally:
        await network.over()


async def _read(answer: Response, most: int) -> bytes:
    """At most so many bytes, and one more where there are; nothing is unpacked."""
    read = b""
    if not most or answer.status != 200 or (_header(answer, b"content-encoding") or b"identity") != b"identity":
        return read
    async for part in answer.aiter_stream():
        read += part[: most + 1 - len(read)]
        if len(read) > most:
            break
    return read


def _header(answer: Response, name: bytes) -> bytes | None:
    return next((value for one, value in answer.headers if one.lower() == name), None)


def _redirected(address: str, location: bytes) -> str:
    """Where a redirect leads: HTTP on 80 or HTTPS on 443 of a domain, never a number in any notation; or the look is over."""
    try:
        with third_party("urllib.parse", ValueError):
            target = urljoin(address, location.decode("utf-8").strip())
            parts = urlsplit(target)
            port, host = parts.port, parts.hostname or ""
    except NotValid:
        raise _Ended("redirect", "it leads to what is no address") from None
    expected = {"http": HTTP, "https": HTTPS}.get(parts.scheme)
    if expected is None:
        raise _Ended("redirect", "it leads elsewhere than to HTTP")
    if port not in (None, expected):
        raise _Ended("redirect", f"it leads to port {port}")
    if parts.username is not None or parts.password is not None or len(target) > MOST_PATH:
        raise _Ended("redirect", "it leads to an address with a name in it, or a very long one")
    domain = a_labels(host)
    if is_number(domain) or domain_fault(domain) not in ("", "several"):
        raise _Ended("redirect", "it leads to no domain")
    path, query = (quote(part, safe=_AS_THEY_ARE) for part in (parts.path or "/", parts.query))
    return f"{parts.scheme}://{domain}{path}" + (f"?{query}" if query else "")


def is_number(host: str) -> bool:
    """Whether a browser would read a host as an IP address in any notation (WHATWG URL, "ends in a number")."""
    last = host.removesuffix(".").rsplit(".", 1)[-1].lower()
    return last.isdigit() or (last.startswith("0x") and all(char in "0123456789abcdef" for char in last[2:]))
