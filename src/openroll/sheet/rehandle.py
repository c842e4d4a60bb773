"""On the operator's side: a change of key as a file of changes, and the operator's own numbers beside what the roll gave.

The roll knows handles and no account numbers; the operator's list and its key lead from one to the other. Needs no network.
"""

import csv
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from openroll.durable import as_text, new_file
from openroll.register.subscription.handle import AccountUnfit, handle_of
from openroll.sheet.column_titles import ACCOUNT, ALL_TITLES
from openroll.sheet.faults import Fault, safe_cell, visible
from openroll.sheet.formats import csv_rows, format_of
from openroll.sheet.pack import Packed, fresh_name, writing_beside
from openroll.sheet.reading import Sheet, fault_of_disk
from openroll.sheet.rows import COLUMNS
from openroll.sheet.source import Source, Unreadable


def write_rehandling(
    source: Path,
    output: Path,
    *,
    old: bytes | None,
    new: bytes,
    encoding: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> Packed:
    """Write a filing file that gives every record of a list the handle of its account number under the key `new`.

    `old` is the key the records were filed under. Without one they were filed before handles had keys: their handle is the
    cell of the column `handle`, or the account number itself. With any fault, or where `output` is there, nothing is written.
    """
    sheet = Sheet(Path())
    try:
        with source.open("rb") as file, writing_beside(output, 0o644) as written:
            writer = csv.DictWriter(written, COLUMNS, restval="", lineterminator="\n")
            writer.writeheader()
            for number, row in _rows(Source(file, progress), encoding, sheet):
                changed = _changed(row, number, old, new, sheet)
                if changed is not None and sheet.ok:
                    writer.writerow(changed)
            if not sheet.rows and sheet.ok:
                remedy = "The file has a header only. Give the list."
                sheet.add_fault(Fault(0, "", "", "file-empty", "at least one row", remedy))
            if sheet.ok:
                written.flush()
                os.fsync(written.fileno())
                os.link(fresh_name(output), output)  # fails where something is there, which a rename would write over
    except Unreadable as error:
        sheet.add_fault(Fault(error.row, "", error.value, error.code, error.expected, error.remedy))
    except OSError as error:
        sheet.add_fault(fault_of_disk(error, source, output))
    return Packed(sheet.rows, sheet.fault_count, sheet.faults)


def _changed(
    row: Mapping[str, str], number: int, old: bytes | None, new: bytes, sheet: Sheet
) -> Mapping[str, str] | None:
    account = row.get(ACCOUNT) or row.get("handle", "")
    try:
        before = handle_of(account, old) if old is not None else row.get("handle") or account
        if before.isascii():
            return {"act": "rehandle", "handle": before, "new_handle": handle_of(account, new)}
        error: str = "an old handle has letters, digits and . _ : - only"
    except AccountUnfit as unfit:
        error = str(unfit)
    remedy = "Write the number as your own system has it."
    sheet.add_fault(Fault(number, ACCOUNT, visible(account), "account-shape", f"that {error}", remedy))
    return None


def accounts_by_handle(source: Path, key: bytes, encoding: str = "") -> dict[str, str]:
    """The account numbers of a list by their handles. Raises ValueError, a sentence, for a list that has any fault."""
    sheet = Sheet(Path())
    found: dict[str, str] = {}
    try:
        with source.open("rb") as file:
            for number, row in _rows(Source(file, lambda _: None), encoding, sheet):
                account = row.get(ACCOUNT) or row.get("handle", "")
                try:
                    found[handle_of(account, key)] = account
                except AccountUnfit as error:
                    raise ValueError(f"Row {number} of {source}: {error}.") from error
    except Unreadable as error:
        where = f"Row {error.row} of {source}" if error.row else str(source)
        raise ValueError(f"{where}: expected {error.expected}. {error.remedy}") from error
    if not sheet.ok:
        raise ValueError(f"{source}: {sheet.faults[0]}")
    return found


MOST_NAMED = 5
"""Rows without a number that are named, the first ones."""


class Numbered(msgspec.Struct):
    """What came of putting numbers beside handles: rows, those without a number, and the first of these (row, handle)."""

    rows: int = 0
    lacking: int = 0
    first: list[tuple[int, str]] = msgspec.field(default_factory=list)


def add_accounts(accounts: Mapping[str, str], table: Path, output: Path) -> Numbered:
    """Copy a CSV that has a column `handle`, with the account number before each row.

    Raises ValueError where there is no such column, and OSError. `output` is for its owner alone, and never written over; where
    it cannot be written whole there is none.
    """
    told = Numbered()
    with table.open(encoding="utf-8-sig", newline="") as given:
        reader = csv.DictReader(given)
        names = list(reader.fieldnames or ())
        if "handle" not in names or ACCOUNT in names:
            raise ValueError(f"{table} needs a column 'handle', and none named 'account'.")
        with new_file(output) as whole, as_text(whole, "utf-8-sig") as written:
            writer = csv.DictWriter(written, [ACCOUNT, *names], restval="", extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            for number, row in enumerate(reader, 2):
                account = accounts.get(row["handle"] or "", "")
                writer.writerow(row | {ACCOUNT: safe_cell(account)})
                told.rows += 1
                if not account:
                    told.lacking += 1
                    told.first += [(number, visible(row["handle"] or ""))] if told.lacking <= MOST_NAMED else []
    return told


def _rows(source: Source, encoding: str, sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a list by column; columns that have no place here, as names, are passed over."""
    if format_of(source.head) != "csv":
        raise Unreadable(0, "not-a-list", "a CSV of subscribers", "Save the list as CSV UTF-8.")
    _, header, lots = csv_rows(source, encoding)
    names = [ALL_TITLES.get(name.strip(), name.strip().lower()) for name in header]
    if ACCOUNT not in names and "handle" not in names:
        raise Unreadable(1, "column-missing", "a column of account numbers", f"Add the column {ACCOUNT!r}.")
    for first, frame, faults in lots:
        sheet.rows += frame.height
        for fault in faults:
            sheet.add_fault(fault)
        for number, cells in enumerate(frame.iter_rows(), first):
            if cells[0] is not None:
                yield number, dict(zip(names, cells, strict=True))
