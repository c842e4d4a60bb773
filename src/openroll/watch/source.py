"""Where a remote log is read from: a web server or a folder, both laid out by C2SP tlog-tiles."""

import math
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import httpx2

from openroll.watch.http_client import about_proxies, new_client, wait_for

MOST_FILE = 256 * (2 + 65_535)
"""Bytes of the largest file a log may serve: an entry bundle full of the longest entries (tlog-tiles, "Log Entries")."""


MOST_NOTE = 1_000_000
"""Bytes of a signed note."""
MOST_TILE = 256 * 32
"""Bytes of a tile of hashes."""
SLOWEST = 100_000
"""Bytes a second that a server sends at least, or it counts as not answering."""
MOST_MOVES = 5
"""Redirects that are followed one after the other."""


class Unreachable(Exception):
    """The log could not be read: a failure of the network or disk, and no verdict on the log."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where} cannot be read: {why}")
        self.where = where
        self.why = why


class Source(Protocol):
    """A log's files by their paths below its prefix: `checkpoint`, `tile/0/000`, `tile/entries/000.p/7`."""

    where: str
    """What a person calls it: an address or a folder."""

    def get(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none. Raises Unreachable."""
        ...


class HttpSource:
    """A log behind a web address. Thread-safe; keeps connections open until it is closed.

    A redirect is followed on the same host only: who answers there does not choose whom this machine calls next.
    """

    def __init__(
        self,
        address: str,
        *,
        timeout: float = 15.0,
        connections: int = 16,
        longest: float = 240.0,
        left: Callable[[], float] = lambda: math.inf,
    ) -> None:
        """`timeout` is in seconds, for each step of a request.

        One file as a whole, with all redirects, may take `timeout` and a second for each SLOWEST bytes that it may have, and
        at most `longest`, whatever is sent. `left` says how many seconds are left of a deadline over many files (`seconds_left`).
        """
        self.where = address.rstrip("/")
        self._timeout = timeout
        self._connections = connections
        self._longest = longest
        self._left = left
        self._client: httpx2.AsyncClient | None = None

    def get(self, path: str, most: int | None = None) -> bytes | None:
        """A file's bytes, at most `most`; None where it is missing. Raises Unreachable for any other answer, and for none.

        Missing is 404, 410, and 403, which is what object stores say of what they do not have.
        """
        address, most = f"{self.where}/{path}", most_of(path) if most is None else most
        seconds = min(self._timeout + most / SLOWEST, self._longest, self._left())
        if seconds <= 0:
            raise Unreachable(address, "the time that all of it together may take is over")
        try:
            return wait_for(self._got(address, most), seconds)
        except TimeoutError as error:
            raise Unreachable(address, f"it took longer than {seconds:g} seconds") from error
        except httpx2.HTTPError as error:
            raise Unreachable(address, (str(error) or type(error).__name__) + about_proxies()) from error
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise Unreachable(address, f"this is no address: {error}") from error

    async def _got(self, address: str, most: int) -> bytes | None:
        if self._client is None:
            self._client = new_client(self._timeout, connections=self._connections)
        # Nothing else is asked for, so nothing else has to be unpacked: see `_unpacked`.
        request = self._client.build_request("GET", address, headers={"accept-encoding": "gzip"})
        for _ in range(MOST_MOVES):
            response = await self._client.send(request, stream=True)
            try:
                if response.status_code in (403, 404, 410):
                    return None
                if response.status_code == 200:
                    return await _whole(response, address, most)
                following = response.next_request
                if following is None:
                    raise Unreachable(address, f"it answered {response.status_code}")
                if following.url.host != request.url.host:
                    raise Unreachable(address, f"it sends readers away, to {following.url.host}")
                request = following
            finally:
                await response.aclose()
        raise Unreachable(address, f"it sent us on {MOST_MOVES} times")

    def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(TimeoutError, httpx2.HTTPError, OSError):  # what cannot be closed goes with the process
                wait_for(client.aclose(), 1.0)


def seconds_left(seconds: float, monotonic: Callable[[], float] = time.monotonic) -> Callable[[], float]:
    """A deadline from now on: how many seconds of it are left, whenever that is asked."""
    end = monotonic() + seconds
    return lambda: end - monotonic()


def most_of(path: str) -> int:
    """Bytes of the largest file that a log may serve at a path."""
    if path.endswith("checkpoint"):
        return MOST_NOTE
    return MOST_TILE if path.startswith("tile/") and not path.startswith("tile/entries/") else MOST_FILE


async def _whole(response: httpx2.Response, address: str, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in _unpacked(response, address, most):
        size += len(part)
        if size > most:
            raise _too_long(address, most)
        parts.append(part)
    return b"".join(parts)


def _too_long(address: str, most: int) -> Unreachable:
    return Unreachable(address, f"it sends more than {most:,} bytes, more than such a file of a log holds")


async def _unpacked(response: httpx2.Response, address: str, most: int) -> AsyncIterator[bytes]:
    """What was sent, out of gzip where it came so, in pieces of `most` bytes and one at most.

    By hand, because httpx2 unpacks a piece whole before anybody sees its size, and as many layers as the header names: five
    kilobytes of gzip in gzip are three gigabytes then.
    """
    packing = response.headers.get("content-encoding", "").strip().lower() or "identity"
    if packing == "identity":
        async for part in response.aiter_raw():
            yield part
        return
    if packing not in ("gzip", "x-gzip"):
        raise Unreachable(address, f"it is packed as {packing[:50]!r}, which was not asked for")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        async for packed in response.aiter_raw():
            if unpacking.eof:
                raise Unreachable(address, "it sends more behind the end of its gzip")
            yield unpacking.decompress(packed, most + 1)
            while unpacking.unconsumed_tail:
                yield unpacking.decompress(unpacking.unconsumed_tail, most + 1)
    except zlib.error as error:
        raise Unreachable(address, "it is not the gzip it says it is") from error
    if not unpacking.eof:
        raise Unreachable(address, "its gzip is cut off")


class FolderSource:
    """A log as files in a folder, as a mirror has it."""

    def __init__(self, folder: Path) -> None:
        self.where = str(folder)
        self._folder = folder

    def get(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none. Raises Unreachable."""
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise Unreachable(str(self._folder / path), error.strerror or str(error)) from error


def source_of(address: str) -> HttpSource | FolderSource:
    """A source from what a person typed: an address that begins with http:// or https://, else a folder."""
    return HttpSource(address) if address.startswith(("http://", "https://")) else FolderSource(Path(address))


def open_log(address: str) -> HttpSource | FolderSource | None:
    """The log behind a place that a person named: the place's own, or a roll's, whose log is below it; None for neither.

    Raises Unreachable.
    """
    sources = (source_of(address), source_of(f"{address.rstrip('/')}/log"))
    return next((one for one in sources if shows_head(one)), None)


def open_log_or_address(address: str) -> HttpSource | FolderSource:
    """The log behind a place; the place itself where there is none, for whoever reads it to say so. Raises Unreachable."""
    return open_log(address) or source_of(address)


def shows_head(source: Source) -> bool:
    """Whether a signed note is served as the checkpoint; a page that says "not found" with status 200 is none."""
    data = source.get("checkpoint")
    return data is not None and b"\n\n\xe2\x80\x94 " in data
