"""`openroll pack`: on the operator's side, split a list of subscribers into what travels and what stays.

What travels is the filing file: the public part of each row and the digests of its personal fields. What stays is the
disclosures file: the salts and values that open those digests. A field that is not told gets a decoy, so that nobody who
sees the digests can tell who withheld what.
"""

import contextlib
import csv
import os
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec

from openroll.disclosure import Disclosure, digests_of
from openroll.register.terms import Terms
from openroll.rules import Field
from openroll.sheet.faults import Fault, visible
from openroll.sheet.formats import Rows, csv_rows, format_of
from openroll.sheet.reading import Sheet
from openroll.sheet.rows import COLUMNS, IN_CHINESE, MOST_CELL, check_row
from openroll.sheet.source import Source, Unreadable

Random = Callable[[int], bytes]
_PUBLIC = [column for column in COLUMNS if column != "digests"]


class Kept(msgspec.Struct, frozen=True):
    """One subscriber's line of the disclosures file: what opens the digests, and the decoys among them."""

    handle: str
    disclosures: tuple[str, ...]
    decoys: tuple[str, ...] = ()


class Packed(msgspec.Struct, frozen=True):
    """What packing did: rows packed, and the faults if there were any (then nothing was written)."""

    rows: int
    fault_count: int
    faults: tuple[Fault, ...]


