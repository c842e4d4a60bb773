"""The encoding of a list: UTF-8, a mark that says another, or what somebody named after looking at samples. Never a guess alone.

Bytes of Big5 decode as GB18030 without a fault, to other names; no program can tell, but whoever knows the names sees it.
"""

import codecs
import csv
import re

from openroll.sheet.source import Unreadable

ENCODINGS = {
    "gb18030": "gb18030",
    "big5": "cp950",
    "shift-jis": "cp932",
    "euc-kr": "cp949",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "latin-1": "latin-1",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}
"""The encodings that may be named, and the codec of each. GB18030 reads GBK and GB 2312; others are as Windows writes them."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_USUAL = {
    "gb18030": ("gb2312", "[\u4e00-\u9fff]"),
    "big5": ("big5", "[\u4e00-\u9fff]"),
    "shift-jis": ("shift_jis", "[\u3040-\u30fa\u4e00-\u9fff]"),
    "euc-kr": ("euc_kr", "[\uac00-\ud7a3]"),
    "windows-1251": ("cp1251", "[А-яЁё]"),
    "windows-1252": ("cp1252", "[À-ÖØ-öø-ÿ]"),
}
"""What names in an encoding are mostly made of: its common characters, for the order in which samples are shown."""
SAMPLES = 5


def encoding_of(head: bytes, named: str = "") -> str:
    """The codec of a file by its first bytes: its mark, UTF-8 where it can be, else the encoding that was `named`.

    Raises Unreadable: `encoding-unsure` where none was named or there is none of that name, `encoding` where it cannot be that.
    """
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec
    if named in ("", "utf-8"):
        if is_utf_8(head):
            return "utf-8"
        raise _unsure(head) if named == "" else _not(named)
    if named not in ENCODINGS:
        expected = f"one of {', '.join(('utf-8', *ENCODINGS))}"
        raise Unreadable(0, "encoding-unsure", expected, "Name one of these, or save the list as CSV UTF-8.")
    if _decoded(head, ENCODINGS[named]) is None:
        raise _not(named)
    return ENCODINGS[named]


def is_utf_8(head: bytes) -> bool:
    """Whether the first bytes of a file can be UTF-8 without a NUL, which no list has and UTF-16 has everywhere.

    Chinese that was good UTF-8 up to a damaged place counts: then the file changes its encoding, which is a fault of a row.
    """
    if b"\0" in head[:64]:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError as error:
        return any(char >= "\u0800" for char in head[: error.start].decode("utf-8"))
    return True


def _unsure(head: bytes) -> Unreadable:
    names = ", ".join(name for name, _ in samples(head))
    if not names:
        remedy = "It is no text in any encoding known here. Save the list as CSV UTF-8 in the program it came from."
        return Unreadable(0, "not-a-list", "CSV, NDJSON or Parquet", remedy)
    remedy = (
        "Save the list as CSV UTF-8. Where that cannot be, `openroll pack` and `openroll file` show samples on the command line, "
        f"and --encoding names the encoding. It can be: {names}."
    )
    return Unreadable(0, "encoding-unsure", "a list in UTF-8", remedy)


def _not(named: str) -> Unreadable:
    remedy = "Look at the samples of the others, or save the list as CSV UTF-8."
    return Unreadable(0, "encoding-unsure", f"a list in {named}, as was said", remedy)


def samples(head: bytes) -> list[tuple[str, list[str]]]:
    """The encodings that the first bytes of a list can be in, the likeliest first, each with up to five cells that it reads.

    Only cells with characters beyond ASCII: they are where the encodings differ. They are for the eyes of whose list it is.
    """
    found = []
    for name, codec in ENCODINGS.items():
        text = _decoded(head, codec)
        if (
            text is None
            or (b"\0" in head[:64]) != name.startswith("utf-16")
            or (name.startswith("utf-16") and _odd(text))
        ):
            continue
        cells = dict.fromkeys(cell for cell in _cells(text) if not cell.isascii())
        found.append((name, list(cells)[:SAMPLES], _likeness(name, "".join(cells))))
    found.sort(key=lambda one: -one[2])
    same_as_windows = [cells for name, cells, _ in found if name == "windows-1252"]
    return [(name, cells) for name, cells, _ in found if name != "latin-1" or cells not in same_as_windows]


def _decoded(head: bytes, codec: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(codec)().decode(head, final=False)
    except UnicodeDecodeError:
        return None


def _odd(text: str) -> bool:
    """Whether UTF-16 was read with its bytes the wrong way round: commas and line ends become characters of nobody."""
    return "," not in text and ";" not in text and "\t" not in text and "{" not in text


def _cells(text: str) -> list[str]:
    lines = text.splitlines()[:2_000]
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    return [cell.strip() for row in csv.reader(lines, delimiter=delimiter) for cell in row]


def _likeness(name: str, text: str) -> float:
    """How much of the text is what names in this encoding are mostly made of, from 0 to 1."""
    if name not in _USUAL:
        return 0.0
    codec, letters = _USUAL[name]
    beyond = [char for char in text if not char.isascii()]
    usual = sum(bool(re.match(letters, char)) and _common(name, char, codec) for char in beyond)
    return usual / len(beyond) if beyond else 0.0


def _common(name: str, char: str, codec: str) -> bool:
    """Whether a character is of its code's first level, sorted by use or sound; Cyrillic and Latin letters all are."""
    try:
        lead = char.encode(codec)[0]
    except UnicodeEncodeError:
        return False
    bounds = {"gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "shift-jis": (0x82, 0x97), "euc-kr": (0xB0, 0xC8)}.get(
        name, (0, 0xFF)
    )
    return bounds[0] <= lead <= bounds[1]
