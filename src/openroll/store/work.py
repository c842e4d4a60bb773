"""The work table: everything that waits for a person or the machine, enqueued by acts in their transaction and by a clock.

A row that the machine has in hand carries a lease. When the lease is over (the process died) whoever looks next takes the row up
again, so everything done from here is done at least once.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection, sql

MACHINE = "machine"
"""The owner of what the background worker does; every other owner is an organisation's short name."""


class WorkRow(NamedTuple):
    """A row of the work table: `kind` and `key` say what, `owner` whose it is, `reason` (a code) why, `due` when.

    `attempts` counts those that failed or died in a row, `taken_until` is the end of the machine's lease, `fault` says what the
    last failure was, without anything a person told. `takes` and `wanted` tell a worker whether the row is still what it took.
    `taken_by` and `label` are the person who made it their own, and what colleagues call that seat.
    """

    id: int
    kind: str
    key: str
    owner: str
    reason: str
    made: datetime
    due: datetime
    attempts: int
    taken_until: datetime | None
    takes: int
    wanted: int
    fault: str
    taken_by: int | None = None
    label: str | None = None


class WorkCount(NamedTuple):
    """How many pieces of one kind wait for one owner, and when the longest waiting of those that are due was due."""

    kind: str
    owner: str
    pieces: int
    oldest: datetime | None


_ROW = ", ".join(f"w.{name}" for name in WorkRow._fields[:-2])


def enqueue(
    connection: Connection, kind: str, key: str, owner: str, reason: str, due: datetime, *, now: datetime
) -> None:
    """Enqueue work in the connection's transaction; every serving process is notified at its commit.

    What waits already waits once, no later than before; if the machine has it in hand, it is done once more afterwards.
    """
    connection.execute(
        "select enqueue(%s, %s, %s, %s, %s, %s), pg_notify(current_schema()::text, 'work')",
        (kind, key, owner, reason, due, now),
    )


def take_due(
    connection: Connection, kinds: Collection[str], now: datetime, until: datetime, in_hand: Collection[int] = ()
) -> WorkRow | None:
    """Lease the row of these kinds that is due longest, `until` then. Two who ask at once get different rows.

    `in_hand` are rows that the asking process still works on, whatever became of their lease.
    """
    row = connection.execute(
        "update work w set taken_until = %(until)s, takes = takes + 1, attempts = attempts + 1 where id = ("
        " select id from work where ended is null and owner = 'machine' and kind = any(%(kinds)s) and due <= %(now)s"
        " and (taken_until is null or taken_until <= %(now)s) and not id = any(%(in_hand)s::bigint[])"
        f" order by due, id limit 1 for update skip locked) returning {_ROW}",
        {"kinds": list(kinds), "now": now, "until": until, "in_hand": list(in_hand)},
    ).fetchone()
    return None if row is None else WorkRow(*row)


def renew(connection: Connection, rows: Collection[int], until: datetime) -> None:
    """Renew the leases of rows in progress; of one that somebody holds, the next time: nobody else takes it meanwhile."""
    connection.execute(
        "update work set taken_until = %s where id in (select id from work where id = any(%s::bigint[])"
        " and taken_until is not null for update skip locked)",
        (until, list(rows)),
    )


def complete(connection: Connection, row: WorkRow, now: datetime) -> None:
    """Delete a finished row; where it was enqueued again meanwhile it is due again instead."""
    gone = connection.execute(
        "delete from work where id = %s and takes = %s and wanted = %s", (row.id, row.takes, row.wanted)
    )
    if gone.rowcount == 0:
        put_off(connection, row, now, "", attempts=0)


def put_off(connection: Connection, row: WorkRow, due: datetime, fault: str, *, attempts: int) -> None:
    """Return a row: due again later, or as soon as it was enqueued again meanwhile."""
    connection.execute(
        "update work set due = case when wanted = %s then %s else least(due, %s) end, attempts = %s, fault = %s,"
        " taken_until = null where id = %s and takes = %s and ended is null",
        (row.wanted, due, due, attempts, fault, row.id, row.takes),
    )


def hand_over(connection: Connection, row: WorkRow, owner: str, reason: str, due: datetime, fault: str) -> None:
    """Hand a row that the machine gives up to a person of `owner`."""
    connection.execute(
        "update work set owner = %s, reason = %s, due = %s, fault = %s, taken_until = null"
        " where id = %s and takes = %s and ended is null",
        (owner, reason, due, fault, row.id, row.takes),
    )


def retry(connection: Connection, number: int, now: datetime) -> bool:
    """Have the machine try once more, with all its attempts before it, what waits for a person; whether it was there."""
    done = connection.execute(
        "update work set owner = 'machine', due = %s, attempts = 0, taken_by = null, taken_until = null"
        " where id = %s and ended is null and owner <> 'machine' and takes > 0",
        (now, number),
    )
    return done.rowcount > 0


