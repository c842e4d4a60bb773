"""Texts in the room that a drawing has for them: how wide one prints, and where it breaks into lines."""

import re
import unicodedata


def width(text: str, size: float = 12) -> float:
    """The approximate printed width of a text: a Chinese character is a square, a Latin letter a good half of one."""
    return sum(size if unicodedata.east_asian_width(one) in "WF" else size * 0.56 for one in text)


def wrapped(text: str, room: float, size: float = 12, most: int = 3) -> list[str]:
    """Wrap a text into at most so many lines that fit; what is left over is cut and marked so."""
    lines, line = [], ""
    for piece in re.findall(r"[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef][，。；：、）”》]?|\s+", text):
        if line and width(line + piece.rstrip(), size) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece
    lines.append(line.rstrip())
    lines = [part for one in lines for part in _cut(one, room, size)]
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1] + "…"]


def _cut(line: str, room: float, size: float) -> list[str]:
    """A line whose one word is too long, broken anywhere."""
    parts = [""]
    for one in line:
        if parts[-1] and width(parts[-1] + one, size) > room * 1.1:
            parts.append("")
        parts[-1] += one
    return parts
