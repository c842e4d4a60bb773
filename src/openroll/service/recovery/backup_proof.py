"""`openroll backup verify` proves a backup by restoring it: into a PostgreSQL of the right version that is thrown away after.

Digests say that a file is what was written. Whether what was written brings the roll back, only bringing it back says: the
tables with the rows they had, the newest head with its root, and for a sample of facts a receipt that verifies under the keys
in the backup. What cannot be restored on this machine is said to be not proved, never good.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from openroll.archive import Keys, open_box
from openroll.register.roll.decide import NAME
from openroll.service.governance.open_roll import NoSuchRoll, find_roll
from openroll.service.keys import ALGORITHMS, KeyNotHeld
from openroll.service.log.external_keys import GivenKeys
from openroll.service.log.receipts import proved, receipt_under
from openroll.service.recovery.backup import MarkSays, Progress, taken
from openroll.service.recovery.backups import Backup, Reach, reach
from openroll.service.recovery.dump_loading import CannotRestore, load_rows
from openroll.service.recovery.restore import NO_KEYS, feed_dump, lacking, unpack_base, unpack_files
from openroll.service.recovery.roll_files import FORM, without_keys
from openroll.service.recovery.trial_folder import PROOF, trial_folder
from openroll.service.roll import Clock, Roll
from openroll.store import backup_contents, events, log, recovery, schema
from openroll.store.apart import NoWalls, throw_away
from openroll.store.backup_contents import Head, newest_head
from openroll.store.connect import Database
from openroll.store.dump_contents import dump_to
from openroll.store.postgres_tools import ToolFailed, server_folder
from openroll.store.server_user import NoServerUser
from openroll.store.temporary_server import keepers_database, make_cluster, serving
from openroll.store.tree import tile_reader
from openroll.store.walled_server import check_walls, disarm, serving_apart
from openroll.tlog import TlogError

SAMPLE = 20
"""Facts whose receipts are made and verified, spread evenly over the log."""
_SUPERUSER, _KEEPER, _LOOKING = "proof", "keeper", "openroll_looking"
_QUIET = "-c session_preload_libraries= -c local_preload_libraries= -c default_transaction_read_only=on"


class NotProved(Exception):
    """The backup cannot be restored on this machine, which says nothing of the backup; the sentence says what is missing."""


class Untrue(Exception):
    """The backup restores to something else than what was backed up; the sentence says what differs."""


class Proof(msgspec.Struct, frozen=True):
    """What a restore brought back of one roll: its tables and their rows, its log's entries, the receipts verified."""

    roll: str
    tables: int
    rows: int
    size: int
    receipts: int


def prove(
    backup: Backup,
    keys: Keys,
    *,
    clock: Clock,
    given: GivenKeys = GivenKeys(),  # noqa: B008 - a frozen value
    progress: Progress = lambda *_: None,
) -> tuple[Proof, ...]:
    """Restore a backup beside everything and compare what comes back with what it says of itself.

    It takes as much room in the temporary folder (TMPDIR) as the database has, in a folder of mode 0700 that goes with the call.
    Raises NotProved, Untrue, CannotUnseal or Broken.
    """
    claimed = taken(backup, keys)
    with trial_folder(PROOF) as work:
        with _restored(backup, keys, claimed, work, progress) as (url, about):
            if lost := without_keys(about, work / "rolls"):
                raise Untrue(NO_KEYS.format(lost))
            for roll, head in (claimed.rolls if claimed else {}).items():
                _as_untrue(lambda roll=roll, head=head: _hold(url, roll, head))  # type: ignore[misc] # bound here
            whole = claimed is None or bool(claimed.files)
            homes = {roll: _Home(work / "rolls" / roll, whole, clock, given) for roll in about}
            found = tuple(_look(url, roll, said, homes[roll]) for roll, said in about.items())
        if not found:
            raise Untrue("it holds no roll: a roll that is filed in stands in another database than the one backed up")
        return found


