"""The operator's side of an answer: find ONE record in its own disclosures files, and take exactly the fields that were approved.

Nothing here asks the register anything, so that it does not learn which record a request was about: neither from a look-up nor
from the moment of one.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from openroll.disclosure import Disclosure, DisclosureError
from openroll.register.request.checked import fact_of
from openroll.register.request.needed import standing_digests
from openroll.register.subscription.events import SubscriptionFiled
from openroll.register.subscription.handle import AccountUnfit, normalised
from openroll.register.subscription.number_salt import alike, bare, opens
from openroll.register.subscription.record_tag import names_filing
from openroll.sheet.pack import Kept
from openroll.tlog import Proof, TlogError, parse_proof, unverified_body, unverified_entry, unverified_salt

_CODE_DIGITS = 16
SUFFIX = "*.tlog-proof"
DISCLOSURES = "*.disclosures.ndjson"
"""The disclosures files of a folder, as `openroll pack` names them."""


class Unfound(Exception):
    """No record, or more than one, is what was said: `why` is `none`, `several`, or `file` for a file that cannot be read."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(detail or why)
        self.why = why


class OwnRecord(NamedTuple):
    """One record in the operator's disclosures files: its lines, one of each packing, in the order of the files."""

    lines: tuple[Kept, ...]

    @property
    def handle(self) -> str:
        """Its handle."""
        return self.lines[0].handle

    @property
    def account(self) -> str:
        """The operator's own number of it; empty where its lists had handles alone."""
        return next((one.account for one in self.lines if one.account), "")

    def standing(self, receipts: Sequence[str]) -> Kept:
        """The line whose digests stand on the record by these receipts of it, which are not verified here. Raises Unfound.

        Where they tell nothing, or the same of several, the last one counts that has digests: a row that ends it has none.
        """
        stand = standing_digests(receipts)
        each = [(_digests(one), at) for at, one in enumerate(self.lines)]
        return self.lines[max((len(digests & stand), bool(digests), at) for digests, at in each)[-1]]


class Taken(NamedTuple):
    """What the file has of one record: the disclosures of the fields asked for, and the fields that it has none of."""

    disclosures: tuple[str, ...]
    fields: tuple[str, ...]
    absent: tuple[str, ...]


def kept_lines(places: Iterable[Path]) -> Iterator[Kept]:
    """The lines of disclosures files and of folders of them, one subscriber each. Raises Unfound for what is none."""
    for place in places:
        if not place.is_dir():
            yield from _lines_of(place)
            continue
        files = sorted(place.glob(DISCLOSURES))
        if not files:
            raise Unfound("file", f"{place}: no {DISCLOSURES} is in this folder")
        for file in files:
            yield from _lines_of(file)


def _lines_of(path: Path) -> Iterator[Kept]:
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield msgspec.json.decode(line, type=Kept)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    raise Unfound(
                        "file", f"{path}, line {number}: this is no disclosures file of `openroll pack`"
                    ) from error
    except OSError as error:
        raise Unfound("file", f"{path}: {error.strerror or error}") from error


def by_account(places: Iterable[Path], number: str) -> OwnRecord:
    """The one record whose account number is this one; without the marks that stand within it where none is it to the letter.

    Raises Unfound: for none, and for several, which only a mark tells apart.
    """
    try:
        wanted = normalised(number)
    except AccountUnfit as error:
        raise Unfound("none", str(error)) from error
    plain = bare(wanted)
    near = [one for one in kept_lines(places) if one.account and bare(one.account) == plain]
    exact = [one for one in near if one.account == wanted]
    return _only(exact or near)


def by_handle(places: Iterable[Path], handle: str) -> OwnRecord:
    """The one record of this handle. Raises Unfound."""
    return _only([one for one in kept_lines(places) if one.handle == handle])


def by_code(places: Iterable[Path], code: str, codes: Path) -> OwnRecord:
    """The one record of a filing code, by the operator's list of codes (`openroll codes`). Raises Unfound."""
    handles = {handle for handle, found in _codes(codes) if found == code}
    if len(handles) != 1:
        raise Unfound("several" if handles else "none")
    return by_handle(places, handles.pop())


