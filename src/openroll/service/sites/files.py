"""The directory as files: CSV and NDJSON line by line, Parquet through a file; lot by lot, however many sites there are.

A lot is read in a transaction of its own, so that whoever fetches slowly holds none open. What changes meanwhile may or may not
be in the file: each row has the position of its newest fact, and the file says from which position `changes` goes on from it.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import msgspec

from openroll.register.site.number import number_text
from openroll.service.log.receipts import published
from openroll.service.roll import Roll
from openroll.service.sites.changes import NAMES
from openroll.service.sites.lookup import Seen, seen_of
from openroll.sheet.faults import safe_cell
from openroll.store import site_facts, site_lists
from openroll.store.site_lists import Placed

LOT: Final = 1_000
"""Sites that are read together."""
_FRAME = 50_000
"""Rows of a group of a Parquet file."""
COLUMNS = (
    *("number", "state", "since", "kind", "operator", "sponsor", "domains", "services", "control"),
    *("began", "filed", "changed", "upcoming", "position"),
)
"""What each row has. `upcoming` is the next day for which something else is announced; `position` is that of the site's newest
fact in the log: empty, while it waits for one."""


class Lot(msgspec.Struct, frozen=True):
    """Rows as they are written, and the number of the last site among them: None where there are no more."""

    data: bytes
    last: int | None


class Version(msgspec.Struct, frozen=True):
    """What a file is made of: `tag` is another where anything in it may be, and `position` is where `changes` goes on from it."""

    tag: str
    position: int


def version(roll: Roll) -> Version:
    """What a file that is begun now is made of."""
    head = published(roll)
    size = head[1].size if head else 0
    with roll.database.own() as connection:
        newest = site_facts.newest_fact(connection, NAMES)
        waits = site_facts.waits(connection, newest)
    return Version(f"{newest}-{size if waits else 'all'}-{roll.day(roll.clock())}", size)


def csv_head() -> bytes:
    """The first line of the table."""
    return _csv([COLUMNS])


def csv_lot(roll: Roll, after: int) -> Lot:
    """The sites behind a number as lines of CSV: what a spreadsheet would run as a formula has an apostrophe before it."""
    rows = _rows(roll, after)
    lines = [[safe_cell(" ".join(cell) if isinstance(cell, tuple) else _said(cell)) for cell in row] for _, row in rows]
    return Lot(_csv(lines), rows[-1][0] if rows else None)


def ndjson_lot(roll: Roll, after: int) -> Lot:
    """The same as lines of JSON."""
    rows = _rows(roll, after)
    lines = (msgspec.json.encode(dict(zip(COLUMNS, row, strict=True))) + b"\n" for _, row in rows)
    return Lot(b"".join(lines), rows[-1][0] if rows else None)


def write_parquet(roll: Roll, file: BinaryIO) -> None:
    """Write them all as Parquet (zstd), in groups of rows: no more than one of those is in memory."""
    import polars as pl  # noqa: PLC0415 - loaded with the first file that needs it
    from polars.io.plugins import register_io_source  # noqa: PLC0415 - as above

    of: dict[str, pl.DataType] = {"domains": pl.List(pl.String()), "position": pl.Int64()}
    of |= dict.fromkeys(_DAYS, pl.Date())
    schema = {name: of.get(name, pl.String()) for name in COLUMNS}

    def frames(*_: object) -> Iterator[Any]:
        some: list[tuple[object, ...]] = []
        after = 0
        while rows := _rows(roll, after):
            some += [row for _, row in rows]
            after = rows[-1][0]
            if len(some) >= _FRAME:
                yield pl.DataFrame(some, schema=schema, orient="row")
                some = []
        yield pl.DataFrame(some, schema=schema, orient="row")

    register_io_source(frames, schema=schema).sink_parquet(file, compression="zstd", row_group_size=_FRAME)


_DAYS = ("since", "began", "filed", "changed", "upcoming")


def _rows(roll: Roll, after: int) -> list[tuple[int, tuple[object, ...]]]:
    with roll.database.own() as connection:
        placed = site_lists.in_order(connection, after, LOT)
        found = seen_of(connection, roll, [one.row for one in placed])
    return [(one.row.number, _row(one, seen)) for one, seen in zip(placed, found, strict=True)]


def _row(placed: Placed, seen: Seen) -> tuple[object, ...]:
    comes = seen.announced[0].on if seen.announced else None
    shown = {"number": number_text(seen.number), "position": placed.position, "upcoming": comes}
    return tuple(shown[name] if name in shown else getattr(seen, name) for name in COLUMNS)


def _said(cell: object) -> str:
    return "" if cell is None else str(cell)


def _csv(rows: list[Any]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