@contextmanager
def _restored(
    backup: Backup, keys: Keys, claimed: MarkSays | None, work: Path, progress: Progress
) -> Iterator[tuple[str, Mapping[str, Mapping[str, Any]]]]:
    about = _about(backup, keys, claimed, work)
    rolls = about["contents"]
    dumps = {} if backup.kind == "dump" else _looked_at(backup, keys, work, about, progress)
    clean = work / "clean"
    make_cluster(clean, int(about["postgresql"]), _SUPERUSER)
    with serving(clean, ("fsync = off",)) as sockets:
        url = keepers_database(sockets, _SUPERUSER, _KEEPER, rolls)
        if backup.kind == "dump":
            _as_untrue(lambda: feed_dump(backup, url, keys, work / "rolls", progress))
        for roll, path in dumps.items():
            _as_untrue(lambda roll=roll, path=path: load_rows(url, roll, lambda: _pieces(path)))  # type: ignore[misc] # bound here
        if dumps:
            unpack_files(backup, keys, work / "rolls")
        yield url, rolls


def _looked_at(backup: Backup, keys: Keys, work: Path, about: Mapping[str, Any], progress: Progress) -> dict[str, Path]:
    """The rolls in a base backup, each as a dump: taken from a server that ran on it apart, and is gone with its folder.

    Its catalogs are code. So it runs behind walls (`store.apart`), without what acts when somebody comes in (`disarm`), before
    any key of a roll is unpacked; and of what it gives the rows alone are loaded, like those of any dump.
    """
    data, version = work / "postgres", int(about["postgresql"])
    claimed = reach(
        backup
    )  # before anything is unpacked: `follow` may go on meanwhile, and what it takes later is not looked for
    try:
        check_walls(version)
        _as_untrue(lambda: unpack_base(backup, keys, data, None, progress))
        _as_untrue(lambda: recovery.verify(data))
        dumps = {roll: work / f"{roll}.dump" for roll in about["contents"]}
        _as_untrue(lambda: _dumped(claimed, data, version, str(about["database"]), dumps))
    except (NoWalls, NoServerUser) as error:
        raise NotProved(str(error)) from error
    finally:
        if data.exists():
            throw_away(data)
    return dumps


def _dumped(claimed: Reach, data: Path, version: int, database: str, dumps: Mapping[str, Path]) -> None:
    """Bring the rolls in a data folder out of it, each into a file, once all that was taken is in it. Raises CannotRestore."""
    recovery.recover_apart(data, version)
    disarm(data, version, database, _LOOKING)
    with serving_apart(data, version) as sockets:
        url = make_conninfo(host=str(sockets), port=5432, user=_LOOKING, dbname=database, options=_QUIET)
        with psycopg.connect(url) as connection:
            if lacks := lacking(claimed, recovery.reached_in(connection)):
                raise CannotRestore(lacks)
        for roll, path in dumps.items():
            dump_to(url, schema.schema_of(roll), path)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def _about(backup: Backup, keys: Keys, claimed: MarkSays | None, work: Path) -> dict[str, Any]:
    """What the backup and its mark say, once it is known that it can be restored here and holds what can be compared."""
    with open_box(backup.path, keys, FORM) as box:
        for _ in box:
            pass
        about = box.manifest.about
    if "contents" not in about:
        raise NotProved("it was made by an older Openroll and does not say what it holds: make a new one")
    for roll, head in (
        claimed.rolls if claimed else {}
    ).items():  # one that was opened since is in the log after the base
        about["contents"].setdefault(roll, {"rows": {}} | head._asdict())
    strange = [name for name in about["contents"] if not NAME.fullmatch(name)]
    if strange or str(about["database"]).startswith("-"):
        raise Untrue(f"no roll or database is called {(*strange, about['database'])[0]!r}")
    try:
        server_folder(int(about["postgresql"]))
    except FileNotFoundError as error:
        raise NotProved(str(error)) from error
    size = backup.path.stat().st_size
    if shutil.disk_usage(work).free < size:
        raise NotProved(f"{work} has no room for {size:,} bytes and more: set TMPDIR to a folder that has")
    return about


def _as_untrue(step: Callable[[], object]) -> None:
    try:
        step()
    except (ToolFailed, CannotRestore, recovery.NotReached, psycopg.Error) as error:
        raise Untrue(f"it cannot be restored: {error}") from error


