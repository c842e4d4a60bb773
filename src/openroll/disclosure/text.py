"""What may stand in a value that is hidden behind a digest: text that a reader sees whole, in one form.

Two texts that look alike would have two digests, and nobody could tell why one does not open. So a value is in Unicode form NFC,
has plain spaces, and no character that does not show.
"""

import re
import unicodedata
from functools import cache

_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_SHOWN_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Category Cf, and seen: signs that Arabic, Syriac and Kaithi write around numbers."""
_BLANKS = frozenset("\ufffd\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")
"""Other categories, and seen by nobody: fillers, joiners of graphemes, and the marks of what was lost (U+FFFD, U+FFFC)."""
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
_JOINERS = "\u200c\u200d"
_JOINED = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\ua87f\ufb50-\ufdff\ufe70-\ufefc\U00011000-\U00011fff]"
)
"""Scripts in which ZERO WIDTH JOINER and NON-JOINER change what is read: Arabic and its kin, those of India, Tibet, Burma,
Cambodia, Mongolia (RFC 5892, appendix A.1 and A.2, by block)."""
_HAN = re.compile("[\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")
_MONGOLIAN = re.compile("[\u1820-\u18aa]")


def normal_text(value: str) -> str:
    """A value as it is digested: Unicode form NFC, blanks of all widths but the ideographic as a space, none around it."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", value)).strip(" \t\u3000")


def refused_character(value: str) -> str:
    """The first character that no value may have, or an empty text.

    Refused: control (Cc) and format characters (Cf: direction marks, zero-width, tags, soft hyphen), what is not assigned (Cn),
    private (Co) or half a character (Cs), separators of lines and paragraphs, fillers, U+FFFD and U+FFFC, and variation
    selectors. Taken all the same: a joiner between letters of a script that needs it, a variation selector behind a Han
    character (U+FE00 to U+FE02, and U+E0100 to U+E01EF of the Ideographic Variation Database) or a Mongolian letter.
    """
    if value.isascii() and value.isprintable():
        return ""
    return next((char for at, char in enumerate(value) if _refused(char, value[:at], value[at + 1 : at + 2])), "")


def shows(text: str) -> bool:
    """Whether anybody sees anything of a text: it has more than blanks, fillers, selectors, and characters that only format."""
    return any(not char.isspace() and not _refused(char, "", "") for char in text)


def _refused(char: str, before: str, after: str) -> bool:
    last = before[-1:]
    if char in _JOINERS:
        return not (_JOINED.match(last) and _JOINED.match(after))
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return not (_HAN.match(last) and not "\ufe03" <= char <= "\ufe0f")
    if char in "\u180b\u180c\u180d\u180f":
        return not _MONGOLIAN.match(last)
    if char in _BLANKS:
        return True
    return char not in _SHOWN_FORMATS and unicodedata.category(char) in _REFUSED_CATEGORIES


LINE_BREAKS = "\t\n\v\f\r\x85\u2028\u2029"
"""What a cell of a spreadsheet has of a line break (Alt and Enter), by program, and the tab: a value is one line."""


@cache
def unseen_names() -> dict[str, str]:
    """The names of characters that no value may have, by character, for who has no list of Unicode's names: tags left out."""
    chars = map(chr, range(0x10000))
    return {one: name for one in chars if refused_character(one) and (name := unicodedata.name(one, ""))}


def named(char: str) -> str:
    """A character as it is told to a person: its code point, and its name where Unicode gives one."""
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X}" + (f" {name}" if name else "")
