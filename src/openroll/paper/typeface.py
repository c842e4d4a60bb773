"""The fonts everything is printed in, and which characters they can show."""

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path

FACES = (
    ("NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"),
    ("NotoSans_400Regular.ttf", "NotoSans_700Bold.ttf"),
)
"""The fonts, regular and bold, in the order in which a character is looked for (`sheet.typ` names them in the same)."""
# The geta mark: what printers set where they have no type for a character.
NO_TYPE = "〓"
# Controls, invisible marks (among them those that turn the direction of reading), private and unassigned characters.
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


class FontsMissing(FileNotFoundError):
    """The fonts are not where they were looked for."""


class Typeface:
    """Noto Sans SC and Noto Sans, regular and bold, with the fonts that come inside typst; never the system's."""

    def __init__(self, folder: Path) -> None:
        """Take the fonts of a folder. Raises FontsMissing."""
        import typst  # noqa: PLC0415 - loaded with the first paper

        for name in chain(*FACES):
            if not (folder / name).is_file():
                raise FontsMissing(
                    f"the font {name} is not in {folder}: run script/frontend, or name a folder that has it"
                )

        self.fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])
        pairs = ([characters((folder / name).read_bytes()) for name in face] for face in FACES)
        self._known = frozenset[int]().union(*(regular & bold for regular, bold in pairs))

    def can_show(self, text: str) -> bool:
        """Whether a text can be printed exactly as it is, but for its line ends."""
        return all(ord(character) in self._known for character in text if character != "\n")

    def fit(self, text: str) -> str:
        """A text as one line of what can be printed.

        What cannot be seen is left out, so that no mark can turn the digits of a code about; a character without a glyph
        becomes 〓, because a PDF/UA must not hold a glyph that stands for none.
        """
        spaced = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
        seen = (character for character in spaced if unicodedata.category(character) not in _UNSEEN)
        return "".join(character if ord(character) in self._known else NO_TYPE for character in seen)


@cache
def typeface(folder: Path | None = None) -> Typeface:
    """The fonts of a folder, read once (some 20 MB); without one, those that script/frontend put beside the pages."""
    return Typeface(folder or Path(str(files("openroll"))) / "web" / "static" / "build" / "fonts")


def characters(font: bytes) -> frozenset[int]:
    """The code points a TrueType font has glyphs for (OpenType specification, `cmap`, formats 4 and 12)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    places = (struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(tables))
    start = next(offset for tag, _, offset, _ in places if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for n in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * n)
        if (platform, encoding) in {(0, 3), (0, 4), (3, 1), (3, 10)}:
            found.update(_mapped(font, start + offset))
    return frozenset(found)


def _mapped(font: bytes, at: int) -> Iterator[int]:
    (form,) = struct.unpack_from(">H", font, at)
    if form == 12:
        (groups,) = struct.unpack_from(">I", font, at + 12)
        for n in range(groups):
            first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * n)
            yield from range(first, last + 1)
    elif form == 4:
        yield from _segments(font, at)


def _segments(font: bytes, at: int) -> Iterator[int]:
    (twice,) = struct.unpack_from(">H", font, at + 6)
    ends, starts, deltas, offsets = at + 14, at + 16 + twice, at + 16 + 2 * twice, at + 16 + 3 * twice
    for n in range(0, twice, 2):
        (last,), (first,) = struct.unpack_from(">H", font, ends + n), struct.unpack_from(">H", font, starts + n)
        (delta,), (offset,) = struct.unpack_from(">H", font, deltas + n), struct.unpack_from(">H", font, offsets + n)
        for code in range(first, last + 1):
            glyph = code
            if offset:
                (glyph,) = struct.unpack_from(">H", font, offsets + n + offset + 2 * (code - first))
                if not glyph:
                    continue
            if (glyph + delta) & 0xFFFF and code != 0xFFFF:
                yield code
