"""Archive PostgreSQL's write-ahead log continuously (pg_receivewal, a replication slot), for point-in-time recovery."""

import subprocess
from pathlib import Path

from psycopg import Connection

from openroll.store.postgres_tools import Server, ToolFailed, address, client_tool, what_it_said


class WalLost(Exception):
    """The PostgreSQL server removed write-ahead log that was not archived yet."""


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


def mark(connection: Connection) -> str:
    """A commit that says nothing, so that the log holds an instant as late as now; where the log then ends (an LSN).

    One byte before, that is: pg_receivewal goes on until it is beyond what it was told, and would wait for the next commit.
    """
    with connection.transaction():
        connection.execute("select pg_logical_emit_message(true, 'openroll', 'backup')")
    row = connection.execute("select (pg_current_wal_flush_lsn() - 1)::text").fetchone()
    return str(row[0]) if row else "0/0"


def receive(server: Server, slot: str, spool: Path, until: str) -> None:
    """Archive the write-ahead log up to `until` (an LSN) into `spool`: whole segments, and the last as far as it came (.partial).

    Raises ToolFailed or FileNotFoundError.
    """
    program = client_tool("pg_receivewal", server)
    where, environment = address(server)
    arguments = [program, "--dbname", where, "--directory", str(spool), "--slot", slot, "--endpos", until]
    arguments += ["--no-loop", "--synchronous", "--no-password"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - PostgreSQL's own program
    if done.returncode:
        raise ToolFailed(f"pg_receivewal failed: {what_it_said(done.stderr)}")
