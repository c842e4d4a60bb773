"""`openroll pack`: on the operator's side, split a list of subscribers into what travels and what stays.

What travels is the filing file: a handle made from the account number by the operator's key, the public part of each row and
the digests of its personal fields. What stays is the disclosures file: account numbers, and the salts and values that open
those digests. A field that is not told gets a decoy, so that nobody who
sees the digests can tell who withheld what.
"""

import contextlib
import csv
import errno
import fcntl
import os
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

from openroll.disclosure import LINE_BREAKS, Disclosure, digests_of, named, normal_text, refused_character
from openroll.disclosure.disclosure import base64url
from openroll.durable import sync_folders
from openroll.register.subscription.handle import AccountUnfit, handle_of, normalised
from openroll.register.subscription.number_salt import OPENING_BYTES, opens, salt_for
from openroll.register.subscription.terms import Terms
from openroll.rules import Field
from openroll.rules.language import ENGLISH, in_language
from openroll.sheet.column_titles import ACCOUNT, ALL_TITLES
from openroll.sheet.cut_off import may_go_on
from openroll.sheet.faults import Fault, visible
from openroll.sheet.formats import Rows, csv_rows, format_of
from openroll.sheet.reading import Sheet, fault_of, fault_of_disk, last_column
from openroll.sheet.rows import MOST_CELL, PUBLIC, check_row
from openroll.sheet.source import Source, Unreadable

Random = Callable[[int], bytes]
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]+", re.ASCII)
"""A long number as a spreadsheet shows it, 1.38123E+10: its last digits are lost."""


class Kept(msgspec.Struct, frozen=True):
    """One subscriber's line of the disclosures file: what opens the digests, and the decoys among them.

    `account` is the operator's own number, empty where the list had handles. `openings` has by field what shows that its value
    was filed under that number (`number_salt`); nothing of a field that was packed before there were any.
    """

    handle: str
    disclosures: tuple[str, ...]
    decoys: tuple[str, ...] = ()
    account: str = ""
    openings: Mapping[str, str] = {}


class Packed(msgspec.Struct, frozen=True):
    """What packing did: rows packed, and the faults if there were any (then nothing was written).

    `open_end`: the last row has no line end, as in a list that was cut off in a cell of any text.
    """

    rows: int
    fault_count: int
    faults: tuple[Fault, ...]
    open_end: bool = False


def pack(  # noqa: PLR0913 - two places, what is asked, and what only the operator has
    source: Path,
    filing: Path,
    disclosures: Path,
    *,
    fields: Sequence[Field],
    terms: Terms,
    random: Random,
    key: bytes | None = None,
    again: Sequence[Path] = (),
    encoding: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> Packed:
    """Pack a CSV of subscribers into `filing` and `disclosures` (mode 0600). With any fault, neither is written.

    `key` is the operator's handle key: it makes handles of the list's account numbers. A list that has handles needs none.
    `again` are earlier disclosures files, the newest last: a field whose value is the same keeps its salt, so that packing an
    unchanged list gives the same digests. `encoding` is the list's, where it is not UTF-8 and has no mark. Nothing that is there
    is written over but a filing file: lost disclosures never come back.
    """
    work = _Packing([field for field in fields if field.personal], terms, random, key)
    try:
        _check_places(source, filing, disclosures, again)
        work.earlier = _earlier(again)
        with (
            writing_beside(disclosures, 0o600) as private,
            writing_beside(filing, 0o644) as public,
            source.open("rb") as file,
        ):
            _check_places(source, filing, disclosures, again)  # another run may have ended meanwhile
            work.run(Source(file, progress), encoding, public, private)
            if work.sheet.ok:  # first what opens the digests: a filing without it could never be opened
                _name((private, disclosures), (public, filing))
    except Unreadable as error:
        work.sheet.add_fault(fault_of(error))
    except OSError as error:
        work.sheet.add_fault(fault_of_disk(error, source, filing))
    return Packed(work.sheet.rows, work.sheet.fault_count, work.sheet.faults, work.open_end)


def fresh_name(path: Path) -> Path:
    """Where a file is written until it is whole."""
    return path.with_name(path.name + ".new")


def _name(*written: tuple[IO[str], Path]) -> None:
    """Give files their names, in this order, once all of them are on the disk."""
    for file, _ in written:
        file.flush()
        os.fsync(file.fileno())
    for _, path in written:
        fresh_name(path).rename(path)
    sync_folders({path.parent for _, path in written})


@contextlib.contextmanager
def writing_beside(path: Path, mode: int) -> Iterator[IO[str]]:
    """The file beside a file that is to take its name, for one run at a time; it goes unless it took it. Raises OSError."""
    fresh = fresh_name(path)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = os.path.samestat(fresh.stat(), os.fstat(descriptor))
        except (BlockingIOError, FileNotFoundError):
            alone = False
        if not alone:
            raise OSError(errno.EBUSY, "another run is writing it: let it end, or name another file", str(path))
        try:
            os.fchmod(descriptor, mode)
            os.ftruncate(descriptor, 0)
            yield file
        finally:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)


