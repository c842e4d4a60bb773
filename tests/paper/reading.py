"""Reading a PDF as far as these tests need: its text through the fonts' ToUnicode maps, its pages, its attachments."""

import re
import zlib

import numpy as np
from numpy.typing import NDArray

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s(.*?)\nendobj", re.DOTALL)


def _objects(pdf: bytes) -> dict[bytes, bytes]:
    return {found[1]: found[2] for found in _OBJECT.finditer(pdf)}


def _stream(body: bytes) -> bytes:
    head, _, rest = body.partition(b"stream\n")
    length = re.search(rb"/Length (\d+)", head)
    assert length is not None
    data = rest[: int(length[1])]
    return zlib.decompress(data) if b"FlateDecode" in head else data


def _units(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be")


def _glyphs(cmap: bytes) -> dict[int, str]:
    """Glyph numbers and their text. typst writes single mappings and ranges that count up."""
    meant = {int(glyph, 16): _units(text) for glyph, text in re.findall(rb"(?m)^<(\w+)> ?<(\w+)>\s*$", cmap)}
    for first, last, text in re.findall(rb"(?m)^<(\w+)> ?<(\w+)> ?<(\w+)>\s*$", cmap):
        for step, glyph in enumerate(range(int(first, 16), int(last, 16) + 1)):
            meant[glyph] = chr(ord(_units(text)) + step)
    return meant


def _strings(content: bytes) -> list[tuple[bytes, bytes]]:
    """What is shown, in order: the font's name and the bytes of glyph numbers. Strings beside a mark are not shown."""
    shown: list[tuple[bytes, bytes]] = []
    waiting: list[bytes] = []
    font, at = b"", 0
    token = re.compile(rb"/(f\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>|(\()|\b(T[jJ]|BDC)\b")
    while found := token.search(content, at):
        at = found.end()
        if found[1]:
            font = found[1]
        elif found[2]:
            waiting.append(bytes.fromhex(found[2].decode()))
        elif found[3]:
            text, at = _literal(content, at)
            waiting.append(text)
        else:
            shown += [(font, text) for text in waiting if found[4] != b"BDC"]
            waiting = []
    return shown


def _literal(content: bytes, at: int) -> tuple[bytes, int]:
    """A string in parentheses (ISO 32000-1, section 7.3.4.2)."""
    named = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    text, depth = b"", 1
    while True:
        one, at = content[at : at + 1], at + 1
        if one == b"\\":
            octal = re.match(rb"[0-7]{1,3}", content[at : at + 3])
            text += bytes([int(octal[0], 8)]) if octal else named.get(content[at : at + 1], content[at : at + 1])
            at += len(octal[0]) if octal else 1
            continue
        depth += {b"(": 1, b")": -1}.get(one, 0)
        if not depth:
            return text, at
        text += one


def text_of(pdf: bytes) -> list[str]:
    """The text of each page as it is drawn, without the spaces and breaks: these depend on how lines fall."""
    objects = _objects(pdf)
    pages = [body for body in objects.values() if b"/Type/Page/" in body]
    read = []
    for page in pages:
        resources = re.search(rb"/Resources (\d+)", page)
        contents = re.search(rb"/Contents (\d+)", page)
        assert resources is not None
        assert contents is not None
        fonts = {}
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", objects[resources[1]]):
            unicode = re.search(rb"/ToUnicode (\d+)", objects[number])
            assert unicode is not None
            fonts[name] = _glyphs(_stream(objects[unicode[1]]))
        drawn = ""
        for font, glyphs in _strings(_stream(objects[contents[1]])):
            numbers = [int.from_bytes(glyphs[at : at + 2]) for at in range(0, len(glyphs), 2)]
            drawn += "".join(fonts[font].get(number, "") for number in numbers)
        read.append(re.sub(r"\s+", "", drawn))
    return read


def attached(pdf: bytes) -> bytes:
    """The one file that rides along."""
    (body,) = [body for body in _objects(pdf).values() if b"/Type/EmbeddedFile" in body]
    return _stream(body)


def metadata(pdf: bytes) -> str:
    """The XMP metadata."""
    (body,) = [body for body in _objects(pdf).values() if b"/Type/Metadata" in body]
    return _stream(body).decode("utf-8")


def catalogue_of(pdf: bytes) -> bytes:
    """The document catalogue."""
    (body,) = [body for body in _objects(pdf).values() if b"/Type/Catalog" in body]
    return body


def paper_of(png: bytes) -> NDArray[np.uint8]:
    """The pixels of a PNG as typst makes them (RGBA, 8 bits, not interlaced; W3C PNG, sections 9 and 11)."""
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    data, at = b"", 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        data += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + 4 * width)
    pixels = np.zeros((height, width, 4), np.int64)
    for y in range(height):
        raw, above = rows[y, 1:].reshape(width, 4), pixels[y - 1] if y else np.zeros((width, 4), np.int64)
        for x in range(width):
            left, corner = (pixels[y, x - 1], above[x - 1]) if x else (np.zeros(4, np.int64), np.zeros(4, np.int64))
            pixels[y, x] = (raw[x] + _guess(int(rows[y, 0]), left, above[x], corner)) % 256
    return pixels.astype(np.uint8)


def _guess(kind: int, a: NDArray[np.int64], b: NDArray[np.int64], c: NDArray[np.int64]) -> NDArray[np.int64]:
    if kind == 4:
        p = a + b - c
        pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
        return np.where((pa <= pb) & (pa <= pc), a, np.where(pb <= pc, b, c))
    return (np.zeros(4, np.int64), a, b, (a + b) // 2)[kind]
