"""Reconciling: an operator's own list beside what the roll holds for it. Read as the operator, and changing nothing."""

import csv
import io
from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Literal

import msgspec
import polars as pl
import psycopg
from psycopg import Connection, IsolationLevel

from openroll.disk_room import NoRoom, Room
from openroll.register.decision import Refused
from openroll.register.events import event_of
from openroll.register.file_refusals import DiskFull, FileFaulty
from openroll.register.organisation.refusals import OperatorUnknown
from openroll.register.refusals import DatabaseAway
from openroll.register.subscription.citations import citation_of_faults
from openroll.register.subscription.decide import Subscription, evolve
from openroll.register.subscription.refusals import HandleChanged, HandleLeft
from openroll.register.subscription.terms import personal_fields
from openroll.service.filing.bulk import FileRefused, Progress
from openroll.service.roll import Roll
from openroll.sheet import Fault, Sheet
from openroll.sheet.apart import read_apart
from openroll.sheet.faults import safe_cell
from openroll.store import events, files, reconciliation, subscriptions
from openroll.store import roll as rolls
from openroll.store.connect import assume
from openroll.store.subscriptions import LeftBy

MOST = 1_000
"""How many handles of each kind are named; the counts are of all."""
BATCH = 10_000
_PUBLIC = ("kind", "access", "district", "connected")

Found = Literal["only-list", "only-roll", "differs", "ended"]


