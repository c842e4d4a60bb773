"""The printed receipt: what stands on it, in both languages, and what rides along."""

import subprocess
import sys
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from openroll.paper import FontsMissing, NotPrintable, receipt_pdf
from openroll.paper.press import pictures
from openroll.paper.receipt import MOST_PRINTED, receipt_sheet
from openroll.paper.squares import qr
from openroll.paper.typeface import typeface
from openroll.tlog import verify_receipt
from tests.paper.made import AT, CODE, RECEIPT, receipt
from tests.paper.reading import attached, catalogue_of, metadata, text_of
from tests.tlog.test_receipts import BOTH

ROOT = Path(__file__).parents[2]


@cache
def whole() -> bytes:
    """The receipt, printed once."""
    return receipt_pdf(RECEIPT, made=AT)


@pytest.mark.parametrize(
    "told",
    [
        *RECEIPT.title.values(),
        RECEIPT.registrar["zh"],
        CODE,
        "已备案",
        "Filed",
        "2006年12月20日",
        "20 December 2006",
        "第1,234条（从0数起），共56,789条",
        "Index 1,234 (counted from 0) of 56,789 entries",
        RECEIPT.origin,
        RECEIPT.root,
        RECEIPT.commitment,
        RECEIPT.address,
        "请像钥匙一样保管。",
        "keep it like a key.",
    ],
)
def test_a_receipt_says_it_all_on_one_page(told: str) -> None:
    """Everything that belongs on a receipt is text on its first page, in both languages."""
    assert told.replace(" ", "") in text_of(whole())[0]


def test_a_receipt_is_one_page_and_its_proof() -> None:
    """A receipt with its proof in print has two pages, also under the band of a demonstration."""
    assert len(text_of(whole())) == 2
    assert sha256(RECEIPT.proof).hexdigest() in text_of(whole())[0]
    assert len(pictures(receipt_sheet(receipt(demonstration=True), typeface()), typeface(), 36)) == 2


def test_the_proof_is_printed_letter_by_letter() -> None:
    """Every piece of every line of the proof stands on the second page, in order, and the pieces are the whole."""
    lines = receipt_sheet(RECEIPT, typeface()).data["lines"]
    page, at = text_of(whole())[1], 0
    for _, piece in lines:
        at = page.index(piece.replace(" ", ""), at)
    joined = "".join(("\n" if number else "") + piece for number, piece in lines).removeprefix("\n") + "\n"
    assert joined.encode() == RECEIPT.proof


def test_the_proof_rides_along_and_verifies() -> None:
    """The attached file is the receipt itself, to the byte."""
    assert attached(whole()) == RECEIPT.proof
    assert verify_receipt(attached(whole()), BOTH).index == 3


@pytest.mark.parametrize("proof", [b"x" * (MOST_PRINTED + 1), b"\xff\xfe", "ש\n".encode(), b"a\tb\n"])
def test_a_proof_that_cannot_be_printed_is_told_by_its_digest(proof: bytes) -> None:
    """A proof that is too long, or cannot be printed unaltered, is attached and told by its SHA-256."""
    printed = receipt_pdf(receipt(proof=proof), made=AT)
    (page,) = text_of(printed)
    assert sha256(proof).hexdigest() in page
    assert attached(printed) == proof


def test_nothing_unseen_comes_along_when_text_is_copied() -> None:
    """A digest or a proof copied out of the PDF is itself, without the invisible breaks a typesetter may put in."""
    assert all(page.isprintable() for page in text_of(whole()))
    assert RECEIPT.address in text_of(receipt_pdf(receipt(proof=b""), made=AT))[0]


def test_a_copy_to_show_to_others_has_no_code() -> None:
    """Without a filing code there is no row for it, and no advice about it."""
    page = text_of(receipt_pdf(receipt(code=""), made=AT))[0]
    assert "备案码" not in page
    assert "4829" not in page


