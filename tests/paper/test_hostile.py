"""Text that wants to be something else on paper: it stays text, and stays on the paper."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typst

from openroll.paper import Letter, NotPrintable, letters_pdf, receipt_pdf
from openroll.paper.letters import letters_sheet
from openroll.paper.press import Sheet, pictures
from openroll.paper.receipt import receipt_sheet
from openroll.paper.typeface import NO_TYPE, typeface
from tests.paper.made import AT, CODE, RECEIPT, frame, receipt
from tests.paper.reading import paper_of, text_of

HOSTILE = [
    '#import "letters.typ": *',
    '#read("/etc/passwd")',
    '#panic("no")',
    "#sys.inputs.data",
    "$ x^2 $ $",
    "\\ \\u{41} \\",
    '"); #panic("no"); ("',
    "*bold* _thin_ `raw` = not a heading",
    "// a comment /* and another",
    "<label> @reference ~ -- ... ''",
    "[content] {code} ]]]",
    "{operator} {title.__class__} %(code)s",
    "</svg><script>alert(1)</script>",
    "W" * 119,
    "É" * 119,
    "册" * 119,
]
UNSEEN = ["\u202e4829 1170", "\u200f\u200e\u2066a\u2069", "a\x00b\x1b[31m", "\ud800", "\U000e0041\ufeff\u00ad"]


def spaceless(text: str) -> str:
    """A text as the reading of a PDF gives it."""
    return "".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_on_a_receipt_is_only_text(text: str) -> None:
    """Whatever stands in the fields of a receipt is printed as it is, in each field."""
    each = dict.fromkeys(RECEIPT.languages, text)
    fields: dict[str, Any] = dict.fromkeys(("origin", "root", "commitment"), text) | {"registrar": {"en": text}}
    fields |= {"title": each, "what": each}
    drawn = "".join(text_of(receipt_pdf(receipt(**fields), made=AT)))
    assert drawn.count(spaceless(text)) >= len(fields) + 2


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_markup_in_a_letter_is_only_text(text: str, language: str) -> None:
    """Whatever stands in a letter or its frame is printed as it is, and never filled in again."""
    fields: dict[str, Any] = {"title": {language: text}, "registrar": {language: text}, "operator": text}
    letter = Letter(handle=text[:64], code=CODE, language=language)
    (drawn,) = text_of(letters_pdf([letter], frame(**fields), made=AT))
    assert drawn.count(spaceless(text)) >= 3
    assert spaceless(text[:64]) in drawn


@pytest.mark.parametrize("text", UNSEEN)
def test_what_cannot_be_seen_is_left_out(text: str) -> None:
    """Marks that turn the direction of reading, controls and lone surrogates never reach the paper."""
    drawn = text_of(receipt_pdf(receipt(registrar={"en": f"before{text}after"}), made=AT))[0]
    kept = spaceless("".join(one for one in text if one.isprintable() or one == " "))
    assert f"before{kept}after" in drawn


@pytest.mark.parametrize("text", ["שלום", "\U0001f600", "ئۇيغۇر", "བོད"])
def test_a_character_without_type_is_a_geta_mark(text: str) -> None:
    """What the font cannot show is told as such, and never stops the printing."""
    (drawn, *_) = text_of(receipt_pdf(receipt(registrar={"en": text}), made=AT))
    assert NO_TYPE in drawn


def test_every_character_said_to_be_known_has_its_glyph() -> None:
    """The reading of the font's table agrees with typst: no sample of what it allows stops the printing."""
    known = sorted(typeface()._known)
    sample = typeface().fit("".join(chr(code) for code in known[:: max(1, len(known) // 3000)]))
    for start in range(0, len(sample), 120):
        receipt_pdf(receipt(registrar={"en": sample[start : start + 120]}, proof=b""), made=AT)


def sheets() -> list[Sheet]:
    """A receipt and letters with the longest words there are, in every field."""
    wide: dict[str, Any] = {"title": {"en": "W" * 120}, "registrar": {"en": "W" * 120}}
    told: dict[str, Any] = dict.fromkeys(("origin", "root", "commitment"), "W" * 200) | {"what": {"en": "W" * 200}}
    address = "https://roll.example/" + "W" * 279
    face = typeface()
    pair = [Letter(handle="W" * 64, code=CODE, language=language) for language in ("zh", "en")]
    find = "https://roll.example/" + "W" * 99
    return [
        receipt_sheet(receipt(**wide, **told, address=address, proof=b"W" * 5000), face),
        letters_sheet(pair, frame(**wide, operator="W" * 120, find=dict.fromkeys(("zh", "en"), find)), face),
    ]


@pytest.mark.parametrize("sheet", sheets(), ids=["receipt", "letters"])
def test_long_words_stay_within_the_margins(sheet: Sheet) -> None:
    """No word, however long, is printed into the margins (20 mm kept free of ink on each side)."""
    for picture in pictures(sheet, typeface(), 25.4):
        paper = paper_of(picture)[..., :3]
        assert np.all(paper[:, :20] > 250)
        assert np.all(paper[:, -20:] > 250)


@pytest.mark.parametrize("sheet", sheets(), ids=["receipt", "letters"])
def test_the_templates_give_no_warning(sheet: Sheet) -> None:
    """Typst finds nothing to warn of, also with hostile text."""
    folder = Path(str(files("openroll.paper")))
    inputs = {"data": json.dumps(sheet.data)}
    warned = typst.compile_with_warnings(
        folder / sheet.template,
        root=folder,
        font_paths=typeface().fonts,
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )[1]
    assert warned == []


def test_too_long_a_text_is_named() -> None:
    """A text there is no room for is refused, with its name and the room."""
    with pytest.raises(NotPrintable, match="the registrar has 121 characters, and there is room for 120"):
        receipt_pdf(receipt(registrar={"en": "局" * 121}), made=AT)
