"""Format a report's numbers for people: two significant figures, grouped in thousands or ten thousands by language.

A model's fourth figure is noise, so it is not said. What stands in `outcome` is kept whole; this is only how it is told.
"""

import math

from openroll.report.wording import words
from openroll.whatif.metrics import Unit
from openroll.words.catalogue import MINUS, currency_name, number
from openroll.words.catalogue import percent as per_cent


def rounded(value: float, figures: int = 2) -> float:
    """A number rounded to so many significant figures; whole numbers below a hundred stay as they are, and so does 0."""
    if not math.isfinite(value):
        raise ValueError(f"a model's answer is a number, not {value}")
    if value == 0:
        return 0.0
    places = figures - 1 - math.floor(math.log10(abs(value)))
    return float(round(value, places))


def plain(lang: str, value: float) -> str:
    """A number in words of its language: 610,000 and 1.2 million, 610.000 and 1,2 Mio., 61万 and 1.2亿."""
    near = rounded(value)
    sign = MINUS if near < 0 else ""
    size = abs(near)
    for step, name in steps(lang, "plain"):
        if size >= step:
            return f"{sign}{_digits(lang, size / step)}{name}"
    return sign + _digits(lang, size)


def steps(lang: str, where: str) -> list[tuple[float, str]]:
    """The sizes that a language has words for, in running text (`plain`) or on an `axis`, each with its word."""
    told = (one.partition("=") for one in words("size", lang)[where].split("|"))
    return [(float(size), name) for size, _, name in told]


def _digits(lang: str, size: float) -> str:
    if size >= 10 or size == int(size):
        return number(lang, size)
    return number(lang, size, max(1 - math.floor(math.log10(size)), 0))


def percent(lang: str, share: float) -> str:
    """A share as a percentage; what is there and below a tenth of one per cent is said to be less than that."""
    if 0 < abs(share) < 0.001:
        return f"<{per_cent(lang, 0.001, 1)}"
    whole = round(share * 100, 1 if abs(share) < 0.1 else 0)
    return per_cent(lang, whole / 100, 1)


def currency(lang: str, code: str) -> str:
    """The name of a currency in a language: the report's own word for it, else CLDR's, else its code."""
    return words("currency", lang).get(code) or currency_name(lang, code)


def bare(lang: str, unit: Unit, value: float) -> str:
    """An answer's number without its unit; a share as a percentage, and no halves of people."""
    if unit == "share":
        return percent(lang, value)
    whole = unit in ("people", "times", "records")
    return plain(lang, round(value) if whole or abs(value) >= 10 else round(value, 1))


def said(lang: str, unit: Unit, number: str, money: str) -> str:
    """A number, or a span of them, with its unit: 3.2 hours, 12,000 yuan."""
    return words("unit", lang)[unit].format(number=number, currency=currency(lang, money))


def span(lang: str, low: str, high: str) -> str:
    """A range of two formatted numbers."""
    return words("say", lang)["span"].format(low=low, high=high)


def banded(lang: str, low: str, middle: str, high: str) -> str:
    """A formatted number with its band; the number alone where there is no band."""
    if low == high:
        return middle
    return words("say", lang)["banded"].format(middle=middle, span=span(lang, low, high))
