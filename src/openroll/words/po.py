"""Reading and writing catalogues (gettext's PO files), every mistake at once with its line."""

import re
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileParser

from openroll.rules.language import ranges

MOST_BYTES = 8_000_000
_CHARSET = re.compile(rb"charset=([A-Za-z0-9._-]+)")

Wrong = tuple[int, str, str]
"""A mistake: its line, what was found, what was expected."""


class _Once(Catalog):
    """A catalogue that notes what is written into it twice."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.twice: list[Message] = []

    def __setitem__(self, key: Any, message: Message) -> None:
        if key and self._key_for(key, message.context) in self._messages:
            self.twice.append(message)
        super().__setitem__(key, message)


class _Parser(PoFileParser):
    """Babel's parser, which goes on after a mistake and keeps it."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(catalog, ignore_obsolete=False, abort_invalid=False)
        self.wrong: list[Wrong] = []

    def _invalid_pofile(self, line: Any, lineno: int, msg: str) -> None:
        self.wrong.append((lineno + 1, f"{msg}: {str(line).strip()[:60]!r}.", "the form of a PO file (gettext)"))


def read_catalogue(data: bytes, tag: str) -> tuple[Catalog, list[Wrong]]:
    """A catalogue and what is wrong with it as a file. What can be read of a broken one is in it."""
    catalog = _Once(locale=None)
    if len(data) > MOST_BYTES:
        return catalog, [(1, f"The file has {len(data):,} bytes.", f"at most {MOST_BYTES:,}")]
    named = _CHARSET.search(data[:4096])
    if named is not None and named.group(1).lower() not in (b"utf-8", b"utf8"):
        return catalog, [(1, f"Its header says charset={named.group(1).decode()}.", "charset=utf-8")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return catalog, [(data.count(b"\n", 0, error.start) + 1, "It is not UTF-8 text.", "a file saved as UTF-8")]
    parser = _Parser(catalog)
    try:
        parser.parse(text.split("\n"))
    except (
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        KeyError,
    ) as error:  # a header that Babel cannot take apart
        return catalog, [*parser.wrong, (1, f"It cannot be read: {error}.", "the form of a PO file (gettext)")]
    catalog.locale = known_locale(tag)
    wrong = parser.wrong + [
        (one.lineno or 1, f"{str(one.id)[:60]!r} stands twice.", "each text once") for one in catalog.twice
    ]
    return catalog, wrong


def known_locale(tag: str) -> Locale | None:
    """What CLDR knows of a language, or of the nearest wider tag; None where it knows nothing."""
    for wider in ranges(tag):
        try:
            return Locale.parse(wider, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return None