def pack(
    source: Path,
    filing: Path,
    disclosures: Path,
    *,
    fields: Sequence[Field],
    terms: Terms,
    random: Random,
    again: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Packed:
    """Pack a CSV of subscribers into `filing` and `disclosures` (mode 0600). With any fault, neither is written.

    `again` is an earlier disclosures file: a field whose value is the same keeps its salt, so that packing an unchanged
    list gives the same digests.
    """
    work = _Packing([field for field in fields if field.personal], terms, random, _earlier(again))
    fresh = [path.with_name(path.name + ".new") for path in (filing, disclosures)]
    try:
        with _writing(fresh[0], 0o644) as public, _writing(fresh[1], 0o600) as private, source.open("rb") as file:
            work.run(Source(file, progress), public, private)
        if work.sheet.ok:
            fresh[1].rename(disclosures)  # first what opens the digests: a filing without it could never be opened
            fresh[0].rename(filing)
    except Unreadable as error:
        work.sheet.add_fault(Fault(error.row, "", error.value, error.code, error.expected, error.remedy))
    except OSError as error:
        remedy = f"{error.filename or source}: {error.strerror or error}."
        work.sheet.add_fault(Fault(0, "", "", "file-unreadable", "files that can be read and written", remedy))
    finally:
        for path in fresh:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return Packed(work.sheet.rows, work.sheet.fault_count, work.sheet.faults)


def _writing(path: Path, mode: int) -> IO[str]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    os.fchmod(descriptor, mode)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")


def _earlier(path: Path | None) -> Mapping[str, Kept]:
    if path is None:
        return {}
    with path.open("rb") as lines:
        kept = (msgspec.json.decode(line, type=Kept) for line in lines)
        return {one.handle: one for one in kept}


class _Packing:
    def __init__(self, fields: Sequence[Field], terms: Terms, random: Random, earlier: Mapping[str, Kept]) -> None:
        self.fields = fields
        self.terms = terms
        self.random = random
        self.earlier = earlier
        self.sheet = Sheet(Path())
        self.seen: dict[str, int] = {}

    def run(self, source: Source, public: IO[str], private: IO[str]) -> None:
        if format_of(source.head) != "csv":
            raise Unreadable(0, "not-a-list", "a CSV of subscribers", "Save the list as CSV UTF-8.")
        _, header, lots = csv_rows(source)
        columns = self._columns(header)
        if not self.sheet.ok:
            return
        writer = csv.writer(public, lineterminator="\n")
        written = [column for column in _PUBLIC if column in columns]
        writer.writerow([*written, "digests"])
        encoder = msgspec.json.Encoder()
        for row, digests, kept in self._rows(lots, columns):
            writer.writerow([*(row[column] for column in written), digests])
            private.write(encoder.encode(kept).decode() + "\n")

    def _columns(self, header: Sequence[str]) -> dict[str, int]:
        """Where each column and field stands: by its name, or its Chinese title."""
        titles = IN_CHINESE | {field.title.zh: field.name for field in self.fields}
        known = {*_PUBLIC, *(field.name for field in self.fields)}
        columns: dict[str, int] = {}
        for place, given in enumerate(header):
            name = titles.get(given.strip(), given.strip().lower())
            if name not in known:
                remedy = f"Take it out, or name it as the rule does: {', '.join(sorted(known))}."
                self._fault(1, visible(given), "", "column-unknown", "only columns that the rule asks for", remedy)
            elif name in columns:
                self._fault(1, name, "", "column-doubled", "each column once", "Take one of the two columns out.")
            columns.setdefault(name, place)
        for name in ("handle", "kind", "access", "district", "connected"):
            if name not in columns:
                self._fault(1, name, "", "column-missing", "the public columns", f"Add the column {name!r}.")
        return columns

    def _fault(self, row: int, column: str, value: str, code: str, expected: str, remedy: str) -> None:
        self.sheet.add_fault(Fault(row, column, value, code, expected, remedy))

    def _rows(self, lots: Iterator[Rows], columns: Mapping[str, int]) -> Iterator[tuple[dict[str, str], str, Kept]]:
        for first, frame, faults in lots:
            self.sheet.rows += frame.height
            for fault in faults:
                self.sheet.add_fault(fault)
            for number, cells in enumerate(frame.iter_rows(), first):
                if cells[0] is not None:
                    packed = self._row({name: cells[place] for name, place in columns.items()}, number)
                    if packed is not None:
                        yield packed

    def _row(self, row: dict[str, str], number: int) -> tuple[dict[str, str], str, Kept] | None:
        """One row packed, or None once anything in the file is at fault (then nothing is written in the end)."""
        told = {field.name: row[field.name].strip() for field in self.fields if row.get(field.name, "").strip()}
        asked = row.get("act", "") in ("", "new") or bool(told)
        digests, kept = self._split(row["handle"], told) if asked else ("", Kept(row["handle"], ()))
        for fault in check_row({**row, "digests": digests}, self.terms, number):
            self.sheet.add_fault(fault)
        if asked:
            self._check_fields(row, told, number)
        if row["handle"] in self.seen:
            remedy = f"Row {self.seen[row['handle']]} has the same handle. Keep one of the two."
            self._fault(number, "handle", visible(row["handle"]), "handle-duplicate", "each handle once", remedy)
        self.seen.setdefault(row["handle"], number)
        return (row, digests, kept) if self.sheet.ok else None

    def _check_fields(self, row: Mapping[str, str], told: Mapping[str, str], number: int) -> None:
        for field in self.fields:
            if row["kind"] in field.required_of and field.name not in told:
                expected = f"{field.title.en}, which the rule asks of {', '.join(field.required_of)}"
                remedy = "Fill the cell in. It stays with you: only its digest travels."
                self._fault(number, field.name, "", "field-missing", expected, remedy)
            if len(told.get(field.name, "")) > MOST_CELL:
                remedy = "Look whether a quotation mark is missing, so that many cells ran into one."
                self._fault(
                    number, field.name, "(not shown)", "cell-too-long", f"at most {MOST_CELL} characters", remedy
                )

    def _split(self, handle: str, told: Mapping[str, str]) -> tuple[str, Kept]:
        """The digests of a row, and what opens them. Unchanged fields keep the salt they had."""
        earlier = self.earlier.get(handle)
        before = {one.name: one for one in map(Disclosure.parse, earlier.disclosures)} if earlier else {}
        salts = {name: self._salt(before.get(name), value) for name, value in told.items()}
        decoys = [_bytes(one) for one in earlier.decoys] if earlier else []
        wanted = len(self.fields) - len(told)
        decoys = decoys[:wanted] + [self.random(32) for _ in range(wanted - len(decoys))]
        digests, disclosed = digests_of(told, salts, decoys)
        opened = tuple(one.encoded for one in disclosed.values())
        return " ".join(digests), Kept(handle, opened, _decoys(digests, disclosed))

    def _salt(self, before: Disclosure | None, value: str) -> bytes:
        return _bytes(before.salt) if before is not None and before.value == value else self.random(16)


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _decoys(digests: Sequence[str], disclosed: Mapping[str, Any]) -> tuple[str, ...]:
    real = {one.digest() for one in disclosed.values()}
    return tuple(digest for digest in digests if digest not in real)
