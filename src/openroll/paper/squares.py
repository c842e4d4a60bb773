"""The squares on paper: QR codes (ISO/IEC 18004, level M) as SVG, with the quiet zone of four modules that they need."""

import re
from functools import lru_cache, reduce
from operator import xor

import segno

BORDER = 4
DIGITS = 16
"""Digits of a filing code."""


def qr(address: str, mask: int | None = None) -> str:
    """A QR code of an address.

    `mask` is one of its eight patterns; without it the best is searched for (section 7.8.3), which takes most of the time.
    """
    return str(segno.make_qr(address, error="m", mask=mask).svg_inline(border=BORDER, omitsize=True))


class CodeSquares:
    """The QR codes of addresses that end in a filing code and differ in nothing else: as `qr` makes them, in a tenth of the time.

    Error correction and masking add bits modulo 2 (sections 7.5 and 7.8), so a bit of a digit turns over the same modules
    whatever the other digits are. One symbol is made for the code of zeros and one for each bit; all others are their sums.
    """

    def __init__(self, front: str) -> None:
        """Squares of `front`, which is ASCII, and a code behind it; all in the mask pattern that suits the code of zeros best."""
        zeros = "0" * DIGITS
        self.mask = int(segno.make_qr(front + zeros, error="m").mask)
        self._zeros, self._size = _modules(front + zeros, self.mask)
        self._turned = [self._turned_at(front, place) for place in range(DIGITS)]

    def _turned_at(self, front: str, place: int) -> list[int]:
        """The modules that each digit from 0 to 9 turns over at a place, as the bits of one number."""
        around = front + "0" * place, "0" * (DIGITS - place - 1)
        bits = {bit: _modules(str(bit).join(around), self.mask)[0] ^ self._zeros for bit in (1, 2, 4, 8)}
        return [reduce(xor, (bits[bit] for bit in bits if digit & bit), 0) for digit in range(10)]

    def of(self, code: str) -> str:
        """The square of a code of sixteen digits."""
        turned = (self._turned[place][int(digit)] for place, digit in enumerate(code))
        return _svg(reduce(xor, turned, self._zeros), self._size)


@lru_cache(maxsize=16)
def code_squares(front: str) -> CodeSquares:
    """The squares behind an address, made ready once (a tenth of a second): a process prints many files of one roll."""
    return CodeSquares(front)


def _modules(text: str, mask: int) -> tuple[int, int]:
    """A symbol's modules as the bits of one number, row after row, and how many a row has."""
    matrix = segno.make_qr(text, error="m", mode="byte", mask=mask).matrix
    return int("".join("1" if module else "0" for row in matrix for module in row), 2), len(matrix)


def _svg(modules: int, size: int) -> str:
    """Modules as segno draws them: one line for each run of dark ones in a row, moved to from the end of the last."""
    bits = format(modules, f"0{size * size}b")
    path: list[str] = []
    x = y = 0
    for row in range(size):
        for run in re.finditer("1+", bits[row * size : (row + 1) * size]):
            start, end = run.span()
            path.append(f"{f'm{start - x} {row - y}' if path else f'M{start + BORDER} {row + BORDER}.5'}h{end - start}")
            x, y = end, row
    side = size + 2 * BORDER
    return (
        f'<svg viewBox="0 0 {side} {side}" class="segno"><path class="qrline" stroke="#000" d="{"".join(path)}"/></svg>'
    )
