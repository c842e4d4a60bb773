"""`openroll escrow deposit`: everything another registrar needs to carry the roll on, in open formats (docs/escrow.md).

One moment of the roll, read in one transaction while it goes on. What stands in a deposit is in its manifest, with the SHA-256 of
every file; the manifest is signed with the log's Ed25519 key, and names the head it stands under. The whole is sealed to its
holder. That it was handed over is an official act: a monitor sees from outside whether deposits go on, day by day, and
the registrar finds a missed one among the work that waits.
"""

import hashlib
import shlex
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from psycopg import Connection

from openroll.archive import Box, Sealing, write_box
from openroll.register.decision import Refused
from openroll.register.roll.commands import DepositEscrow
from openroll.rules.language import in_language
from openroll.service.acts import act
from openroll.service.log.handovers import history
from openroll.service.log.key_checks import FILE as KEY_CHECKS
from openroll.service.log.receipts import published
from openroll.service.roll import Roll
from openroll.store import recovery_records, table_export
from openroll.store import work as work_rows
from openroll.store.log import newest_head
from openroll.tlog import KEY_HISTORY, Checkpoint, bundle_path, history_of, sign_note, tile_path
from openroll.tlog.note import ED25519

FORM = "openroll-escrow/1"
WORK = "escrow"
"""The kind of work that a missed deposit is for the registrar, and its reason."""
SIGNATURE = "manifest.json.note"
KEYS = "public/log.pub"
"""The public keys that signed the head the deposit stands under: those the log began with are in files/keys/log.pub."""
HISTORY = f"public/{KEY_HISTORY}"
"""What leads to those keys from any the log had before."""
Progress = Callable[[str, int, int], None]
_STAMP = "%Y%m%dT%H%M%SZ"


class NotDeposited(Exception):
    """Nothing was handed over, and nothing was said in the log; the sentence says why."""


class Deposited(msgspec.Struct, frozen=True):
    """A deposit that was handed over: its file, the SHA-256 of its manifest, the size of the log it stands under, its rows."""

    path: Path
    digest: str
    size: int
    rows: int


def deposit(
    roll: Roll,
    folder: Path,
    sealing: Sealing,
    holder: str,
    *,
    hand_over: str = "",
    progress: Progress = lambda *_: None,
) -> Deposited:
    """Make a deposit in `folder`, run the command `hand_over` with its path, and say so in the log once that succeeded.

    `holder` is the short name by which the log calls who holds the deposits. Raises NotDeposited or CannotSeal.
    """
    head = published(roll)
    if head is None:
        raise NotDeposited("the log has no head yet: run `openroll log sequence` first")
    now = roll.clock()
    path = folder / f"{roll.name}-{now.astimezone(UTC).strftime(_STAMP)}.escrow.tar.gz{sealing.suffix}"
    with write_box(path, sealing, FORM, now.timestamp()) as box, roll.database.open("openroll-escrow") as connection:
        recovery_records.read_one_moment(connection)
        about = _about(roll, connection, head, now)
        counts = _put_tables(box, connection, progress)
        _put_log(box, connection, head)
        _put_rules(box, connection)
        _put_files(box, roll.home)
        box.put(KEYS, "".join(f"{key}\n" for key in roll.keys.succession.at(head[1].size)).encode())
        box.put(HISTORY, history_of([one.receipt.encode() for one in history(roll).handovers]))
        manifest = box.finish(about | {"tables": counts}, lambda data: {SIGNATURE: _sign(roll, head[1], data)})
    if hand_over:
        _hand_over(hand_over, path)
    digest = hashlib.sha256(manifest).hexdigest()
    _say(roll, roll.day(now), holder, digest, head[1].size)
    return Deposited(path, digest, head[1].size, sum(counts.values()))


