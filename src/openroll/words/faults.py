"""The sentences for every fault of an operator's file: what is wrong, and what to do.

A fault carries its remedy in English, made for the very case; a language of the catalogues says it from its code and
parameters. `{names}` are the fault's column, its parameters, and nothing else: a value is shown by the page, beside the sentence.
"""

from datetime import date
from typing import NamedTuple

from openroll.sheet import Fault
from openroll.sheet.rows import MOST_CELL
from openroll.words.catalogue import day, gettext, in_context, listed, number
from openroll.words.refusals import SENTENCES, say, shown


class Said(NamedTuple):
    """A code's words: what is wrong, and what to do."""

    what: str
    remedy: str


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


def _c(context: str, text: str) -> tuple[str, str]:
    """Marks a short text for the catalogue, with its context."""
    return context, text


COLUMN_TITLES = (
    _c("column", "act"),
    _c("column", "handle"),
    _c("column", "kind"),
    _c("column", "access"),
    _c("column", "district"),
    _c("column", "connected"),
    _c("column", "on"),
    _c("column", "digests"),
    _c("column", "new_handle"),
)
"""The columns of a file, each called by a title in other languages."""

SHAPES = {
    "": "",
    "month-first": _("Here the month stands before the day. "),
    "day-first": _("Here the day stands before the month. "),
    "day-or-month": _("Here it is unclear which is the day and which the month. "),
    "slashes": _("Here the date has slashes or dots. "),
    "no-hyphens": _("Here the date has no hyphens. "),
    "day-number": _("Here stands a spreadsheet's day number. "),
    "chinese": _("Here the date is in Chinese characters. "),
    "other-digits": _("Here the digits are of another script: write 0 to 9. "),
    "no-such-day": _("There is no such day, or month or day lacks a zero. "),
    "too-early": _("Check the year. "),
    "to-come": _("This day is still to come. "),
    "other-calendar": _("The year is mistyped, or of another calendar than the Gregorian. "),
}
"""What a date that is none looks like, or on which side of the days that may be filed it is, by the fault's `shape`."""

LIMITS = {
    "bytes": _("bytes in the file"),
    "rows": _("rows"),
    "columns": _("columns"),
    "cells": _("cells"),
    "nesting": _("level of lists in a cell"),
    "groups": _("row groups"),
    "pages": _("pages"),
    "page": _("bytes in an unpacked page"),
    "footer": _("bytes in the footer"),
    "unpacked": _("bytes when it is unpacked"),
}
"""What a file may have too much of, by the fault's `what`."""

_ANEW = _("Pack the list anew with the key of today, `openroll pack --key`, and send what that writes.")

