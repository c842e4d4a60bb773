"""The way of a filing, steps 7 to 13: a place in the log, and a checkpoint that says so.

One round is the whole of it, and also the recovery: a round picks up whatever an earlier one left behind, from the
head in the database, the ratchet outside it and the checkpoint last published. The order of effects is what makes a
crash harmless at any point (docs/facts/log.md, "Order"): a signature never leaves before the ratchet has moved, and the
checkpoint is published last.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import msgspec
import numpy as np
from psycopg import Connection
from psycopg.errors import LockNotAvailable

from openroll.durable import make_private, write_all_durably, write_durably
from openroll.service.log.cosigning import Cosigning
from openroll.service.log.key_history import KINDS, adopt_keys
from openroll.service.log.log_entry import log_entry
from openroll.service.log.ratchet import Forked, Ratchet
from openroll.service.log.signing_hold import current_hold, said
from openroll.service.roll import NotNow, Roll
from openroll.service.rollback_guard import refuse_if_behind
from openroll.store import exclusion, log, recovery_records
from openroll.store.connect import assume
from openroll.store.log import Head, Ready, Run
from openroll.store.tree import bundles_between, grow_tree, put_tree, tiles_between, widths_between
from openroll.tlog import (
    Checkpoint,
    CompactRange,
    TlogError,
    bundle_path,
    decode_bundle,
    encode_entries,
    sign_checkpoint,
    tile_path,
)

MOST_A_ROUND = 65_536
_EMPTY = Head(0, b"", 0, 0)
Step = Callable[[str], None]
Pause = Callable[[float], None]


class Round(msgspec.Struct, frozen=True):
    """What one round did: how many events got their place, the published tree's size, whether events still wait."""

    placed: int
    size: int
    waiting: bool = False


class RoundElsewhere(Exception):
    """Another process is in a round that takes long. Nothing was done; the next round may."""


class Held(Forked):
    """The roll is held, and signs nothing until it was compared; the sentence says since when and why."""


