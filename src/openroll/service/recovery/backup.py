"""`openroll backup`: the whole cluster and the roll's own files, sealed; and the write-ahead log, so that any instant comes back.

What comes along beside the database: the keys and the ratchet of every roll of this home. Public files do not: they are written
anew from the database. Files that operators sent do not: whoever sent one sends it again. No official act: a copy that never
leaves the keeper's hands changes nothing for anybody, and an entry a minute would bury those that do (bringing one back is one).
"""

import fcntl
import gzip
import hashlib
import os
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg import Connection

from openroll.archive import Box, Broken, Keys, Sealing, open_box, unsealed, write_box
from openroll.durable import PRIVATE, make_private, open_to_write
from openroll.service.recovery.backups import (
    Backup,
    backup_of,
    backups,
    base_name,
    cluster_of,
    dump_name,
    newest_mark,
    reach,
    too_many,
)
from openroll.service.recovery.dump_words import give_up, promise
from openroll.service.recovery.roll_files import FORM, FilesChanged, RollFiles, rolls_of, without_keys
from openroll.service.recovery.wal_archive import (
    Discontinued,
    FolderGone,
    FolderTaken,
    WalArchive,
    forget,
    give_number,
    is_taken_over,
)
from openroll.store import base_backup, wal
from openroll.store.backup_contents import Head, contents, newest_head, one_instant
from openroll.store.base_backup import BaseStream, Cluster, NoReplication, server_time
from openroll.store.postgres_tools import Server, ToolFailed, address, client_tool
from openroll.store.recovery import NotReached
from openroll.store.schema import schema_of
from openroll.store.wal import WalLost

Progress = Callable[[str, int, int], None]
Tell = Callable[[str], None]
"""Whom to tell what the keeper should know of a copy, a sentence each."""
_PIECE = 1 << 20
_TRIES = 3


TROUBLES = (Discontinued, FilesChanged, FolderGone, FolderTaken, NoReplication, NotReached, ToolFailed, WalLost)
"""What PostgreSQL and its programs may say no with while a backup is made, proved or brought back; each says what to do."""


class Busy(Exception):
    """Another backup into this folder is under way."""


class House(msgspec.Struct, frozen=True):
    """What is backed up: the home of rolls (keys, ratchets) and the address of the database cluster."""

    home: Path
    url: str


class Done(msgspec.Struct, frozen=True):
    """What a backup wrote: its file, the sealed segments of the log, and what was old and went."""

    path: Path | None
    segments: int
    gone: int


class _Copying(NamedTuple):
    """A copy under way: whose, from which server, and into which folder."""

    house: House
    connection: Connection
    cluster: Cluster
    archive: WalArchive
    sealing: Sealing
    tell: Tell

    def goes_on(self, folder: Path) -> int:
        """Take what is new, where it goes on from what was taken; how many segments.

        Raises Discontinued or WalLost, and as `back_up` does.
        """
        if cluster_of(self.archive.history) != self.cluster.system:
            raise Discontinued("the database is another cluster than the one that was taken")
        if wal.reserve(self.connection, slot_of(folder)):
            raise Discontinued("the server kept no log for this folder")
        return self.take()

    def take(self) -> int:
        """A round; how many segments it took. Raises FilesChanged, where logs began anew in each of some rounds."""
        count, server = 0, self.cluster.server(self.house.url)
        for left in reversed(range(_TRIES)):
            files, rolls = RollFiles(self.house.home), heads(self.connection, self.house.home)
            if lost := without_keys(rolls, self.house.home / "rolls"):
                self.tell(
                    f"The keys of {lost} are not in {self.house.home / 'rolls'}, and in no backup: is it mounted?"
                )
            try:
                return count + self.archive.round(self.connection, server, rolls, files.seal)
            except FilesChanged:
                if not left:
                    raise
        return count


