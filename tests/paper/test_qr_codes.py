"""Which squares hold a filing code: those of letters, which bring it, and say so. No receipt's does."""

import re
from pathlib import Path

import pytest

import openroll
from openroll.paper import letters_pdf, receipt_pdf
from tests.paper.made import AT, CODE, FRAME, RECEIPT, letters, receipt
from tests.paper.reading import text_of
from tests.paper.squares import squares_of

DIGITS = re.compile(r"\d{16}")


@pytest.mark.parametrize("code", [CODE, ""], ids=["to keep", "to show"])
def test_the_square_of_a_receipt_leads_to_the_check_and_holds_no_code(code: str) -> None:
    """On either copy the one square is the address of the check, which stands beneath the figures too."""
    assert squares_of(receipt_pdf(receipt(code=code), made=AT))[0] == [RECEIPT.address]


def test_the_square_of_a_letter_opens_the_filing_and_says_so() -> None:
    """Each letter's square holds its own code behind the hash, and the words beneath say that it does."""
    both = letters(2)
    pdf = letters_pdf(both, FRAME, made=AT)
    finds = FRAME.find
    wanted = [[f"{finds[one.language]}#{one.code.replace(' ', '')}"] for one in both]
    assert squares_of(pdf) == wanted
    zh, en = text_of(pdf)
    assert "二维码内含备案码" in zh
    assert "Thesquareholdsthecode" in en


def test_nothing_on_a_copy_to_show_holds_the_code() -> None:
    """Neither text, link, attachment nor title of the copy to be shown has the digits of a filing code."""
    pdf = receipt_pdf(receipt(code=""), made=AT)
    assert CODE.replace(" ", "").encode() not in pdf
    assert not any(DIGITS.search(page) for page in text_of(pdf)[:1])


def test_every_square_is_made_where_these_tests_look() -> None:
    """Squares are made for paper in one place, and for one page: another would have to be tested here."""
    root = Path(openroll.__file__).parent
    made = {str(path.relative_to(root)) for path in root.rglob("*.py") if "segno.make" in path.read_text("utf-8")}
    assert made == {"paper/squares.py", "web/receipts.py"}
