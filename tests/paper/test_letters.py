"""The letters that bring filing codes: one a page, each in its language, five hundred at once."""

import re
import time
from pathlib import Path

import pytest

from openroll.paper import MOST_LETTERS, Letter, NotPrintable, letters_apart, letters_pdf
from openroll.paper.apart import Printer
from openroll.paper.letters import letters_sheet
from openroll.paper.press import pictures
from openroll.paper.squares import CodeSquares, qr
from openroll.paper.typeface import typeface
from openroll.words import catalogue
from tests.paper.made import AT, CODE, FRAME, frame, letters
from tests.paper.reading import catalogue_of, metadata, text_of
from tests.words.test_own_catalogues import po


def test_each_letter_is_in_its_language() -> None:
    """A letter tells handle, code, roll, way, choice and what is never done in its language only."""
    zh, en = text_of(letters_pdf(letters(2), FRAME, made=AT))
    for told in ("T-00000", "0000117033560283", "您的备案码", "https://roll.example/zh/find", "全凭自愿", "绝不做的事"):
        assert told in zh
    for told in (
        "T-00001",
        "0001117033560283",
        "Yourfilingcode",
        "https://roll.example/en/find",
        "bychoice",
        "neverdoes",
    ):
        assert told in en
    assert "Yourfilingcode" not in zh
    assert "备案码" not in en
    assert not re.search(r"\{[a-z]+\}", zh + en)


def test_the_square_opens_the_filing() -> None:
    """The QR code holds the address of the page and, after a #, the digits of the code."""
    (letter,) = letters_sheet([Letter(handle="T-1", code=CODE, language="en")], FRAME, typeface()).data["letters"]
    front = "https://roll.example/en/find#"
    assert letter["qr"] == qr(f"{front}4829117033560283", CodeSquares(front).mask)


@pytest.mark.parametrize("front", ["https://r.example/en/find#", f"https://roll.example/{'f' * 94}#"])
def test_squares_made_by_adding_are_those_of_the_encoder(front: str) -> None:
    """Every digit at every place, among others, turns the square into the one that the encoder makes of that code."""
    squares = CodeSquares(front)
    for code in (*(f"{digit}" * 16 for digit in range(10)), "0123456789012345", "9876543210987654", "5000000000000001"):
        assert squares.of(code) == qr(front + code, squares.mask)


def test_the_file_has_the_language_of_its_letters() -> None:
    """A file of English letters only is an English file; with one Chinese letter in it, it is a Chinese one."""
    english = letters_pdf(letters(2)[1:], FRAME, made=AT)
    assert b"/Lang(en-GB)" in catalogue_of(english)
    assert "Letters with filing codes" in metadata(english)
    assert b"/Lang(zh-CN)" in catalogue_of(letters_pdf(letters(2), FRAME, made=AT))


def test_five_hundred_letters_are_five_hundred_pages_in_under_a_minute() -> None:
    """As many letters as one file takes are made in under a minute, one a page, none with another's code."""
    begun = time.monotonic()
    made = letters_pdf(letters(MOST_LETTERS), FRAME, made=AT)
    assert time.monotonic() - begun < 60
    pages = text_of(made)
    assert len(pages) == MOST_LETTERS
    for number, page in enumerate(pages):
        assert re.findall(r"T-(\d{5})", page) == [f"{number:05d}"]
        assert f"{number:04d}117033560283" in page


@pytest.mark.parametrize("office", [(), ("Ofisi ya Kaunti " * 3,) * 5])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_longest_words_still_fit_one_page(language: str, office: tuple[str, ...]) -> None:
    """A letter stays on one page with the longest titles, names, handle and address there is room for, and a long office."""
    long = {"title": {"zh": "册" * 120, "en": "Roll " * 24}, "registrar": {"zh": "局" * 120}, "operator": "商" * 120}
    find = "https://roll.example/" + "f" * 99
    sheet = letters_sheet(
        [Letter(handle="h" * 64, code=CODE, language=language, office=office)],
        frame(**long, find={language: find}, demonstration=True),
        typeface(),
    )
    assert len(pictures(sheet, typeface(), 36)) == 1


@pytest.mark.parametrize("count", [0, MOST_LETTERS + 1])
def test_no_letters_and_too_many_are_refused(count: int) -> None:
    """One file takes 1 to 500 letters, and the error says so."""
    with pytest.raises(NotPrintable, match="1 to 500"):
        letters_pdf(letters(count), FRAME, made=AT)


