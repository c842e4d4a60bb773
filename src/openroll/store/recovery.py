"""Point-in-time recovery of a PostgreSQL data folder: replay the write-ahead log up to an instant."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from psycopg import Connection

from openroll.store.apart import give_apart
from openroll.store.postgres_tools import ToolFailed, clean, exact_tool, run
from openroll.store.temporary_server import DidNotStart, data_version, serving, set_automatic
from openroll.store.wal import lsn_of, lsn_text
from openroll.store.walled_server import serving_apart

_ENDS = re.compile(
    r"lsn: ([0-9A-F]+/[0-9A-F]+), .*desc: ((?:COMMIT|ABORT)(?:_PREPARED)?) (?:\d+: )?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC"
)
WAL_FOLDER = "wal_restored"
"""Within the data folder, while it recovers: the write-ahead log from the backup."""


class NotReached(Exception):
    """The backup's write-ahead log ends before the wanted instant."""


def verify(data: Path) -> None:
    """Verify a PostgreSQL data folder against its backup manifest (pg_verifybackup). Raises ToolFailed or FileNotFoundError."""
    program = exact_tool("pg_verifybackup", data_version(data))
    run([program, "--quiet", "--ignore", WAL_FOLDER, str(data)])
    # What the server that was copied left in its folder of being alive: another that found it would wait for it.
    for name in (".handle_pids.json", "log", *(path.name for path in data.glob(".s.PGSQL.*"))):
        if not (data / name).is_dir():  # a server of one's own may keep its log files in a folder of that name
            (data / name).unlink(missing_ok=True)


def recover(data: Path, to: datetime | None) -> None:
    """Replay the log in `data`/wal_restored up to `to` (the end when None) and leave a stopped server that goes on from there.

    The folder belongs to the server's system user afterwards. Raises NotReached, ToolFailed or
    FileNotFoundError.
    """
    _ask_for_recovery(data)
    try:
        with serving(data, _settings(to)):
            pass  # it answers only once it has reached the instant
    except DidNotStart as error:
        raise _why(error.said) from error
    shutil.rmtree(data / WAL_FOLDER, ignore_errors=True)


class PassedOver(NamedTuple):
    """Commits by an instant that a replay up to it does not reach: how many, the last one's time; and what it ends before."""

    commits: int
    last: datetime
    ahead: datetime


def passed_over(data: Path, timeline: int, start: int, to: datetime, known: int) -> PassedOver | None:
    """What a replay of `data`/wal_restored from a position on will pass over: it ends at the first commit after the instant.

    A server whose clock ran ahead and was set right wrote commits of before behind that one. The log goes on to `known` (an LSN)
    at least. Raises ToolFailed where less of it can be read, or FileNotFoundError.
    """
    arguments = [
        exact_tool("pg_waldump", data_version(data)),
        "--path",
        str(data / WAL_FOLDER),
        "--rmgr",
        "Transaction",
    ]
    with subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
        [*arguments, "--timeline", str(timeline), "--start", lsn_text(start)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=clean() | {"TZ": "UTC"},
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        return passed_over_in(process.stdout, to, known)  # it ends in an error always, where the log ends


def passed_over_in(lines: Iterable[str], to: datetime, known: int) -> PassedOver | None:
    """The same, from what pg_waldump says. Raises ToolFailed."""
    ahead, last, commits, read, said = None, to, 0, 0, ""
    for line in lines:
        if (found := _ENDS.search(line)) is None:
            said = line.strip() or said
            continue
        read, at = lsn_of(found[1]), datetime.fromisoformat(found[3]).replace(tzinfo=UTC)
        if ahead is None and at > to:
            ahead = at
        elif ahead is not None and at <= to and found[2].startswith("COMMIT"):
            commits, last = commits + 1, at
    if read < known:
        raise ToolFailed(f"pg_waldump read the log up to {lsn_text(read)} of {lsn_text(known)} only: {said}")
    return PassedOver(commits, last, ahead) if ahead is not None and commits else None


def recover_apart(data: Path, version: int) -> None:
    """The same up to the end of the log, behind walls; from here on nobody but what runs behind them may touch the folder.

    Raises NotReached, ToolFailed, NoWalls, NoServerUser or FileNotFoundError.
    """
    _ask_for_recovery(data)
    set_automatic(data, b"")
    give_apart(data)
    try:
        with serving_apart(data, version, _settings(None)):
            pass
    except DidNotStart as error:
        raise _why(error.said) from error


def reached(data: Path) -> int:
    """How far the log was replayed in a folder that was recovered (an LSN): where the history of its new timeline says it begins.

    Raises ToolFailed.
    """
    found = sorted((data / "pg_wal").glob("*.history"))
    return _switch(found[-1].read_text(encoding="ascii", errors="replace") if found else "")


def reached_in(connection: Connection) -> int:
    """The same, asked of the server that runs on the folder, as its superuser: it reads the file itself. Raises ToolFailed."""
    row = connection.execute(
        "select pg_catalog.pg_read_file('pg_wal/' || pg_catalog.upper(pg_catalog.lpad(pg_catalog.to_hex(timeline_id), 8, '0'))"
        " || '.history', 0, 1000000, true) from pg_catalog.pg_control_checkpoint()"
    ).fetchone()
    return _switch(str(row[0]) if row else "")


def _switch(history: str) -> int:
    switches = re.findall(r"^\d+\t([0-9A-F]{1,8}/[0-9A-F]{1,8})\t", history, re.MULTILINE)
    if not switches:
        raise ToolFailed("PostgreSQL does not say how far it replayed the log")
    return lsn_of(switches[-1])


def _ask_for_recovery(data: Path) -> None:
    (data / "recovery.signal").touch()
    (data / "standby.signal").unlink(missing_ok=True)


def _settings(to: datetime | None) -> tuple[str, ...]:
    # hot_standby off: the server answers only once it has reached the instant.
    lines = [
        f"restore_command = 'cp {WAL_FOLDER}/%f %p'",
        "recovery_target_timeline = 'latest'",
        "recovery_target_action = 'promote'",
        "hot_standby = off",
        # What its catalogs would have it do by itself once it has come so far: run functions of indexes, ask another server.
        "autovacuum = off",
        "max_logical_replication_workers = 0",
    ]
    if to is not None:
        lines.append(f"recovery_target_time = '{to.isoformat(sep=' ')}'")
    return tuple(lines)


def _why(said: str) -> Exception:
    if "before configured recovery target was reached" in said:
        last = re.findall(r"last completed transaction was at log time (.+)", said)
        ends = f"the latest instant in it is {last[-1].strip()}" if last else "nothing was written in it"
        return NotReached(f"the backup's write-ahead log ends before that instant: {ends}")
    fatal = re.findall(r"(?:FATAL|PANIC|ERROR):\s+(.+)", said)
    return ToolFailed(f"PostgreSQL does not start on the restored folder: {fatal[-1] if fatal else said[-300:]}")
