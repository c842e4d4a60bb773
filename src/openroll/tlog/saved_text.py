"""Undo what programs that save text do to a receipt: line ends, byte-order marks, encodings, a blank last line.

A receipt is octets, and so changed it is not good. But nobody tampered with it: what was signed can be had back and checked.
"""

import codecs
import re

_UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DASH = "— ".encode()
# The dash at the head of a signature line where the text was saved as GB18030, windows-1252 or Big5.
_OTHER_DASHES = re.compile(rb"(?<=\n)(?:\xa1\xaa|\x97|\xa1\x58) ")


def restored(data: bytes) -> bytes | None:
    """The text as it was before a program saved it; None where nothing of the kind was done to it."""
    text = data
    for mark, encoding in _UTF16:
        if data.startswith(mark):
            try:
                text = data[2:].decode(encoding).encode()
            except UnicodeError:
                return None
    text = text.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    text = _OTHER_DASHES.sub(_DASH, text).rstrip(b"\n\t \x1a") + b"\n"
    return None if text == data else text
