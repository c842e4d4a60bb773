"""Text that came from a file or a server, as it may go to a terminal: nothing in it is obeyed, and nothing in it is unseen."""

import unicodedata


def printable(text: str, *, keep: str = "") -> str:
    """The text with `<U+XXXX>` for all that a terminal obeys or a reader does not see: controls, directions, line separators.

    Blanks and every visible character stay, and so do the characters of `keep` (as newlines, where lines are meant).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char in keep or _is_shown(char) else f"<U+{ord(char):04X}>" for char in text)


def _is_shown(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Zs"