class Sequencer:
    """Gives committed events their places. One at a time a roll: the database's lock and the ratchet hold it to that."""

    def __init__(self, roll: Roll, *, step: Step = lambda _: None) -> None:
        """`step` is told the name of each step before and after it is done; the kill table stops the process there."""
        self._roll = roll
        self._step = step
        self._ratchet = Ratchet(roll.home / "ratchet")
        self.cosigning = Cosigning(roll, step)
        self._connection: Connection | None = None
        self._lock: Connection | None = None
        """Holds other sequencers off during a round; it does nothing else."""

    def run_until_empty(
        self, progress: Callable[[Round], None] = lambda _: None, *, patience: int = 100, pause: Pause = time.sleep
    ) -> Round:
        """Rounds until nothing waits; at least one, so that what a crash left is finished.

        An event waits for every transaction of the roll that was running when it was written. Such a one is given `patience`
        pauses of 50 ms; after that its round comes another time.
        """
        while True:
            done = self.round()
            progress(done)
            if done.placed < MOST_A_ROUND and (not done.waiting or patience == 0):
                return done
            if done.placed == 0:
                patience -= 1
                pause(0.05)

    def close(self) -> None:
        """Give the connection back, and those to witnesses."""
        self.cosigning.close()
        for connection in (self._connection, self._lock):
            if connection is not None:
                connection.close()
        self._connection = self._lock = None

    def round(self, most: int = MOST_A_ROUND) -> Round:
        """One round: place what is ready, then sign, export and publish whatever is not published yet.

        Raises RoundElsewhere where another's round does not end, Forked rather than sign when the database is behind the ratchet
        or disagrees with it, ClockBehind rather than place anything by a clock that stepped back, and KeyNotHeld when a key that
        must sign is not here.
        """
        self._roll.check_clock(self._roll.clock())
        connection = self._connected()
        with self._alone():
            head = self._refuse_if_behind(connection)
            placed: list[str] = []
            if not self._hands_over(connection, head):
                placed, head = self._place(connection, most)
            if not set(KINDS).isdisjoint(placed):
                adopt_keys(self._roll, connection)  # else they are as `_hands_over` has just read them
            size = self._publish(connection, head)
            return Round(len(placed), size, log.any_after(connection, (head.xid, head.id)))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._lock is None or self._lock.closed:
            self._lock = self._roll.database.open_runtime("openroll-round", role="application")
            self._lock.autocommit = True
        with ExitStack() as stack:
            try:
                stack.enter_context(exclusion.only_sequencer(self._lock, self._roll.database.schema))
            except (LockNotAvailable, exclusion.OlderServerBusy) as error:
                raise RoundElsewhere(
                    "another process has been in a round of the log for long: see `openroll status`"
                ) from error
            yield

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._roll.database.open_runtime("openroll-sequencer", role="application")
            self._connection.autocommit = True
        return self._connection

    def _refuse_if_behind(self, connection: Connection) -> Head:
        """The newest head, unless nothing may be signed: raises Forked. Nobody else moves it during the round."""
        why = current_hold(self._roll.home)
        if why is not None:
            raise Held(said(why))
        if recovery_records.has_ended(connection, self._roll.origin):
            raise Forked(f"the log {self._roll.origin} has ended and another goes on from it: start this process anew")
        try:
            refuse_if_behind(self._roll, connection)
        except NotNow as error:
            raise Forked(str(error)) from error
        head = log.newest_head(connection) or _EMPTY
        if head.size and not log.horizon_passed(connection, head.xid):
            raise Forked(
                "this database was restored into a younger PostgreSQL cluster; its order must be set anew: `openroll log reorder`"
            )
        return head

    def _hands_over(self, connection: Connection, head: Head) -> bool:
        """Whether the head ends in a change of keys that is not published yet.

        The keys before sign just that size, so nothing may come behind it until they have (tlog.succession).
        """
        succession = adopt_keys(self._roll, connection)
        published = self._published()
        if not head.size or (published is not None and published.size == head.size):
            return False
        return any(change.position + 1 == head.size for change in succession.changes)

    def _place(self, connection: Connection, most: int) -> tuple[list[str], Head]:
        """Step 7: give places to committed events in (xid, id) order and grow the tree, in one transaction.

        The names of what got its place, and the head as it is then.
        """
        self._step("7 place: before")
        with connection.transaction():
            assume(connection, "sequencer")
            head = log.newest_head(connection) or _EMPTY
            ready = _to_change_of_keys(log.ready(connection, (head.xid, head.id), most))
            if ready.ids:
                head = self._grow(connection, head, ready)
            self._step("7 place: in the transaction")
        self._step("7 place: after")
        return ready.names, head

    def _grow(self, connection: Connection, head: Head, ready: Ready) -> Head:
        order = order_of(ready)
        entries = _entries(ready)
        grown = grow_tree(connection, head.size, [entries[at] for at in order], _missing)
        tallies = Counter(zip(ready.days, ready.names, strict=True))
        with connection.pipeline():
            put_tree(connection, grown)
            log.put_places(connection, _runs(head.size, ready.ids, order))
            log.add_tallies(connection, [(*key, count) for key, count in sorted(tallies.items())])
            newest = Head(grown.growth.size, grown.growth.root, ready.xids[-1], ready.ids[-1])
            log.put_head(connection, newest, self._roll.clock())
        return newest

    def _publish(self, connection: Connection, head: Head) -> int:
        if not head.size:
            return 0
        published = self._published()
        if published is not None and published.size == head.size:
            self._publish_again(connection, head.size)
            return head.size
        old = self._ratchet.read()
        new = self._recompute(connection, head, old)
        note = log.checkpoint(connection, new.size) or self._sign(new)
        self._move(old, new)
        log.put_checkpoint(connection, new.size, note, self._roll.clock())
        self._export(connection, 0 if published is None else published.size, new.size)
        self._show(self._cosign(connection, note, hurry=True))
        self._roll.keys.adopt(self._roll.keys.succession, new.size)
        return new.size

    def _publish_again(self, connection: Connection, size: int) -> None:
        """Ask again who has not cosigned the published head yet, and publish it anew with what more there is."""
        note = log.checkpoint(connection, size) if self.cosigning.active else None
        if note is not None:
            cosigned = self._cosign(connection, note, hurry=False)
            if cosigned != (self._roll.public / "checkpoint").read_bytes():
                self._show(cosigned)

    def _recompute(self, connection: Connection, head: Head, old: CompactRange) -> CompactRange:
        """Step 8: recompute the root from the entries, by code that did not grow the tree."""
        self._step("8 recompute: before")
        new = old.extend(_entries_between(connection, old.size, head.size))
        if new.size != head.size or new.root != head.root:
            raise Forked(
                f"the root recomputed from the {head.size} entries is {new.root.hex()}, "
                f"the database's head says {head.root.hex()}: an entry or a tile was altered. Run `openroll log fsck`"
            )
        return new

    def _sign(self, new: CompactRange) -> bytes:
        """Step 9: sign the head. The signature stays here until the ratchet has moved."""
        self._step("9 sign: before")
        signers = self._roll.keys.signers_at(new.size)
        note = sign_checkpoint(Checkpoint(self._roll.origin, new.size, new.root), signers)
        self._step("9 sign: after")
        return note

    def _move(self, old: CompactRange, new: CompactRange) -> None:
        """Step 10: move the ratchet, outside the database, by compare-and-swap."""
        self._step("10 ratchet: before")
        if new != old:
            self._ratchet.move(old, new)
        self._step("10 ratchet: after")

    def _export(self, connection: Connection, old: int, new: int) -> None:
        """Step 11: write the immutable files that readers fetch: tiles and entry bundles, full and partial."""
        self._step("11 export: before")
        for files in _in_lots(_changed_files(connection, self._roll.public, old, new), 1_024):
            write_all_durably(files, shown=True)
        self._step("11 export: after")
        _collect_partials(self._roll.public, old, new)

    def _cosign(self, connection: Connection, note: bytes, *, hurry: bool) -> bytes:
        """Step 12: ask witnesses to cosign. However that goes, the head is published next."""
        self._step("12 cosign: before")
        path = self._roll.public / "checkpoint"
        cosigned = self.cosigning.cosigned(connection, note, path.read_bytes() if path.exists() else b"", hurry=hurry)
        self._step("12 cosign: after")
        return cosigned

    def _show(self, note: bytes) -> None:
        """Step 13: publish the checkpoint, last of all."""
        self._step("13 publish: before")
        write_durably(self._roll.public / "checkpoint", note, 0o644)
        self._step("13 publish: after")

    def _published(self) -> Checkpoint | None:
        path = self._roll.public / "checkpoint"
        if not path.exists():
            make_private(self._roll.home)
            self._roll.public.mkdir(exist_ok=True)
            self._roll.public.chmod(0o755)
            return None
        try:
            return self._roll.keys.succession.open(path.read_bytes(), origin=self._roll.origin)
        except TlogError as error:
            raise Forked(f"the published checkpoint is not this roll's own: {error}") from error


