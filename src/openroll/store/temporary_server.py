"""Run a PostgreSQL server on a data folder for as long as a block lasts, reachable by us alone.

It runs under settings of ours, not under those that came with the folder: a server's own settings may lie elsewhere (Debian keeps
them in /etc), name files of the machine they were made on, or let others in. Its socket is in a folder of mode 0700.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pwd import struct_passwd
from typing import Any

from openroll.store.postgres_tools import ToolFailed, clean, last_line, server_folder
from openroll.store.reachable_programs import reachable
from openroll.store.server_user import give, owner_for

_OWN = (
    "listen_addresses = ''",
    "shared_buffers = '64MB'",
    "max_connections = 20",
    "max_prepared_transactions = 1000",  # as many as a log that is replayed may hold
    "wal_level = replica",
    "archive_mode = off",
    "ssl = off",
    "logging_collector = off",
    "lc_messages = 'C'",
)


class DidNotStart(ToolFailed):
    """The PostgreSQL server ended before it answered; `said` is its output."""

    def __init__(self, said: str) -> None:
        super().__init__(f"PostgreSQL does not start on the folder: {last_line(said)}")
        self.said = said


def data_version(data: Path) -> int:
    """The PostgreSQL major version of a data folder (PG_VERSION)."""
    return int((data / "PG_VERSION").read_text(encoding="ascii"))


@contextmanager
def serving(data: Path, settings: tuple[str, ...] = ()) -> Iterator[Path]:
    """Context manager: a running PostgreSQL on `data`; gives its socket's folder. Stopped and flushed at the end.

    What the folder brings in postgresql.auto.conf is put back afterwards. The folder belongs to the server's system user
    from then on. Raises DidNotStart, ToolFailed, FileNotFoundError or NoServerUser.
    """
    # PostgreSQL does not run as root: there the folder goes to the private server's own user.
    user = owner_for(data)
    programs = reachable(server_folder(data_version(data)), user)
    automatic = data / "postgresql.auto.conf"
    before = automatic.read_bytes() if automatic.exists() else b""
    with tempfile.TemporaryDirectory(prefix="openroll-", dir="/tmp") as made:
        sockets = Path(made)
        give(data, user)
        automatic.write_bytes(b"")
        (sockets / "hba").write_text("local all all trust\nlocal replication all reject\n", encoding="ascii")
        (sockets / "ident").touch()
        lines = (
            *_OWN,
            f"unix_socket_directories = '{sockets}'",
            f"hba_file = '{sockets}/hba'",
            f"ident_file = '{sockets}/ident'",
            *settings,
        )
        (sockets / "settings").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if user is not None:
            for path in (sockets, *sockets.iterdir()):
                shutil.chown(path, user.pw_uid, user.pw_gid)
        with _reached(data, user) as (name, given):
            started = _Started(programs, data, sockets, name, given)
            try:
                started.start()
                yield sockets
            finally:
                started.stop()
                automatic.write_bytes(before)


@contextmanager
def _reached(data: Path, user: struct_passwd | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """How a program that runs as `user` reaches the folder, whoever may pass those above it: its name, and how it is started.

    By a descriptor that it inherits. Its working folder will not do: until version 15 these programs leave it to find
    themselves, and cannot come back.
    """
    given: dict[str, Any] = {"cwd": "/", "env": clean()}
    if user is not None:
        given |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    if not Path("/proc/self/fd").is_dir():
        yield str(data), given
        return
    descriptor = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", given | {"pass_fds": (descriptor,)}
    finally:
        os.close(descriptor)


class _Started:
    def __init__(self, programs: Path, data: Path, sockets: Path, name: str, given: dict[str, Any]) -> None:
        self._programs = programs
        self._data = data
        self._sockets = sockets
        self._given = given
        self._control = [str(programs / "pg_ctl"), "--pgdata", name, "--timeout", "86400", "-w"]

    def start(self) -> None:
        log = self._sockets / "said"
        options = f"-c config_file={self._sockets}/settings"
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [*self._control, "-l", str(log), "-o", options, "start"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **self._given,
        )
        if done.returncode or not self._is_ready():
            raise DidNotStart(log.read_text(encoding="utf-8", errors="replace") if log.exists() else "")

    def _is_ready(self) -> bool:
        """Wait until it answers; False when it ended before. pg_ctl's own waiting ends while the server replays its log."""
        while not self._answers([str(self._programs / "pg_isready"), "--quiet", "--host", str(self._sockets)]):
            if not self._answers([*self._control, "status"]):
                return False
            time.sleep(0.05)
        return True

    def _answers(self, arguments: list[str]) -> bool:
        return subprocess.run(arguments, capture_output=True, check=False, **self._given).returncode == 0  # noqa: S603 - as above

    def stop(self) -> None:
        if not (self._data / "postmaster.pid").exists():
            return
        done = subprocess.run(  # noqa: S603 - as above
            [*self._control, "-m", "fast", "stop"], capture_output=True, text=True, check=False, **self._given
        )
        if done.returncode:
            raise ToolFailed(f"pg_ctl failed: {last_line(done.stderr or done.stdout)}")


def make_cluster(data: Path, version: int, superuser: str) -> None:
    """Make a new, empty PostgreSQL cluster in `data` (initdb). Raises ToolFailed, FileNotFoundError or NoServerUser."""
    user = owner_for(data)
    programs = reachable(server_folder(version), user)
    data.mkdir(mode=0o700)
    give(data, user)
    with _reached(data, user) as (name, given):
        arguments = [str(programs / "initdb"), "--pgdata", name, "--username", superuser, "--auth=trust"]
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [*arguments, "--encoding=UTF8", "--locale=C", "--no-sync"],
            capture_output=True,
            text=True,
            check=False,
            **given,
        )
    if done.returncode:
        raise ToolFailed(f"initdb failed: {last_line(done.stderr or done.stdout)}")
