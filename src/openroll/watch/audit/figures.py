"""The roll's published figures as a monitor recounts them: counts by day and kind of the log's entries.

A table of figures says itself at which point it was taken: every entry is counted once, so the sum over its days is the number of
entries it counts. It is right when the first so many entries give exactly its rows. Districts, kinds and operators count living
subscriptions, of which the log shows commitments only: those cannot be recounted from outside, and are not said to be good.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from openroll.register.roll.events import FiguresPublished
from openroll.tlog import Entry, TlogError
from openroll.watch.facts import MOST, read_entry

Tally = Counter[tuple[str, str]]
"""Entries by (day, kind)."""

COUNTED = "days"
"""The table that is a count of entries."""


class Row(msgspec.Struct, frozen=True):
    """A row of the table as published: what is counted, of what, which event, how many."""

    table: str
    key: str
    event: str
    count: Annotated[int, Meta(ge=-MOST, le=MOST)]


class NotFigures(Exception):
    """The bytes are no table of figures."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of figures: its count by day and kind, the entries it counts, and the tables that nobody can recount."""

    tally: Tally
    size: int
    uncountable: tuple[str, ...]


def read_table(data: bytes) -> Table:
    """Read a table of figures (JSON). Raises NotFigures."""
    try:
        rows = msgspec.json.decode(data, type=list[Row])
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotFigures(str(error)) from error
    tally: Tally = Counter()
    for row in rows:
        if row.table == COUNTED:
            tally[row.key, row.event] += row.count
    if any(count <= 0 for count in tally.values()):
        raise NotFigures("a day of the table counts less than one entry")
    return Table(tally, tally.total(), tuple(sorted({row.table for row in rows} - {COUNTED})))


def published_in(entry: Entry) -> FiguresPublished | None:
    """The figures an entry publishes, if it does: the day, and the digest of the file."""
    fact = read_entry(entry.kind, entry.act).fact
    return fact if isinstance(fact, FiguresPublished) else None


def digest_of(data: bytes) -> str:
    """How the log names a file of figures."""
    return hashlib.sha256(data).hexdigest()


def tally_of(entries: Iterable[bytes]) -> Tally:
    """Entries counted by day and kind; one that does not read counts for nothing."""
    counted: Tally = Counter()
    for data in entries:
        try:
            entry = Entry.parse(data)
        except TlogError:
            continue
        counted[entry.day, entry.kind] += 1
    return counted


def tally_at(size: int, tally: Tally, at: int, entries: Callable[[int, int], Iterable[bytes]]) -> Tally:
    """The tally of the first `at` entries, from that of `size`: forward or back by the entries between."""
    if at >= size:
        return tally + tally_of(entries(size, at))
    back = Counter(tally)
    back.subtract(tally_of(entries(at, size)))
    return +back


def first_difference(table: Table, recounted: Tally, *, ahead: bool = False) -> str:
    """The first row where a table is not what was recounted, in a sentence; nothing when it is.

    `ahead` says that the table counts more entries than are there to recount: it may have more of each, and never less.
    """
    for key in sorted(table.tally.keys() | recounted.keys()):
        told, found = table.tally[key], recounted[key]
        if told < found or (told > found and not ahead):
            return f"of {key[0]} it says {told:,} of {key[1]}, the entries give {found:,}"
    return ""
