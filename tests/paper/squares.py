"""Reading the squares (QR codes) on paper, as a telephone would: from the pages as they are printed."""

import pypdfium2
import zxingcpp


def squares_of(pdf: bytes) -> list[list[str]]:
    """What the squares of each page of a PDF hold, at 144 dots to the inch."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_read(page) for page in document]
    finally:
        document.close()


def _read(page: "pypdfium2.PdfPage") -> list[str]:
    picture = page.render(scale=2).to_numpy()
    return [one.text for one in zxingcpp.read_barcodes(picture)]
