"""Districts by their codes (GB/T 2260), as they stood in a year. The lists are part of the package, as code is."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec

from openroll.rules.language import Text


class District(msgspec.Struct, frozen=True):
    """A county-level place: its six-digit code and its name by language."""

    code: str
    title: Text


@cache
def load(name: str) -> Mapping[str, District]:
    """The districts of a list that ships, by code, in the list's order. Raises FileNotFoundError for an unknown name."""
    text = (files("openroll.register.districts") / f"{name}.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())  # a column a language, beside the code
    return {row["code"]: District(row.pop("code"), {lang: name for lang, name in row.items() if name}) for row in rows}
