"""The archive format: a gzip-compressed tar whose last member, `manifest.json`, lists every file with its size and SHA-256.

The manifest comes last because only then is everything known, in one stream and flat memory. A box that was cut off has no
manifest, and one whose bytes were altered does not agree with it: neither is ever taken for a whole one.
"""

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple, Protocol

import msgspec

from openroll.archive.seal import Keys, Sealing, sealed, unsealed

MANIFEST = "manifest.json"
MOST_MANIFEST = 1 << 28
"""Bytes of the manifest and of all that stands beside it and is in no list: it is kept in memory."""
_PIECE = 1 << 20
LOT = 8 << 20
_CUT_OFF = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile)


class Broken(Exception):
    """The box is not whole: cut off, altered, or no box at all."""


class Item(NamedTuple):
    """One member as it comes by: a folder, or a file whose content is read from `data` before the next one is asked for."""

    path: str
    size: int
    mode: int
    folder: bool
    data: BinaryIO


class _Listed(msgspec.Struct, frozen=True):
    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a box says of itself: its `format`, what it is `about`, and its files in their order."""

    format: str
    about: dict[str, Any]
    files: tuple[_Listed, ...]


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Box:
    """A box being filled, in one stream."""

    def __init__(self, stream: BinaryIO, form: str, time: float) -> None:
        """`form` names the format; `time` (POSIX seconds) is what every member carries as its time."""
        # Speed over size: the disk's bytes are cheap, the keeper's night is not.
        self._gzip = gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=1, mtime=0)
        self._tar = tarfile.open(fileobj=self._gzip, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by finish
        self._form = form
        self._time = time
        self._files: list[_Listed] = []

    def folder(self, path: str, mode: int = 0o700) -> None:
        """Add an empty folder."""
        info = tarfile.TarInfo(path)
        info.type, info.mode, info.mtime = tarfile.DIRTYPE, mode, self._time
        self._tar.addfile(info)

    def put(self, path: str, data: bytes, mode: int = 0o600) -> None:
        """Add a file from its bytes."""
        self.copy(path, io.BytesIO(data), len(data), mode)

    def copy(self, path: str, data: _Readable, size: int, mode: int = 0o600) -> str:
        """Add a file of `size` bytes from a stream; its SHA-256 in hexadecimal. Raises OSError when the stream ends early."""
        info = tarfile.TarInfo(path)
        info.size, info.mode, info.mtime = size, mode, self._time
        hashed = _Hashed(data)
        self._tar.addfile(info, hashed)
        digest = hashed.digest.hexdigest()
        self._files.append(_Listed(path, size, digest))
        return digest

    def copy_lots(self, prefix: str, data: _Readable, *, told: Callable[[int], None] = lambda _: None) -> None:
        """Add a stream of unknown length as files `prefix.000000`, `prefix.000001`, ... of 8 MiB: joined, they are it.

        `told` hears how many bytes went so far.
        """
        number = done = 0
        while piece := _exactly(data, LOT):
            self.put(f"{prefix}.{number:06d}", piece)
            number, done = number + 1, done + len(piece)
            told(done)

    def finish(self, about: Mapping[str, Any], sign: Callable[[bytes], Mapping[str, bytes]] = lambda _: {}) -> bytes:
        """Add the manifest and close; the manifest's bytes. What `sign` makes of them (files by path) stands before them."""
        manifest = msgspec.json.format(
            msgspec.json.encode(Manifest(self._form, dict(about), tuple(self._files))), indent=1
        )
        for path, data in sign(manifest).items():
            self._add_unlisted(path, data)
        self._add_unlisted(MANIFEST, manifest)
        self._tar.close()
        self._gzip.close()
        return manifest

    def abandon(self) -> None:
        """Write nothing more, not even what is held back: the box was broken off."""
        setattr(self._tar.fileobj, "closed", True)  # noqa: B010 - tarfile's own stream; the type checker does not know it

    def _add_unlisted(self, path: str, data: bytes) -> None:
        info = tarfile.TarInfo(path)
        info.size, info.mode, info.mtime = len(data), 0o600, self._time
        self._tar.addfile(info, io.BytesIO(data))


class _Hashed:
    """A stream that remembers the SHA-256 of what went through it."""

    def __init__(self, data: _Readable) -> None:
        self._data = data
        self.digest = hashlib.sha256()

    def read(self, size: int = _PIECE, /) -> bytes:
        try:
            piece = self._data.read(size)
        except _CUT_OFF as error:
            raise Broken(f"it is cut off or altered ({error or type(error).__name__})") from error
        self.digest.update(piece)
        return piece