def _check_places(source: Path, filing: Path, disclosures: Path, again: Sequence[Path]) -> None:
    """Raise Unreadable where writing would destroy the list, or what opens digests that may be filed already."""
    if disclosures.exists():
        remedy = (
            f"{disclosures} opens digests that may be filed already: move it, or choose another name for the output."
        )
        raise Unreadable(0, "file-kept", "no disclosures under this name yet", remedy)
    read_from = {path.resolve() for path in (source, *again)}
    if filing.resolve() in {*read_from, disclosures.resolve()}:
        remedy = f"{filing} would be written over what is read or kept: choose another name for the output."
        raise Unreadable(0, "file-kept", "a name of its own for the filing file", remedy)


def _earlier(again: Sequence[Path]) -> Mapping[str, Kept]:
    """What was kept of each subscriber the last time that anything was: a row that ends one has nothing."""
    found: dict[str, Kept] = {}
    for path in again:
        try:
            with path.open("rb") as lines:
                for one in (msgspec.json.decode(line, type=Kept) for line in lines):
                    name = one.account or one.handle
                    found[name] = one if one.disclosures or one.decoys else found.get(name, one)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _not_kept(f"{path} cannot be read as one") from error
    return found


def _not_kept(what: str) -> Unreadable:
    remedy = f"{what}. Give --again a file that an earlier packing wrote, unchanged."
    return Unreadable(0, "file-unreadable", "an earlier disclosures file", remedy)


