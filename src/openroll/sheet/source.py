"""Where a file's bytes come from: counted, hashed and decoded as they stream by."""

import codecs
import hashlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO

from openroll.sheet.limits import LIMITS

BLOCK = 4 * 1024 * 1024
HEAD = 65_536
MOST_LINE = 16 * 1024 * 1024
Progress = Callable[[int], None]

FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "Save the sheet as CSV UTF-8 and send that."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV UTF-8 and send that."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it (gunzip) and send what is inside."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it (zstd -d) and send what is inside."),
    (b"BZh", "a bzip2 archive", "Unpack it (bunzip2) and send what is inside."),
    (b"\xfd7zXZ\0", "an xz archive", "Unpack it (unxz) and send what is inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and send what is inside."),
    (b"\x04\x22\x4d\x18", "an LZ4 archive", "Unpack it (lz4 -d) and send what is inside."),
    (b"Rar!", "a RAR archive", "Unpack it and send what is inside."),
    (b"ARROW1", "an Arrow file", "Write the list as Parquet or CSV UTF-8 and send that."),
    (b"PARE", "an encrypted Parquet file", "Write it without encryption: digests need none."),
    (b"\x89PNG", "a picture", "A list is text: export it as CSV from where it is kept."),
    (b"\xff\xd8\xff", "a picture", "A list is text: export it as CSV from where it is kept."),
    (b"GIF8", "a picture", "A list is text: export it as CSV from where it is kept."),
    (b"II*\0", "a picture", "A list is text: export it as CSV from where it is kept."),
    (b"MM\0*", "a picture", "A list is text: export it as CSV from where it is kept."),
    (b"%PDF", "a PDF document", "Export the list as CSV from where it is kept."),
    (b"SQLite format 3", "a database file", "Export the list as CSV from where it is kept."),
)
"""Files given by mistake: how they begin, what they are, what to do."""


class Unreadable(Exception):
    """The file cannot be read on from here. `row` is where the trouble is, 0 for the file as a whole."""

    def __init__(
        self,
        row: int,
        code: str,
        expected: str,
        remedy: str,
        value: str = "",
        params: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(code)
        self.row, self.code, self.expected, self.remedy, self.value = row, code, expected, remedy, value
        self.params = dict(params)


BOUNDS = {
    "bytes": "bytes in the file",
    "rows": "rows",
    "columns": "columns",
    "cells": "cells",
    "nesting": "level of lists in a cell",
    "groups": "row groups",
    "pages": "pages",
    "page": "bytes in an unpacked page",
    "footer": "bytes in the footer",
    "unpacked": "bytes when it is unpacked",
}
"""What a file may have too much of (sheet/limits.py), in English."""


def over(what: str, most: int, row: int = 0) -> Unreadable:
    """The file has more of something (a name of BOUNDS) than may be."""
    remedy = "Send the list as CSV UTF-8, in several files if it is long; `openroll pack` writes it so."
    params = {"what": what, "most": f"{most:,}"}
    return Unreadable(row, "file-over-bound", f"at most {most:,} {BOUNDS[what]}", remedy, params=params)


def cut_off(row: int, value: str = "") -> Unreadable:
    """The file ends in the middle of a row: rows after it are missing, and nobody can say how many."""
    remedy = (
        f"The file ends in the middle of row {row}, as one does that was cut off: whatever came after it is missing. "
        "Send it again whole. If this is all of it, complete the row and end it with a line break."
    )
    return Unreadable(row, "file-cut-off", "a last row that is whole, with its line end", remedy, value)


class Source:
    """A stream of bytes in blocks, with a running SHA-256. Read once, from begin to end.

    `open_end` says, once `whole_lines` has given the last line, that it has no line end: a file that was cut off ends so.
    """

    def __init__(self, file: BinaryIO, progress: Progress, most: int = LIMITS.file_bytes) -> None:
        self._file = file
        self._most = most
        self._hash = hashlib.sha256()
        self._progress = progress
        self._done = 0
        self._ended = False
        self.open_end = False
        self.head = file.read(HEAD)
        self._pending = self.head
        self._count(self.head)

    def _count(self, data: bytes) -> None:
        self._hash.update(data)
        self._done += len(data)
        if self._done > self._most:
            raise over("bytes", self._most)
        self._progress(self._done)

    @property
    def digest(self) -> str:
        """SHA-256 of all bytes read so far, in hexadecimal."""
        return self._hash.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """The bytes, block by block."""
        if self._pending:
            head, self._pending = self._pending, b""
            yield head
        while not self._ended and (data := self._file.read(BLOCK)):
            self._count(data)
            yield data
        self._ended = True  # whoever reads the file by other means may leave it standing anywhere

    def drain(self) -> None:
        """Read what is left, for the hash alone."""
        for _ in self.blocks():
            pass


def whole_lines(source: Source, encoding: str) -> Iterator[bytes]:
    """The text in blocks of whole lines, as UTF-8 without a mark. Raises Unreadable where the encoding breaks.

    The last block may lack its newline: `source.open_end` says so, and `sheet.cut_off` decides whether the file was cut off.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    plain = encoding == "utf-8"
    kept, row = b"", 0
    mac: bool | None = None  # line ends of CR alone, as old Mac programs and some exports write them
    for data in source.blocks():
        fresh = data if plain else _decoded(decoder, data, row).encode()
        mac = (b"\r" in fresh and b"\n" not in fresh) if mac is None else mac
        fresh = fresh.replace(b"\r", b"\n") if mac else fresh
        kept += fresh
        end = kept.rfind(b"\n") + 1
        if not end and len(kept) > MOST_LINE:
            remedy = "Look whether a quotation mark is missing, or whether this is a list at all."
            raise Unreadable(row + 1, "line-too-long", f"lines of at most {MOST_LINE} bytes", remedy)
        if end:
            yield _checked(kept[:end], row)
            row += kept.count(b"\n", 0, end)
            kept = kept[end:]
    last = row + 1
    kept += b"" if plain else _decoded(decoder, b"", row, final=True).encode()
    if kept:
        source.open_end = True
        try:
            kept.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data":
                raise cut_off(last) from error
        yield _checked(kept, row)


_BY_NAME: tuple[object, ...] = tuple(map(codecs.getincrementaldecoder, ("utf-16-le", "utf-16-be")))
"""Decoders of what somebody named UTF-16: nearly any bytes can be read as that; an odd number of them is another encoding."""


def _decoded(decoder: codecs.IncrementalDecoder, data: bytes, row: int, *, final: bool = False) -> str:
    try:
        return decoder.decode(data, final)
    except UnicodeDecodeError as error:
        if final and not data and type(decoder) not in _BY_NAME:
            raise cut_off(row + 1) from error  # half a character is left over
        raise _mixed(row + data.count(b"\n", 0, error.start) + 1, data[error.start : error.start + 8]) from error


def _checked(block: bytes, row: int) -> bytes:
    if block.isascii():
        return block
    try:
        block.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _mixed(row + block.count(b"\n", 0, error.start) + 1, block[error.start : error.start + 8]) from error
    return block


def _mixed(row: int, found: bytes) -> Unreadable:
    expected = "one encoding throughout"
    remedy = "From this row on the file is in another encoding, or damaged. Save it again as CSV UTF-8."
    return Unreadable(row, "encoding", expected, remedy, found.hex(" "))