def test_a_wrong_letter_is_named_by_its_number() -> None:
    """A letter that cannot be printed is told by its place in the order given."""
    with pytest.raises(NotPrintable, match="letter 2: the filing code"):
        letters_pdf([*letters(1), Letter(handle="T-9", code="12", language="en")], FRAME, made=AT)
    with pytest.raises(NotPrintable, match="letter 1: the handle has 65"):
        letters_pdf([Letter(handle="h" * 65, code=CODE, language="en")], FRAME, made=AT)


def test_letters_are_made_the_same_again() -> None:
    """The same letters give the same bytes."""
    assert letters_pdf(letters(3), FRAME, made=AT) == letters_pdf(letters(3), FRAME, made=AT)


def test_a_letter_says_where_to_go_in_person() -> None:
    """The office of the subscriber's district stands in the letter, line by line; without one nothing is said of it."""
    office = ("Ofisi ya Arusha", "S.L.P. 123", "x" * 300)
    with_it, without = (Letter(handle="T-1", code=CODE, language="en", office=lines) for lines in (office, ()))
    first, second = text_of(letters_pdf([with_it, without], FRAME, made=AT))
    assert "Wheretogoinperson" in first
    assert "OfisiyaArushaS.L.P.123" in first
    assert "Wheretogoinperson" not in second


def test_a_tall_office_makes_its_own_letter_smaller() -> None:
    """Of letters in one file each has the largest type that leaves it on its page: the office of one is not another's."""
    offices = [(), ("Ofisi",), ("Ofisi ya Kaunti " * 9,) * 9, ("Ofisi", "S.L.P. 1"), ()]
    both = [
        Letter(handle=f"T-{n}" + "x" * 9 * n, code=CODE, language=lang, office=office)
        for lang in ("zh", "en")
        for n, office in enumerate(offices)
    ]
    told = frame(operator="Trial Network " * 8)
    together = letters_sheet(both, told, typeface())
    pages = pictures(together, typeface(), 36)
    alone = [pictures(letters_sheet([one], told, typeface()), typeface(), 36) for one in both]
    assert len(pages) == len(both)
    assert [pages[n] == page for n, (page,) in enumerate(alone) if len(both[n].office) < 9] == [True] * 8


def test_a_handle_and_an_address_are_read_as_one_piece() -> None:
    """What fits its line is not taken apart letter by letter, for who hears the letter and for who prints a million."""
    one = Letter(handle="h1" + "a2" * 17, code=CODE, language="en")
    pdf = letters_pdf([one], frame(find={"en": "https://country.example/openroll/en/find"}), made=AT)
    pieces = re.findall(rb"/K ?\[([\d ]+)\]", pdf)
    assert max(len(piece.split()) for piece in pieces) < 9


def test_letters_are_printed_apart_the_same() -> None:
    """A process of its own prints the same bytes, and says why it does not."""
    both = letters(2)
    with Printer() as printer:
        for _ in range(2):
            assert printer.print(both, FRAME, made=AT) == letters_pdf(both, FRAME, made=AT)
            with pytest.raises(NotPrintable, match="letter 1: the filing code"):
                printer.print([Letter(handle="T-1", code="1", language="en")], FRAME, made=AT)


def test_a_printer_that_dies_is_told() -> None:
    """Who waits for a process that was killed, as where memory ran out, hears it instead of waiting on."""
    with Printer() as printer:
        printer._process.kill()
        with pytest.raises(ChildProcessError, match="prints letters ended with status -9"):
            printer.print(letters(1), FRAME, made=AT)


def test_letters_printed_apart_say_the_rolls_own_words(tmp_path: Path) -> None:
    """A word that a roll's own catalogue says in another way stands so in letters: their process takes its folder along."""
    (tmp_path / "sw-TZ.po").write_bytes(po("sw-TZ", ("Your filing code", "Namba yako")))
    told = frame(find={"sw-TZ": "https://roll.example/sw-TZ/find"})
    one = [Letter(handle="T-1", code=CODE, language="sw-TZ")]
    catalogue.use_own(tmp_path)
    try:
        (page,) = text_of(letters_apart(one, told, made=AT))
    finally:
        catalogue.use_own(None)
    assert "Nambayako" in page
