"""`openroll restore`: a data folder brought back to an instant, and the rolls' own files beside it.

Nothing on the machine is overwritten. A data folder that is there is refused; a key that is there stays; a ratchet is replaced
only by one that has come further: an older one would let a second head be signed in the place of one that was seen. Everything
is made beside its place first, and the rename of the data folder comes last: a restore that breaks off is simply begun again.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from openroll.archive import Broken, Keys, open_box
from openroll.durable import PRIVATE, make_private, open_to_write, sync_folders
from openroll.register.roll.decide import NAME
from openroll.service.log.signing_hold import SigningHold, hold
from openroll.service.recovery.backup import MarkSays, Progress, segment_pieces, taken
from openroll.service.recovery.backups import SEGMENT_BITS, Backup, Reach, number_of, reach
from openroll.service.recovery.dump_loading import CannotRestore, load_rows
from openroll.service.recovery.roll_files import FORM, add_later, further, merge_numbers, without_keys, write_item
from openroll.service.roll import Clock
from openroll.store import backup_contents, recovery, schema, xid_reset
from openroll.store.postgres_tools import server_of
from openroll.store.wal import lsn_text

_PIECE = 1 << 20
NO_KEYS = "no keys of {} are in it: opened after the backup was made, and in its log alone"
"""What is said of rolls whose tables come back and whose keys do not."""


KEYS_ALONE = "of {} the keys alone are in it: no tables of theirs were in the database that was backed up"
"""What is said of rolls whose keys come back and whose tables do not."""


class Restored(msgspec.Struct, frozen=True):
    """What was brought back: the rolls; and what is missing of what was taken after the backup, a sentence, or nothing."""

    rolls: tuple[str, ...]
    lacks: str


def restore(
    backup: Backup, home: Path, data: Path, keys: Keys, *, to: datetime | None, now: datetime, progress: Progress
) -> Restored:
    """Bring back a base backup as the data folder `data`, replayed up to `to`, and the rolls' files into `home`.

    Raises CannotRestore, CannotUnseal, Broken, NotReached, ToolFailed or FileNotFoundError.
    """
    if data.exists() and any(data.iterdir()):
        raise CannotRestore(f"{data} is there already, and nothing is overwritten: move it away first")
    work, files = data.with_name(f"{data.name}.restoring"), home / "rolls.restoring"
    for left in (work, files):  # by a restore that broke off
        shutil.rmtree(left, ignore_errors=True)
    said, claimed = taken(backup, keys), reach(backup)  # before the log is unpacked: `follow` may go on meanwhile
    try:
        about = unpack_base(backup, keys, work, files, progress)
        unsure = _add_later(claimed, about, files, keys, to)
        _check_keys(files, home / "rolls")
        recovery.verify(work)
        progress("replay", 0, 0)
        passed = _passed_over(work, backup, claimed, to)
        recovery.recover(work, to)
        lacks = _lacking(said, claimed, recovery.reached(work), files, unsure, to)
        brought = bring_rolls(files, home / "rolls", SigningHold(now, "backup", to))
        data.parent.mkdir(parents=True, exist_ok=True)
        if data.exists():
            data.rmdir()
        work.rename(data)
        sync_folders([data.parent])
    finally:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(files, ignore_errors=True)
    rolls, keys_alone = _in_database(brought, said, about)
    return Restored(rolls, "; ".join(filter(None, (passed, lacks, keys_alone))))


def _passed_over(data: Path, backup: Backup, claimed: Reach, to: datetime | None) -> str:
    """What was committed by an instant and does not come back with it, in a sentence; empty where it is nothing."""
    if to is None:
        return ""
    known = claimed.taken.lsn if claimed.taken is not None and claimed.gap is None else 0
    found = recovery.passed_over(data, int(backup.start[:8], 16), number_of(backup.start) << SEGMENT_BITS, to, known)
    if found is None:
        return ""
    return (
        f"{found.commits:,} commits by that instant, the last of {found.last.isoformat()}, are not in it: the server's clock ran"
        f" ahead before them (to {found.ahead.isoformat()}), and a replay ends there. Without `--to` they come back, and all that"
        " was taken later"
    )


def _in_database(
    brought: tuple[str, ...], said: MarkSays | None, about: Mapping[str, Any]
) -> tuple[tuple[str, ...], str]:
    """Of the rolls whose files came back those whose tables were taken too; and of the others a sentence, or nothing."""
    if "contents" not in about:
        return brought, ""  # an older Openroll made it, which did not say
    there = {*about["contents"], *(said.rolls if said else ())}
    others = ", ".join(one for one in brought if one not in there)
    return tuple(one for one in brought if one in there), KEYS_ALONE.format(others) if others else ""


def _lacking(
    said: MarkSays | None, claimed: Reach, reached: int, files: Path, unsure: tuple[str, ...], to: datetime | None
) -> str:
    """What does not come back of all that was asked for, in a sentence; empty when it is all."""
    if to is None:
        lost = without_keys(said.rolls if said else (), files)
        return lacking(claimed, reached) or (NO_KEYS.format(lost) if lost else "")
    if unsure:
        return (
            f"{', '.join(unsure)} changed about that instant, and came back as before: whether the database had the later"
            " ones by then is not known"
        )
    return claimed.lacks if claimed.gap is None else ""  # a log that ends before the instant was refused


def _add_later(
    there: Reach, about: Mapping[str, Any], rolls: Path, keys: Keys, to: datetime | None = None
) -> tuple[str, ...]:
    """Bring the rolls' files of a base backup up to what was sealed after it (`add_later`)."""
    since = int(about.get("files", 0))
    return add_later(rolls, [one for one in there.files if one.lsn >= since], keys, to)