FAULTS: dict[str, Said] = {
    "account-shape": Said(
        _("the account number is not 1 to 256 characters that show"),
        _(
            "Write the account number as your own system has it. It stays with you: only the handle made from it travels."
        ),
    ),
    "act-not-new": Said(
        _("a list to compare has new rows only"),
        _("Compare a whole list made by `openroll pack`, not a file of changes or ends."),
    ),
    "act-unknown": Said(_("not one of the acts"), _("Write one of these: {words}.")),
    "access-unknown": Said(_("not one of the kinds of access"), _("Write one of these: {words}.")),
    "cell-too-long": Said(
        _("the cell has more than {limit} characters"),
        _("Look whether a quotation mark is missing, so that many cells ran into one."),
    ),
    "character-hidden": Said(
        _("the cell has control or direction characters, which do not show"),
        _("Take out the characters shown as <U+…>: they do not show in a spreadsheet but change what is filed."),
    ),
    "character-refused": Said(
        _("the cell has a character that does not show: {character}"),
        _("Take it out, or write the value anew: it would change the digest, and nobody would see why."),
    ),
    "column-doubled": Said(_("the column {column!r} stands twice"), _("Take one of the two columns out.")),
    "column-missing": Said(
        _("the column {column!r} is missing"), _("Add the column; make the file with `openroll pack`.")
    ),
    "column-unknown": Said(
        _("the column {column!r} has no place in this file"),
        _(
            "Take the column out, or mend its name. Personal fields travel as digests only: `openroll pack` makes them on "
            "your side."
        ),
    ),
    "date-range": Said(
        _("the date is not between {earliest} and {latest}"),
        _("{shape}What has not happened yet is filed when it has."),
    ),
    "date-shape": Said(
        _("not a date as YYYY-MM-DD"), _("{shape}Format the column as text and write dates as {example}.")
    ),
    "digests-shape": Said(
        _("not {count} different digests of 43 characters, sorted, with single spaces between"),
        _("Make this column with `openroll pack`."),
    ),
    "district-unknown": Said(_("not one of the district codes"), _("Write one of these: {words}.")),
    "encoding": Said(
        _("from this row on the file is in another encoding, or damaged"),
        _("Save the list as CSV UTF-8 and send it again."),
    ),
    "encoding-unsure": Said(
        _("the list is not in UTF-8, and its encoding was not named rightly"),
        _(
            "Save the list as CSV UTF-8. Where that cannot be, `openroll pack` and `openroll file` show samples on the command "
            "line, and --encoding names the encoding."
        ),
    ),
    "field-missing": Said(
        _("the field {column!r}, which the rule asks for, is missing"),
        _("Fill the cell in. It stays with you: only its digest travels."),
    ),
    "file-cut-off": Said(
        _("the file is cut off"),
        _(
            "It ends in the middle of a row, and whatever came after it is missing. Send it again whole. Where it is whole, look "
            "for a quotation mark that is not closed, complete the last row, and end it with a line break."
        ),
    ),
    "file-empty": Said(_("the file is empty, or a header only"), _("Send a list with something in it.")),
    "file-kept": Said(
        _("a file that is read or kept would be written over"),
        _(
            "Choose another name for the output, or move the old disclosures away: they may be all that opens the digests filed."
        ),
    ),
    "file-over-bound": Said(
        _("the file has more than may be of this: {what} ({most} at most)"),
        _("Make the file with `openroll pack`, which writes CSV UTF-8; send a long list in several files."),
    ),
    "file-too-heavy": Said(
        _("the file cannot be read in the time and memory that one may take"),
        _("Make the file with `openroll pack`, which writes CSV UTF-8; send a long list in several files."),
    ),
    "file-unreadable": Said(
        _("the file is not there, or cannot be read or written"),
        _("Check its name and who may read it; --again takes the disclosures that the last packing wrote, unchanged."),
    ),
    "handle-changed": Said(_("the record of this handle has another one since {on}"), _ANEW),
    "handle-blank": Said(
        _("the handle has a blank before, in or behind it"),
        _("Take the blank out: a spreadsheet or an editor may have left it there."),
    ),
    "handle-duplicate": Said(
        _("the handle stands in row {first} too"), _("Row {first} has the same handle. Keep one of the two.")
    ),
    "handle-filed": Said(_("the handle is filed already"), _("Use the act change or end, or take the row out.")),
    "handle-check": Said(
        _("the check characters of the handle are wrong (not shown)"),
        _("A character of it was changed on the way. Pack the list again, or copy the handle again."),
    ),
    "handle-form": Said(
        _("not a handle: h1 and 34 small letters and digits (not shown)"),
        _(
            "Pack the list with `openroll pack --key`: it makes handles from accounts by your own key. Account, telephone "
            "and identity numbers never travel."
        ),
    ),
    "handle-key-missing": Said(
        _("the list has account numbers, and there is no key to make handles of them"),
        _("Give your key by --key; where there is none, `openroll handle new-key` makes one."),
    ),
    "handle-shape": Said(
        _("not a handle that a record was filed under (not shown)"),
        _("Take it from the filing file of that time; `openroll pack --key` makes it from the account number."),
    ),
    "handle-unknown": Said(
        _("nothing is filed under the handle"), _("Use the act new, or look for a mistyped handle.")
    ),
    "header-broken": Said(
        _("the first row cannot be read as column names"),
        _("Write the column names into the first row, without line breaks in them."),
    ),
    "header-separator": Said(
        _("the first line is Excel's own, not the column names"),
        _("Delete this line; the separator is found without it."),
    ),
    "kind-unknown": Said(_("not one of the kinds"), _("Write one of these: {words}.")),
    "line-break": Said(
        _("the cell has a line break or a tab in it"),
        _("Write the value on one line, with a comma or a blank in that place."),
    ),
    "line-too-long": Said(
        _("a line is longer than 16 MB"),
        _("Look whether a quotation mark is missing, or whether this is a list at all."),
    ),
    "list-filed": Said(
        _("of {expected} rows {found} are in the roll already"),
        _(
            "To see what differs, compare it: `openroll reconcile`, or “Compare it with the roll” where files are sent. Then "
            "file what changed alone: rows with the act change or end and its day, and what is new."
        ),
    ),
    "list-of-old-key": Said(_("of {expected} rows {found} have a handle that was changed, the last on {on}"), _ANEW),
    "not-a-list": Said(
        _("this is no list but a workbook, an archive, a picture, a PDF or a database"),
        _("Save it as CSV UTF-8 in the program it came from, and send that; unpack an archive first."),
    ),
    "not-empty": Said(
        _("the cell should be empty where the act is {act!r}"), _("Clear the cell, or change the act of the row.")
    ),
    "not-text": Said(_("the value is not text"), _("Write it as text in quotation marks.")),
    "number-form": Said(
        _("the number is not written as in this example: {example}"),
        _("Write it as the example shows. Where it is not known, and not asked of this kind, leave the cell empty."),
    ),
    "number-rounded": Said(
        _("the spreadsheet has rounded the number"),
        _("Format the column as text, and write the whole number as your own system has it."),
    ),
    "row-broken": Said(
        _("the row cannot be read"),
        _("In NDJSON a row is one JSON object; in CSV quotation marks stand in pairs."),
    ),
    "row-empty": Said(_("the row is empty"), _("Take the row out.")),
    "row-ragged": Said(
        _("cells in the row: {found}; in the header: {expected}"),
        _("Look for a missing or an extra separator, or a quotation mark that is not closed."),
    ),
}
"""What every code of the sheet room, of taking and of reconciling a file means."""

