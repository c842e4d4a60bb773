"""`openroll log begin-anew`: a log that cannot go on ends, and another under a new name and new keys goes on from it.

For the day on which entries were signed that nobody has any more, or two heads were signed apart, or the key is no longer the
roll's alone. The new log's first entry is an official act that holds the old one's last checkpoint, whole, with its keys; after
it stand the old log's entries in their order, as far as they came back. So anybody who holds the old log can check what
was carried over and name exactly what was lost (`watch/log_restart.py`): the old receipts stand under the old log's last head.

All of it is one transaction in the database; the files follow, and following is repeated until it is done. A process that still
holds the old keys signs nothing: the sequencer asks whether its log has ended.
"""

import shutil
from collections.abc import Callable

import msgspec
from psycopg import Connection

from openroll.durable import sync_folders
from openroll.register.decision import Refused
from openroll.register.free_text import names_somebody
from openroll.register.roll.commands import BeginLog
from openroll.register.roll.decide import ROLL_STREAM
from openroll.register.texts import MOST_TEXT, is_one_line
from openroll.service.acts import act
from openroll.service.keys import finish_switch, make_keys
from openroll.service.log.log_entry import log_entry
from openroll.service.log.signing_hold import current_hold, let_go
from openroll.service.recovery.not_replayed import ACTS_LOST, SILENT
from openroll.service.roll import Roll, writing_while_held
from openroll.store import events, log, recovery_records, xid_reset
from openroll.store.log import Head
from openroll.store.tree import grow_tree, put_tree, tile_reader
from openroll.tlog import (
    Checkpoint,
    TlogError,
    decode_bundle,
    root_at,
)

_LOT = 256  # bundles


class CannotBegin(Exception):
    """No log was begun; the sentence says why."""


class Begun(msgspec.Struct, frozen=True):
    """A log was begun: its name and size, how many entries it carries over, and how many of the old one are lost."""

    origin: str
    size: int
    carried: int
    lost: int
    to_do: tuple[str, ...] = ()
    """What the keeper has to have done where the database went back: a sentence each."""