def lacking(there: Reach, reached: int) -> str:
    """What the log lacks that was replayed up to `reached`, of all that was taken after a base backup; empty when it is all."""
    if there.lacks:
        return there.lacks
    if there.taken is not None and reached < there.taken.lsn:
        return (
            f"the log was replayed up to {lsn_text(reached)}, and was taken up to {lsn_text(there.taken.lsn)}"
            f" ({there.taken.at.isoformat()}): a segment between is not of this history"
        )
    whole = [one for one in there.segments if one.number >= 0 and not one.partial]
    if there.taken is None and whole and reached < whole[-1].least:
        return (
            f"the log was replayed up to {lsn_text(reached)} only, and segment {whole[-1].name} is not of this history"
        )
    return ""


def unpack_base(
    backup: Backup, keys: Keys, data: Path, rolls: Path | None, progress: Progress = lambda *_: None
) -> dict[str, Any]:
    """Unpack a base backup: the cluster into `data`, with the log after it beside, and the rolls' files into `rolls` if given.

    Gives what it says of itself. Raises CannotUnseal or Broken.
    """
    about = _unpack(backup, keys, {"postgres": data, "rolls": rolls}, progress)
    _bring_log(backup, keys, data / recovery.WAL_FOLDER, progress)
    return about


def unpack_files(backup: Backup, keys: Keys, rolls: Path) -> None:
    """Unpack the rolls' files of a base backup alone, as they were taken last. Raises CannotUnseal or Broken."""
    claimed = reach(backup)
    _add_later(claimed, _unpack(backup, keys, {"postgres": None, "rolls": rolls}, lambda *_: None), rolls, keys)


def _unpack(backup: Backup, keys: Keys, into: dict[str, Path | None], progress: Progress) -> dict[str, Any]:
    done = 0
    with open_box(backup.path, keys, FORM) as box:
        for item in box:
            top, _, within = item.path.partition("/")
            if top not in into:
                raise Broken(f"{item.path} has no place in a backup")
            if (folder := into[top]) is not None:
                write_item(item, folder / within)
            done += item.size
            progress("bytes", done, 0)
        about = dict(box.manifest.about)
    for folder in filter(None, into.values()):
        folder.mkdir(parents=True, exist_ok=True)
    return about


def _bring_log(backup: Backup, keys: Keys, folder: Path, progress: Progress) -> None:
    folder.mkdir()
    found = reach(backup).segments
    for number, one in enumerate(found, 1):
        with open_to_write(folder / one.name, PRIVATE, os.O_EXCL) as file:
            for piece in segment_pieces(one.path, keys):
                file.write(piece)
        progress("segments", number, len(found))


def _check_keys(new: Path, old: Path) -> None:
    """Keys that are on the machine are the backup's, or they are another roll's."""
    for path in new.glob("*/keys/log.pub"):
        there = old / path.relative_to(new)
        if there.exists() and there.read_bytes() != path.read_bytes():
            raise CannotRestore(
                f"{there} is the key of another log than the backup's: move {there.parents[1]} away first"
            )


