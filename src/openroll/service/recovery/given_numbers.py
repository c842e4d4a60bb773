"""Numbers that entries of the log show as given, of which neither database nor home may know any more."""

from collections.abc import Mapping
from typing import Any

from openroll.register.organisation.roles import seat_of
from openroll.store.numbers import SEAT

FIELDS: Mapping[str, str] = {
    "token": "token",
    "successor": "token",
    "use": "use",
    "request": "request",
    "later": "request",
    "earlier": "request",
}
"""The fields of official acts that hold a number, by the count that gave it. A seat's count is its organisation's own."""
IN_NO_ENTRY: Mapping[str, str] = {
    "record": "no entry names the record of a person",
    "upload": "a file is known to who sent it",
    "proposal": "a proposed rule is known by its name",
}
"""Counts whose numbers stand in no entry, and why: they go on far beyond what is known (`numbers.LEAP`, `numbers.SMALL_LEAP`)."""


def numbers_in(fact: Any) -> dict[str, int]:
    """The highest number of each count that an official act names, by the count's name."""
    found: dict[str, int] = {}
    for field, name in FIELDS.items():
        if isinstance(number := getattr(fact, field, None), int):
            found[name] = max(found.get(name, 0), number)
    said = getattr(fact, "seat", "")
    seat = seat_of(said if isinstance(said, str) else f"{fact.organisation}/{said}")
    if seat is not None:
        found[f"{SEAT}{seat.organisation}"] = seat.number
    return found