def begin_anew(
    roll: Roll,
    origin: str,
    why: str,
    *,
    last: bytes | None = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Begun:
    """End the roll's log and begin another under `origin`. `last` is the newest checkpoint anybody has seen. Raises CannotBegin.

    Afterwards every process of the roll has to be started anew: the keys are others.
    """
    if not why.strip() or len(why) > 1000:
        raise CannotBegin("say why in a sentence: it stands in the new log's first entry for all time")
    if names_somebody(why):
        raise CannotBegin(
            "say why without numbers of six digits or more and without an e-mail address: it stands for all time"
        )
    if not (0 < len(origin) <= MOST_TEXT and is_one_line(origin)):
        raise CannotBegin(f"a log's name is one line of at most {MOST_TEXT} characters")
    connection = roll.database.open("openroll-anew")
    connection.autocommit = True
    with connection, roll.database.only_sequencer():
        if recovery_records.has_ended(connection, roll.origin):
            _move_files(roll, len(recovery_records.ended_logs(connection)))  # a switch that broke off is finished
            raise CannotBegin(f"the log {roll.origin} has ended already, and its files are now where they belong")
        if origin == roll.origin or any(one.origin == origin for one in recovery_records.ended_logs(connection)):
            raise CannotBegin(f"a new log needs a new name; {origin} is the name of one this roll has had")
        note, checkpoint = _last(roll, connection, last)
        if not dry_run:
            _make_keys(roll, origin)
        with connection.transaction(force_rollback=dry_run):
            begun = _begin(connection, roll, origin, why, note, checkpoint, progress)
            number = len(recovery_records.ended_logs(connection))
    if not dry_run:
        _move_files(roll, number)
    return begun


def _last(roll: Roll, connection: Connection, given: bytes | None) -> tuple[bytes, Checkpoint]:
    """The last checkpoint of the old log: the newest of what was given and what this machine has."""
    path = roll.public / "checkpoint"
    head = log.newest_head(connection)
    kept = log.checkpoint(connection, log.newest_checkpoint(connection))
    notes = [given, path.read_bytes() if path.exists() else None, kept]
    try:
        opened = [(note, roll.keys.succession.open(note, origin=roll.origin)) for note in notes if note]
    except TlogError as error:
        raise CannotBegin(f"that is no checkpoint of the log {roll.origin}: {error}") from error
    if not opened or head is None:
        raise CannotBegin("this log never showed a head to anybody: there is nothing to begin anew from")
    return max(opened, key=lambda one: one[1].size)


def _make_keys(roll: Roll, origin: str) -> None:
    """New keys of the log beside the old ones; the keys of filing codes and addresses stay what they are."""
    folder = roll.home / "keys.new"
    shutil.rmtree(folder, ignore_errors=True)
    make_keys(folder, origin, roll.random_bytes)
    for path in (roll.home / "keys").iterdir():
        if not path.name.startswith("log"):
            shutil.copy2(path, folder / path.name)


def _begin(
    connection: Connection,
    roll: Roll,
    origin: str,
    why: str,
    note: bytes,
    checkpoint: Checkpoint,
    progress: Callable[[int, int], None],
) -> Begun:
    head = log.newest_head(connection)
    assert head is not None  # noqa: S101 - `_last` sees to it
    now = roll.clock()
    carried = _agreed(connection, head, checkpoint)
    went_back = current_hold(roll.home) is not None or carried < checkpoint.size
    if went_back:
        recovery_records.take_nothing_on_trust(connection, roll.day(now))
    command = BeginLog(
        before=roll.origin,
        checkpoint=note.decode(),
        size=checkpoint.size,
        keys=tuple(map(str, roll.keys.succession.at(checkpoint.size))),
        carried=carried,
        why=why,
        number=len(recovery_records.ended_logs(connection)) + 1,
    )
    with writing_while_held(roll):
        acted = act(connection, roll, command, now=now)
    if isinstance(acted, Refused):
        raise CannotBegin(f"that a log begins could not be put on record: {acted.refusal.code}")
    row = list(events.of_streams(connection, [ROLL_STREAM]))[-1]
    first = log_entry(row.name, row.day, row.commitment, row.body).encode()
    recovery_records.set_log_aside(connection)
    size, root = _grow_again(connection, first, head.size, progress)
    recovery_records.move_places(connection, recovery_records.event_id(connection, bytes(row.commitment)))
    log.add_tallies(connection, [(row.day, row.name, 1)])
    log.put_head(connection, Head(size, root, head.xid, head.id), now)
    xid_reset.places_decide(connection)
    return Begun(origin, size, carried, checkpoint.size - carried, (ACTS_LOST, *SILENT) if went_back else ())


def _agreed(connection: Connection, head: Head, checkpoint: Checkpoint) -> int:
    """How many entries of the old log stand here, as far as its last head can tell; none where the two were signed apart."""
    if checkpoint.size > head.size:
        return head.size  # whoever holds the rest can check it
    return checkpoint.size if root_at(tile_reader(connection, _missing), checkpoint.size) == checkpoint.root else 0


def _missing(path: str) -> CannotBegin:
    return CannotBegin(f"{path} is missing from the database: run `openroll log fsck`")


def _grow_again(
    connection: Connection, first: bytes, size: int, progress: Callable[[int, int], None]
) -> tuple[int, bytes]:
    """The new tree: the entry that begins it, then the old entries in their order, a lot of bundles at a time."""
    grown, root = 0, b""
    lot = [first]
    bundles = -(-size // 256)
    for start in range(0, bundles + 1, _LOT):
        for index in range(start, min(start + _LOT, bundles)):
            data = recovery_records.old_bundle(connection, index)
            if data is None:
                raise CannotBegin(f"entry bundle {index} is missing from the database: run `openroll log fsck`")
            lot += decode_bundle(data)
        if not lot:
            break
        fresh = grow_tree(connection, grown, lot, _missing)
        put_tree(connection, fresh)
        grown, root = fresh.growth.size, fresh.growth.root
        lot = []
        progress(grown, size + 1)
    return grown, root


def _move_files(roll: Roll, number: int) -> None:
    """The old log's files go to `ended/N`, the new keys take their place. Each step is done once, however often this runs.

    The folder of keys changes as a whole: a roll opened between the two renames finishes them (`keys.finish_switch`).
    """
    ended, keys, fresh = roll.home / "ended" / str(number), roll.home / "keys", roll.home / "keys.new"
    ended.mkdir(parents=True, mode=0o700, exist_ok=True)
    for name in ("public", "ratchet"):
        if (roll.home / name).exists() and not (ended / name).exists():
            (roll.home / name).rename(ended / name)
    if not (ended / "keys").exists():
        shutil.rmtree(ended / "keys.copied", ignore_errors=True)
        shutil.copytree(keys, ended / "keys.copied")
        (ended / "keys.copied").rename(ended / "keys")
    sync_folders([ended, roll.home])
    if fresh.exists():
        shutil.rmtree(roll.home / "keys.old", ignore_errors=True)
        if keys.exists():
            keys.rename(roll.home / "keys.old")
        finish_switch(roll.home)
        shutil.rmtree(roll.home / "keys.old", ignore_errors=True)
        sync_folders([roll.home])
    if current_hold(roll.home) is not None:
        roll.numbers.restart(leaping=True)  # whoever begins anew has lost something, and may have lost what was given
        let_go(roll.home)