class Row(msgspec.Struct, frozen=True):
    """One finding about a handle: `column` and both values where they differ; a handle with two such columns has two rows.

    For digests each side holds those that the other has not. For an ended record `column` is `ended`, `roll` its day; of a
    handle that is only in the list because its subscription went to another operator, `handle-left` and the day it went; or got
    another handle, `handle-changed` and that day.
    """

    handle: str
    found: Found
    column: str = ""
    list: str = ""
    roll: str = ""


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """How a list of `listed` rows compares with the roll. Counts are of handles and exact; `rows` tell of the first 1,000 each.

    `listed` = `same` + `differs` + `only_list` + `ended`. Living records without a handle, which their subscribers filed,
    can be in no list: they are counted in `without_handle` and in nothing else.

    Of those that are the same, `under_earlier` were made or last changed while the rule asked other fields: they lack the digests
    of fields it asks since, or have those of fields it asks no more, and nothing else. Nothing is due of them; their next change
    brings the fields of its day. (Where a rule took up and gave up fields at once, a value that changed in the stead of one of
    these cannot be told from it, for both are digests.)
    """

    listed: int
    same: int
    only_list: int
    only_roll: int
    differs: int
    ended: int
    without_handle: int
    rows: tuple[Row, ...]
    under_earlier: int = 0

    @property
    def left(self) -> int:
        """How many of the first handles that are only in the list went to another operator."""
        return sum(row.column == HandleLeft.code for row in self.rows)

    @property
    def changed(self) -> int:
        """How many of the first handles that are only in the list are of records that got another one since."""
        return sum(row.column == HandleChanged.code for row in self.rows)

    @property
    def agrees(self) -> bool:
        """Whether the list and the roll say the same of every handle."""
        return not (self.only_list or self.only_roll or self.differs or self.ended)

    def csv(self) -> str:
        """The rows as CSV (handle, found, column, list, roll), safe to open in a spreadsheet."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["handle", "found", "column", "list", "roll"])
        for row in self.rows:
            writer.writerow(map(safe_cell, (row.handle, row.found, row.column, row.list, row.roll)))
        return out.getvalue()


def reconcile(
    roll: Roll,
    operator: str,
    source: Path,
    *,
    progress: Progress = lambda *_: None,
    spool_in: Path | None = None,
    encoding: str = "",
) -> Reconciled | FileRefused:
    """Compare an operator's list, a packed filing file with every row new, with what the roll holds for that operator.

    The file is judged as a filing is, and with any fault refused whole. The roll is seen at one moment; filings may go
    on meanwhile. Memory stays flat: the list lies in a spool, then in a temporary table of the database.
    """
    try:
        with roll.database.transaction("operator", organisation=operator) as connection:
            if operator not in rolls.operators(connection):
                return FileRefused(Refused(OperatorUnknown(operator=operator)))
        sheet = _read(roll, source, Room(spool_in or roll.home), progress, encoding)
        if not sheet.ok:
            terms = roll.setting(roll.day(roll.clock())).terms
            cited = citation_of_faults([(fault.code, fault.column) for fault in sheet.faults], terms)
            refused = Refused(FileFaulty(faults=sheet.fault_count), roll.rule_name, cited)
            return FileRefused(refused, sheet.faults, sheet.fault_count, sheet.faults_csv())
        with roll.database.open_runtime("openroll-reconcile") as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            with connection.transaction():
                assume(connection, "operator", organisation=operator)
                return _compared(connection, roll, operator, sheet, progress)
    except (psycopg.OperationalError, psycopg.InterfaceError):
        return FileRefused(Refused(DatabaseAway(), roll.rule_name))
    except NoRoom:
        return FileRefused(Refused(DiskFull()))


def _read(roll: Roll, source: Path, spool: Room, progress: Progress, encoding: str) -> Sheet:
    terms = roll.setting(roll.day(roll.clock())).terms.of_what_stands
    size = source.stat().st_size if source.is_file() else 0
    sheet = read_apart(
        source, terms, spool=spool, encoding=encoding, progress=lambda done: progress("checking", done, size)
    )
    if sheet.ok:
        for frame in sheet.batches(BATCH):
            for row, act in frame.filter(pl.col("act") != "new").select("row", "act").iter_rows():
                sheet.add_fault(_not_new(row, act))
    return sheet


def _not_new(row: int, act: str) -> Fault:
    remedy = "Compare your whole list as `openroll pack` writes it, not a file of changes and ends."
    return Fault(row, "act", act, "act-not-new", "a list in which every row is new", remedy)


def _compared(connection: Connection, roll: Roll, operator: str, sheet: Sheet, progress: Progress) -> Reconciled:
    reconciliation.make(connection)
    for frame in sheet.batches(BATCH):
        files.copy_in(connection, "listed", frame.select(reconciliation.COLUMNS.split(", ")))
    reconciliation.ready(connection)
    only_list, missing = reconciliation.only_list(connection, operator, MOST)
    left = subscriptions.left_handles(connection, operator, missing)
    only_roll, beyond = reconciliation.only_roll(connection, operator, MOST)
    ended, over = reconciliation.ended(connection, operator, MOST)
    in_public, different = reconciliation.different(connection, operator, MOST)
    digests = _Digests(_FieldChanges(roll))
    digests.compare(connection, operator, sheet.rows, progress)
    differing = sorted([*digests.found, *((one.row, _rows(one)) for one in different)], key=itemgetter(0))[:MOST]
    differs = in_public + digests.differ
    return Reconciled(
        listed=sheet.rows,
        same=sheet.rows - only_list - ended - differs,
        only_list=only_list,
        only_roll=only_roll,
        differs=differs,
        ended=ended,
        without_handle=reconciliation.without_handle(connection, operator),
        rows=(
            *(_missing(handle, left.by(handle)) for handle in missing),
            *(Row(handle, "only-roll") for handle in beyond),
            *(row for _, rows in differing for row in rows),
            *(Row(handle, "ended", "ended", "", str(day)) for handle, day in over),
        ),
        under_earlier=digests.under_earlier,
    )


def _missing(handle: str, left: LeftBy | None) -> Row:
    if left is None:
        return Row(handle, "only-list")
    return Row(handle, "only-list", (HandleChanged if left.changed else HandleLeft).code, "", str(left.day))


def _rows(one: reconciliation.Different) -> list[Row]:
    sides = zip(_PUBLIC, (one.kind, one.access, one.district, one.connected), strict=True)
    return [Row(one.handle, "differs", column, str(ours), str(held)) for column, (ours, held) in sides if ours != held]


class _FieldChanges:
    """How many fields the rule of today asks beyond those of an earlier one, and how many fewer."""

    def __init__(self, roll: Roll) -> None:
        self._today = set(personal_fields(roll.rule))
        self._of = {one.name: set(personal_fields(one.rule)) for one in roll.versions}

    def explain(self, rule: str, ours: set[str], held: frozenset[str]) -> bool:
        """Whether the fields that changed since `rule` are all that sets a list's digests apart from a record's."""
        before = self._of.get(rule, self._today)
        gained, lost = len(self._today - before), len(before - self._today)
        return len(ours) == len(self._today) and len(ours - held) <= gained and len(held - ours) <= lost


class _Digests:
    """Compares the digests of records that are alike in public: how many differ, and the first of them with their rows."""

    def __init__(self, changes: _FieldChanges) -> None:
        self.changes = changes
        self.differ, self.under_earlier = 0, 0
        self.found: list[tuple[int, list[Row]]] = []

    def compare(self, connection: Connection, operator: str, rows: int, progress: Progress) -> None:
        """Go through all of them, some thousand at a time."""
        done = 0
        for lot in reconciliation.alike(connection, operator, BATCH):
            states = {number: (state, rule) for number, state, rule in _states(connection, [one.number for one in lot])}
            for one in lot:
                self._take(one, *states[one.number])
            self.found = sorted(self.found, key=itemgetter(0))[:MOST]
            done += len(lot)
            progress("comparing", done, rows)

    def _take(self, one: reconciliation.Alike, state: Subscription, rule: str) -> None:
        ours, held = set(one.digests.split()), state.digests
        if ours == held:
            return
        if self.changes.explain(rule, ours, held):
            self.under_earlier += 1
            return
        self.differ += 1
        sides = (" ".join(sorted(ours - held)), " ".join(sorted(held - ours)))
        self.found.append((one.row, [Row(one.handle, "differs", "digests", *sides)]))


def _states(connection: Connection, numbers: Iterable[int]) -> Iterator[tuple[int, Subscription, str]]:
    """What the facts make of these records, one by one, each with the rule under which its digests were last made.

    Facts come in order of record and version.
    """
    state: Subscription | None = None
    stream, rule = -1, ""
    for row in events.of_streams(connection, list(numbers)):
        if state is not None and row.stream != stream:
            yield stream, state, rule
            state = None
        before = None if state is None else state.digests
        stream, fact = row.stream, event_of(row.name, row.body)
        state = evolve(state, fact, row.day)
        if state is not None and state.digests != before:
            rule = str(getattr(fact, "rule", ""))
    if state is not None:
        yield stream, state, rule
