"""Checking a catalogue: all that is missing, doubtful or does not fit, each with its line, and counts by room."""

from collections.abc import Callable, Iterator, Mapping

import msgspec
from babel.messages.catalog import Catalog, Message

from openroll.rules.faults import Fault
from openroll.words.agreement import disagreements, forms_of
from openroll.words.plurals import plural_fault, plural_names
from openroll.words.po import read_catalogue
from openroll.words.template import Words, every_text

Key = tuple[str, str]


class Count(msgspec.Struct):
    """How many texts a room has, and how many of them have a translation here, or in a catalogue that this one adds to."""

    texts: int = 0
    here: int = 0
    wider: int = 0


class Checked(msgspec.Struct, frozen=True):
    """What a check found. `faults` keep a catalogue from being used; `missing` are said in English until they are there."""

    faults: tuple[Fault, ...]
    missing: tuple[Fault, ...]
    rooms: Mapping[str, Count]


def check_catalogue(
    data: bytes, tag: str, file: str, can_print: Callable[[str], bool], wider: Callable[[Words], bool] = lambda _: False
) -> Checked:
    """Check a catalogue of a language. `wider` says whether a text has words in a catalogue that this one adds to."""
    catalog, wrong = read_catalogue(data, tag)
    texts = {(one.context, one.text): one for one in every_text()}
    faults = [Fault(file, line, "", found, expected) for line, found, expected in wrong]
    header = _header(catalog, tag) if any(True for _ in catalog) else ()
    faults += [Fault(file, 1, "header", found, expected) for found, expected in header]
    here: dict[Key, Message] = {}
    for message in catalog:
        if message.id:
            here[_key(message)] = message
            faults += _of_message(message, texts.get(_key(message)), tag, file, can_print)
    missing: list[Fault] = []
    rooms: dict[str, Count] = {}
    for key, one in texts.items():
        count = rooms.setdefault(one.room, Count())
        count.texts += 1
        if key in here and all(forms_of(here[key])):
            count.here += 1
        elif wider(one):
            count.wider += 1
        else:
            line = here[key].lineno or 1 if key in here else 1
            missing.append(Fault(file, line, _short(one.text), "It has no translation.", f"words of {tag}"))
    in_order = sorted(faults, key=lambda one: (one.line, one.path))
    return Checked(tuple(in_order), tuple(sorted(missing, key=lambda one: one.line)), rooms)


def _key(message: Message) -> Key:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return message.context or "", str(text)


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= 60 else f"{one[:59]}…"


def _header(catalog: Catalog, tag: str) -> Iterator[tuple[str, str]]:
    said = str(catalog.locale_identifier or "").replace("_", "-")
    if said and said != tag:
        yield f"Its header says Language: {said}, and its file is named {tag}.", f"Language: {tag}"
    if catalog.fuzzy:
        yield "The whole catalogue is marked fuzzy.", "no fuzzy above the header"
    if (plural := plural_fault(catalog, tag)) is not None:
        yield plural[0], f"Plural-Forms: {plural[1]}"


def _of_message(
    message: Message, text: Words | None, tag: str, file: str, can_print: Callable[[str], bool]
) -> Iterator[Fault]:
    line, path = message.lineno or 1, _short(_key(message)[1])
    if text is None:
        yield Fault(file, line, path, "Openroll says this nowhere.", "a text of `openroll words new`, or no entry")
        return
    forms = forms_of(message)
    if message.fuzzy and any(forms):
        yield Fault(
            file,
            line,
            path,
            "It is marked fuzzy, so it is not said.",
            "a translation that somebody looked at, without the mark",
        )
    if bool(text.plural) != isinstance(message.id, tuple | list):
        yield Fault(
            file,
            line,
            path,
            "It has plural forms where the text has none, or none where it has.",
            "the forms of the text",
        )
    elif any(forms) and not all(forms):
        names = ", ".join(name for name, form in zip(plural_names(tag), forms, strict=False) if not form)
        yield Fault(file, line, path, f"Plural forms are missing: {names}.", ", ".join(plural_names(tag)))
    for found, expected in disagreements(message):
        yield Fault(file, line, path, found, expected)
    letters = sorted({one for form in forms for one in form if not can_print(one)}) if text.printed else []
    if letters:
        shown = " ".join(f"{one} (U+{ord(one):04X})" for one in letters[:20])
        yield Fault(
            file,
            line,
            path,
            f"The fonts of print have no type for {shown}.",
            "letters that Noto Sans SC or Noto Sans has",
        )
