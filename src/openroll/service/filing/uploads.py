"""Files sent by a page: looked at before anyone is answered, then taken behind the page, so that a tab may be closed.

The file waits on disk (upload_files.py) and its progress in the database; a queue takes it (upload_queue.py). It ends in a
message that stays until somebody has looked. No table, log or metric holds its name or a cell of it.
"""

import functools
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from psycopg import Connection

from openroll.disk_room import Room
from openroll.register.decision import Refused
from openroll.register.file_refusals import (
    DiskFull,
    FileFaulty,
    FileOvertaken,
    FileRestFaulty,
    FileTooLarge,
    FileUnfinished,
    UploadLost,
    UploadNotKept,
    UploadsFull,
    UploadsWaiting,
    UploadTimeOver,
    UploadUnknown,
)
from openroll.register.organisation.roles import Seat, seat_of
from openroll.register.refusal import Refusal
from openroll.register.refusals import DatabaseAway, DatabaseBusy
from openroll.service.filing import upload_files
from openroll.service.filing.upload_files import MIB, UPLOAD_LIMITS, UploadLimits, file_of
from openroll.service.identity.seats import acting
from openroll.service.roll import Roll
from openroll.service.rollback_guard import new_numbers
from openroll.service.work import MACHINE, enqueue
from openroll.sheet import COLUMNS, Fault
from openroll.sheet.faults import without_values
from openroll.sheet.limits import LIMITS
from openroll.store import uploads
from openroll.store.uploads import UploadRow as UploadRow  # noqa: PLC0414 - pages name it, and import no store

if TYPE_CHECKING:
    from openroll.service.filing.bulk import FileRefused


UPLOAD = "upload"
"""The kind of work that an operator's waiting files are; its key is the operator."""
MOST_SHOWN = 1_000


class Verdicts(msgspec.Struct, frozen=True):
    """What an upload came to: the refusal's code and parameters, if any, and the first faults."""

    code: str = ""
    params: dict[str, object] = {}
    faults: tuple[Fault, ...] = ()


class Interrupted(Exception):
    """Taking a file broke off through no fault of its own: it can be taken up again."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def send(
    roll: Roll, by: Seat, sent: BinaryIO, purpose: str = "file", limits: UploadLimits = UPLOAD_LIMITS
) -> UploadRow | Refused:
    """Enter a file that was sent. One that cannot be put right here, above all one with a column that has no place, is not kept
    for a moment: it is entered as refused, with faults that quote nothing of it.

    `sent` is an open file that can be read from its begin; what it was called is not asked. Raises RollIsHeld, and then nothing
    is kept.
    """
    roll.check_held()
    size = sent.seek(0, 2)
    if size > LIMITS.file_bytes:
        return Refused(FileTooLarge(most=LIMITS.file_bytes // MIB))
    if (none := no_share(roll, by, size, limits)) is not None:
        return none
    try:
        return _enter(roll, by, sent, purpose, size, limits)
    except OSError:  # the disk, and with it the entry is rolled back: the database's errors are none of these
        return Refused(DiskFull())


def no_share(roll: Roll, by: Seat, size: int, limits: UploadLimits = UPLOAD_LIMITS) -> Refused | None:
    """Why a seat may not send a file of so many bytes now: asked before any work that grows with the file."""
    with roll.database.own() as connection:
        return _no_share(connection, by, size, limits)


def _no_share(connection: Connection, by: Seat, size: int, limits: UploadLimits) -> Refused | None:
    """As `no_share`. Until the transaction ends nobody enters another file of this operator."""
    if (gone := acting(connection, by)) is not None:
        return gone
    waiting, kept = uploads.share(connection, by.organisation)
    if waiting >= limits.waiting:
        return Refused(UploadsWaiting(most=limits.waiting))
    if kept + size > limits.kept_megabytes * MIB:
        return Refused(UploadsFull(most=limits.kept_megabytes))
    return None


def _enter(roll: Roll, by: Seat, sent: BinaryIO, purpose: str, size: int, limits: UploadLimits) -> UploadRow | Refused:
    from openroll.sheet.apart import look_apart  # noqa: PLC0415 - what reads files comes with the first file
    from openroll.sheet.first_look import keepable  # noqa: PLC0415 - as above

    faults = look_apart(sent, spool=Room(roll.home))
    number = new_numbers(roll, "upload").start
    # On the disk before its entry, so that no connection waits for it; what a crash leaves is swept, as nobody holds it any more.
    with ExitStack() as held:
        if keepable(faults):
            held.enter_context(upload_files.write(file_of(roll, number), sent, size, Room(roll.home)))
        with roll.database.own() as connection:
            if (none := _no_share(connection, by, size, limits)) is not None:
                file_of(roll, number).unlink(missing_ok=True)
                return none
            now = roll.clock()
            row = uploads.begin(connection, number, by.organisation, by.number, purpose, size, now)
            if not keepable(faults):
                row = refused(row, FileFaulty(faults=len(faults)), faults, len(faults), now)
                uploads.ended(connection, row)
                return row
            enqueue(connection, UPLOAD, by.organisation, MACHINE, UPLOAD, now, now=now)
    return row


def find(roll: Roll, operator: str, number: int, *, looked: bool = True) -> UploadRow | Refused:
    """One of an operator's own uploads. Somebody who `looked` has read its message; a page that asks how far it is has not."""
    with roll.database.own() as connection:
        row = uploads.upload(connection, operator, number)
        if row is not None and looked:
            uploads.was_seen(connection, number, roll.clock())
    return row if row is not None else Refused(UploadUnknown())


def history(roll: Roll, operator: str) -> list[UploadRow]:
    """An operator's newest uploads."""
    with roll.database.own() as connection:
        return uploads.uploads(connection, operator)