def _exactly(data: _Readable, size: int) -> bytes:
    pieces: list[bytes] = []
    while size and (piece := data.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


@contextmanager
def write_box(
    path: Path, sealing: Sealing, form: str, time: float, *, called: Callable[[], str] | None = None
) -> Iterator[Box]:
    """A sealed box at `path`, once it was finished and the block ends well; nothing there otherwise. Raises CannotSeal.

    `called` names it instead, at the end.
    """
    with sealed(path, sealing, called=called) as stream:
        box = Box(stream, form, time)
        try:
            yield box
        except BaseException:
            box.abandon()
            raise


class Reading:
    """A box being read: iterate over its items; afterwards `manifest` is what it said of itself, and all of it held."""

    def __init__(self, stream: BinaryIO, form: str) -> None:
        self._stream = stream
        self._form = form
        self._seen: list[_Listed] = []
        self._room = MOST_MANIFEST
        self.unlisted: dict[str, bytes] = {}
        self.manifest_bytes = b""
        self.manifest = Manifest("", {}, ())

    def __iter__(self) -> Iterator[Item]:
        try:
            yield from self._items()
        except _CUT_OFF as error:
            raise Broken(f"it is cut off or altered ({error or type(error).__name__})") from error
        self._check()

    def _items(self) -> Iterator[Item]:
        with gzip.GzipFile(fileobj=self._stream, mode="rb") as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            for info in tar:
                _check_path(info)
                if info.isdir():
                    yield Item(info.name, 0, info.mode, True, io.BytesIO())
                    continue
                # A link could lead anywhere, and a file of holes be larger than the disk that it is written to.
                data = tar.extractfile(info) if info.isreg() and not info.issparse() else None
                if data is None:
                    raise Broken(f"{info.name} is neither a file nor a folder")
                if info.name == MANIFEST or info.name.startswith(f"{MANIFEST}."):
                    self._keep_unlisted(info.name, _exactly(data, self._room + 1))
                    continue
                hashed = _Hashed(data)
                yield Item(info.name, info.size, info.mode, False, hashed)  # type: ignore[arg-type] # read() is all that is used of it
                while hashed.read():
                    pass
                self._seen.append(_Listed(info.name, info.size, hashed.digest.hexdigest()))

    def _keep_unlisted(self, path: str, data: bytes) -> None:
        self._room -= len(data)
        if self._room < 0:
            raise Broken(f"{path} is larger than any manifest")
        if path == MANIFEST:
            self.manifest_bytes = data
        else:
            self.unlisted[path] = data

    def _check(self) -> None:
        if not self.manifest_bytes:
            raise Broken("it is cut off: its manifest is missing")
        try:
            self.manifest = msgspec.json.decode(self.manifest_bytes, type=Manifest)
        except msgspec.MsgspecError as error:
            raise Broken(f"its manifest cannot be read: {error}") from error
        if self.manifest.format != self._form:
            raise Broken(f"this is {self.manifest.format!r}, not {self._form!r}")
        said = {one.path: one for one in self.manifest.files}
        seen = {one.path: one for one in self._seen}
        for path in [*said, *seen]:
            if said.get(path) != seen.get(path):
                raise Broken(f"{path} is not what its manifest says")


def _check_path(info: tarfile.TarInfo) -> None:
    """Paths lead down only: a box from elsewhere writes nowhere but where it is opened.

    Only a path's one form is taken: whoever cuts the `rolls/` off `rolls//etc/passwd` would hold a path from the root.
    """
    parts = PurePosixPath(info.name).parts
    odd = "\\" in info.name or any(ord(char) < 0x20 for char in info.name)
    if not parts or "/".join(parts) != info.name or ".." in parts or odd:
        raise Broken(f"{info.name!r} leads out of the box")


def read_box(stream: BinaryIO, form: str) -> Reading:
    """Read a box from a stream that is open already."""
    return Reading(stream, form)


@contextmanager
def open_box(path: Path, keys: Keys, form: str) -> Iterator[Reading]:
    """Read the sealed box at `path`. Raises CannotUnseal or Broken, with the file's name."""
    try:
        with unsealed(path, keys) as stream:
            yield Reading(stream, form)
    except Broken as error:
        raise Broken(f"{path}: {error}") from error
