"""Everything that waits, for a person or for the machine: with an owner, a reason and a due time (store/work.py).

An act enqueues what it leaves to be done, in its own transaction; a clock enqueues what comes again and again. The background
worker (service/worker.py) takes what is due by a registry of kinds. What fails is tried again, later each time, and after its
last attempt it waits for a person, with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import msgspec
from psycopg import Connection

from openroll.register.decision import Refused
from openroll.register.organisation.roles import REGISTRAR
from openroll.register.roll.refusals import ProposalUnknown
from openroll.register.subscription.filing_code import reference_of
from openroll.service.log.trouble import logged
from openroll.service.roll import NotNow, Roll
from openroll.store import subscriptions
from openroll.store import work as rows
from openroll.store.connect import assume
from openroll.store.waiting import wait_little
from openroll.store.work import MACHINE, WorkRow, enqueue

__all__ = [
    "CONTACT",
    "MACHINE",
    "WAITS",
    "Again",
    "Away",
    "Done",
    "Kind",
    "Later",
    "Never",
    "Ran",
    "Waiting",
    "end_of",
    "enqueue",
    "ensure_recurring",
    "queue",
    "run_due",
    "run_one",
    "take",
]

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""How long work is put off after its first, second, ... attempt that failed. After the last it waits for a person."""
CONTACT = "contact"
"""The kind of work, and its reason, that an address which does not open is for the registrar's people; its key is the record's
number, which is shown to nobody."""
LEASE = timedelta(minutes=1)
"""For how long a process holds what it has in hand without renewing it: when it dies, another goes on after this."""


class Done(msgspec.Struct, frozen=True):
    """It is done, and waits no more. What comes again by a clock waits for its next time."""


class Again(msgspec.Struct, frozen=True):
    """A part of it is done: the rest is due at once, behind what has waited longer."""


class Later(msgspec.Struct, frozen=True):
    """It did not work this time. `fault` says why, without anything a person told; `counted` whether this was an attempt."""

    fault: str
    counted: bool = True


class Away(msgspec.Struct, frozen=True):
    """What all work of this kind needs is not there (a mail server): the others keep their attempts, and wait a while."""

    fault: str


class Never(msgspec.Struct, frozen=True):
    """It cannot work: a person must look."""

    fault: str


Result = Done | Again | Later | Away | Never
Handle = Callable[[WorkRow], Result]


@dataclass(frozen=True)
class Kind:
    """How one kind of work is done. `handle` may be called twice for the same piece, after a crash: it must be harmless.

    `waits` are the pauses after failed attempts, `lanes` how many a process does at once, `every` says of work that comes by a
    clock when it is next due. `reason` is why a person has it when the machine gave it up.
    """

    handle: Handle
    reason: str
    waits: Sequence[timedelta] = WAITS
    lanes: int = 1
    every: Callable[[datetime], datetime] | None = None
    lease: timedelta = LEASE


class Ran(msgspec.Struct, frozen=True):
    """A piece of work that was taken, and what came of it; `settled` once the table says so too."""

    row: WorkRow
    result: Result


Registry = Mapping[str, Kind]