_NEAR = _("The nearest are {words}. `openroll jurisdiction show` lists all {many}.")
_NONE_NEAR = _("`openroll jurisdiction show` lists all {many}.")
_RECORD = _("Look this record up by its handle: the roll has something else than your list.")


def say_fault(fault: Fault, lang: str) -> tuple[str, str]:
    """What is wrong and what to do, in a language. Raises KeyError for a code without words, which a test makes impossible.

    A code of its own has its own words; where the roll refused the row, they are those of the refusal. What to do is the
    fault's own sentence where the catalogue of the language has none.
    """
    if fault.code not in FAULTS:
        return say(fault.code, fault.params, lang), _translated(lang, _RECORD) or fault.remedy
    said, params = _said(fault), _params(fault, lang)
    remedy = _translated(lang, said.remedy)
    return gettext(lang, said.what).format(**params), remedy.format(**params) if remedy else fault.remedy


def _said(fault: Fault) -> Said:
    said = FAULTS[fault.code]
    if fault.code == "district-unknown":
        said = next((words for name, words in OF_OTHER_DAYS.items() if name in fault.params), said)
    if (fault.code, fault.column) == ("handle-duplicate", "account"):
        return ACCOUNT_DUPLICATE
    if (fault.code, fault.column) == ("handle-filed", "new_handle"):
        return NEW_HANDLE_FILED
    if "many" in fault.params:
        said = said._replace(remedy=_NEAR if fault.params["words"] else _NONE_NEAR)
    return said


OF_MANY = {"near": _NEAR, "far": _NONE_NEAR}
"""What to do about a word that is none of many: where some begin alike, and where none does."""


def column_said(fault: Fault, lang: str) -> str:
    """The column of a fault as a person reads it: of one that has no name of ours, only its place is kept."""
    if fault.column.startswith("#"):
        return gettext(lang, "{place}, counted from the left").format(place=fault.column[1:])
    return in_context(lang, "column", fault.column) if fault.column else ""


def fault_words(code: str, lang: str, remedy: str = "", said: Said | None = None) -> str:
    """What a fault says wherever it stands, and what to do (`remedy`, where it is another), their places to fill in left open."""
    said = (said or FAULTS[code])._replace(**({"remedy": remedy} if remedy else {}))
    what = gettext(lang, said.what) + gettext(lang, ".")
    return gettext(lang, "{before} {after}").format(before=what, after=gettext(lang, said.remedy))


def _translated(lang: str, text: str) -> str:
    """A text in a language whose catalogue has it; else nothing."""
    found = gettext(lang, text)
    return "" if found == text else found


def _params(fault: Fault, lang: str) -> dict[str, object]:
    params = fault.params
    words = params.get("words", "")
    what, shape = LIMITS.get(params.get("what", ""), ""), SHAPES.get(params.get("shape", ""), "")
    days = {}
    if fault.code == "district-unknown":
        days = {name: day(lang, date.fromisoformat(params[name])) for name in OF_OTHER_DAYS if name in params}
    elif "on" in params:
        days = {"on": shown("on", params["on"], lang)}
    return {
        "example": "YYYY-MM-DD",  # of a list that was looked at before its faults said one
        **params,
        **days,
        "column": column_said(fault, lang),
        "words": listed(lang, words.split(", ")) if words else "",
        "what": gettext(lang, what) if what else "",
        "shape": gettext(lang, shape) if shape else "",
        "limit": number(lang, MOST_CELL),
    }


ACCOUNT_DUPLICATE = Said(
    _("the account number stands in row {first} too"),
    _("Row {first} has the same account number. Keep one of the two."),
)
"""How `handle-duplicate` is said of a list that has account numbers."""

OF_OTHER_DAYS = {
    "ended": Said(_("this district ended on {ended}"), _("Write one of these: {words}.")),
    "begins": Said(
        _("this district begins on {begins}"),
        _("Write the district that the subscription is in on the day under whose rule you file."),
    ),
}
"""How `district-unknown` is said of a district of other days, by the parameter that says the day."""

NEW_HANDLE_FILED = Said(
    _("another record has the new handle"),
    _("Take the row out, or look whether the two keys were given the wrong way round."),
)
"""How `handle-filed` is said of a handle that a record was to be given."""

OWN_AND_REFUSED = frozenset(FAULTS) & frozenset(SENTENCES)
"""Codes that the reading of a file and a refusal share; both have the same parameters."""
