"""Letters that bring filing codes to subscribers, one a page, for an operator to post."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from openroll.paper.press import Sheet, pdf
from openroll.paper.receipt import CODE
from openroll.paper.squares import code_squares
from openroll.paper.typeface import Typeface, typeface
from openroll.paper.wording import NotPrintable, line, web_address, wording
from openroll.rules.language import Text, in_language
from openroll.words import catalogue

MOST_LETTERS = 500
MOST_LINES = 9
"""Lines of an office in a letter: its name, and an address has eight at most."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One letter: the handle by which the operator knows whom to post it to, the filing code, and the language.

    `code` is four groups of four digits. No name and no address: these the operator has, and the roll must not. `office` is
    where people of the district go in person, its name and the lines of its address; empty where none is known.
    """

    handle: str
    code: str
    language: str
    office: tuple[str, ...] = ()


class LetterFrame(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same in every letter.

    `find` is the address of the page “Your filing” in each language that a letter is in. In the QR code the filing code
    follows it after a `#`, which a browser does not send to any server.
    """

    title: Text
    registrar: Text
    operator: str
    day: date
    find: Mapping[str, str]
    demonstration: bool = False


def letters_pdf(letters: Sequence[Letter], frame: LetterFrame, *, made: datetime, fonts: Path | None = None) -> bytes:
    """Letters as one PDF (A4, tagged, PDF/A-3a and PDF/UA-1), in the order given, 1 to 500 of them, one a page.

    `made` is written into the file as its time of making and must know its time zone. `fonts` is a folder with the
    four Noto files; without it, those of script/frontend are used. Raises NotPrintable and FontsMissing.
    """
    face = typeface(fonts)
    return pdf(letters_sheet(letters, frame, face), made, face)


def letters_sheet(letters: Sequence[Letter], frame: LetterFrame, face: Typeface) -> Sheet:
    """Letters as the data of their template. Raises NotPrintable, naming the letter by its number from 1."""
    if not 1 <= len(letters) <= MOST_LETTERS:
        raise NotPrintable(f"{len(letters)} letters were given: one PDF takes 1 to {MOST_LETTERS}, print more in parts")
    languages = list(dict.fromkeys(letter.language for letter in letters))
    finds = {
        lang: web_address(f"the address of the page Your filing ({lang})", frame.find.get(lang, ""), 120)
        for lang in languages
    }
    data: dict[str, Any] = {
        "lang": languages[0],
        "frames": {lang: _frame(frame, lang, face) for lang in languages},
        "finds": finds,
        "demonstration": frame.demonstration,
        "letters": [_letter(number, letter, finds, face) for number, letter in enumerate(letters, 1)],
    }
    return Sheet("letters.typ", data)


def _frame(frame: LetterFrame, lang: str, face: Typeface) -> dict[str, Any]:
    values = {
        "title": line(face, f"the title of the roll ({lang})", in_language(frame.title, lang), 120),
        "registrar": line(face, "the registrar", in_language(frame.registrar, lang), 120),
        "operator": line(face, "the operator", frame.operator, 120),
        "day": catalogue.day(lang, frame.day),
    }
    return values | {"words": wording("letter", lang, values) | wording("both", lang)}


def _letter(number: int, letter: Letter, finds: dict[str, str], face: Typeface) -> dict[str, Any]:
    if not CODE.fullmatch(letter.code):
        raise NotPrintable(
            f"letter {number}: the filing code is not four groups of four digits: give it as it was issued"
        )
    return {
        "lang": letter.language,
        "handle": line(face, f"letter {number}: the handle", letter.handle, 64),
        "code": letter.code,
        "office": [line(face, f"letter {number}: the office", _cut(one), 160) for one in letter.office[:MOST_LINES]],
        "qr": code_squares(f"{finds[letter.language]}#").of(letter.code.replace(" ", "")),
    }


def _cut(text: str) -> str:
    """A line of an office, which is data of the place: one that is too long is cut, and no letter fails for it."""
    return text if len(text) <= 160 else f"{text[:159]}…"