def back_up(
    house: House,
    folder: Path,
    sealing: Sealing,
    *,
    keep: int = 0,
    patience: int = 0,
    progress: Progress = lambda *_: None,
    tell: Tell = lambda _: None,
) -> Done:
    """One base backup and the log up to now; then only the newest `keep` backups stay (0: all).

    Another into the same folder, as a round of `follow`, is waited for `patience` seconds. Where the server's log cannot be shown
    to go on from what was taken, another history begins, and `tell` is told why.
    Raises NoReplication, WalLost, ToolFailed, CannotSeal, Busy or FileNotFoundError.
    """
    with _alone(house.home, folder, patience) as spool, psycopg.connect(house.url, autocommit=True) as connection:
        archive = WalArchive(folder, spool, slot_of(folder), sealing, tell)
        copying = _Copying(house, connection, _cluster(connection), archive, sealing, tell)
        try:
            archive.settle()
            copying.goes_on(folder)
        except (Discontinued, WalLost) as error:
            archive.begin(connection, copying.cluster.system, str(error))
        path, count = _base(copying, progress)
    made = backup_of(path)
    if made is None or (lacks := reach(made).lacks):
        raise ToolFailed(f"{path} was written, and what it needs is not beside it ({lacks}): make another")
    return Done(path, count, _retire(folder, keep, path) if keep else 0)


def take_log(house: House, folder: Path, sealing: Sealing, tell: Tell = lambda _: None) -> Done | None:
    """The log up to now; None when a base backup has to come first. Raises as `back_up` does, but for WalLost."""
    with _alone(house.home, folder) as spool:
        archive = WalArchive(folder, spool, slot_of(folder), sealing, tell)
        try:
            archive.settle()  # before the server is asked, which may never come back
            with psycopg.connect(house.url, autocommit=True) as connection:
                copying = _Copying(house, connection, _cluster(connection), archive, sealing, tell)
                count = copying.goes_on(folder)
        except (Discontinued, WalLost):
            return None
        bases = [one for one in backups(folder) if one.kind == "base" and one.path.parent == archive.history]
        lacks = reach(bases[0]).lacks if bases else ""
        if lacks:  # somebody took it out of the folder, and nothing can fill the hole: a new base goes on from here
            tell(f"{bases[0].path}: {lacks}. A new base backup is made")
        return Done(None, count, 0) if bases and not lacks else None


def slot_of(folder: Path) -> str:
    """The replication slot that keeps the server's log until it was taken into this folder."""
    return f"openroll_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"


def stop_following(house: House, folder: Path) -> bool:
    """Let the server throw away its log again, for a folder that is not used any more; whether it was kept for it.

    Where another home has taken the folder over, the log is kept for that one, and goes on to be.
    """
    spool = house.home / "spool" / slot_of(folder)
    was = is_taken_over(folder, spool)
    if not was:
        with psycopg.connect(house.url, autocommit=True) as connection:
            was = wal.release(connection, slot_of(folder))
    forget(spool)
    return was


@contextmanager
def _alone(home: Path, folder: Path, patience: int = 0, pause: Callable[[float], None] = time.sleep) -> Iterator[Path]:
    """One at a time a folder, tried so many times more, a second apart; gives the spool in which segments wait to be sealed."""
    spool = home / "spool" / slot_of(folder)
    make_private(spool)
    with open_to_write(spool.parent / f"{spool.name}.lock", PRIVATE, os.O_APPEND) as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if patience <= 0:
                    raise Busy(f"another backup into {folder} is under way") from None
            patience -= 1
            pause(1.0)
        yield spool


def _cluster(connection: Connection) -> Cluster:
    cluster = base_backup.cluster_of(connection)
    if cluster.hindrance:
        raise NoReplication(
            f"{cluster.hindrance}. Without that there is no point in time to go back to; `openroll backup --dump` copies"
            " the roll as it is now"
        )
    return cluster


