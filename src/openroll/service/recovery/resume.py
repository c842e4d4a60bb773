"""`openroll log resume`: a roll that was brought back goes on, once it is known that it forgets nothing anybody was shown.

Who has seen the log knows its newest head: a mirror, a witness, a monitor, the holder of a late receipt. If that head is within
what came back, the log goes on. If it is ahead, entries were signed that the copy does not hold. Their bytes are public, so a
mirror that holds them can give them back, and the log is whole again. The facts behind them come back as far as the database
had them (an entry is known by its commitment); of the rest the log keeps what it always showed, and whoever filed them files
again: operators by sending the same file, programs under their keys, people with their receipts in hand. A change of the log's
keys in between is followed by its handovers (`later_keys.py`), which mirrors keep; the act itself comes back whole. What an
official act ended stays ended (`later_acts.py`), requests go on where the log has them (`later_requests.py`), and every session
ends: whoever was put out does not sit again. Where nobody has the entries, the log cannot go on, and another is begun in its
place (`restart_log.py`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.roll.commands import RestoreLog
from openroll.register.roll.decide import ROLL_STREAM
from openroll.register.roll.events import LogRestored
from openroll.service.acts import act
from openroll.service.log.key_history import KINDS
from openroll.service.log.ratchet import Ratchet, RatchetDamaged
from openroll.service.log.sequencer import MOST_A_ROUND
from openroll.service.log.signing_hold import BroughtBack, SigningHold, current_hold, hold, let_go
from openroll.service.recovery.later_acts import LaterActs, to_be_done
from openroll.service.recovery.later_keys import bring_fact, by_place, carried_on, keep_checkpoint
from openroll.service.recovery.new_records import NewRecords
from openroll.service.recovery.not_replayed import SILENT
from openroll.service.roll import Roll, RollIsHeld, writing_while_held
from openroll.service.rollback_guard import BY_ITSELF, ClaimsNotAccepted, IsStandby, refuse_if_behind
from openroll.store import log, recovery_records, xid_reset
from openroll.store.log import Head
from openroll.store.tree import grow_tree, put_tree, tile_reader
from openroll.tlog import (
    KEY_HISTORY,
    Checkpoint,
    CompactRange,
    Entry,
    KeyMissing,
    Missing,
    OtherLog,
    TlogError,
    checkpoint_in,
    handovers_of,
    parse_proof,
    root_at,
)
from openroll.watch.log_reader import LogReader
from openroll.watch.source import FolderSource, Source

_NOTHING = Head(0, b"", 0, 0)


class CannotResume(Exception):
    """The roll stays held; the sentence says why, and what to do."""


class Seen(msgspec.Struct, frozen=True):
    """A head that somebody has seen, and where its log's entries can be had, if anywhere; the handovers shown beside it."""

    checkpoint: Checkpoint
    where: str
    source: Source | None = None
    handovers: tuple[bytes, ...] = ()


class Resumed(msgspec.Struct, frozen=True):
    """The roll goes on: with how many entries, how many were brought back, and how many of these lack facts.

    `replayed` are the official acts that ended something, or were steps of a request, and are facts again as their entries tell
    them.
    """

    size: int
    brought: int
    lost: int
    replayed: int = 0
    to_do: tuple[str, ...] = ()
    """What the keeper has to have done, as no entry brings it back: a sentence each."""


def seen_at(roll: Roll, source: Source) -> Seen:
    """The newest head that a mirror or another copy of the log shows. Raises TlogError, CannotResume or Unreachable."""
    note = source.get("checkpoint")
    if note is None:
        raise Missing(f"{source.where} serves no checkpoint: is it a log's address?")
    history = source.get(KEY_HISTORY)
    handovers = () if history is None else tuple(handovers_of(history))
    return Seen(_opened(roll, note, source.where, handovers), source.where, source, handovers)


def seen_in(roll: Roll, note: bytes, where: str, beside: Sequence[Seen] = ()) -> Seen:
    """A head from a checkpoint or receipt that somebody kept; what was shown `beside` may prove its keys. Raises as `seen_at`."""
    return Seen(_opened(roll, checkpoint_in(note), where, _handovers(beside)), where)


