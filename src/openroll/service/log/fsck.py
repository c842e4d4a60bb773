"""`openroll log fsck`: recompute the tree from the entries, and hold tiles, checkpoint and facts against it.

A hash that was altered before it was hashed upward deceives every proof (docs/facts/log.md, "What went wrong elsewhere"): only
the entries themselves can show it. So everything is recomputed from the entries, and the entries from the facts.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from psycopg import Connection

from openroll.register.events import event_of
from openroll.register.kinds import OFFICIAL
from openroll.register.subscription.record_tag import names_filing
from openroll.service.event_rows import DOMAIN, NAMES_RECORD, UNSALTED
from openroll.service.log.handovers import history
from openroll.service.log.key_history import adopt_keys
from openroll.service.log.log_entry import is_too_long, log_entry
from openroll.service.log.publishing import publishing
from openroll.service.log.ratchet import Ratchet
from openroll.service.roll import Roll
from openroll.store import log, recovery_records
from openroll.store.placed_facts import (
    PlacedFact,
    emptied_without_erasure,
    lost_and_said,
    not_one_filing,
    off_its_day,
    passed_by,
    placed_facts,
    tagged,
)
from openroll.tlog import (
    Checkpoint,
    CompactRange,
    Entry,
    TlogError,
    bundle_path,
    commit,
    decode_bundle,
    open_cosigned,
    tile_path,
    verify_receipt,
)


class Fault(msgspec.Struct, frozen=True):
    """The first thing found wrong: where, and what."""

    where: str
    what: str


class Checked(msgspec.Struct, frozen=True):
    """How many entries were recomputed, the root they give, and the first fault, if any.

    `silent` are the places of official acts of which the log holds the commitments alone: they are longer than an entry can
    be, or their record was erased before they had a place (which versions of before allowed).
    `waiting` is for how many seconds an event has waited for its place where that is too long, else None. `lost` is how many
    entries stand in the log without their facts.
    """

    size: int
    root: str
    fault: Fault | None
    silent: tuple[int, ...] = ()
    waiting: float | None = None
    lost: int = 0


class _Broken(Exception):
    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.fault = Fault(where, what)


def fsck(roll: Roll, progress: Callable[[int, int], None] = lambda *_: None) -> Checked:
    """Check the published log against its entries and the facts behind them; stops at the first fault."""
    mark, silent, lost = CompactRange(), list[int](), 0
    try:
        checkpoint = _checkpoint(roll)
        if checkpoint is not None:
            mark = _check_entries(roll, checkpoint, progress, silent)
            lost = _check_records(roll)
            _check_root("the checkpoint", mark, checkpoint.root)
            _check_signed(roll, mark)
            _check_handovers(roll)
    except _Broken as broken:
        return Checked(mark.size, mark.root.hex(), broken.fault)
    standing = publishing(roll)
    waiting = standing.waiting if standing.silent else None
    return Checked(mark.size, mark.root.hex(), None, tuple(silent), waiting, lost)


def _checkpoint(roll: Roll) -> Checkpoint | None:
    path = roll.public / "checkpoint"
    if not path.exists():
        with roll.database.own() as connection:
            if log.newest_head(connection) is not None:
                raise _Broken("checkpoint", "is missing, and the database has a log: run `openroll log sequence`")
        return None
    try:
        data = path.read_bytes()
        with roll.database.own() as connection:
            succession = adopt_keys(roll, connection)
        checkpoint = succession.open(data, origin=roll.origin)
        if roll.policy is not None:
            # A cosignature that does not fit would have readers who know the witness reject the whole.
            open_cosigned(data, roll.policy.with_logs(()), succession.at(checkpoint.size), origin=roll.origin)
        return checkpoint
    except TlogError as error:
        raise _Broken("checkpoint", str(error)) from error


def _check_entries(
    roll: Roll, checkpoint: Checkpoint, progress: Callable[[int, int], None], silent: list[int]
) -> CompactRange:
    levels: list[list[bytes]] = [[]]
    mark = CompactRange()
    with roll.database.open_runtime("openroll-fsck", role="application") as connection:
        facts, lost = placed_facts(connection, checkpoint.size), recovery_records.lost(connection)
        for index in range(-(-checkpoint.size // 256)):
            width = min(256, checkpoint.size - 256 * index)
            entries = _bundle(roll.public, index, width)
            _check_facts(index, entries, facts, lost, silent)
            _check_tiles(roll.public, levels, index, [_leaf(entry) for entry in entries])
            mark = mark.extend(entries)
            progress(mark.size, checkpoint.size)
        if next(facts, None) is not None:
            raise _Broken(f"entry {checkpoint.size - 1}", "has more than one fact in the database")
    _check_partials(roll.public, levels, checkpoint.size)
    return mark


def _leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def _bundle(public: Path, index: int, width: int) -> list[bytes]:
    path = bundle_path(index, width)
    try:
        entries = decode_bundle(_read(public, path))
    except TlogError as error:
        raise _Broken(path, str(error)) from error
    if len(entries) != width:
        raise _Broken(path, f"holds {len(entries)} entries; its name says {width}")
    return entries


def _read(public: Path, path: str) -> bytes:
    try:
        return (public / path).read_bytes()
    except FileNotFoundError as error:
        raise _Broken(path, "is missing") from error


_Shown = tuple[str, str]


def _check_facts(
    index: int, entries: Sequence[bytes], facts: Iterator[PlacedFact], lost: Mapping[int, _Shown], silent: list[int]
) -> None:
    for offset, entry in enumerate(entries):
        position = 256 * index + offset
        if position in lost:
            _check_lost(position, entry, lost[position])
            continue
        fact = next(facts, None)
        if fact is None:
            raise _Broken(f"entry {position}", "has no fact in the database")
        name, day, commitment, salt, body = fact
        emptied = not body and not any(salt) and (name.startswith("subscription.") or name in OFFICIAL)
        told = (
            name in OFFICIAL and bytes(salt) == UNSALTED and body
        )  # by its entry, which holds the body: compared below
        if not emptied and not told and commit(DOMAIN, bytes(salt), body.encode()) != bytes(commitment):
            raise _Broken(f"entry {position}", "its fact no longer gives its commitment: salt or body was altered")
        if emptied and name in OFFICIAL:
            if _check_emptied(position, entry, fact) is None:
                silent.append(position)
            continue
        if is_too_long(name, body):
            silent.append(position)
        if log_entry(name, day, commitment, body).encode() != entry:
            raise _Broken(f"entry {position}", "the published entry is not the fact in the database")


def _check_emptied(position: int, entry: bytes, fact: PlacedFact) -> str | None:
    """The text of an official act whose record was erased since, as its entry has it; all else in it is the fact's."""
    shown = _entry(position, entry)
    if (shown.kind, shown.day, shown.commitment) != (fact.name, str(fact.day), bytes(fact.commitment)):
        raise _Broken(f"entry {position}", "the published entry is not the fact in the database")
    return shown.act


