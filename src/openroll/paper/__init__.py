"""What the roll prints: receipts in the roll's languages on one page, and letters that carry filing codes, as tagged PDFs.

The same values give the same bytes, on every machine: the fonts are ours, and the date of making is an argument.
"""

from openroll.paper.apart import letters_apart, printers
from openroll.paper.letters import MOST_LETTERS, Letter, LetterFrame, letters_pdf
from openroll.paper.receipt import PrintedReceipt, receipt_pdf
from openroll.paper.typeface import FontsMissing
from openroll.paper.wording import NotPrintable

__all__ = [
    "MOST_LETTERS",
    "FontsMissing",
    "Letter",
    "LetterFrame",
    "NotPrintable",
    "PrintedReceipt",
    "letters_apart",
    "letters_pdf",
    "printers",
    "receipt_pdf",
]
