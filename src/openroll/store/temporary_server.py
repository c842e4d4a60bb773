"""Run a PostgreSQL server on a data folder for as long as a block lasts, reachable by us alone.

It runs under settings of ours, not under those that came with the folder: a server's own settings may lie elsewhere (Debian keeps
them in /etc), name files of the machine they were made on, or let others in. Its socket is in a folder of mode 0700.
"""

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from pwd import struct_passwd
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from openroll.store import schema
from openroll.store.postgres_tools import ToolFailed, clean, server_folder, what_it_said
from openroll.store.reachable_programs import reachable
from openroll.store.server_user import give, owner_for

OWN_SETTINGS = (
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
"""What every server of ours runs under that is there for a while."""


class DidNotStart(ToolFailed):
    """The PostgreSQL server ended before it answered; `said` is its output."""

    def __init__(self, said: str) -> None:
        super().__init__(f"PostgreSQL does not start on the folder: {what_it_said(said)}")
        self.said = said


def data_version(data: Path) -> int:
    """The PostgreSQL major version of a data folder (PG_VERSION)."""
    return int((data / "PG_VERSION").read_text(encoding="ascii"))


@contextmanager
def serving(data: Path, settings: tuple[str, ...] = ()) -> Iterator[Path]:
    """Context manager: a running PostgreSQL on `data`; gives its socket's folder. Stopped and flushed at the end.

    What it runs is trusted with this machine; a folder that is not is looked at by `walled_server`.
    What the folder brings in postgresql.auto.conf is put back afterwards. The folder belongs to the server's system user
    from then on. Raises DidNotStart, ToolFailed, FileNotFoundError or NoServerUser.
    """
    # PostgreSQL does not run as root: there the folder goes to the private server's own user.
    user = owner_for(data)
    programs = reachable(server_folder(data_version(data)), user)
    before = automatic_settings(data)
    with tempfile.TemporaryDirectory(prefix="openroll-", dir="/tmp") as made:
        sockets = Path(made)
        give(data, user)
        set_automatic(data, b"")
        (sockets / "hba").write_text("local all all trust\nlocal replication all reject\n", encoding="ascii")
        (sockets / "ident").touch()
        lines = (
            *OWN_SETTINGS,
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
                set_automatic(data, before)


_AUTOMATIC = "postgresql.auto.conf"


def automatic_settings(data: Path) -> bytes:
    """What a data folder's own postgresql.auto.conf says; nothing where there is none. Raises OSError where it is a link."""
    return _read(data, _AUTOMATIC)


def set_automatic(data: Path, settings: bytes) -> None:
    """Put another postgresql.auto.conf in its place. The server may have left a link under that name: it is not followed."""
    with _held(data) as folder:
        with suppress(FileNotFoundError):
            os.unlink(_AUTOMATIC, dir_fd=folder)
        held = os.open(_AUTOMATIC, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        with os.fdopen(held, "wb") as file:
            owner = os.fstat(folder)
            if os.geteuid() == 0:
                os.fchown(held, owner.st_uid, owner.st_gid)
            file.write(settings)


def _read(folder: Path, name: str) -> bytes:
    with _held(folder) as descriptor:
        try:
            held = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
        except FileNotFoundError:
            return b""
        with os.fdopen(held, "rb") as file:
            return file.read()


@contextmanager
def _held(data: Path) -> Iterator[int]:
    folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield folder
    finally:
        os.close(folder)


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
    def __init__(
        self,
        programs: Path,
        data: Path,
        sockets: Path,
        name: str,
        given: dict[str, Any],
    ) -> None:
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
            raise DidNotStart(_read(self._sockets, log.name).decode(errors="replace"))

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
            raise ToolFailed(f"pg_ctl failed: {what_it_said(done.stderr or done.stdout)}")


def stop_left(data: Path) -> None:
    """Stop the server that runs on a folder although the process that started it is dead: it is known by its working folder."""
    with suppress(OSError, ValueError):
        pid = int((data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        server = os.pidfd_open(pid)
        try:
            if not Path(f"/proc/{pid}/cwd").samefile(data):
                return
            signal.pidfd_send_signal(server, signal.SIGQUIT)
            select.select([server], [], [], _STOPS)
        finally:
            os.close(server)


_STOPS = 10.0
"""Seconds that a server has to end at once."""


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
        raise ToolFailed(f"initdb failed: {what_it_said(done.stderr or done.stdout)}")


def keepers_database(sockets: Path, superuser: str, keeper: str, rolls: Iterable[str]) -> str:
    """The address of an empty database of a login that may nothing else: no superuser, and it makes no roles.

    The rolls' own roles are made for it.
    """
    boss = make_conninfo(host=str(sockets), user=superuser, dbname="postgres")
    with psycopg.connect(boss, autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(keeper)))
        connection.execute(sql.SQL("create database {0} owner {0}").format(sql.Identifier(keeper)))
        for roll in rolls:
            schema.make_roles(boss, roll)
            for role in schema.roles_there(boss, roll):
                connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(role), sql.Identifier(keeper)))
    return make_conninfo(host=str(sockets), user=keeper, dbname=keeper)
