"""Faults of a filing that a program sends as JSON, in words of JSON: the verdicts are a file's, which speak of cells and rows."""

import msgspec

from openroll.sheet import Fault
from openroll.sheet.rows import MOST_CELL

_REMEDIES = {
    "cell-too-long": "Shorten it: no value of a filing is as long as this.",
    "character-hidden": "Take out the characters shown as <U+…>: they do not show, but change what is filed.",
    "date-shape": "Write the date as a string, YYYY-MM-DD.",
    "digests-shape": "`digests` is an array of strings: those that `openroll pack` writes, one string for each.",
    "handle-check": "A character of it was changed on the way. Copy the handle again, or have `openroll pack` make it again.",
    "handle-form": "Send what `openroll pack --key` makes of the account number; the number itself is never sent.",
    "not-empty": "Leave it out, or change `act`.",
}
"""What to do, where a file's words for it would not do."""


def in_json(fault: Fault) -> Fault:
    """A fault of a row as one of a JSON filing: the same code, column and parameters, in words that fit an object."""
    expected, remedy = fault.expected, _REMEDIES.get(fault.code, fault.remedy)
    if fault.code == "digests-shape":
        expected = f"an array of {fault.params['count']} different strings of 43 characters each, sorted"
    elif fault.code == "not-empty":
        expected = f"nothing where `act` is {fault.params['act']!r}"
    elif fault.code == "cell-too-long":
        expected = f"at most {MOST_CELL} characters"
    return msgspec.structs.replace(fault, expected=expected, remedy=remedy)
