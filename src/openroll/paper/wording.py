"""The standing words of what is printed, and the checks on what is put among them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from openroll.paper.typeface import Typeface
from openroll.words.catalogue import gettext


class NotPrintable(ValueError):
    """Something was given that has no place on the paper: too long, not an address, or too much of it."""


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("openroll.paper") / "words.toml").read_text(encoding="utf-8"))


def wording(part: str, lang: str, values: Mapping[str, str] | None = None) -> dict[str, str]:
    """The words of a part of words.toml in a language, with values put in. A value is never itself filled in."""
    return {key: gettext(lang, text).format_map(values or {}) for key, text in _texts()[part].items()}


def line(face: Typeface, name: str, text: str, most: int) -> str:
    """A text fit to be printed. Raises NotPrintable when it has more than `most` characters."""
    if len(text) > most:
        raise NotPrintable(f"{name} has {len(text)} characters, and there is room for {most}: shorten it")
    return face.fit(text)


def web_address(name: str, text: str, most: int = 300) -> str:
    """A web address, ASCII only. Raises NotPrintable for anything else: what is scanned is opened."""
    if not text.startswith(("https://", "http://")) or not text.isascii() or not text.isprintable() or " " in text:
        raise NotPrintable(
            f"{name} is not a web address: it must begin with https:// and be plain ASCII: {text[:60]!r}"
        )
    if len(text) > most:
        raise NotPrintable(f"{name} has {len(text)} characters, and there is room for {most}: shorten it")
    return text
