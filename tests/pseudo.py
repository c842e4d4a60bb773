"""A language that nobody speaks, `qaa` (ISO 639-2, for private use), made of the catalogue: every sentence in marks.

What stands on a page of it without marks was not said through the catalogue (pseudo-localisation).
"""

import html
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from openroll.report import wording
from openroll.web import pages
from openroll.words import catalogue

QAA = "qaa"
OPEN, CLOSE = "［", "］"
AS_THEY_ARE = {"report.size"}
"""Contexts of texts that are numbers more than words: their marks would be read as part of these."""
_TAGS = re.compile(
    r"<(?:script|style)\b.*?</(?:script|style)>|<(?:pre|code|bdi)\b.*?</(?:pre|code|bdi)>|<[^>]*>", re.DOTALL
)
_SPOKEN = re.compile(r'\b(?:alt|title|aria-label|data-head|placeholder|content)="([^"]*)"')
_PLACES = re.compile(r"%\(\w+\)s|\{\w+(?:!r)?\}|\n|`[^`]*`")
_MARKED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")


@cache
def messages() -> tuple[Message, ...]:
    """Every sentence there is."""
    with (files("openroll.words") / "locale/zh/LC_MESSAGES/messages.po").open("rb") as file:
        return tuple(message for message in read_po(file, locale="zh") if message.id)


def marked(text: str) -> str:
    """A sentence in the made-up language. Line ends stay at its end."""
    body = text.rstrip("\n")
    return f"{OPEN}{body}{CLOSE}{text[len(body) :]}"


@contextmanager
def spoken(folder: Path) -> Iterator[None]:
    """The catalogues with one more, until the end of the block."""
    with as_file(files("openroll.words") / "locale") as shipped:
        shutil.copytree(shipped, folder / "locale")
    made = Catalog(locale=None)
    for one in messages():
        text = str(one.id)
        made.add(text, text if one.context in AS_THEY_ARE else marked(text), context=one.context)
    place = folder / "locale" / QAA / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "messages.mo").open("wb") as file:
        write_mo(file, made)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "LOCALE", folder / "locale")
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    for cached in (
        catalogue.translations,
        catalogue.locale,
        catalogue.spoken,
        catalogue.missing,
        catalogue._all_words,
        pages._environment,
        wording.words,
    ):
        cached.cache_clear()


def unmarked(text: str) -> list[str]:
    """The sentences of the catalogue that a text says in English after all: what is left of it outside of all marks."""
    left, before = re.sub(r"\s+", " ", text), ""
    while left != before:
        left, before = _MARKED.sub(" ", left), left
    return sorted(piece for piece in _pieces() if piece in left)


@cache
def _pieces() -> frozenset[str]:
    """What stands between the places that are filled in, where it is long enough to be nothing else."""
    every = (piece.strip() for one in messages() for piece in _PLACES.split(str(one.id)))
    return frozenset(piece for piece in every if len(piece) > 14 and " " in piece)


def seen(page: str) -> str:
    """What a page says: its text, and what is read aloud of it. Not what a computer is told."""
    return html.unescape("\n".join([_TAGS.sub(" ", page), *_SPOKEN.findall(page)]))
