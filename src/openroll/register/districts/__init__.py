"""Districts by their codes (GB/T 2260), as they stood in a year. The lists are part of the package, as code is."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec


class District(msgspec.Struct, frozen=True):
    """A county-level place: its six-digit code and its name in both languages."""

    code: str
    zh: str
    en: str


@cache
def load(name: str) -> Mapping[str, District]:
    """The districts of a list that ships, by code, in the list's order. Raises FileNotFoundError for an unknown name."""
    text = (files("openroll.register.districts") / f"{name}.csv").read_text(encoding="utf-8")
    return {row["code"]: District(**row) for row in csv.DictReader(text.splitlines())}