def _to_change_of_keys(ready: Ready) -> Ready:
    """What is ready up to the first change of keys, that one included: its checkpoint ends in it."""
    if set(KINDS).isdisjoint(ready.names):
        return ready
    return ready.first(1 + next(at for at, name in enumerate(ready.names) if name in KINDS))


def _entries(ready: Ready) -> list[bytes]:
    """Log entries, in the order of the events: an official act in full, a person's act as kind, day and commitment only."""
    _, _, names, days, commitments, bodies = ready
    entries: list[bytes] = []
    written = {day: day.isoformat() for day in set(days)}
    for at in [*(at for at, body in enumerate(bodies) if body), len(bodies)]:
        people = slice(len(entries), at)
        entries += encode_entries(names[people], [written[day] for day in days[people]], commitments[people])
        if at < len(bodies):
            entries.append(log_entry(names[at], days[at], commitments[at], bodies[at]).encode())
    return entries


def order_of(ready: Ready) -> list[int]:
    """In which order the events of a round stand in the log: the place in `ready` of each entry.

    People's acts are ordered by their commitments, which are hashes over 32 random bytes each: what was filed together, or one
    after the other, stands anywhere in the round. Official acts, which stand in the log whole, keep their order before them;
    a change of keys is the last (`_to_change_of_keys`).
    """
    count = len(ready.ids)
    last = [count - 1] if ready.names[-1:] and ready.names[-1] in KINDS else []
    official = [at for at, body in enumerate(ready.bodies) if body and at not in last]
    commitments = np.frombuffer(b"".join(ready.commitments), "S32")
    people = np.delete(np.arange(count), [*official, *last])
    people = people[commitments[people].argsort(kind="stable")]
    return [*official, *people.tolist(), *last]


def _runs(size: int, events: Sequence[int], order: Sequence[int]) -> list[Run]:
    """The places that an order gives, as runs of consecutive event ids."""
    ids = np.array(events, np.int64)
    places = np.empty(len(ids), np.int64)
    places[order] = np.arange(size, size + len(ids))
    starts = np.concatenate(([0], np.flatnonzero(np.diff(ids) != 1) + 1))
    ends = [*starts[1:], len(ids)]
    return [_run(int(ids[start]), places[start:end]) for start, end in zip(starts, ends, strict=True)]


def _run(event: int, places: "np.ndarray[Any, np.dtype[np.int64]]") -> Run:
    first = int(places.min())
    offsets = places - first
    plain = bool((offsets == np.arange(len(places))).all())
    return Run(first, event, len(places), None if plain else offsets.astype(">u4").tobytes())


def _missing(path: str) -> Forked:
    return Forked(f"{path} is missing from the database")


def _entries_between(connection: Connection, old: int, new: int) -> Iterator[bytes]:
    for index, _, data in bundles_between(connection, old, new, _missing):
        first = index * 256
        yield from decode_bundle(data)[max(old - first, 0) : new - first]


def _changed_files(connection: Connection, public: Path, old: int, new: int) -> Iterator[tuple[Path, bytes]]:
    """Every tile and bundle file that a tree of `new` entries has and a tree of `old` had not."""
    level = 0
    while new >> (8 * level):
        for index, width, data in tiles_between(connection, level, old >> (8 * level), new >> (8 * level), _missing):
            yield public / tile_path(level, index, width), data
        level += 1
    for index, width, data in bundles_between(connection, old, new, _missing):
        yield public / bundle_path(index, width), data


def _in_lots(files: Iterator[tuple[Path, bytes]], most: int) -> Iterator[list[tuple[Path, bytes]]]:
    lot: list[tuple[Path, bytes]] = []
    for file in files:
        lot.append(file)
        if len(lot) == most:
            yield lot
            lot = []
    if lot:
        yield lot


def _collect_partials(public: Path, old: int, new: int) -> None:
    """Remove partial tiles whose full tile now stands (tlog-tiles, "Partial Tiles")."""
    level = 0
    while new >> (8 * level):
        full = [index for index, width in widths_between(old >> (8 * level), new >> (8 * level)) if width == 256]
        for index in full:
            rmtree((public / tile_path(level, index, 1)).parent, ignore_errors=True)
        level += 1
    for index, width in widths_between(old, new):
        if width == 256:
            rmtree((public / bundle_path(index, 1)).parent, ignore_errors=True)