def end_of(roll: Roll, day: date) -> datetime:
    """The last moment of a civil day, as a due time for people."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=roll.zone)


def ensure_recurring(roll: Roll, kinds: Registry, now: datetime) -> None:
    """Have what comes by a clock wait, where it does not yet: its first time is now.

    What a clock that ran ahead put off for too long comes back: nothing waits longer than its kind does.
    """
    with roll.database.own() as connection:
        for name, kind in kinds.items():
            if kind.every is not None and not rows.is_waiting(connection, name, ""):
                enqueue(connection, name, "", MACHINE, name, now, now=now)
            latest = kind.every(now) if kind.every is not None else now + max(kind.waits, default=LEASE)
            rows.bring_forward(connection, name, MACHINE, latest, now + kind.lease)


def take_due(roll: Roll, kinds: Registry, now: datetime, in_hand: Sequence[int] = ()) -> WorkRow | None:
    """Take what is due longest of these kinds, under a lease."""
    lease = max((kind.lease for kind in kinds.values()), default=LEASE)
    with roll.database.own() as connection:
        return rows.take_due(connection, tuple(kinds), now, now + lease, in_hand)


def do(kind: Kind, row: WorkRow) -> Result:
    """Do a piece of work that was taken. A fault of ours is a failed attempt; its text may repeat anything, so only its place is
    kept."""
    if row.attempts > len(kind.waits) + 1 and kind.every is None:
        return Never(row.fault or "it broke off each time, with the process that did it")
    try:
        return kind.handle(row)
    except NotNow as error:
        return Later(type(error).__name__, counted=False)
    except Exception as error:
        return Later(logged(error))


def settle(roll: Roll, kind: Kind, ran: Ran, now: datetime) -> None:
    """Say in the table what came of a piece of work. Harmless where another has taken it up meanwhile.

    Raises LockNotAvailable where somebody holds its row for longer than a moment: it is said later.
    """
    row, result = ran.row, ran.result
    with roll.database.own() as connection:
        wait_little(connection)
        if isinstance(result, Done) and kind.every is not None:
            rows.put_off(connection, row, kind.every(now), "", attempts=0)
        elif isinstance(result, Done):
            rows.complete(connection, row, now)
        elif isinstance(result, Again):
            rows.put_off(connection, row, now, "", attempts=0)
        elif isinstance(result, Later) and not result.counted:
            rows.put_off(connection, row, now + kind.waits[0], result.fault, attempts=max(row.attempts - 1, 0))
        elif not isinstance(result, Never) and (row.attempts <= len(kind.waits) or kind.every is not None):
            wait = kind.waits[min(row.attempts, len(kind.waits)) - 1]
            rows.put_off(connection, row, now + wait, result.fault, attempts=row.attempts)
        else:
            rows.hand_over(connection, row, REGISTRAR, kind.reason, end_of(roll, roll.day(now)), result.fault)


def run_one(roll: Roll, kinds: Registry, now: datetime) -> Ran | None:
    """Do what is due longest; None when nothing of these kinds is due."""
    row = take_due(roll, kinds, now)
    if row is None:
        return None
    ran = Ran(row, do(kinds[row.kind], row))
    settle(roll, kinds[row.kind], ran, now)
    return ran


def run_due(roll: Roll, kinds: Registry, now: datetime) -> list[Ran]:
    """Do all that is due at `now`; what is put off beyond that waits. For commands and tests: a server has its worker."""
    ensure_recurring(roll, kinds, now)
    done: list[Ran] = []
    left = dict(kinds)
    while left and (ran := run_one(roll, left, now)) is not None:
        done.append(ran)
        if isinstance(ran.result, Away):
            left.pop(ran.row.kind)
    return done


class Waiting(msgspec.Struct, frozen=True):
    """A piece of work as the page shows it; `left` is in days, negative when it is late. `on` is the civil day it is due.

    `about` says whose or what it is to who has to see to it.
    """

    row: WorkRow
    on: date
    left: int
    about: str = ""

    @property
    def for_person(self) -> bool:
        """Whether somebody must do something; the rest is the machine's."""
        return self.row.owner != MACHINE


def queue(roll: Roll) -> list[Waiting]:
    """Everything that waits, the soonest due first. Reading changes nothing."""
    today = roll.day(roll.clock())
    with roll.database.own() as connection:
        found = rows.waiting(connection)
        if any(row.kind == CONTACT for row in found):
            assume(connection, "registrar")
        named = {row.id: _about(connection, roll, row) for row in found}
    return [Waiting(row, roll.day(row.due), (roll.day(row.due) - today).days, named[row.id]) for row in found]


def _about(connection: Connection, roll: Roll, row: WorkRow) -> str:
    """What a piece of work is about: for a record's address the operator and handle by which the registrar looks it up."""
    if row.kind != CONTACT:
        return row.key
    record = subscriptions.get(connection, int(row.key))
    if record is None:
        return ""
    return f"{record.operator} {record.handle or reference_of(record.number, roll.keys.code_key)}"


class Backlog(msgspec.Struct, frozen=True):
    """How many pieces of a kind wait for an owner, and for how many seconds the longest waiting of them has been due."""

    kind: str
    owner: str
    pieces: int
    late: float


def backlog(roll: Roll) -> list[Backlog]:
    """What waits, counted by kind and owner."""
    now = roll.clock()
    with roll.database.own() as connection:
        found = rows.counts(connection, now)
    return [
        Backlog(one.kind, one.owner, one.pieces, 0.0 if one.oldest is None else (now - one.oldest).total_seconds())
        for one in found
    ]


def take(roll: Roll, number: int, person: int) -> Refused | None:
    """Make a piece of work one's own."""
    with roll.database.own() as connection:
        return None if rows.take_over(connection, number, person) else Refused(ProposalUnknown())


def retry(roll: Roll, number: int) -> Refused | None:
    """Have the machine try once more what it had given up."""
    with roll.database.own() as connection:
        return None if rows.retry(connection, number, roll.clock()) else Refused(ProposalUnknown())