def waiting(connection: Connection) -> list[WorkRow]:
    """All that waits, the soonest due first."""
    rows = connection.execute(
        f"select {_ROW}, w.taken_by, p.label from work w left join person p on p.id = w.taken_by"
        " where w.ended is null order by w.due, w.id"
    )
    return [WorkRow(*row) for row in rows]


def is_waiting(connection: Connection, kind: str, key: str) -> bool:
    """Whether this waits already."""
    query = "select from work where kind = %s and key = %s and ended is null"
    return connection.execute(query, (kind, key)).fetchone() is not None


def bring_forward(connection: Connection, kind: str, owner: str, latest: datetime, until: datetime) -> None:
    """Have what waits of one kind for one owner be due at an instant at the latest, and no lease of it last beyond `until`."""
    connection.execute(
        "update work set due = least(due, %(latest)s), taken_until = least(taken_until, %(until)s)"
        " where kind = %(kind)s and owner = %(owner)s and ended is null and (due > %(latest)s or taken_until > %(until)s)",
        {"kind": kind, "owner": owner, "latest": latest, "until": until},
    )


def keys_of(connection: Connection, kind: str) -> list[str]:
    """What waits of one kind, the oldest first."""
    rows = connection.execute("select key from work where kind = %s and ended is null order by id", (kind,)).fetchall()
    return [key for (key,) in rows]


def counts(connection: Connection, now: datetime) -> Sequence[WorkCount]:
    """What waits, counted by kind and owner, with the age of what is due."""
    rows = connection.execute(
        "select kind, owner, count(*), min(due) filter (where due <= %s) from work where ended is null"
        " group by kind, owner order by kind, owner",
        (now,),
    )
    return [WorkCount._make(row) for row in rows]


def next_due(connection: Connection, kinds: Collection[str], now: datetime) -> datetime | None:
    """When the next of these kinds that is not due yet will be."""
    row = connection.execute(
        "select min(due) from work where ended is null and owner = 'machine' and kind = any(%s) and due > %s",
        (list(kinds), now),
    ).fetchone()
    return None if row is None else row[0]


def take_over(connection: Connection, number: int, person: int) -> bool:
    """Make a piece of work a person's own; whether it was there to take."""
    done = connection.execute(
        "update work set taken_by = %s where id = %s and ended is null and owner = 'registrar'", (person, number)
    )
    return done.rowcount > 0


def end(connection: Connection, kind: str, key: str, outcome: str, now: datetime) -> bool:
    """Something does not wait any more, and how it ended; whether it did wait."""
    done = connection.execute(
        "update work set ended = %s, outcome = %s where kind = %s and key = %s and ended is null",
        (now, outcome, kind, key),
    )
    return done.rowcount > 0


def end_others(connection: Connection, kind: str, still: Collection[str], now: datetime) -> None:
    """What of a kind is not wanted any more has ended by itself."""
    connection.execute(
        "update work set ended = %s, outcome = 'settled' where kind = %s and ended is null and not (key = any(%s))",
        (now, kind, list(still)),
    )


def kind_for_person(connection: Connection, number: int) -> str | None:
    """What a piece of work is that waits for the registrar's people; None where none of that number does. Nobody else ends it
    until the transaction is over."""
    row = connection.execute(
        "select kind from work where id = %s and ended is null and owner = 'registrar' for update", (number,)
    ).fetchone()
    return None if row is None else str(row[0])


def end_for_person(connection: Connection, number: int, outcome: str, now: datetime) -> WorkRow | None:
    """A person says how a piece of work ended; the row, if it was there and a person's."""
    row = connection.execute(
        "update work w set ended = %s, outcome = %s where id = %s and ended is null and owner = 'registrar'"
        f" returning {_ROW}",
        (now, outcome, number),
    ).fetchone()
    return None if row is None else WorkRow(*row)


def tell(connection: Connection, what: str) -> None:
    """Tell every serving process of the roll, once the transaction commits: `work` is due, or the `log` has to go on."""
    connection.execute("select pg_notify(current_schema()::text, %s)", (what,))


def listen(connection: Connection) -> None:
    """LISTEN for what `tell` and `enqueue` notify, on a connection in autocommit."""
    row = connection.execute("select current_schema()::text").fetchone()
    connection.execute(sql.SQL("listen {}").format(sql.Identifier(row[0] if row else "")))


def words(connection: Connection, seconds: float) -> set[str]:
    """What was said since the last time; waits so long for a word at most."""
    return {heard.payload for heard in connection.notifies(timeout=seconds, stop_after=1)}
