"""Where a log is read from: a web server or a folder, both laid out as C2SP tlog-tiles says."""

from pathlib import Path
from typing import Protocol

import httpx

MOST_FILE = 256 * (2 + 65_535)
"""Bytes of the largest file a log may serve: an entry bundle full of the longest entries (tlog-tiles, "Log Entries")."""


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
    """A log behind an address. Safe to use from several threads; holds connections open until it is closed."""

    def __init__(self, address: str, *, timeout: float = 20.0, connections: int = 16) -> None:
        """`timeout` is in seconds, for each request."""
        self.where = address.rstrip("/")
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx.Client(timeout=timeout, limits=limits, follow_redirects=True)

    def get(self, path: str) -> bytes | None:
        """A file's bytes; None for 404. Raises Unreachable for any other answer, and for none."""
        place = f"{self.where}/{path}"
        try:
            with self._client.stream("GET", place) as response:
                if response.status_code == 404:
                    return None
                if response.status_code != 200:
                    raise Unreachable(place, f"it answered {response.status_code}")
                return _whole(response, place)
        except httpx.HTTPError as error:
            raise Unreachable(place, str(error) or type(error).__name__) from error
        except httpx.InvalidURL as error:
            raise Unreachable(place, f"this is no address: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _whole(response: httpx.Response, place: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > MOST_FILE:
            raise Unreachable(place, f"it sends more than {MOST_FILE:,} bytes, more than any file of a log holds")
        parts.append(part)
    return b"".join(parts)


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