def verdicts(row: UploadRow) -> Verdicts:
    """What an upload came to, as the table knows it: nothing that stood in the file."""
    return msgspec.json.decode(row.result, type=Verdicts) if row.result else Verdicts()


def quoted_faults(roll: Roll, row: UploadRow) -> tuple[Fault, ...]:
    """The faults of an upload with the cells they are about, as long as its file is kept; without them afterwards."""
    text = upload_files.quoted(roll, row.id)
    return msgspec.json.decode(text, type=tuple[Fault, ...]) if text else verdicts(row).faults


def why_gone(roll: Roll, row: UploadRow) -> Refusal | None:
    """Why a file cannot be put right any more, or None while it is kept."""
    if row.gone is None:
        return None
    if row.why == "lost":
        return UploadLost()
    on = roll.day(row.gone)
    return UploadTimeOver(on=on) if row.why == "time" else UploadNotKept(on=on)


def sender_of(row: UploadRow) -> Seat:
    """The seat that sent a file: of the operator that it was then, also where another succeeded it since."""
    return seat_of(row.sender or "") or Seat(row.operator, row.seat)


Work = Callable[[Roll, UploadRow, Path, Callable[[str, int, int], None]], UploadRow]


def take(roll: Roll, row: UploadRow, path: Path, progress: Callable[[str, int, int], None]) -> UploadRow:
    """File what was uploaded; the upload as it ended. Raises Interrupted."""
    from openroll.service.filing.bulk import FileRefused, take_file  # noqa: PLC0415 - what reads files comes with the first file

    may = functools.partial(acting, seat=sender_of(row))
    result = take_file(roll, row.operator, path, size=row.size, progress=progress, may=may)
    if isinstance(result, FileRefused):
        return _refused(roll, row, result)
    now = roll.clock()
    return row._replace(
        state="done", ended=now, rows=result.rows, stored=result.stored, digest=result.digest, gone=now, why="taken"
    )


class Compared(msgspec.Struct, frozen=True):
    """What a comparison came to: counts, and the first rows of what differs as CSV, which no table holds."""

    same: int
    only_list: int
    only_roll: int
    differs: int
    ended: int
    csv: str = ""
    under_earlier: int = 0


def compare(roll: Roll, row: UploadRow, path: Path, progress: Callable[[str, int, int], None]) -> UploadRow:
    """Compare what was uploaded with the roll; the upload as it ended. Nothing is changed. Raises Interrupted."""
    from openroll.service.filing.bulk import FileRefused  # noqa: PLC0415 - what reads files comes with the first file
    from openroll.service.filing.reconcile import reconcile  # noqa: PLC0415 - as above

    with roll.database.own() as connection:
        gone = acting(connection, sender_of(row))
    if gone is not None:
        return _refused(roll, row, FileRefused(gone))
    result = reconcile(roll, row.operator, path, progress=progress)
    if isinstance(result, FileRefused):
        return _refused(roll, row, result)
    now = roll.clock()
    said = Compared(result.same, result.only_list, result.only_roll, result.differs, result.ended)
    said = msgspec.structs.replace(said, under_earlier=result.under_earlier)
    upload_files.quote(roll, row.id, result.csv().encode())
    text = msgspec.json.encode(said).decode()
    return row._replace(state="done", ended=now, rows=result.listed, result=text, gone=now, why="taken")


def compared(roll: Roll, row: UploadRow) -> Compared | None:
    """What a comparison came to; its rows as long as they are kept. None for any other upload."""
    if row.purpose != "compare" or row.state != "done" or not row.result:
        return None
    said = msgspec.json.decode(row.result, type=Compared)
    return msgspec.structs.replace(said, csv=upload_files.quoted(roll, row.id).decode())


def _refused(roll: Roll, row: UploadRow, result: "FileRefused") -> UploadRow:
    refusal = result.refused.refusal
    if isinstance(refusal, FileUnfinished | FileOvertaken | DatabaseAway | DatabaseBusy | DiskFull):
        raise Interrupted(refusal)
    ended = refused(row, refusal, result.faults, result.fault_count, roll.clock())
    if result.stored:
        ended = ended._replace(rows=result.rows, stored=result.stored)
    if ended.gone is None:
        upload_files.quote(roll, row.id, msgspec.json.encode(result.faults[:MOST_SHOWN]))
    return ended


def refused(row: UploadRow, refusal: Refusal, faults: tuple[Fault, ...], fault_count: int, now: datetime) -> UploadRow:
    """The upload as refused; whether its file is kept depends on whether somebody could put it right."""
    from openroll.sheet.first_look import keepable  # noqa: PLC0415 - what reads files comes with the first file

    bare = tuple(without_values(fault, COLUMNS) for fault in faults[:MOST_SHOWN])
    text = msgspec.json.encode(Verdicts(refusal.code, refusal.params, bare)).decode()
    ended = row._replace(state="refused", ended=now, fault_count=fault_count, result=text)
    if isinstance(refusal, FileRestFaulty):
        ended = ended._replace(rows=refusal.rows, stored=refusal.stored)
    return ended if faults and keepable(faults) else ended._replace(gone=now, why="not-kept")


def failed(row: UploadRow, refusal: Refusal, now: datetime) -> UploadRow:
    """The upload as given up, through no fault of the file, which is not kept."""
    text = msgspec.json.encode(Verdicts(refusal.code, refusal.params)).decode()
    return row._replace(state="failed", ended=now, result=text, gone=now, why="not-kept")


WORKS: dict[str, Work] = {"file": take, "compare": compare}
"""What is done with files sent by a page, by purpose."""
