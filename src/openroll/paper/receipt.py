"""A receipt on paper: the roll's languages on the one page, and the proof itself, printed and attached."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from openroll.paper.press import Sheet, pdf
from openroll.paper.squares import qr
from openroll.paper.typeface import Typeface, typeface
from openroll.paper.wording import NotPrintable, line, web_address, wording
from openroll.rules.language import Text, in_language
from openroll.words import catalogue

CODE = re.compile(r"[0-9]{4}(?: [0-9]{4}){3}")
# A proof this long fills one page of small print; a longer one is told by its digest.
MOST_PRINTED = 6_000
_COLUMNS = 112
MOST_LANGUAGES = 3
"""Languages side by side on one receipt: more would leave no room to read any of them."""


class PrintedReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on a printed receipt.

    Its languages are the first three of `languages`, the roll's own, in their order.

    `code` is the filing code in four groups of four digits, or empty on a copy made to be shown to others. `index` counts
    from 0; `size` is the number of entries signed for; `root` and `commitment` are written as they are to be read (hex).
    `address` opens the page where the receipt is checked. `proof` is the receipt itself, a C2SP tlog-proof.
    """

    title: Text
    languages: tuple[str, ...]
    registrar: Text
    code: str
    what: Text
    day: date
    index: int
    size: int
    origin: str
    root: str
    commitment: str
    address: str
    proof: bytes
    demonstration: bool = False


def receipt_pdf(receipt: PrintedReceipt, *, made: datetime, fonts: Path | None = None) -> bytes:
    """A receipt as a PDF (A4, tagged, PDF/A-3a and PDF/UA-1) with the proof attached as `receipt.tlog-proof`.

    `made` is written into the file as its time of making and must know its time zone. `fonts` is a folder with the
    four Noto files; without it, those of script/frontend are used. Raises NotPrintable and FontsMissing.
    """
    face = typeface(fonts)
    return pdf(receipt_sheet(receipt, face), made, face)


def receipt_sheet(receipt: PrintedReceipt, face: Typeface) -> Sheet:
    """A receipt as the data of its template. Raises NotPrintable."""
    if receipt.code and not CODE.fullmatch(receipt.code):
        raise NotPrintable("the filing code is not four groups of four digits: give it as it was issued, or none")
    languages = receipt.languages[:MOST_LANGUAGES]
    address = web_address("the address of the check", receipt.address)
    data: dict[str, Any] = {
        "langs": languages,
        "titles": {
            lang: line(face, f"the title of the roll ({lang})", in_language(receipt.title, lang), 120)
            for lang in languages
        },
        "what": {
            lang: line(face, f"what was done ({lang})", in_language(receipt.what, lang), 200) for lang in languages
        },
        "registrar": _registrar(receipt, languages, face),
        "code": receipt.code,
        "day": {lang: catalogue.day(lang, receipt.day) for lang in languages},
        "origin": line(face, "the name of the log", receipt.origin, 200),
        "root": line(face, "the root", receipt.root, 200),
        "commitment": line(face, "the commitment", receipt.commitment, 200),
        "address": address,
        "qr": qr(address),
        "digest": sha256(receipt.proof).hexdigest(),
        "proof": list(receipt.proof),
        "lines": _lines(receipt.proof, face),
        "demonstration": receipt.demonstration,
        "words": {lang: _words(receipt, lang) for lang in languages},
    }
    return Sheet("receipt.typ", data)


def _registrar(receipt: PrintedReceipt, languages: Sequence[str], face: Typeface) -> list[str]:
    """The registrar's name in each language, once where several have the same."""
    names = dict.fromkeys(in_language(receipt.registrar, lang) for lang in languages)
    return [line(face, "the registrar", name, 120) for name in names]


def _words(receipt: PrintedReceipt, lang: str) -> dict[str, str]:
    place = {"index": catalogue.number(lang, receipt.index), "size": catalogue.number(lang, receipt.size)}
    return wording("receipt", lang, place) | wording("both", lang)


def _lines(proof: bytes, face: Typeface) -> list[tuple[str, str]]:
    """The proof in lines that fit the page, each first piece with its line's number; none when it cannot be printed."""
    try:
        text = proof.decode("utf-8")
    except UnicodeDecodeError:
        return []
    if len(proof) > MOST_PRINTED or not face.can_show(text):
        return []
    return [
        ("" if start else str(number), whole[start : start + _COLUMNS])
        for number, whole in enumerate(text.removesuffix("\n").split("\n"), 1)
        for start in range(0, max(len(whole), 1), _COLUMNS)
    ]