def _codes(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"handle", "code"} <= set(reader.fieldnames or ()):
                raise Unfound(
                    "file", f"{path} has no columns `handle` and `code`: `openroll codes` writes one that has"
                )
            for row in reader:
                yield row["handle"], re.sub(r"\D", "", row["code"])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Unfound("file", f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _only(found: Sequence[Kept]) -> OwnRecord:
    if len({one.handle for one in found}) != 1:
        raise Unfound("several" if found else "none")
    return OwnRecord(tuple(found))


def take(kept: Kept, fields: Iterable[str]) -> Taken:
    """The disclosures of these fields and of no other. Raises Unfound for a line whose disclosures cannot be read."""
    by_name: dict[str, str] = {}
    for encoded in kept.disclosures:
        try:
            by_name[Disclosure.parse(encoded).name or ""] = encoded
        except DisclosureError as error:
            raise Unfound("file", f"what the file keeps of this record is damaged: {error}") from error
    wanted = tuple(dict.fromkeys(fields))
    there = tuple(name for name in wanted if name in by_name)
    return Taken(tuple(by_name[name] for name in there), there, tuple(name for name in wanted if name not in by_name))


def openings_of(kept: Kept, disclosures: Iterable[str], number: str) -> dict[str, str]:
    """By field what shows that these disclosures of a record were filed under its number, where that is the `number` asked about.

    Nothing where it is another, or where it was asked otherwise (empty): nobody approved that it be told.
    """
    if not (number and kept.account and alike(kept.account, number)):
        return {}
    salts = {one.name or "": one.salt for one in map(Disclosure.parse, disclosures)}
    known = {name: kept.openings.get(name, "") for name in salts}
    return {name: one for name, one in known.items() if opens(one, salts[name], kept.account)}


def digests_of(kept: Kept) -> frozenset[str]:
    """The digests that a line opens, and its decoys: what the record's filing has. Raises DisclosureError."""
    return frozenset(Disclosure.parse(one).digest() for one in kept.disclosures) | frozenset(kept.decoys)


def _digests(kept: Kept) -> frozenset[str]:
    """As `digests_of`. Raises Unfound."""
    try:
        return digests_of(kept)
    except DisclosureError as error:
        raise Unfound("file", f"what the file keeps of this record is damaged: {error}") from error


def receipts_in(places: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    """The receipts in files and folders. Raises Unfound."""
    for place in places:
        try:
            files = sorted(place.glob(SUFFIX)) if place.is_dir() else [place]
            for file in files:
                yield file, file.read_bytes()
        except OSError as error:
            raise Unfound("file", f"{place}: {error.strerror or error}") from error


def receipts_of(record: OwnRecord, places: Sequence[Path]) -> tuple[str, ...]:
    """Those receipts in files and folders that are of this record; whether they hold is for whoever gets them to check.

    By handle or by digests: its own, and those that a receipt of it names beside them. A value that was corrected twice stands
    in no digest of today, and its receipts lead from one to the other. Of several filings under one handle (another record
    had it before) the one with these digests counts, else the newest, with what names it. Raises Unfound.
    """
    own = frozenset(digest for line in record.lines for digest in _digests(line))
    known, found, more = own, dict[Path, str](), True
    while more:
        more = False
        for path, data in receipts_in(places):
            if path not in found and (named := _of_record(record.handle, known, data)) is not None:
                found[path] = data.decode()
                more = more or not named <= known
                known |= named
    return _of_one_filing([found[path] for path in sorted(found)], own)


def _of_one_filing(receipts: Sequence[str], own: frozenset[str]) -> tuple[str, ...]:
    """Of receipts those that can be of one filing among them: no other filing, and nothing that names another."""
    read = [(parse_proof(one.encode()), one) for one in receipts]
    facts = [(fact_of(unverified_entry(proof).kind, unverified_body(proof)), proof, one) for proof, one in read]
    filings = [
        (not own.isdisjoint(fact.digests), proof.index, unverified_salt(proof))
        for fact, proof, _ in facts
        if isinstance(fact, SubscriptionFiled)
    ]
    if not filings:
        return tuple(receipts)
    _, index, salt = max(filings)

    def fits(fact: object, proof: Proof) -> bool:
        if isinstance(fact, SubscriptionFiled):
            return proof.index == index
        record = getattr(fact, "record", "")
        return not record or names_filing(record, salt, unverified_salt(proof))

    return tuple(one for fact, proof, one in facts if fits(fact, proof))


def _of_record(handle: str, known: frozenset[str], data: bytes) -> frozenset[str] | None:
    """The digests that a receipt names, where it is of the record of these digests or this handle; None for any other."""
    try:
        proof = parse_proof(data)
        fact = fact_of(unverified_entry(proof).kind, unverified_body(proof))
    except TlogError:
        return None
    if fact is None:
        return None
    digests: Mapping[str, object] = {name: getattr(fact, name, ()) for name in ("digests", "added", "dropped")}
    named = frozenset(digest for part in digests.values() if isinstance(part, tuple) for digest in part)
    return named if getattr(fact, "handle", None) == handle or named & known else None