def _handovers(seen: Sequence[Seen]) -> tuple[bytes, ...]:
    """All handovers that anybody shows, in the order of the log."""
    found = {parse_proof(handover).index: handover for one in seen for handover in one.handovers}
    return tuple(found[place] for place in sorted(found))


def _opened(roll: Roll, note: bytes, where: str, handovers: Sequence[bytes]) -> Checkpoint:
    try:
        return carried_on(roll, handovers).open(note, origin=roll.origin)
    except (OtherLog, KeyMissing) as error:
        raise CannotResume(
            f"{where} shows a head that is not signed by the keys that came back, nor by any that they lead to ({error})."
            " If the log changed its keys after this copy was made, name a mirror whose key-history.json says so (--seen)"
        ) from error
    except TlogError as error:
        raise CannotResume(f"{where} shows no head of this log that can be read: {error}") from error


def resume(
    roll: Roll,
    seen: Sequence[Seen],
    *,
    nobody_has_seen_more: bool = False,
    take_missing: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Resumed:
    """Let a roll that was brought back go on, with an official act that says so. Raises CannotResume.

    `nobody_has_seen_more` is the keeper's own word, in place of a head that somebody shows. Danger: if it is wrong, the log
    forks, and whoever holds the newer head can prove it.
    """
    signed = _signed(roll)
    why = _why_held(roll, shown=bool(seen) or nobody_has_seen_more, kept=signed is not None)
    known = [*seen, *_own_heads(roll, signed, seen)]
    connection = roll.database.open("openroll-resume")
    connection.autocommit = True
    with connection, roll.database.only_sequencer(), connection.transaction(force_rollback=dry_run):
        head = log.newest_head(connection) or _NOTHING
        _compare(connection, head, known)
        newest = max(map(_size, known), default=0)
        done = BroughtBack(to_do=SILENT, leaping=_leaping(why, signed, max(head.size, newest)))
        recovery_records.take_nothing_on_trust(connection, roll.day(roll.clock()))
        if (ahead := max((one for one in known if _size(one) > head.size), key=_size, default=None)) is not None:
            entries = _with_entries(known, ahead, take_missing)
            records = NewRecords(connection, roll, leaping=done.leaping, dry_run=dry_run)
            brought = _Bringing(connection, roll, _handovers(seen), records)
            brought.back(head, entries, progress)
            done = brought.so_far(newest - head.size, leaping=done.leaping)
        done = _on_record(connection, roll, why, head.size, newest, done)
        if not dry_run:
            # Before the commit: a run that is killed behind it leaves the next one what to tell, and which numbers were given.
            hold(roll.home, msgspec.structs.replace(why, done=done))
    if not dry_run:
        _go_on(roll, done, kept=signed is not None)
    return Resumed(max(head.size, newest), done.entries, done.lost, done.replayed, done.to_do)


def _leaping(why: SigningHold, signed: CompactRange | None, newest: int) -> bool:
    """Whether this home may not know what was given last: it was brought back, or set by hand, or others saw more than it signed.

    A home that lived through it knows, and its ratchet stands at the newest head there is.
    """
    return why.by != BY_ITSELF or signed is None or signed.size < newest


def _go_on(roll: Roll, done: BroughtBack, *, kept: bool) -> None:
    roll.numbers.restart(leaping=done.leaping, given=done.given)
    if not kept:
        Ratchet(roll.home / "ratchet").set_aside()
    let_go(roll.home)


def held_because(roll: Roll) -> SigningHold:
    """Why the roll is held. Raises CannotResume where it is not, and there is nothing to compare with anybody's head."""
    why = current_hold(roll.home) or _finds_itself_behind(roll)
    if why is None:
        raise CannotResume("this roll is not held, and its database is behind nothing: it goes on by itself")
    return why


def _why_held(roll: Roll, *, shown: bool, kept: bool) -> SigningHold:
    """Why the roll is held. Raises CannotResume where it is not, or where nobody says what the newest head was.

    `shown` says that a head was shown, or the keeper's word given that there is none newer; `kept`, that the ratchet has one,
    which is enough where the roll found itself behind.
    """
    why = held_because(roll)
    if not shown and (why.by != BY_ITSELF or not kept):
        raise CannotResume(
            "name the newest head that anybody has seen: a mirror's address or folder, or a file with a checkpoint (--seen)."
            " A witness, a monitor or a late receipt has one"
        )
    return why


def _finds_itself_behind(roll: Roll) -> SigningHold | None:
    """Why the sequencer would hold this roll at its next round, if it would."""
    try:
        with roll.database.own() as connection:
            refuse_if_behind(roll, connection)
    except (IsStandby, ClaimsNotAccepted) as error:
        raise CannotResume(str(error)) from error
    except RollIsHeld:
        return current_hold(roll.home)
    return None


def _size(one: Seen) -> int:
    return one.checkpoint.size


def _signed(roll: Roll) -> CompactRange | None:
    """The ratchet; None where its file is damaged, and only others know what was signed."""
    try:
        return Ratchet(roll.home / "ratchet").read()
    except RatchetDamaged:
        return None


def _own_heads(roll: Roll, signed: CompactRange | None, beside: Sequence[Seen]) -> Iterator[Seen]:
    """What this machine itself remembers of the log: its public files, and the ratchet."""
    if (roll.public / "checkpoint").exists():
        # Its own public files hold the entries too: whatever the database lost of them stands there.
        own = seen_in(roll, (roll.public / "checkpoint").read_bytes(), str(roll.public), beside)
        yield msgspec.structs.replace(own, source=FolderSource(roll.public))
    if signed is not None and signed.size:
        yield Seen(Checkpoint(roll.origin, signed.size, signed.root), "the ratchet")


def _compare(connection: Connection, head: Head, known: Sequence[Seen]) -> None:
    """Every head that lies within what came back is a head of it."""
    read = tile_reader(connection, _missing)
    for one in known:
        if one.checkpoint.size <= head.size and root_at(read, one.checkpoint.size) != one.checkpoint.root:
            raise CannotResume(
                f"{one.where} shows a head of {one.checkpoint.size} entries that is not a head of what came back:"
                " the two were signed apart. Begin a new log (`openroll log begin-anew`)"
            )


def _missing(path: str) -> CannotResume:
    return CannotResume(f"{path} did not come back: bring back an earlier instant")


def _with_entries(known: Sequence[Seen], ahead: Seen, take_missing: bool) -> Seen:
    found = next((one for one in known if one.source and one.checkpoint.size == ahead.checkpoint.size), None)
    if not take_missing or found is None:
        raise CannotResume(
            f"{ahead.where} shows a head of {ahead.checkpoint.size} entries, and fewer came back. Bring the missing ones back"
            + (
                f" from {found.where} (--take-missing)"
                if found is not None
                else " from a mirror that holds them (--seen MIRROR --take-missing); where nobody has them, begin a new log"
                " (`openroll log begin-anew`)"
            )
        )
    return found


class _Bringing:
    """Brings missing entries back, with the facts that the database or a handover has."""

    def __init__(
        self, connection: Connection, roll: Roll, handovers: Sequence[bytes], new_record: Callable[[], int]
    ) -> None:
        self._connection = connection
        self._roll = roll
        self._handed = by_place(handovers, carried_on(roll, handovers))
        self._known: dict[bytes, int] = {}
        self._later = LaterActs(connection, roll, new_record)
        self.lost: Counter[str] = Counter()
        self.replayed: Counter[str] = Counter()

    def so_far(self, entries: int, *, leaping: bool) -> BroughtBack:
        """What was brought back, and what the keeper has to have done."""
        to_do = (*to_be_done(self.lost, self.replayed), *SILENT)
        return BroughtBack(entries, self.lost.total(), self.replayed.total(), to_do, dict(self._later.given), leaping)

    def back(self, head: Head, ahead: Seen, progress: Callable[[int, int], None]) -> None:
        """Grow the tree by the missing entries up to the head that was seen, and have what they ended be ended."""
        assert ahead.source is not None  # noqa: S101 - `_with_entries` sees to it
        entries = LogReader(ahead.source, ahead.checkpoint).entries(head.size, ahead.checkpoint.size)
        self._known = recovery_records.unplaced(self._connection, (head.xid, head.id))
        size, root = head.size, head.root
        try:
            while lot := list(islice(entries, MOST_A_ROUND)):
                self._take(size, lot)
                grown = grow_tree(self._connection, size, lot, _missing)
                put_tree(self._connection, grown)
                root = grown.growth.root
                size += len(lot)
                progress(size, ahead.checkpoint.size)
        except TlogError as error:
            raise CannotResume(f"{ahead.where}: {error}") from error
        if (size, root) != (ahead.checkpoint.size, ahead.checkpoint.root):
            raise CannotResume(
                f"the entries of {ahead.where} do not lead to the head it shows: it was altered. Ask another one"
            )
        log.put_head(self._connection, Head(size, root, head.xid, head.id), self._roll.clock())
        xid_reset.places_decide(self._connection)
        self._later.close()

    def _take(self, size: int, lot: Sequence[bytes]) -> None:
        parsed = [Entry.parse(entry) for entry in lot]
        runs, lost = [], []
        for position, one in enumerate(parsed, size):
            number = self._known.pop(one.commitment, None)
            if one.kind in KINDS:
                number = self._change_of_keys(position, one, number)
            elif number is None and (number := self._later.bring(one)) is not None:
                self.replayed[one.kind] += 1
            if number is None:
                lost.append((position, date.fromisoformat(one.day), one.kind))
            else:
                runs.append(log.Run(position, number, 1))
        if runs:
            log.put_places(self._connection, runs)
        recovery_records.put_lost(self._connection, lost)
        tallies = Counter((date.fromisoformat(one.day), one.kind) for one in parsed)
        log.add_tallies(self._connection, [(*key, count) for key, count in sorted(tallies.items())])
        self.lost.update(kind for _, _, kind in lost)

    def _change_of_keys(self, position: int, entry: Entry, number: int | None) -> int:
        """A change of keys is never without its fact and the head that ends in it: by them the log says who signs."""
        note, proved = self._handed.get(position, (b"", None))
        if proved is None or proved.entry != entry:
            raise CannotResume(
                f"entry {position} changes the log's keys, and nothing shown proves it: name a mirror whose copy holds the"
                " log's key-history.json (--seen), or put one that you have beside its checkpoint"
            )
        keep_checkpoint(self._connection, self._roll, position, note)
        return bring_fact(self._connection, self._roll, proved) if number is None else number


def _on_record(
    connection: Connection, roll: Roll, why: SigningHold, size: int, newest: int, done: BroughtBack
) -> BroughtBack:
    """Have the log say that the roll was brought back from this hold; what was brought back in all since it does."""
    body = recovery_records.newest_body(connection, ROLL_STREAM, LogRestored.name)
    said = body is not None and msgspec.json.decode(body, type=LogRestored).restored == _moment(why.when)
    if (
        done.lost or not said
    ):  # a crash between the act and letting go says it once; what is lost is never more than is said
        _say(connection, roll, why, size, newest, done.lost)
    return why.done.and_then(done) if said else done


def _say(connection: Connection, roll: Roll, why: SigningHold, size: int, seen: int, lost: int) -> None:
    command = RestoreLog(
        kind=why.by,
        to=_moment(why.to) if why.to else "",
        restored=_moment(why.when),
        size=size,
        seen=seen,
        lost=lost,
    )
    with writing_while_held(roll):
        acted = act(connection, roll, command)
    if isinstance(acted, Refused):
        raise CannotResume(f"that the register was brought back could not be put on record: {acted.refusal.code}")


def _moment(at: datetime) -> str:
    return at.isoformat()