def test_only_a_demonstration_says_so() -> None:
    """The band of a demonstration stands on every page of one, in both languages, and on no other receipt."""
    shown = text_of(receipt_pdf(receipt(demonstration=True), made=AT))
    assert all("演示用" in page and "Ademonstration" in page for page in shown)
    assert not any("演示用" in page for page in text_of(whole()))


def test_a_receipt_is_tagged_titled_and_in_a_language() -> None:
    """A receipt declares PDF/UA-1 and PDF/A-3a, has a title and a language, and tells the other language apart."""
    about = metadata(whole())
    assert "<pdfuaid:part>1<" in about
    assert "<pdfaid:part>3<" in about
    assert "<pdfaid:conformance>A<" in about
    assert f"{RECEIPT.title['zh']} · 回执" in about
    assert b"/Lang(zh-CN)" in catalogue_of(whole())
    assert b"/Marked true" in catalogue_of(whole())
    assert b"/Lang(en-GB)" in whole()
    assert b"/S/H1" in whole()
    assert b"/S/Figure" in whole()


def test_the_same_receipt_is_the_same_file() -> None:
    """Another process makes the same bytes; the time of making is the one that was given."""
    # Not the made proof: ML-DSA signatures differ from one signing to the next.
    code = (
        "import sys; from openroll.paper import receipt_pdf; from tests.paper.made import AT, receipt;"
        "sys.stdout.buffer.write(receipt_pdf(receipt(proof=b'proof'), made=AT))"
    )
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT).stdout
    assert again == receipt_pdf(receipt(proof=b"proof"), made=AT)
    assert b"<xmp:CreateDate>2006-12-20T04:00:00+00:00<" in again


def test_a_time_without_a_zone_is_refused() -> None:
    """A time of making that does not know its zone would mean another one elsewhere."""
    with pytest.raises(ValueError, match="no time zone"):
        receipt_pdf(RECEIPT, made=datetime(2006, 12, 20))  # noqa: DTZ001


def test_missing_fonts_are_told_with_the_remedy(tmp_path: Path) -> None:
    """Without the fonts nothing is printed in another font: the error says where they were looked for and what to do."""
    with pytest.raises(FontsMissing, match="run script/frontend"):
        receipt_pdf(RECEIPT, made=AT, fonts=tmp_path)


@pytest.mark.parametrize("code", ["4829117033560283", "4829 1170 3356", "４８２９ 1170 3356 0283", f"{CODE}\n"])
def test_what_is_not_a_code_is_refused(code: str) -> None:
    """A filing code is printed as it was issued, in four groups, or not at all."""
    with pytest.raises(NotPrintable, match="filing code"):
        receipt_pdf(receipt(code=code), made=AT)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "roll.example", "https://roll.example/册", "https://x/" + "a" * 300, "https://x y"],
)
def test_what_is_not_an_address_is_refused(address: str) -> None:
    """Only a web address gets into a QR code and a link."""
    with pytest.raises(NotPrintable, match="address"):
        receipt_pdf(receipt(address=address), made=AT)


def test_the_square_holds_the_address() -> None:
    """The QR code is that of the address, with its quiet zone."""
    assert receipt_sheet(RECEIPT, typeface()).data["qr"] == qr(RECEIPT.address)
    assert qr("https://a.example") != qr("https://b.example")


@pytest.mark.parametrize("languages", [("en",), ("zh",), ("zh", "en"), ("fr", "zh", "en"), ("de", "fr", "zh", "en")])
def test_a_receipt_holds_as_many_languages_as_a_roll_has(languages: tuple[str, ...]) -> None:
    """One language or three stand on the first page, the proof on the second; of more, the first three."""
    each = {lang: f"Title {lang}" for lang in languages}
    first, *rest = text_of(receipt_pdf(receipt(languages=languages, title=each, what=each), made=AT))
    assert len(rest) == 1
    assert [lang for lang in languages if f"Title{lang}" in first] == list(languages[:3])
    assert ("Whatitproves" in first) == ("en" in languages[:3])
