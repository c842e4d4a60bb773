"""One at a time, by rows and a table of the roll: nobody is waited for who has no right in it.

Advisory locks are numbers that whoever may connect to the database can take, so nothing rests on them. Servers of before
version 0019 of the tables know no other: while one of those may run beside (a rolling restart), what must never be done twice is
held in both ways, and an advisory lock counts where a server of the roll has it, not where somebody else has.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor, sql

LEAD = "lead"
"""The lease of the process that gives filings their places."""
SEQUENCER_LOCK = 0x73657175  # "sequ", of servers before 0019
LEADER_LOCK = 0x6C656164  # "lead", of servers before 0019
OLDER_PATIENCE = 30.0
"""Seconds that a round waits at most for the round of an older server."""

_ALIVE = (
    "exists (select from pg_stat_activity a where a.pid = l.pid and a.application_name = l.application"
    " and a.datname = current_database())"
)


class OlderServerBusy(Exception):
    """A server of before version 0019 is in the middle of what must be done once, and does not come to its end."""


class Lease(NamedTuple):
    """Who holds a lease: the backend process of its connection and what it calls itself.

    `since` and `age` are how many seconds ago it was taken by that connection and renewed; `alive` is whether that one is there.
    """

    pid: int
    application: str
    since: float
    age: float
    alive: bool


def hold(connection: Connection, name: str) -> None:
    """Hold a name until the transaction ends; waits while another transaction of the roll does.

    Raises psycopg.errors.LockNotAvailable where that takes longer than the connection's `lock_timeout`. Two names in one
    transaction: in the order in which the code of all others takes them (a way in's, an organisation's, a record's).
    """
    connection.execute("select hold(%s)", (name,))


def take_lease(connection: Connection, name: str, holder: UUID, patience: float) -> bool:
    """Have a lease, for as long as this connection lives and `renew_lease` is called every `patience` seconds at least.

    It is free where nobody has it, where the connection of who had it is gone, or where it was not renewed for that long. The
    connection commits by itself. Asking writes nothing while somebody else has it.
    """
    given = {"name": name, "holder": holder, "patience": patience}
    theirs = (
        "select from lease l where name = %(name)s and holder <> %(holder)s"
        f" and renewed > clock_timestamp() - make_interval(secs => %(patience)s) and {_ALIVE}"
    )
    if connection.execute(f"select exists ({theirs})", given).fetchone() == (True,):
        return False
    row = connection.execute(
        "insert into lease as l (name, holder, pid, application, since, renewed) values (%(name)s, %(holder)s,"
        " pg_backend_pid(), current_setting('application_name'), clock_timestamp(), clock_timestamp())"
        " on conflict (name) do update set holder = excluded.holder, pid = excluded.pid, application ="
        " excluded.application, renewed = excluded.renewed,"
        " since = case when l.holder = excluded.holder and l.pid = excluded.pid then l.since else excluded.since end,"
        " former = case when l.holder = excluded.holder then l.former else (array_prepend(l.pid, l.former))[:10] end"
        " where l.holder = excluded.holder or l.renewed <= clock_timestamp() - make_interval(secs => %(patience)s)"
        f" or not {_ALIVE} returning true",
        given,
    ).fetchone()
    return row is not None


def renew_lease(connection: Connection, name: str, holder: UUID, every: float = 0.0) -> bool:
    """Whether a lease is still this holder's; renewed where the last time was `every` seconds ago.

    Within a transaction it stays this holder's until the end.
    """
    if every:
        row = connection.execute(
            "select renewed > clock_timestamp() - make_interval(secs => %s) from lease where name = %s and holder = %s",
            (every, name, holder),
        ).fetchone()
        if row is None or row[0]:
            return row is not None
    done = connection.execute(
        "update lease set renewed = clock_timestamp() where name = %s and holder = %s", (name, holder)
    )
    return done.rowcount > 0


def end_lease(connection: Connection, name: str, holder: UUID) -> None:
    """Give a lease back: it is free at once."""
    connection.execute("update lease set renewed = '-infinity' where name = %s and holder = %s", (name, holder))


def forget_lease(connection: Connection, name: str, holder: UUID) -> None:
    """Give a lease back that nobody will ask for again."""
    connection.execute("delete from lease where name = %s and holder = %s", (name, holder))


def lease(connection: Connection, name: str) -> Lease | None:
    """Who holds a lease, or held it last where it was not given back; None where nobody does."""
    return lease_in(asked_lease(connection, name))


def asked_lease(connection: Connection, name: str) -> Cursor[Any]:
    """Ask who holds a lease, for within a pipeline: what `lease_in` reads."""
    return connection.execute(
        "select pid, application, extract(epoch from clock_timestamp() - since)::float8,"
        f" extract(epoch from clock_timestamp() - renewed)::float8, {_ALIVE} from lease l"
        " where name = %s and renewed > '-infinity'",
        (name,),
    )


def lease_in(asked: Cursor[Any]) -> Lease | None:
    """What was answered to `asked_lease`."""
    row = asked.fetchone()
    return None if row is None else Lease(*row)


@contextmanager
def only_sequencer(
    connection: Connection,
    schema: str,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Be the one sequencer of this roll; waits for another to finish its round. Lost with the connection.

    `connection` is for this alone and commits by itself. It locks a table and writes nothing, so its transaction has no number,
    and no place waits for it. Raises psycopg.errors.LockNotAvailable, or OlderServerBusy, where a round takes too long.
    """
    try:
        # In one journey, as a round is often nothing else.
        cursor = connection.execute(
            sql.SQL(
                "begin; lock table sequencer_round in exclusive mode; select pg_try_advisory_xact_lock({}, hashtext({}))"
            ).format(SEQUENCER_LOCK, schema)
        )
        while cursor.nextset():
            pass
        until, free = monotonic() + OLDER_PATIENCE, cursor.fetchone() == (True,)
        while not free:
            if monotonic() > until:
                raise OlderServerBusy("a server of the version before is in a round of its own that does not end")
            theirs = _older_has(connection, schema, SEQUENCER_LOCK)
            row = connection.execute(
                "select pg_try_advisory_xact_lock(%s::int, hashtext(%s))", (SEQUENCER_LOCK, schema)
            ).fetchone()
            free = row == (True,) or not theirs
            if not free:
                pause(0.05)
        yield
    finally:
        if not connection.closed and not connection.broken:
            connection.execute("rollback")


def take_lead(connection: Connection, schema: str, holder: UUID, patience: float) -> bool:
    """Be the process that gives filings their places, unless another is: `LEAD` is its lease.

    Commands that do a round of their own (`openroll log sequence`) do not lead: they wait for the round at hand alone.
    """
    if not take_lease(connection, LEAD, holder, patience):
        return False
    row = connection.execute("select pg_try_advisory_lock(%s::int, hashtext(%s))", (LEADER_LOCK, schema)).fetchone()
    if row == (True,) or not _older_has(connection, schema, LEADER_LOCK):
        return True
    end_lease(connection, LEAD, holder)
    return False


def _older_has(connection: Connection, schema: str, number: int) -> bool:
    """Whether an older server has the lock that it knows.

    Whoever else has it, without a right in the roll, keeps older servers off just as well. A hung server of this version that
    lost the lead is no older one: the lease knows it (`former`).
    """
    row = connection.execute(
        "select exists (select from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.granted"
        " and l.classid = %(number)s::int::oid and l.objid = (hashtext(%(schema)s)::bigint & 4294967295)::oid"
        " and l.objsubid = 2 and a.datname = current_database() and a.application_name like 'openroll%%'"
        " and pg_has_role(a.usesysid, %(role)s, 'member')"
        " and not l.pid = any(coalesce((select former from lease where name = %(lead)s), '{}')))",
        {"number": number, "schema": schema, "role": f"{schema}_sequencer", "lead": LEAD},
    ).fetchone()
    return bool(row and row[0])