def _hold(url: str, name: str, head: Head) -> None:
    """Find the roll that the newest mark names, and its head. Raises CannotRestore."""
    with psycopg.connect(url) as connection:
        there = schema.schema_of(name)
        if newest_head(connection, there) is None:
            raise CannotRestore(f"the roll {name} did not come back, which was taken")
        if head.size and backup_contents.root_of(connection, there, head.size) != head.root:
            raise CannotRestore(
                f"the log of {name} came back without its head of {head.size:,} entries, which was taken"
            )


class _Home(NamedTuple):
    """A roll's files as they came back (`whole`: all that its machine had), and what else is needed to find it."""

    path: Path
    whole: bool
    clock: Clock
    given: GivenKeys


def _look(url: str, name: str, said: Mapping[str, Any], home: _Home) -> Proof:
    there = schema.schema_of(name)
    try:
        with psycopg.connect(url) as connection:
            found = backup_contents.contents(connection, there)
            root = backup_contents.root_of(connection, there, said["size"])
    except psycopg.OperationalError as error:
        raise NotProved(f"the restored database does not let us in ({str(error).strip()})") from error
    if found is None:
        raise Untrue(f"the tables of the roll {name} did not come back")
    _compare(name, said, found, root)
    schema.migrate(url, name)  # one of before in today's shape, for its receipts
    receipts = _receipts(url, name, home)
    return Proof(name, len(found["rows"]), sum(found["rows"].values()), found["size"], receipts)


_GROWS = ("event", "head", "subscription", "placed")


def _compare(name: str, said: Mapping[str, Any], found: Mapping[str, Any], root: str | None) -> None:
    """What comes back is what was there, or, after a log that was replayed further, more of what only ever grows."""
    for table, rows in said["rows"].items():
        there = found["rows"].get(table)
        if there is None:
            raise Untrue(f"the table {table} of the roll {name} did not come back")
        if there < rows and (table in _GROWS or found["size"] == said["size"]):
            raise Untrue(f"the table {table} of the roll {name} came back with {there:,} rows of {rows:,}")
    if said["size"] and root != said["root"]:
        raise Untrue(
            f"the log of the roll {name} came back without its head of {said['size']:,} entries, or with another"
        )


def _receipts(url: str, name: str, home: _Home) -> int:
    """Receipts of facts spread over the log, made from what came back and verified under the keys that came with it."""
    try:
        roll = find_roll(
            Database(url, name),
            home.path,
            clock=home.clock,
            random_bytes=os.urandom,
            given=home.given,
            brought_back=True,
        )
    except (NoSuchRoll, KeyNotHeld, ValueError, OSError) as error:
        raise NotProved(f"its tables came back whole, and its receipts cannot be looked at: {error}") from error
    _hold_keys(roll, whole=home.whole)
    with roll.database.transaction("registrar") as connection:
        size = log.newest_checkpoint(connection)
        if size == 0:
            return 0
        note = log.checkpoint(connection, size)
        positions = sorted({place * size // SAMPLE for place in range(SAMPLE)})
        places = backup_contents.facts_at(connection, positions)
        rows = {(row.stream, row.version): row for row in events.of_streams(connection, [one[1] for one in places])}
        read = tile_reader(connection, lambda path: Untrue(f"{path} of the log did not come back"))
        for position, stream, version in places:
            made = receipt_under(read, rows[stream, version], position, note or b"", size)
            _verify(roll, made, position)
    return len(places)


def _hold_keys(roll: Roll, *, whole: bool) -> None:
    """Find the private keys that must sign the log's next head. Raises Untrue, and NotProved where they are kept elsewhere."""
    missing = roll.keys.missing_at(roll.keys.size + 1)
    if not missing:
        return
    said = (
        f"the log key {str(missing[0]).rsplit('+', 1)[0]}, which must sign the next head of {roll.name}, is not in it"
    )
    if not whole and any(any((roll.home / "keys").glob(f"log-{ALGORITHMS[one.algorithm]}*.key")) for one in missing):
        raise Untrue(f"{said}: the keys changed after it was made; make a new backup")
    raise NotProved(f"{said}: kept elsewhere, it has to be given here as there (OPENROLL_LOG_KEYS, its token)")


def _verify(roll: Roll, made: bytes, position: int) -> None:
    try:
        proved(roll, made)
    except TlogError as error:
        raise Untrue(f"the receipt of entry {position} of the log does not verify: {error}") from error