def _entry(position: int, entry: bytes) -> Entry:
    try:
        return Entry.parse(entry)
    except TlogError as error:
        raise _Broken(f"entry {position}", str(error)) from error


def _check_lost(position: int, entry: bytes, kept: _Shown) -> None:
    """Of an entry whose fact did not come back from a backup, what it shows is all that can be compared."""
    shown = _entry(position, entry)
    if (shown.day, shown.kind) != kept:
        raise _Broken(f"entry {position}", "the published entry is not what is kept of its lost fact")


def _check_records(roll: Roll) -> int:
    """What no single entry shows: that each fact has a place, and each record its own facts; how many entries lost theirs."""
    with roll.database.open_runtime("openroll-fsck", role="application") as connection:
        _check_places(connection)
        _check_erased(connection)
        lost, said = lost_and_said(connection)
        if lost > said:
            raise _Broken(
                "the lost facts",
                f"{lost:,} entries have none, and the acts log.restored/1 say {said:,}: facts were deleted",
            )
        _check_filings(connection)
    return lost


def _check_places(connection: Connection) -> None:
    """A fact without a place in the log is an act that nobody sees: each is named."""
    found = passed_by(connection)
    if not found:
        return
    named = ", ".join(f"record {one.stream} fact {one.version} ({one.name})" for one in found)
    if all(one.of_the_future for one in found):
        what = "bears the number of a transaction that this cluster has not begun: run `openroll log reorder`"
    else:
        what = "has no place in the log, and no round will give it one: it was written past the log"
    raise _Broken(named, what)