def bring_rolls(new: Path, old: Path, why: SigningHold) -> tuple[str, ...]:
    """Put the rolls' files beside what is there, overwriting nothing but a ratchet that has come less far; hold each roll."""
    rolls = sorted(path.name for path in new.glob("*") if path.is_dir())
    for roll in rolls:
        hold(old / roll, why)
        for path in sorted(new.joinpath(roll).rglob("*")):
            target = old / roll / path.relative_to(new / roll)
            if not path.is_file() or path.name == "held":
                continue
            if path == new / roll / "numbers" and target.exists():
                merge_numbers(path, target)
                continue
            if not target.exists() or (path.name == "ratchet" and further(path, target)):
                make_private(target.parent)
                shutil.copy2(path, target)
    return tuple(rolls)


class Loaded(msgspec.Struct, frozen=True):
    """What a dump brought back: the roll, and whether its order had to be set anew."""

    roll: str
    reordered: bool


def load_dump(
    backup: Backup,
    home: Path,
    url: str,
    keys: Keys,
    *,
    clock: Clock,
    leave_out: bool = False,
    progress: Progress = lambda *_: None,
) -> Loaded:
    """Bring back a dump into the database behind `url`, where the roll must not be yet, and set its order anew.

    Its rows are loaded into tables that our migrations make, in one transaction; nothing that it brings is run (`dump_loading`).
    Tables of before are brought to the newest shape. Raises CannotRestore, CannotUnseal, Broken, ToolFailed or FileNotFoundError.
    """
    files = home / "rolls.restoring"
    shutil.rmtree(files, ignore_errors=True)
    try:
        roll = feed_dump(
            backup, url, keys, files, progress, lambda: _check_keys(files, home / "rolls"), leave_out=leave_out
        )
        schema.migrate(url, roll)
        bring_rolls(files, home / "rolls", SigningHold(clock(), "dump"))
        with psycopg.connect(url, options=f"-c search_path={schema.schema_of(roll)}") as connection:
            return Loaded(roll, xid_reset.set_anew(connection) is not None)
    finally:
        shutil.rmtree(files, ignore_errors=True)


def feed_dump(
    backup: Backup,
    url: str,
    keys: Keys,
    files: Path,
    progress: Progress = lambda *_: None,
    check: Callable[[], None] = lambda: None,
    *,
    leave_out: bool = False,
) -> str:
    """Load a dump into the database behind `url`, and the roll's files into `files`; the roll. `check` may still refuse.

    It is read to its end, and found whole, before anything of it is loaded. Raises as `load_dump`: nothing was loaded then, but
    for what is said when the tables that came are not those it names.
    """
    about = _files_of_dump(backup, keys, files)
    roll = str(about.get("roll", ""))
    version = server_of(url).version
    if int(about["postgresql"]) > version:
        made = about["postgresql"]
        raise CannotRestore(f"the dump is of PostgreSQL {made}, and this server is {version}: it needs {made} or later")
    check()
    load_rows(url, roll, lambda: _pieces(backup, keys, progress), leave_out=leave_out)
    with psycopg.connect(url) as connection:
        there = backup_contents.contents(connection, schema.schema_of(roll))
    if there is None or ("contents" in about and there != about["contents"].get(roll)):
        raise CannotRestore(
            f"the dump was loaded, and the roll {roll} is not in it as the backup says: take another backup, and take the"
            f" schema {schema.schema_of(roll)} away"
        )
    return roll


def _files_of_dump(backup: Backup, keys: Keys, files: Path) -> dict[str, Any]:
    """Read a dump to its end, write the files of its roll, and give what it says of itself. Raises CannotRestore or Broken."""
    rolls, dumped = set[str](), False
    with open_box(backup.path, keys, FORM) as box:
        for item in box:
            top, _, within = item.path.partition("/")
            if top.startswith("dump."):
                dumped = True
                continue
            roll, _, rest = within.partition("/")
            if top != "rolls" or not rest or not NAME.fullmatch(roll):
                raise Broken(f"{item.path} has no place in a dump")
            rolls.add(roll)
            write_item(item, files / within)
        about = dict(box.manifest.about)
    if not dumped:
        raise CannotRestore("there is no dump in this backup")
    if rolls != {about.get("roll")}:
        raise Broken(f"it is a dump of the roll {about.get('roll')!r} and holds files of {sorted(rolls)}")
    return about


def _pieces(backup: Backup, keys: Keys, progress: Progress) -> Iterator[bytes]:
    """The dump in a backup, from its beginning; the backup is held against its digests once more."""
    done = 0
    with open_box(backup.path, keys, FORM) as box:
        for item in box:
            while item.path.startswith("dump.") and (piece := item.data.read(_PIECE)):
                yield piece
            done += item.size
            progress("bytes", done, 0)
