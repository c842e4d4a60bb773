"""Taking an operator's file: judged whole, then written in batches under its digest.

A crash between two batches is finished, not doubled, by sending the file again: the ledger says how far it came, the
numbers of its records were set aside at the start, and the bounds of batches depend on the file alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import msgspec
import polars as pl
import psycopg
from psycopg import Connection

from openroll.disk_room import NoRoom, Room
from openroll.register.command import Actor
from openroll.register.decision import Accepted, Refused
from openroll.register.file_refusals import (
    DiskFull,
    FileFaulty,
    FileInProgress,
    FileOvertaken,
    FileRestFaulty,
    FileUnfinished,
)
from openroll.register.organisation.refusals import OperatorUnknown, TokenUnknown
from openroll.register.refusal import Refusal
from openroll.register.refusals import DatabaseAway, DatabaseBusy
from openroll.register.subscription.citations import citation_of_faults
from openroll.register.subscription.columns import FILED, filed_bodies
from openroll.register.subscription.commands import Change, End, Rehandle
from openroll.register.subscription.decide import Subscription, decide, evolve
from openroll.service.acts import append, copy_in
from openroll.service.event_rows import event_row
from openroll.service.filing import faults_of_roll as faults
from openroll.service.filing.pace import Pace
from openroll.service.filing.projections import show, show_filed, states_of
from openroll.service.roll import NotNow, Roll
from openroll.service.rollback_guard import new_numbers, refuse_if_behind
from openroll.sheet import Fault, Sheet
from openroll.sheet.apart import read_apart
from openroll.store import files, operators, subscriptions
from openroll.store import roll as rolls
from openroll.store.connect import assume
from openroll.store.files import TakenFile
from openroll.store.numbers import RECORD
from openroll.store.rights import now_stands
from openroll.store.subscriptions import Left, LeftBy
from openroll.store.waiting import WAITED_OUT

BATCH = 25_000

Progress = Callable[[str, int, int], None]
"""(what is being done, how much of it, of how much): bytes while checking, rows while filing."""


May = Callable[[Connection], Refused | None]
"""Why whoever sent a file may not file any more, if so; asked within the transaction that writes, under the role application."""


class FileTaken(msgspec.Struct, frozen=True):
    """What became of a file: how many rows it holds, and how many were stored just now (0 when it was taken already)."""

    rows: int
    stored: int
    digest: str
    dry_run: bool = False


class FileRefused(msgspec.Struct, frozen=True):
    """Why a file was refused whole; `faults` are the first thousand of `fault_count`.

    Or why no more of it is filed, where the first `stored` of its `rows` are.
    """

    refused: Refused
    faults: tuple[Fault, ...] = ()
    fault_count: int = 0
    faults_csv: str = ""
    stored: int = 0
    rows: int = 0


def take_file(  # noqa: PLR0913 - what is sent and how, and for the tests its steps
    roll: Roll,
    operator: str,
    source: Path | BinaryIO,
    *,
    size: int = 0,
    dry_run: bool = False,
    progress: Progress = lambda *_: None,
    step: Callable[[str], None] = lambda _: None,
    spool_in: Path | None = None,
    encoding: str = "",
    may: May = lambda _: None,
) -> FileTaken | FileRefused:
    """Take an operator's file whole, or refuse it whole with every fault. A file already taken changes nothing.

    `encoding` is what somebody named, for a file not in UTF-8. `size` (bytes) is for the progress only. A dry run does everything
    and rolls it back. `step` is told of each step. Where the database goes away, the answer says whether nothing was taken
    (DatabaseAway) or how much at least (FileUnfinished). Rows wait in a file without a name, on the disk of `spool_in` or of the
    roll's home. Another filing that comes between check and write is no fault of anybody's: FileOvertaken says how much is
    filed, and sent again the file is checked anew. `may` is asked in every transaction that writes why its sender may not
    file any more: then no more is written. Raises ChildBroken, a fault of ours.
    """
    work: _Taking | None = None
    try:
        with roll.database.open_runtime("openroll-file", role="application") as connection:
            connection.autocommit = True
            if operator not in rolls.operators(connection):
                return FileRefused(Refused(OperatorUnknown(operator=operator)))
            work = _Taking(roll, connection, operator, progress, step, may)
            if not dry_run:
                roll.check_held()
            return work.take(source, Room(spool_in or roll.home), size, encoding, dry_run=dry_run)
    except _MayNot as error:
        return error.refused
    except NoRoom:
        return FileRefused(Refused(DiskFull()))
    except (NotNow, psycopg.OperationalError, psycopg.InterfaceError, *WAITED_OUT) as error:
        return FileRefused(_broken_off(roll, work, error))


def _broken_off(roll: Roll, work: "_Taking | None", error: Exception) -> Refused:
    """What is known when the connection was lost, a wait ran out, or nothing may be written any more."""
    stored, rows = (0, 0) if work is None else work.filed
    if isinstance(error, NotNow) and not stored:  # its batch was begun in vain
        return error.refused
    if rows:
        return Refused(FileUnfinished(stored=stored, rows=rows), roll.rule_name)
    return Refused(DatabaseBusy() if isinstance(error, WAITED_OUT) else DatabaseAway(), roll.rule_name)


def _faulty(sheet: Sheet, file: TakenFile | None) -> Refusal:
    """That a sheet has faults; how much of it is filed, where it was begun when it had none."""
    if file is None or not file.done:
        return FileFaulty(faults=sheet.fault_count)
    return FileRestFaulty(faults=sheet.fault_count, stored=file.done, rows=file.rows)


def token_may_file(roll: Roll, operator: str, token: bytes, connection: Connection) -> Refused | None:
    """Why nothing is filed under a token (its hash) any more, if so; else it does not end before the transaction has."""
    found = rolls.organisations_of(connection, [token], roll.clock(), hold=True).get(token)
    return None if found == operator else Refused(TokenUnknown())


class _MayNot(Exception):
    """Whoever sent the file may not file any more: what they stand for has ended since. The batch is rolled back."""

    def __init__(self, refused: FileRefused) -> None:
        super().__init__(refused.refused.refusal.code)
        self.refused = refused


class _Overtaken(Exception):
    """Somebody else filed something between check and write, so that a row is not good any more. Its batch is rolled back."""


class _Taking:
    def __init__(
        self,
        roll: Roll,
        connection: Connection,
        operator: str,
        progress: Progress,
        step: Callable[[str], None],
        may: May,
    ) -> None:
        self.roll = roll
        self.connection = connection
        self.operator = operator
        self.actor = Actor("operator", operator)
        self.progress = progress
        self.step = step
        self.may = may
        self.me = uuid4()
        """By which name this one holds the lease of its file."""
        self.already, self.of_old_key = faults.Alike(), faults.Alike()
        self.writing: tuple[int, int] | None = None
        """Once something may have been written: how many rows are surely stored, of how many."""

    @property
    def filed(self) -> tuple[int, int]:
        """How many rows are surely stored, of how many; none, as long as nothing may have been written."""
        return self.writing or (0, 0)

    def refuse_if_ended(self) -> None:
        """Raise _MayNot where who sent the file may not file any more. Within a transaction that writes."""
        refused = self.may(self.connection)
        if refused is None and not operators.is_in_force(self.connection, self.operator, hold=True):
            refused = Refused(OperatorUnknown(operator=self.operator))
        if refused is not None:
            stored, rows = self.filed
            raise _MayNot(FileRefused(refused, stored=stored, rows=rows))

    def take(
        self, source: Path | BinaryIO, spool: Room, size: int, encoding: str, *, dry_run: bool
    ) -> FileTaken | FileRefused:
        day = self.roll.day(self.roll.clock())
        terms = self.roll.setting(day).terms
        sheet = read_apart(
            source, terms, spool=spool, encoding=encoding, progress=lambda done: self.progress("checking", done, size)
        )
        # Also of a sheet that is no good any more: what was good when it was sent first may be filed.
        file = files.find(self.connection, self.operator, sheet.digest)
        if file is not None and file.finished is not None:
            return FileTaken(file.rows, 0, file.digest, dry_run)
        if sheet.ok:
            self._check_against_roll(sheet, file)
        if not sheet.ok:
            return self._refused(sheet, _faulty(sheet, file))
        if not files.try_lock(self.connection, self.operator, sheet.digest, self.me):
            return self._refused(sheet, FileInProgress(digest=sheet.digest))
        try:
            return self._take_alone(sheet, file, dry_run=dry_run)
        finally:
            if not self.connection.closed:  # else its lease ended with it
                files.unlock(self.connection, self.operator, sheet.digest, self.me)

    def _take_alone(self, sheet: Sheet, file: TakenFile | None, *, dry_run: bool) -> FileTaken | FileRefused:
        if files.find(self.connection, self.operator, sheet.digest) != file:
            return self._refused(sheet, FileInProgress(digest=sheet.digest))  # it was, until a moment ago
        if dry_run:
            return FileTaken(sheet.rows, sheet.rows - (file.done if file else 0), sheet.digest, dry_run=True)
        return self._write(sheet, file)

    def _refused(self, sheet: Sheet, refusal: Refusal) -> FileRefused:
        terms = self.roll.setting(self.roll.day(self.roll.clock())).terms
        cited = citation_of_faults([(fault.code, fault.column) for fault in sheet.faults], terms)
        refused = Refused(refusal, self.roll.rule_name, cited)
        return FileRefused(refused, sheet.faults, sheet.fault_count, sheet.faults_csv())

    def _check_against_roll(self, sheet: Sheet, file: TakenFile | None) -> None:
        """Step 3 for a file: what only the roll knows: handles filed or not, and what changes and ends would do."""
        own = file.id if file else -1
        done = 0
        fresh = not subscriptions.has_any(self.connection, self.operator, own)
        for frame in sheet.batches(BATCH):
            done += frame.height
            self.progress("comparing", done, sheet.rows)
            if file is not None and done <= file.done:
                continue
            new = frame.filter(pl.col("act") == "new")
            if not fresh and new.height:
                self._check_new(new, own)
            self._check_left(sheet, new)
            over = self._check_rehandled(sheet, frame.filter(pl.col("act") == "rehandle"), own)
            self._check_others(sheet, frame.filter((pl.col("act") != "new") & ~pl.col("row").is_in(list(over))))
        rows = sheet.rows - (file.done if file else 0)
        self.already.tell(sheet, rows, faults.list_filed)
        self.of_old_key.tell(sheet, rows, faults.list_of_old_key)

    def _check_new(self, frame: pl.DataFrame, own: int) -> None:
        filed = subscriptions.handles_known(self.connection, self.operator, frame["handle"].to_list(), own)
        if not filed:
            return
        for row, handle in frame.filter(pl.col("handle").is_in(filed)).select("row", "handle").iter_rows():
            self.already.add(faults.handle_filed(row, handle))

    def _check_left(self, sheet: Sheet, frame: pl.DataFrame) -> None:
        """Handles that records left are free, and their rows are no new subscriptions all the same."""
        if not frame.height:
            return
        left = subscriptions.left_handles(self.connection, self.operator, frame["handle"].to_list())
        if not left.handles:
            return
        found = frame.filter(pl.col("handle").is_in(list(left.handles)))
        for row, handle in found.select("row", "handle").iter_rows():
            self._add_left(sheet, row, "handle", handle, left.by(handle))

    def _add_left(self, sheet: Sheet, row: int, column: str, handle: str, by: LeftBy | None) -> None:
        if by is not None and by.changed:
            self.of_old_key.add(faults.handle_changed(row, column, handle, by.day), by.day)
        elif by is not None:
            sheet.add_fault(faults.handle_left(row, column, handle, by.day))

    def _check_rehandled(self, sheet: Sheet, frame: pl.DataFrame, own: int) -> set[int]:
        """No record is called by a handle that is another's, or that another one left. The rows whose record has it already."""
        done: set[int] = set()
        if not frame.height:
            return done
        wanted, had = frame["new_handle"].to_list(), frame["handle"].to_list()
        filed = subscriptions.handles_known(self.connection, self.operator, wanted, own)
        left = subscriptions.left_handles(self.connection, self.operator, [*wanted, *had])
        if not filed and not left.handles:
            return done
        numbers = subscriptions.numbers_of(self.connection, self.operator, [*wanted, *had])
        for row, handle, new in frame.select("row", "handle", "new_handle").iter_rows():
            if new not in filed:
                self._add_left(sheet, row, "new_handle", new, left.by(new, numbers.get(handle)))
            elif handle not in numbers and left.had(handle, numbers.get(new)):
                self.already.add(faults.has_it_already(row, handle))
                done.add(row)
            else:
                sheet.add_fault(faults.new_handle_filed(row, new))
        return done

    def _check_others(self, sheet: Sheet, frame: pl.DataFrame) -> None:
        if not frame.height:
            return
        setting = self.roll.setting(self.roll.day(self.roll.clock()))
        numbers, states = self._states(frame)
        unknown = [handle for handle in frame["handle"].to_list() if handle not in numbers]
        left = subscriptions.left_handles(self.connection, self.operator, unknown) if unknown else Left()
        pace = Pace(self.connection, self.roll, self.roll.clock(), list(numbers.values()), self.actor)
        for row in frame.iter_rows(named=True):
            number = numbers.get(row["handle"], -1)
            command, state = _command(row), states.get(number)
            decision = pace.too_many(command, number) or decide(command, state, self.actor, setting)
            if not isinstance(decision, Refused):
                continue
            if number < 0 and (day := left.changed(row["handle"])) is not None:
                self.of_old_key.add(faults.handle_changed(row["row"], "handle", row["handle"], day), day)
            else:
                sheet.add_fault(faults.refused(row["row"], row["handle"], decision.refusal))

    def _states(self, frame: pl.DataFrame) -> tuple[dict[str, int], dict[int, Subscription | None]]:
        numbers = dict(subscriptions.numbers_of(self.connection, self.operator, frame["handle"].to_list()))
        states = states_of(self.connection, list(numbers.values()))
        return numbers, states

    def _write(self, sheet: Sheet, file: TakenFile | None) -> FileTaken | FileRefused:
        """Steps 4 to 6 for a file, batch by batch; each batch with its count in the ledger in one transaction."""
        if file is None:
            first = new_numbers(self.roll, RECORD, sheet.rows).start
            with self.connection.transaction():
                refuse_if_behind(self.roll, self.connection)
                self.refuse_if_ended()
                now = self.roll.clock()
                file = files.begin(self.connection, self.operator, sheet.digest, sheet.rows, first, now)
        done, stored = 0, 0
        for frame in sheet.batches(BATCH):
            self.writing = (max(done, file.done), sheet.rows)
            if done >= file.done:
                self.step("file batch: before")
                try:
                    with self.connection.transaction():
                        self._write_batch(frame, file, done)
                        self.step("file batch: in the transaction")
                except _Overtaken:
                    return self._refused(sheet, FileOvertaken(stored=done, rows=sheet.rows))
                now_stands()
                self.step("file batch: after")
                stored += frame.height
            done += frame.height
            self.progress("filing", done, sheet.rows)
        return FileTaken(sheet.rows, stored, sheet.digest)

    def _write_batch(self, frame: pl.DataFrame, file: TakenFile, done: int) -> None:
        refuse_if_behind(self.roll, self.connection)
        self.refuse_if_ended()
        if not files.go_on(self.connection, self.operator, file.digest, self.me):
            raise _Overtaken  # it stood still for so long that another took the file
        now = self.roll.clock()
        numbered = frame.with_columns(number=pl.int_range(pl.len(), dtype=pl.Int64) + (file.first_number + done))
        new = numbered.filter(pl.col("act") == "new")
        if new.height:
            with _overtaken(_HANDLE):
                self._copy_new(new, file, now)
        others = numbered.filter(pl.col("act") != "new")
        if others.height:
            with _overtaken(_HANDLE, _VERSION):
                self._write_others(others, now)
        files.advance(self.connection, file, done, frame.height, now)

    def _copy_new(self, frame: pl.DataFrame, file: TakenFile, now: datetime) -> None:
        bodies = filed_bodies(frame, self.operator, self.roll.rule_name)
        copy_in(self.connection, self.roll, now, FILED, self.operator, frame["number"], bodies)
        show_filed(self.connection, frame, self.operator, file.id, self.roll.day(now))

    def _write_others(self, frame: pl.DataFrame, now: datetime) -> None:
        assume(self.connection, "operator", organisation=self.operator)
        setting = self.roll.setting(self.roll.day(now))
        numbers, states = self._states(frame)
        facts, shown = [], {}
        for row in frame.iter_rows(named=True):
            number = numbers.get(row["handle"], -1)
            decision = decide(_command(row), states.get(number), self.actor, setting)
            if not isinstance(decision, Accepted):
                raise _Overtaken
            for event in decision.events:
                state = evolve(states[number], event, self.roll.day(now))
                if state is None:
                    raise RuntimeError(f"record {number} has no filing to change")
                of = {"stream": number, "version": state.version}
                facts.append(event_row(self.roll, now, event, **of, actor=self.actor, owner=self.operator))
                shown[number] = state
        append(self.connection, self.roll, facts)
        show(self.connection, shown)
        assume(self.connection, "application")


_HANDLE, _VERSION = "subscription_operator_handle_key", "event_pkey"
"""What a filing breaks where somebody was quicker: with its new handle, or with the next fact of its record."""


@contextmanager
def _overtaken(*constraints: str) -> Iterator[None]:
    """Raise _Overtaken where one of these is broken: somebody was quicker. Any other would be a fault of ours."""
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name not in constraints:
            raise
        raise _Overtaken from error


class _Row(msgspec.Struct):
    row: int
    act: str
    on: date | None = None
    kind: str | None = None
    access: str | None = None
    district: str | None = None
    digests: str | None = None
    new_handle: str | None = None


def _command(row: dict[str, object]) -> Change | End | Rehandle:
    values = msgspec.convert({key: value or None for key, value in row.items()}, _Row)
    if values.act == "rehandle":
        return Rehandle(handle=values.new_handle or "")
    if values.on is None:
        raise RuntimeError(f"row {values.row} has no day, which its verdict should have said")
    if values.act == "end":
        return End(on=values.on)
    told = tuple(values.digests.split()) if values.digests else None
    return Change(on=values.on, kind=values.kind, access=values.access, district=values.district, digests=told)