def _about(roll: Roll, connection: Connection, head: tuple[bytes, Checkpoint], now: datetime) -> dict[str, Any]:
    newest = newest_head(connection)
    return {
        "roll": roll.name,
        "origin": roll.origin,
        "made": now.isoformat(),
        "registrar": in_language(roll.opened.registrar, roll.languages[0]),
        "revision": table_export.revision(connection),
        "record_number": table_export.record_number(connection),
        "size": newest.size if newest else 0,
        "root": newest.root.hex() if newest else "",
        "checkpoint": head[0].decode(),
    }


def _put_tables(box: Box, connection: Connection, progress: Progress) -> dict[str, int]:
    counts: dict[str, int] = {}
    names = table_export.names(connection)
    for place, name in enumerate(names, 1):
        counts[name] = 0
        for number, (lines, rows) in enumerate(table_export.lots(connection, name)):
            box.put(f"tables/{name}/{number:06d}.ndjson", lines)
            counts[name] += rows
            progress(f"rows of {name}", counts[name], 0)
        progress("tables", place, len(names))
    return counts


def _put_log(box: Box, connection: Connection, head: tuple[bytes, Checkpoint]) -> None:
    for level, index, width, data in table_export.tiles(connection):
        box.put(f"log/{tile_path(level, index, width)}", data)
    for index, width, data in table_export.bundles(connection):
        box.put(f"log/{bundle_path(index, width)}", data)
    box.put("log/checkpoint", head[0])


def _put_rules(box: Box, connection: Connection) -> None:
    for ref, digest, rule in table_export.rules(connection):
        box.put(f"rules/{ref}@{digest[:16]}.json", rule.encode())
    for jurisdiction, bundle in table_export.jurisdictions(connection):
        box.put(f"jurisdictions/{jurisdiction}.json", bundle.encode())


def _put_files(box: Box, home: Path) -> None:
    """The keys and their check values, the ratchet, and what is left of logs that ended."""
    for path in sorted(home.rglob("*")):
        within = path.relative_to(home)
        if path.is_file() and within.parts[0] in ("keys", KEY_CHECKS, "ratchet", "ended"):
            box.put(f"files/{within}", path.read_bytes(), path.stat().st_mode & 0o777)


def statement(origin: str, size: int, manifest: bytes) -> str:
    """The text that is signed: it can be read as no checkpoint of any log, for its first line is a name no log has."""
    return f"{FORM}\n{origin}\n{size}\n{hashlib.sha256(manifest).hexdigest()}\n"


def _sign(roll: Roll, head: Checkpoint, manifest: bytes) -> bytes:
    # The Ed25519 key only: ML-DSA-44 signs checkpoints and nothing else (tlog-cosignature, "subtree/v1").
    signers = [one for one in roll.keys.signers_at(head.size) if one.verifier.algorithm == ED25519]
    return sign_note(statement(roll.origin, head.size, manifest), signers)


def _hand_over(command: str, path: Path) -> None:
    try:
        done = subprocess.run([*shlex.split(command), str(path)], check=False)  # noqa: S603 - the keeper's own command
    except OSError as error:
        raise NotDeposited(f"{command!r} cannot be run: {error.strerror}. The deposit stays in {path}") from error
    if done.returncode:
        raise NotDeposited(f"{command!r} ended with status {done.returncode}. The deposit stays in {path}")


def _say(roll: Roll, day: date, holder: str, digest: str, size: int) -> None:
    command = DepositEscrow(on=day, holder=holder, digest=digest, size=size)
    with roll.database.own() as connection:
        acted = act(connection, roll, command)
        if isinstance(acted, Refused):
            raise NotDeposited(f"the deposit was handed over, and could not be put on record: {acted.refusal.code}")
        work_rows.end_others(connection, WORK, [], roll.clock())


def missed(connection: Connection, today: date) -> str:
    """The day of the newest deposit, when it is older than yesterday; empty when none is missed, or none was ever made."""
    newest = recovery_records.newest_deposit(connection)
    return newest.isoformat() if newest is not None and newest < today - timedelta(days=1) else ""