def _check_erased(connection: Connection) -> None:
    """A fact may be empty only on a record whose erasure stands in the log, or waits for its place."""
    record = emptied_without_erasure(connection)
    if record is not None:
        raise _Broken(f"record {record}", "has an emptied fact, and no erasure of it is in the log")


def _check_filings(connection: Connection) -> None:
    """A record begins with its one filing, its later facts name that filing, and each bears a moment of its entry's day."""
    strange = not_one_filing(connection)
    if strange is not None:
        raise _Broken(f"record {strange[0]} fact {strange[1]}", "is a second filing, or stands where the filing should")
    off = off_its_day(connection)
    if off is not None:
        raise _Broken(f"record {off[0]} fact {off[1]}", "bears a moment that is not of the day in its entry")
    for one in tagged(connection, sorted(NAMES_RECORD)):
        tag = getattr(event_of(one.name, one.body), "record", "")
        if tag and not names_filing(tag, bytes(one.filing or b""), bytes(one.salt)):
            raise _Broken(
                f"record {one.stream} fact {one.version}", "names another record's filing: one of the two was moved"
            )


def _check_tiles(public: Path, levels: list[list[bytes]], index: int, hashes: list[bytes]) -> None:
    """Fold hashes of full tiles upward, comparing each full tile on the way with its file."""
    level = 0
    levels[0] = hashes
    while len(levels[level]) == 256:
        path = tile_path(level, index >> (8 * level), 256)
        _compare(public, path, levels[level])
        root = _fold(levels[level])
        levels[level] = []
        level += 1
        if level == len(levels):
            levels.append([])
        levels[level].append(root)


def _fold(hashes: Sequence[bytes]) -> bytes:
    row = list(hashes)
    while len(row) > 1:
        row = [hashlib.sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]
    return row[0]


def _check_partials(public: Path, levels: Sequence[Sequence[bytes]], size: int) -> None:
    for level, hashes in enumerate(levels):
        if hashes:
            _compare(public, tile_path(level, (size >> (8 * level)) // 256, len(hashes)), hashes)


def _compare(public: Path, path: str, hashes: Sequence[bytes]) -> None:
    kept, right = _read(public, path), b"".join(hashes)
    if kept != right:
        at = next((i for i in range(0, len(right), 32) if kept[i : i + 32] != right[i : i + 32]), len(right)) // 32
        raise _Broken(path, f"differs from its entries, first at hash {at}")


def _check_root(where: str, mark: CompactRange, root: bytes) -> None:
    if mark.root != root:
        raise _Broken(where, f"says root {root.hex()}, the {mark.size} entries give {mark.root.hex()}")


def _check_signed(roll: Roll, mark: CompactRange) -> None:
    signed = Ratchet(roll.home / "ratchet").read()
    if signed.size < mark.size or (signed.size == mark.size and signed != mark):
        raise _Broken("the ratchet", f"stands at {signed.size}, behind or beside the published {mark.size}")


def _check_handovers(roll: Roll) -> None:
    """Each change of keys is provable under the keys before it, by what readers are given."""
    try:
        for one in history(roll).handovers:
            verify_receipt(one.receipt.encode(), roll.keys.succession.at(one.position + 1), origin=roll.origin)
    except (TlogError, LookupError) as error:
        raise _Broken("the history of the log's keys", str(error)) from error
