"""Archive PostgreSQL's write-ahead log continuously (pg_receivewal, a replication slot), for point-in-time recovery."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from psycopg import Connection, errors

from openroll.store.postgres_tools import Server, ToolFailed, address, client_tool, what_it_said


class WalLost(Exception):
    """The PostgreSQL server removed write-ahead log that was not archived yet."""


class Mark(NamedTuple):
    """A commit that says nothing: all that was committed by `at` stands in the log before its LSN, in `segment` or earlier.

    `until` is where the log then ended, and `last` the segment in which that is.
    """

    lsn: int
    segment: str
    at: datetime
    until: str
    last: str


def reserve(connection: Connection, slot: str) -> bool:
    """Create the replication slot, so that the server keeps its WAL until it is archived; True when that begins only now.

    Raises WalLost when it had to let some go (max_slot_wal_keep_size); the slot is gone then, so that the next call begins.
    """
    row = connection.execute(
        "select wal_status, restart_lsn is null from pg_replication_slots where slot_name = %s", (slot,)
    ).fetchone()
    if row is not None and (row[0] == "lost" or row[1]):
        connection.execute("select pg_drop_replication_slot(%s)", (slot,))
        raise WalLost("the server threw away write-ahead log that was not taken in time (max_slot_wal_keep_size)")
    if row is None:
        connection.execute("select pg_create_physical_replication_slot(%s, true)", (slot,))
    return row is None


def release(connection: Connection, slot: str) -> bool:
    """Drop the replication slot; whether there was one."""
    row = connection.execute("select true from pg_replication_slots where slot_name = %s", (slot,)).fetchone()
    if row is not None:
        connection.execute("select pg_drop_replication_slot(%s)", (slot,))
    return row is not None


def mark(connection: Connection) -> Mark:
    """Commit a mark, so that the log holds an instant as late as now.

    It ends one byte before the log does: pg_receivewal goes on until it is beyond what it was told, and would wait for the next
    commit. What the mark says occurs once: no other history of the database has these bytes in this place.
    """
    with connection.transaction():
        connection.execute("set local synchronous_commit = local")  # on the server's disk, whatever the role has
        row = connection.execute(
            "select clock_timestamp(), lsn::text, pg_walfile_name(lsn)"
            " from pg_logical_emit_message(true, 'openroll', 'backup ' || gen_random_uuid()) m(lsn)"
        ).fetchone()
    end = connection.execute("select l::text, pg_walfile_name(l) from (select pg_current_wal_flush_lsn() - 1) w(l)")
    until = end.fetchone()
    assert row is not None  # noqa: S101 - each always answers
    assert until is not None  # noqa: S101 - as above
    return Mark(lsn_of(row[1]), row[2], row[0].astimezone(UTC), *until)


def leave(connection: Connection, word: str) -> bool:
    """Commit a word to the log, to be found there; whether this server lets one in.

    It stands there twice: a page's header may come in between once.
    """
    try:
        with connection.transaction():
            connection.execute("set local synchronous_commit = local")  # as for a mark
            connection.execute("select pg_logical_emit_message(true, 'openroll', %s)", (f"{word} {word}",))
    except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction, errors.ObjectNotInPrerequisiteState):
        return False
    return True


def position(connection: Connection) -> int:
    """Where the server's log ends now (an LSN)."""
    row = connection.execute("select pg_current_wal_flush_lsn()::text").fetchone()
    assert row is not None  # noqa: S101 - it always answers
    return lsn_of(row[0])


def lsn_of(text: str) -> int:
    """A position in the log as a number, from PostgreSQL's way to write it (pg_lsn, "16/B374D848")."""
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def lsn_text(lsn: int) -> str:
    """The same as PostgreSQL writes it."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def receive(server: Server, slot: str, spool: Path, until: str) -> None:
    """Archive the write-ahead log up to `until` (an LSN) into `spool`: whole segments, and the last as far as it came (.partial).

    A segment that is there as .partial is received again from its beginning. Raises WalLost, ToolFailed or FileNotFoundError.
    """
    program = client_tool("pg_receivewal", server)
    where, environment = address(server)
    arguments = [program, "--dbname", where, "--directory", str(spool), "--slot", slot, "--endpos", until]
    arguments += ["--no-loop", "--synchronous", "--no-password"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - PostgreSQL's own program
    if "has already been removed" in done.stderr:
        raise WalLost(f"the server threw away write-ahead log that was not taken ({what_it_said(done.stderr)})")
    if done.returncode:
        raise ToolFailed(f"pg_receivewal failed: {what_it_said(done.stderr)}")
