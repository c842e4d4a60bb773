"""Where a log is read from: a web server or a folder, both laid out as C2SP tlog-tiles says."""

import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import httpx

MOST_FILE = 256 * (2 + 65_535)
"""Bytes of the largest file a log may serve: an entry bundle full of the longest entries (tlog-tiles, "Log Entries")."""


MOST_MOVES = 5
"""Redirects that are followed one after the other."""


class Unreachable(Exception):
    """Nothing could be read, so nothing is known: a failure of the way, and no verdict on the log."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where} cannot be read: {why}")
        self.where = where
        self.why = why


class Source(Protocol):
    """A log's files by their paths below its prefix: `checkpoint`, `tile/0/000`, `tile/entries/000.p/7`."""

    where: str
    """What a person calls it: an address or a folder."""

    def get(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none (404). Raises Unreachable."""
        ...


class HttpSource:
    """A log behind an address. Safe to use from several threads; holds connections open until it is closed.

    A redirect is followed on the same host only: who answers there does not choose whom this machine calls next.
    """

    def __init__(self, address: str, *, timeout: float = 20.0, connections: int = 16, longest: float = 600.0) -> None:
        """`timeout` is in seconds, for each step of a request; `longest` for one file as a whole."""
        self.where = address.rstrip("/")
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx.Client(timeout=timeout, limits=limits, follow_redirects=False)
        self._longest = longest

    def get(self, path: str, most: int = MOST_FILE) -> bytes | None:
        """A file's bytes, at most `most`; None for 404. Raises Unreachable for any other answer, and for none."""
        place = f"{self.where}/{path}"
        try:
            return self._got(place, most)
        except httpx.HTTPError as error:
            raise Unreachable(place, str(error) or type(error).__name__) from error
        except httpx.InvalidURL as error:
            raise Unreachable(place, f"this is no address: {error}") from error

    def _got(self, place: str, most: int) -> bytes | None:
        # Nothing else is asked for, so nothing else has to be unpacked: see `_unpacked`.
        request = self._client.build_request("GET", place, headers={"accept-encoding": "gzip"})
        for _ in range(MOST_MOVES):
            response = self._client.send(request, stream=True)
            try:
                if response.status_code == 404:
                    return None
                if response.status_code == 200:
                    return self._whole(response, place, most)
                following = response.next_request
                if following is None:
                    raise Unreachable(place, f"it answered {response.status_code}")
                if following.url.host != request.url.host:
                    raise Unreachable(place, f"it sends readers away, to {following.url.host}")
                request = following
            finally:
                response.close()
        raise Unreachable(place, f"it sent us on {MOST_MOVES} times")

    def _whole(self, response: httpx.Response, place: str, most: int) -> bytes:
        parts: list[bytes] = []
        size, until = 0, time.monotonic() + self._longest
        for part in _unpacked(response, place, most):
            size += len(part)
            if size > most:
                raise Unreachable(place, f"it sends more than {most:,} bytes, more than such a file of a log holds")
            if time.monotonic() > until:
                raise Unreachable(place, f"it took longer than {self._longest:g} seconds")
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _unpacked(response: httpx.Response, place: str, most: int) -> Iterator[bytes]:
    """What was sent, out of gzip where it came so, in pieces of `most` bytes and one at most.

    By hand, because httpx unpacks a piece whole before anybody sees its size, and as many layers as the header names: five
    kilobytes of gzip in gzip are three gigabytes then.
    """
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing == "identity":
        yield from response.iter_raw()
        return
    if packing not in ("gzip", "x-gzip"):
        raise Unreachable(place, f"it is packed as {packing[:50]!r}, which was not asked for")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for packed in response.iter_raw():
            yield unpacking.decompress(packed, most + 1)
            while unpacking.unconsumed_tail:
                yield unpacking.decompress(unpacking.unconsumed_tail, most + 1)
    except zlib.error as error:
        raise Unreachable(place, "it is not the gzip it says it is") from error
    if not unpacking.eof:
        raise Unreachable(place, "its gzip is cut off")


class FolderSource:
    """A log as files in a folder, as a mirror keeps it."""

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


def source_of(place: str) -> HttpSource | FolderSource:
    """A source from what a person typed: an address that begins with http:// or https://, else a folder."""
    return HttpSource(place) if place.startswith(("http://", "https://")) else FolderSource(Path(place))


def log_at(place: str) -> HttpSource | FolderSource | None:
    """The log behind a place that a person named: the place's own, or a roll's, whose log is below it; None for neither.

    Raises Unreachable.
    """
    sources = (source_of(place), source_of(f"{place.rstrip('/')}/log"))
    return next((one for one in sources if shows_head(one)), None)


def log_or_place(place: str) -> HttpSource | FolderSource:
    """The log behind a place; the place itself where there is none, for whoever reads it to say so. Raises Unreachable."""
    return log_at(place) or source_of(place)


def shows_head(source: Source) -> bool:
    """Whether a signed note is served as the checkpoint; a page that says "not found" with status 200 is none."""
    data = source.get("checkpoint")
    return data is not None and b"\n\n\xe2\x80\x94 " in data
