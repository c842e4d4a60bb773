"""Escape text from a file or a server before it goes to a terminal: control and invisible characters become visible."""

import unicodedata


def printable(text: str, *, keep: str = "") -> str:
    """The text with `<U+XXXX>` for every control, bidirectional or line-separating character.

    Blanks and every visible character stay, and so do the characters of `keep` (as newlines, where lines are meant).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char in keep or _is_shown(char) else f"<U+{ord(char):04X}>" for char in text)


def _is_shown(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Zs"