def _base(copying: _Copying, progress: Progress) -> tuple[Path, int]:
    """A base backup in the history's folder, and how many segments of the log were taken after it."""
    house, connection, cluster, archive, sealing, _ = copying
    name = ""

    def called() -> str:
        return name

    before = _contents(connection, [path.name for path in rolls_of(house.home)])
    before |= {
        "files": wal.position(connection)
    }  # what is sealed of the rolls' files from here on is newer than its own
    with write_box(
        archive.history / f"base{sealing.suffix}", sealing, FORM, datetime.now(UTC).timestamp(), called=called
    ) as box:
        # The roll's files before the database: a ratchet that was newer than its database would refuse to go on.
        rolls = RollFiles(house.home).put(box)
        with base_backup.base_backup(cluster.server(house.url)) as stream:
            _put_cluster(box, stream, cluster.size, progress)
        at = _now(connection)
        # It gets its name once the log up to its end is there: less of a segment than it needs would keep it from coming back.
        count = copying.take()
        name = f"{base_name(at, stream.start_segment, give_number(archive.history.parent, house.home / 'spool'))}{sealing.suffix}"
        about = {"kind": "base", "at": at, "postgresql": cluster.version, "system": cluster.system, "rolls": rolls}
        box.finish(about | {"start": stream.start_segment} | before)
    return archive.history / name, count


def _contents(connection: Connection, rolls: list[str]) -> dict[str, Any]:
    """What a restore must bring back at least: of each roll in this database its rows by table and its newest head."""
    return {
        "user": connection.info.user,
        "database": connection.info.dbname,
        "contents": {roll: found for roll in rolls if (found := contents(connection, schema_of(roll))) is not None},
    }


def _now(connection: Connection) -> datetime:
    """The server's own time, by which instants in its log are told."""
    return (server_time(connection) or datetime.now(UTC)).astimezone(UTC)


def _put_cluster(box: Box, stream: BaseStream, size: int, progress: Progress) -> None:
    done = 0
    for member in stream:
        path = f"postgres/{member.path}"
        if member.data is None:
            box.folder(path, member.mode)
        else:
            box.copy(path, member.data, member.size, member.mode)
        done += member.size
        progress("bytes", min(done, size), size)


def heads(connection: Connection, home: Path) -> dict[str, Any]:
    """The newest head of each roll of this home that is in this database."""
    rolls = [path.name for path in rolls_of(home)]
    return {roll: found for roll in rolls if (found := newest_head(connection, schema_of(roll))) is not None}


def _retire(folder: Path, keep: int, made: Path) -> int:
    going = too_many(folder, keep, made)
    for path in going:
        path.unlink(missing_ok=True)
    return len(going)


def dump(
    house: House, roll: str, folder: Path, sealing: Sealing, *, keep: int = 0, progress: Progress = lambda *_: None
) -> Done:
    """The roll as it is now, by pg_dump: for a server that lets nobody replicate. Restored, its order is set anew.

    Raises ToolFailed, CannotSeal or FileNotFoundError.
    """
    at, files = datetime.now(UTC), RollFiles(house.home, roll)
    with psycopg.connect(house.url) as connection, one_instant(connection) as snapshot:
        cluster = base_backup.cluster_of(connection)
        before = _contents(connection, [roll])
        if roll not in before["contents"]:
            raise ToolFailed(
                f"the roll {roll} has no tables in the schema {schema_of(roll)} of this database: a copy would be empty."
                " Nothing was written. Is a pooler between that drops settings? Name the server itself in DATABASE_URL"
            )
        # Counted after its moment: a mark of the log that has a later number holds all that is in it.
        path = (
            folder
            / cluster.system
            / f"{dump_name(at, roll, give_number(folder, house.home / 'spool'))}{sealing.suffix}"
        )
        server = cluster.server(house.url)
        with _word_of(house, folder, path):
            _write_dump(files, roll, server, snapshot, path, sealing, progress, _about(cluster, at, before))
    return Done(path, 0, _retire(folder, keep, path) if keep else 0)


@contextmanager
def _word_of(house: House, folder: Path, path: Path) -> Iterator[None]:
    """Leave a dump's word in the log, after its moment; a dump that is not finished is looked for no more.

    Where a server lets no word in, no log is known to hold the dump.
    """
    spool = house.home / "spool" / slot_of(folder)
    word = promise(spool, path)
    try:
        with psycopg.connect(house.url, autocommit=True) as connection:
            left = wal.leave(connection, word)
        yield
    except BaseException:
        give_up(spool, word)
        raise
    if not left:
        give_up(spool, word)


