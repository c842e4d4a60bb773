"""Bringing a data folder to an instant: PostgreSQL replays the write-ahead log up to it, and goes on from there."""

import re
import shutil
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path
from pwd import struct_passwd
from typing import Any

from openroll.store.postgres_tools import ToolFailed, client_tool, last_line, run, server_folder
from openroll.store.server_user import give, here, owner_for, standing_in

WAL_FOLDER = "wal_restored"
"""Within the data folder, while it recovers: the write-ahead log from the backup."""


class NotReached(Exception):
    """The write-ahead log in the backup ends before the instant that was asked for."""


def data_version(data: Path) -> int:
    """The major version of a data folder."""
    return int((data / "PG_VERSION").read_text(encoding="ascii"))


def verify(data: Path) -> None:
    """Hold a data folder against the manifest in it (pg_verifybackup). Raises ToolFailed or FileNotFoundError."""
    program = client_tool("pg_verifybackup", data_version(data))
    run([program, "--quiet", "--ignore", WAL_FOLDER, str(data)])
    # What the server that was copied left in its folder of being alive: another that found it would wait for it.
    for name in (".handle_pids.json", "log", *(path.name for path in data.glob(".s.PGSQL.*"))):
        (data / name).unlink(missing_ok=True)


def recover(data: Path, to: datetime | None) -> None:
    """Replay the log in `data`/wal_restored up to `to` (the end when None) and leave a stopped server that goes on from there.

    Raises NotReached, ToolFailed or FileNotFoundError. The folder belongs to the server's system user afterwards.
    """
    programs = server_folder(data_version(data))
    settings = data / "postgresql.auto.conf"
    before = settings.read_bytes() if settings.exists() else b""
    with tempfile.TemporaryDirectory(prefix="openroll-", dir="/tmp") as sockets:
        # PostgreSQL does not run as root: there the folder goes to the private server's own user.
        user = owner_for(data)
        give(data, user)
        if user is not None:
            shutil.chown(sockets, user.pw_uid, user.pw_gid)
        with settings.open("ab") as file:
            file.write(_settings(to).encode())
        (data / "recovery.signal").touch()
        (data / "standby.signal").unlink(missing_ok=True)
        _replay(programs, data, sockets, user)
    settings.write_bytes(before)
    shutil.rmtree(data / WAL_FOLDER, ignore_errors=True)


def _settings(to: datetime | None) -> str:
    # hot_standby off: the server answers only once it has reached the instant.
    lines = [
        f"restore_command = 'cp {WAL_FOLDER}/%f %p'",
        "recovery_target_timeline = 'latest'",
        "recovery_target_action = 'promote'",
        "hot_standby = off",
        "archive_mode = off",
    ]
    if to is not None:
        lines.append(f"recovery_target_time = '{to.isoformat(sep=' ')}'")
    return "\n# Written by openroll restore.\n" + "\n".join(lines) + "\n"


def _replay(programs: Path, data: Path, sockets: str, user: struct_passwd | None) -> None:
    log = data / "recovery.log"
    log.unlink(missing_ok=True)
    control = [str(programs / "pg_ctl"), "--pgdata", here(data), "--timeout", "86400"]
    options = f"-h '' -k {sockets}"
    standing = standing_in(data, user)
    started = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [*control, "-w", "-l", log.name, "-o", options, "start"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        **standing,
    )
    if started.returncode or not _is_ready(programs, control, sockets, standing):
        raise _why(log.read_text(encoding="utf-8", errors="replace") if log.exists() else "")
    stopped = subprocess.run(  # noqa: S603 - as above
        [*control, "-w", "-m", "fast", "stop"], capture_output=True, text=True, check=False, **standing
    )
    if stopped.returncode:
        raise ToolFailed(f"pg_ctl failed: {last_line(stopped.stderr or stopped.stdout)}")
    log.unlink(missing_ok=True)


def _is_ready(programs: Path, control: list[str], sockets: str, standing: dict[str, Any]) -> bool:
    """Wait until the instant is reached; False when the server ended before. pg_ctl's own waiting ends while it replays."""
    while not _answers([str(programs / "pg_isready"), "--quiet", "--host", sockets], standing):
        if not _answers([*control, "status"], standing):
            return False
        time.sleep(0.05)
    return True


def _answers(arguments: list[str], standing: dict[str, Any]) -> bool:
    done = subprocess.run(arguments, capture_output=True, check=False, **standing)  # noqa: S603 - as above
    return done.returncode == 0


def _why(said: str) -> Exception:
    if "before configured recovery target was reached" in said:
        last = re.findall(r"last completed transaction was at log time (.+)", said)
        ends = f"the latest instant in it is {last[-1].strip()}" if last else "nothing was written in it"
        return NotReached(f"the backup's write-ahead log ends before that instant: {ends}")
    fatal = re.findall(r"(?:FATAL|PANIC|ERROR):\s+(.+)", said)
    return ToolFailed(f"PostgreSQL does not start on the restored folder: {fatal[-1] if fatal else said[-300:]}")
