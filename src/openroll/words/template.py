"""Every text that Openroll says, with where it is seen: taken out of its own templates, code and tables of words."""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import msgspec
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

_KEYWORDS = {**DEFAULT_KEYWORDS, "_": None, "gettext": (2,), "_c": ((1, "c"), 2)}

ROOMS = {
    "web/templates": "pages",
    "web": "pages",
    "words/mails": "mails",
    "words/refusals": "refusals",
    "words/faults": "faults of files",
    "words/explained": "receipts",
    "words": "words for things",
    "paper": "papers",
    "report": "what-if report",
    "whatif": "what-if report",
    "rules": "rules and their checks",
    "cli": "commands",
}
"""What a translator calls the part of Openroll that a file speaks in, by the beginning of its path."""

_ON_PAPER = ("paper/", "report/", "whatif/")


class Words(msgspec.Struct, frozen=True):
    """A text to translate: its English, the plural of it where it counts, its context, and the files it stands in."""

    text: str
    plural: str = ""
    context: str = ""
    places: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What it is called in a table: the same for as long as its English is the same."""
        return hashlib.sha256(f"{self.context}\x04{self.text}".encode()).hexdigest()[:12]

    @property
    def room(self) -> str:
        """The part of Openroll that it is mostly seen in."""
        first = min(self.places, key=lambda place: (not place.startswith(("web/", "paper/")), place), default="")
        return next((name for begin, name in ROOMS.items() if first.startswith(begin)), "words for things")

    @property
    def seen(self) -> str:
        """Where it is seen, in words: the part, and the page or table within it."""
        pages = dict.fromkeys(Path(place).stem for place in self.places)
        return f"{self.room}: {', '.join(pages)}" + (f" ({self.context})" if self.context else "")

    @property
    def printed(self) -> bool:
        """Whether it goes on paper, where there are only the letters of the fonts of print."""
        return any(place.startswith(_ON_PAPER) for place in self.places)


@cache
def every_text() -> tuple[Words, ...]:
    """Every text there is, each once, those of one room together. Takes a second or two: it reads all of the package."""
    found: dict[tuple[str, str], Words] = {}
    with as_file(files("openroll")) as source:
        for place, text, context in _extracted(Path(source)):
            single, plural = (text, "") if isinstance(text, str) else (text[0], text[1])
            before = found.get((context, single), Words(single, plural, context))
            places = tuple(dict.fromkeys((*before.places, place)))
            found[context, single] = msgspec.structs.replace(before, places=places, plural=before.plural or plural)
    return tuple(sorted(found.values(), key=lambda one: (one.room, one.places[0], one.context, one.text)))


def _extracted(source: Path) -> Iterator[tuple[str, str | tuple[str, ...], str]]:
    with (source / "words" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call] # Babel's own
    methods = [(pattern.removeprefix("openroll/"), method) for pattern, method in methods]
    options = {pattern.removeprefix("openroll/"): option for pattern, option in options.items()}
    for place, _, text, _, context in extract_from_dir(str(source), methods, options, keywords=_KEYWORDS):
        yield Path(place).as_posix(), text, context or ""