class _Packing:
    def __init__(self, fields: Sequence[Field], terms: Terms, random: Random, key: bytes | None) -> None:
        self.fields = fields
        self.terms = terms
        self.random = random
        self.key = key
        self.earlier: Mapping[str, Kept] = {}
        self.sheet = Sheet(Path())
        self.seen: dict[str, int] = {}
        self.open_end = False
        self.last_row = 0
        self.last: Mapping[str, str] = {}

    def run(self, source: Source, encoding: str, public: IO[str], private: IO[str]) -> None:
        if format_of(source.head) != "csv":
            raise Unreadable(0, "not-a-list", "a CSV of subscribers", "Save the list as CSV UTF-8.")
        _, header, lots = csv_rows(source, encoding)
        columns = self._columns(header)
        if not self.sheet.ok:
            return
        writer = csv.writer(public, lineterminator="\n")
        written = [column for column in PUBLIC if column in columns or column == "handle"]
        writer.writerow([*written, "digests"])
        encoder = msgspec.json.Encoder()
        for row, digests, kept in self._rows(lots, columns):
            writer.writerow([*(row[column] for column in written), digests])
            private.write(encoder.encode(kept).decode() + "\n")
        self.open_end = source.open_end
        if self.open_end:
            behind = last_column(columns)
            self.sheet.tell_cut_off(self.last_row, behind, goes_on=self._may_go_on(behind))
        if not self.sheet.rows and self.sheet.ok:
            remedy = "The file has a header only. Pack the list itself."
            self._fault(0, "", "", "file-empty", "at least one row", remedy)

    def _columns(self, header: Sequence[str]) -> dict[str, int]:
        """Where each column and field stands: by its name, or a title of any language."""
        titles = dict(ALL_TITLES) | {title: field.name for field in self.fields for title in field.title.values()}
        known = {ACCOUNT, *PUBLIC, *(field.name for field in self.fields)}
        columns: dict[str, int] = {}
        for place, given in enumerate(header):
            name = titles.get(given.strip(), given.strip().lower())
            if name not in known:
                remedy = f"Take it out, or name it as the rule does: {', '.join(sorted(known))}."
                self._fault(1, visible(given), "", "column-unknown", "only columns that the rule asks for", remedy)
            elif name in columns:
                self._fault(1, name, "", "column-doubled", "each column once", "Take one of the two columns out.")
            columns.setdefault(name, place)
        wanted = "handle" if "handle" in columns else ACCOUNT
        for name in (wanted, "kind", "access", "district", "connected"):
            if name not in columns:
                self._fault(1, name, "", "column-missing", "the public columns", f"Add the column {name!r}.")
        self._check_account(columns)
        return columns

    def _check_account(self, columns: Mapping[str, int]) -> None:
        """A list has account numbers and a key, or handles that were made already."""
        if ACCOUNT in columns and "handle" in columns:
            remedy = "Take the column 'handle' out: it is made from the account number."
            self._fault(1, "handle", "", "column-unknown", "account numbers or handles, not both", remedy)
        elif ACCOUNT in columns and self.key is None:
            remedy = "Give your key by --key; `openroll handle new-key FILE` makes one, once and for all your lists."
            self._fault(1, ACCOUNT, "", "handle-key-missing", "a key that makes handles of account numbers", remedy)

    def _fault(self, row: int, column: str, value: str, code: str, expected: str, remedy: str, **params: str) -> None:
        self.sheet.add_fault(Fault(row, column, value, code, expected, remedy, params))

    def _rows(self, lots: Iterator[Rows], columns: Mapping[str, int]) -> Iterator[tuple[dict[str, str], str, Kept]]:
        for first, frame, faults in lots:
            self.sheet.rows += frame.height
            self.last = {}
            self.last_row = max(self.last_row, first + frame.height - 1)
            for fault in faults:
                self.sheet.add_fault(fault)
            for number, cells in enumerate(frame.iter_rows(), first):
                self.last = {}
                if cells[0] is not None:
                    packed = self._row({name: cells[place] for name, place in columns.items()}, number)
                    if packed is not None:
                        yield packed

    def _row(self, row: dict[str, str], number: int) -> tuple[dict[str, str], str, Kept] | None:
        """One row packed, or None once anything in the file is at fault (then nothing is written in the end)."""
        row |= {name: row[name].strip() for name in PUBLIC if name in row}  # spreadsheets leave blanks of all kinds
        row["handle"] = self._handle(row, number)
        told = {field.name: text for field in self.fields if (text := normal_text(row.get(field.name, "")))}
        asked = row.get("act", "") in ("", "new") or bool(told)
        account = _normalised(row.get(ACCOUNT, ""))
        digests, kept = (
            self._split(row["handle"], account, told) if asked else ("", Kept(row["handle"], (), (), account))
        )
        for fault in check_row({**row, "digests": digests}, self.terms, number):
            if row["handle"] or fault.column != "handle":  # an account number that makes none is a fault already
                self.sheet.add_fault(fault)
        if asked:
            self._check_fields(row, told, number)
        self._check_double(row, number)
        self.last = {**row, "digests": digests}
        return (row, digests, kept) if self.sheet.ok else None

    def _may_go_on(self, behind: str) -> bool:
        """Whether the last row may have been cut in its last column; any text may, and of that an empty cell alone is told."""
        if not self.last or behind in PUBLIC:
            return bool(self.last) and may_go_on(self.last, behind, self.terms)
        return behind != ACCOUNT and not self.last[behind].strip() and self.last.get("act", "") in ("", "new", "change")

    def _handle(self, row: Mapping[str, str], number: int) -> str:
        """The handle of a row: made of its account number, or as the list has it; empty where the number makes none."""
        if ACCOUNT not in row or self.key is None:
            return row["handle"]
        self._check_text(ACCOUNT, row[ACCOUNT] if _ROUNDED.fullmatch(row[ACCOUNT].strip()) else "", number)
        try:
            return handle_of(row[ACCOUNT], self.key)
        except AccountUnfit as error:
            remedy = "Write the number as your own system has it. It stays with you: only the handle travels."
            self._fault(number, ACCOUNT, visible(row[ACCOUNT]), "account-shape", f"that {error}", remedy)
            return ""

    def _check_double(self, row: Mapping[str, str], number: int) -> None:
        handle = row["handle"]
        if handle and handle in self.seen:
            column = ACCOUNT if ACCOUNT in row else "handle"
            first = str(self.seen[handle])
            remedy = f"Row {first} has the same {column}. Keep one of the two."
            told = visible(row[column]) if column == ACCOUNT else ""  # what stands as a handle may be somebody's number
            fault = Fault(number, column, told, "handle-duplicate", f"each {column} once", remedy, {"first": first})
            self.sheet.add_fault(fault)
        self.seen.setdefault(handle, number)

    def _check_fields(self, row: Mapping[str, str], told: Mapping[str, str], number: int) -> None:
        for field in self.fields:
            if row["kind"] in field.required_of and field.name not in told:
                expected = f"{in_language(field.title, ENGLISH)}, which the rule asks of {', '.join(field.required_of)}"
                remedy = "Fill the cell in. It stays with you: only its digest travels."
                self._fault(number, field.name, "", "field-missing", expected, remedy)
            if self._check_text(field.name, told.get(field.name, ""), number):
                needed = row["kind"] in field.required_of
                self._check_form(field.name, told.get(field.name, ""), number, needed=needed)
            if len(told.get(field.name, "")) > MOST_CELL:
                remedy = "Look whether a quotation mark is missing, so that many cells ran into one."
                self._fault(
                    number, field.name, "(not shown)", "cell-too-long", f"at most {MOST_CELL} characters", remedy
                )

    def _check_form(self, column: str, value: str, number: int, *, needed: bool) -> None:
        """A number that has a form there has it: nobody could tell from the digest that it was mistyped."""
        form = self.terms.misfit(column, value)
        if form is not None:
            expected = f"{in_language(form.title, ENGLISH)}, as {form.example}"
            remedy = f"Write it as in this example: {form.example}."
            if not needed:
                remedy += " Where it is not known, leave the cell empty."
            self._fault(number, column, visible(value), "number-form", expected, remedy, example=form.example)

    def _check_text(self, column: str, value: str, number: int) -> bool:
        """Whether what would be digested can be read back: no characters that do not show, no numbers a spreadsheet rounded."""
        refused = refused_character(value)
        if refused and refused in LINE_BREAKS:
            remedy = "Write the value on one line, with a comma or a blank in that place."
            expected = "a value on one line; this has a line break or a tab in it"
            self._fault(number, column, "(not shown)", "line-break", expected, remedy)
        elif refused:
            remedy = "Take it out, or write the value anew: it would change the digest, and nobody would see why."
            expected = f"characters that show; this has {named(refused)}"
            self._fault(number, column, "(not shown)", "character-refused", expected, remedy, character=named(refused))
        elif _ROUNDED.fullmatch(value):
            remedy = (
                "The spreadsheet has rounded it. Format the column as text and fill it in again from your own system."
            )
            self._fault(number, column, visible(value), "number-rounded", "all digits of the number", remedy)
        else:
            return True
        return False

    def _split(self, handle: str, account: str, told: Mapping[str, str]) -> tuple[str, Kept]:
        """The digests of a row, and what opens them. Unchanged fields keep the salt they had; each new one holds the number."""
        salts, decoys, openings = self._before(account, handle, told)
        unsalted = [name for name in told if name not in salts]
        wanted = len(self.fields) - len(told)
        most = OPENING_BYTES * len(unsalted)
        fresh = self.random(most + 32 * wanted)  # one call a row: each is a journey to the kernel
        random = {name: fresh[OPENING_BYTES * place :][:OPENING_BYTES] for place, name in enumerate(unsalted)}
        salts |= {name: salt_for(account, one) for name, one in random.items()} if account else random
        openings |= {name: base64url(one) for name, one in random.items()} if account else {}
        drawn = fresh[most:]
        decoys = decoys[:wanted] + [drawn[32 * place :][:32] for place in range(wanted - len(decoys))]
        digests, disclosed = digests_of(told, salts, decoys)
        opened = {one.digest(): one.encoded for one in disclosed.values()}
        undisclosed = tuple(one for one in digests if one not in opened)
        ordered = {name: openings[name] for name in told if name in openings}
        return " ".join(digests), Kept(handle, tuple(opened.values()), undisclosed, account, ordered)

    def _before(
        self, account: str, handle: str, told: Mapping[str, str]
    ) -> tuple[dict[str, bytes], list[bytes], dict[str, str]]:
        """The salts of values that are what they were, the decoys, and what opens those salts, of an earlier packing."""
        earlier = self.earlier.get(account or handle)
        if earlier is None:
            return {}, [], {}
        try:
            before = [one for text in earlier.disclosures for one in [Disclosure.parse(text)] if one.name]
            same = {one.name or "": one.salt for one in before if told.get(one.name or "") == one.value}
            kept = {name: earlier.openings.get(name, "") for name in same}
            openings = {name: one for name, one in kept.items() if opens(one, same[name], account)}
            return (
                {name: _bytes(one, 16) for name, one in same.items()},
                [_bytes(one, 32) for one in earlier.decoys],
                openings,
            )
        except ValueError as error:
            raise _not_kept(f"What it keeps of {visible(account or handle)} is damaged") from error


def _normalised(account: str) -> str:
    """The account number by which the next packing finds this row; empty where it makes no handle."""
    with contextlib.suppress(AccountUnfit):
        return normalised(account)
    return ""


def _bytes(text: str, least: int) -> bytes:
    """Base64url as bytes. Raises ValueError when there are fewer than `least`: a short salt would hide nothing."""
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(data) < least:
        raise ValueError(f"{len(data)} bytes where {least} belong")
    return data
