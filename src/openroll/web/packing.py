"""What the page Files gives its script that packs a list in the browser: the roll's terms, and every word it says."""

import json
from typing import Any

from openroll.disclosure import unseen_names
from openroll.places.model import NumberFormat
from openroll.rules.kinds import fields_of_subscriptions
from openroll.service.application import Application
from openroll.sheet.column_titles import ALL_TITLES
from openroll.sheet.rows import MOST_CELL, PUBLIC
from openroll.words.catalogue import gettext, number, percent
from openroll.words.faults import ACCOUNT_DUPLICATE, OF_MANY, SHAPES, fault_words

CODES = (
    *("account-shape", "access-unknown", "act-unknown", "cell-too-long", "character-refused", "column-doubled"),
    *(
        "column-missing",
        "column-unknown",
        "date-range",
        "date-shape",
        "district-unknown",
        "field-missing",
        "file-cut-off",
        "file-empty",
    ),
    *(
        "handle-blank",
        "handle-check",
        "handle-duplicate",
        "handle-form",
        "handle-shape",
        "kind-unknown",
        "line-break",
        "not-empty",
        "number-form",
    ),
    "number-rounded",
    *("row-empty", "row-ragged"),
)
"""The faults that the script finds."""


def pack_data(application: Application, lang: str) -> dict[str, Any]:
    """The terms of today, the words and the faults, each as JSON for an attribute of the page."""
    roll = application.roll
    terms = roll.setting(roll.day(roll.clock())).terms
    fields = fields_of_subscriptions(roll.rule)
    given = {
        "columns": PUBLIC,
        "titles": dict(ALL_TITLES) | {title: field.name for field in fields for title in field.title.values()},
        "fields": [
            {"name": field.name, "required_of": field.required_of} | number_shape(terms.form_of(field.name))
            for field in fields
        ],
        "kinds": sorted(terms.kinds),
        "accesses": sorted(terms.accesses),
        "districts": sorted(terms.districts),
        "earliest": str(terms.earliest),
        "latest": str(terms.latest),
        "characters": unseen_names(),
    }
    return {"terms": json.dumps(given), "words": json.dumps(_words(lang)), "faults": json.dumps(_faults(lang))}


def number_shape(form: NumberFormat | None) -> dict[str, str]:
    """What a page's script holds a field to: nothing where it is any text, or where only a library knows its form."""
    if form is None:
        return {}
    from openroll.places.numbers import shape_of  # noqa: PLC0415 - 8 MB of numbering plans, where a number is first looked at

    shape = shape_of(form)
    return (
        {} if form is None or shape is None else {"shape": shape.shape, "apart": shape.apart, "example": form.example}
    )


def _faults(lang: str) -> dict[str, str]:
    """What each fault says; `{column!r}` becomes `{column}`, as the script fills in texts alone, and marks nothing as code."""
    limit = number(lang, MOST_CELL)
    said = {code: fault_words(code, lang) for code in CODES}
    for column in ("kind", "access", "district"):
        code = f"{column}-unknown"
        said |= {f"{code} {name}": fault_words(code, lang, remedy) for name, remedy in OF_MANY.items()}
    said["handle-duplicate account"] = fault_words("handle-duplicate", lang, said=ACCOUNT_DUPLICATE)
    return {code: one.replace("!r}", "}").replace("{limit}", limit).replace("`", "") for code, one in said.items()}


def _words(lang: str) -> dict[str, str]:
    return {
        "list": gettext(lang, "Choose your list"),
        "key": gettext(lang, "Choose your handle key, or make one"),
        "damaged": gettext(
            lang,
            "This is no handle key, or it was changed. Take it from your copy: a new key would find none of your records.",
        ),
        "large": gettext(lang, "This list is too large for a browser: use `openroll pack`.").replace("`", ""),
        "broken": gettext(lang, "A quotation mark in the list is not closed, or stands in the middle of a cell."),
        "open": gettext(
            lang,
            "The last line of the list has no line end, as in a list that was cut off: look whether its last row is whole.",
        ),
        "cut": fault_words("file-cut-off", lang),
        "unreadable": gettext(lang, "This is no list that can be read here: save it as CSV UTF-8."),
        "encoding": gettext(lang, "The list is not in UTF-8. Choose how it reads rightly, and pack again."),
        "failed": gettext(lang, "The list could not be packed here: use `openroll pack`.").replace("`", ""),
        # The script fills in the number; how a language writes a share around it is CLDR's.
        "working": gettext(lang, "Packing: {percent}").format(percent=percent(lang, 0.88).replace("88", "{percent}")),
        "made": gettext(
            lang, "Your new handle key. Keep it, and a copy, where your own secrets are: all your lists need this one."
        ),
        "packed": gettext(lang, "Packed {rows} rows"),
        "send": gettext(lang, "to send, by the form above"),
        "keep": gettext(lang, "to keep and guard: it alone opens the digests"),
        "faults": gettext(lang, "Nothing was packed. Faults: {count}"),
        "row": gettext(lang, "Row"),
        "column": gettext(lang, "Column"),
        "value": gettext(lang, "Value"),
        **{name: gettext(lang, SHAPES[name]) for name in ("too-early", "to-come", "other-calendar", "other-digits")},
        "what": gettext(lang, "What is wrong"),
    }
