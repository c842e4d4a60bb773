"""Names with every letter that the shipped languages are written with can be printed: nothing becomes a geta mark (〓)."""

import json
import re
import unicodedata
from pathlib import Path

import pytest

from openroll.paper import letters_pdf
from openroll.paper.typeface import NO_TYPE, typeface
from openroll.words.catalogue import shipped
from tests.paper.made import AT, frame, letters
from tests.paper.reading import text_of

SETS = json.loads(Path(__file__).with_name("exemplars.json").read_text(encoding="utf-8"))


def characters(lang: str) -> list[str]:
    """The characters that CLDR has for a language, in both cases, written in one piece and taken apart."""
    sets = " ".join(one[1:-1] for one in SETS[lang])
    text = re.sub(r"\\(.)", r"\1", re.sub(r"[{}\s](?<!\\[{}])", "", sets))
    both = sorted({part for one in text for part in (one, *one.upper(), *one.lower())})
    return [form for one in both for form in dict.fromkeys((one, unicodedata.normalize("NFD", one)))]


@pytest.mark.parametrize("lang", shipped())
def test_every_letter_of_a_language_has_type(lang: str) -> None:
    """Each letter, mark and digit stands on paper as it was given, whether its accent came with it or apart."""
    every = characters(lang)
    assert len(every) > 60
    lost = [one for one in every if typeface().fit(f"x{one}x") != unicodedata.normalize("NFC", f"x{one}x")]
    assert lost == []


def test_a_name_with_all_of_them_is_printed() -> None:
    """A letter from an operator whose name has every Latin letter of the shipped languages reads as it was written."""
    latin = sorted({one for lang in shipped() for one in characters(lang) if len(one) == 1 and one.isalpha()})
    latin = [one for one in latin if unicodedata.name(one).startswith("LATIN")]
    lines = ["".join(latin[at : at + 60]) for at in range(0, len(latin), 60)]
    for name in lines:
        (page,) = text_of(letters_pdf(letters(1), frame(operator=name), made=AT))
        assert NO_TYPE not in page
        assert set(name) <= set(page), set(name) - set(page)
