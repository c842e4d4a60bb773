"""A roll's own catalogues, beside those that ship: a folder of `TAG.po`, such as the `words` of a jurisdiction's folder.

They are read as they are, without a compiler, and nothing in them is trusted: what would break a sentence or bring markup into
a page is left out, and said in the next language. They are no part of the jurisdiction's bundle: no duty and no date hangs on a
word, and a wrong one is put right on the day it is found, not by a published act with four eyes. So that anybody can compare
what is said with what was checked, its digest is shown.
"""

import hashlib
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.support import Translations

from openroll.rules.language import TAG
from openroll.words.agreement import disagreements, forms_of
from openroll.words.plurals import plural_of
from openroll.words.po import read_catalogue

SUFFIX = ".po"


class _Folder:
    """Where they are; None where a roll has none."""

    path: Path | None = None


def use(folder: Path | None) -> None:
    """Say the words of this folder from here on. Called when a process starts, before anything is said."""
    _Folder.path = folder
    digest.cache_clear()


def folder() -> Path | None:
    """Where this process takes words of the roll's own from, for a child that is to say the same."""
    return _Folder.path


def files(folder: Path) -> dict[str, Path]:
    """The catalogues of a folder by their tags, in order; other files are none of ours."""
    if not folder.is_dir():
        return {}
    found = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX and path.is_file())
    return {path.stem: path for path in found if TAG.fullmatch(path.stem)}


def catalogue(tag: str) -> Translations | None:
    """The roll's own words of exactly this tag, read anew, without those that may not be said; None where it has none."""
    path = files(_Folder.path).get(tag) if _Folder.path else None
    if path is None:
        return None
    return read(path)


def read(path: Path) -> Translations:
    """What may be said of the catalogue in a file named by its tag."""
    made, _ = read_catalogue(path.read_bytes(), path.stem)
    return sayable(made)


@cache
def digest(tag: str) -> str:
    """SHA-256 of the file with the roll's own words of a language, in hexadecimal; empty where it has none."""
    path = files(_Folder.path).get(tag) if _Folder.path else None
    return "" if path is None else hashlib.sha256(path.read_bytes()).hexdigest()


def sayable(catalog: Catalog) -> Translations:
    """What may be said of a catalogue, as gettext has it."""
    made, chosen = Translations(), plural_of(catalog)
    made._info = {"last-translator": catalog.last_translator}
    if chosen is not None:
        made.plural = chosen  # type: ignore[assignment] # gettext counts whole things, Babel's types any number
    for message in catalog:
        if not message.id or message.fuzzy or disagreements(message):
            continue
        begin = f"{message.context}\x04" if message.context else ""
        forms = forms_of(message)
        if not all(forms):
            continue
        if isinstance(message.id, str):
            made._catalog[begin + message.id] = forms[0]
        elif chosen is not None:
            for index, form in enumerate(forms):
                made._catalog[begin + message.id[0], index] = form
    return made