def _about(cluster: Cluster, at: datetime, before: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "dump", "at": at, "postgresql": cluster.version, "system": cluster.system} | before


def _write_dump(
    files: RollFiles,
    roll: str,
    server: Server,
    snapshot: str,
    path: Path,
    sealing: Sealing,
    progress: Progress,
    about: dict[str, Any],
) -> None:
    program = client_tool("pg_dump", server)
    where, environment = address(server)
    arguments = [program, "--dbname", where, "--schema", schema_of(roll), "--format", "custom", "--compress", "0"]
    arguments += ["--snapshot", snapshot, "--strict-names", "--lock-wait-timeout", "60s"]
    with write_box(path, sealing, FORM, about["at"].timestamp()) as box:
        rolls = files.put(box)
        with subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
            [*arguments, "--no-owner", "--no-password"], stdout=subprocess.PIPE, env=environment
        ) as process:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            box.copy_lots("dump", process.stdout, told=lambda done: progress("bytes", done, 0))
        if process.returncode:
            raise ToolFailed("pg_dump failed; what it said stands above")
        box.finish(about | {"rolls": rolls, "roll": roll})


class MarkSays(msgspec.Struct, frozen=True):
    """What a mark holds: its position, its instant, and of each roll the newest head (`size`, `root`) that stood before it.

    `files` is the fingerprint of the rolls' own files that were there then; empty where an older Openroll wrote it.
    """

    lsn: int
    at: datetime
    rolls: dict[str, Head]
    files: str = ""


class Verified(msgspec.Struct, frozen=True):
    """A backup that was read to its end and found whole; `lacks` is what is missing of what was taken after it, in a sentence.

    `taken` is how far the log after it was taken: what comes back has to hold that.
    """

    backup: Backup
    files: int
    segments: int
    lacks: str
    taken: MarkSays | None


def verify(backup: Backup, keys: Keys, *, progress: Progress = lambda *_: None) -> Verified:
    """Open a backup and the log after it, and hold every byte against its digest; nothing is written to the disk.

    Raises CannotUnseal or Broken.
    """
    size = backup.path.stat().st_size
    with open_box(backup.path, keys, FORM) as box:
        done = 0
        for item in box:
            done += item.size
            progress("bytes", done, max(done, size))
        files = len(box.manifest.files)
    if backup.kind == "dump":
        return Verified(backup, files, 0, "", None)
    claimed, there = taken(backup, keys), reach(backup)
    for number, one in enumerate(there.segments, 1):
        for _ in segment_pieces(one.path, keys):
            pass
        progress("segments", number, len(there.segments))
    for files_then in there.files:
        with open_box(files_then.path, keys, FORM) as box:
            for _ in box:
                pass
    return Verified(backup, files, len(there.segments), there.lacks, claimed)


def taken(backup: Backup, keys: Keys) -> MarkSays | None:
    """How far the log after a base backup was taken, as its mark says within. Raises CannotUnseal or Broken."""
    mark = newest_mark(backup.path.parent)
    if mark is None or backup.kind == "dump":
        return None
    try:
        said = msgspec.json.decode(b"".join(segment_pieces(mark.path, keys)), type=MarkSays)
    except FileNotFoundError:
        return taken(backup, keys)  # a round has just put a newer one in its place
    except msgspec.DecodeError as error:
        raise Broken(f"{mark.path}: it is no mark ({error})") from error
    if (said.lsn, said.at, said.files) != (mark.lsn, mark.at, mark.files):
        raise Broken(f"{mark.path}: it says something else within than in its name")
    return said


def segment_pieces(path: Path, keys: Keys) -> Iterator[bytes]:
    """The bytes of a sealed segment; of the whole one, where a round has just put it in the place of its part.

    Raises CannotUnseal or Broken.
    """
    if not path.exists():
        path = path.with_name(path.name.replace(".partial.", "."))
    try:
        with unsealed(path, keys) as stream, gzip.GzipFile(fileobj=stream, mode="rb") as packed:
            while piece := packed.read(_PIECE):
                yield piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Broken(f"{path}: it is cut off or altered ({error})") from error
