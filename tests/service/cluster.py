"""A PostgreSQL of Debian's as somebody else keeps it, over TCP and with passwords; and a PgBouncer before it."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from openroll.store import server_user

DEBIAN = Path("/usr/lib/postgresql/15/bin")
PASSWORD = "s3cret/p@ss#w%rd"
URL_PASSWORD = "s3cret%2Fp%40ss%23w%25rd"


def wanted(there: bool, what: str) -> None:
    """Skip a test that needs a program which is not there; with CI set it is required."""
    if there:
        return
    said = f"not run: {what} is not installed (apt-get install {what})"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Cluster:
    """A running cluster with the superuser `super`."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, user: str, database: str = "postgres", port: int = 0) -> str:
        """The address for a login, whose password is hard to write in a URL."""
        return f"postgresql://{user}:{URL_PASSWORD}@127.0.0.1:{port or self.port}/{database}"

    def do(self, *statements: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run statements as the superuser; the rows of the last."""
        with psycopg.connect(self.url("super", database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def owner(self, name: str, *, may: str = "createrole") -> str:
        """A login that owns a database of its own, by the same name; its address."""
        self.do(f"create role {name} login {may} password '{PASSWORD}'", f"create database {name} owner {name}")
        return self.url(name, name)


@contextmanager
def cluster(folder: Path, programs: Path = DEBIAN, settings: str = "") -> Iterator[Cluster]:
    """Make and start a cluster (`settings` as `-c name=value`) for as long as the block lasts. It does not wait for the disk."""
    wanted((programs / "postgres").exists(), "postgresql-15")
    data = folder / "data"
    data.mkdir(mode=0o700)
    user = server_user.owner_for(data)
    server_user.give(data, user)
    found = Cluster(free_port())

    def run(program: str, *arguments: str) -> None:
        with (folder / "log").open("ab") as log, server_user.reaching(data, user) as (name, given):
            words = [str(programs / program), "-D", name, *(one.replace("DATA", name) for one in arguments)]
            subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **given)

    with tempfile.NamedTemporaryFile("w", encoding="ascii") as password:
        password.write(PASSWORD)
        password.flush()
        if user is not None:
            os.chown(password.name, user.pw_uid, user.pw_gid)
        run("initdb", "-U", "super", "--auth=scram-sha-256", f"--pwfile={password.name}", "-E", "utf8", "-N")
    run("pg_ctl", "-w", "-l", "DATA/log", "-o", f"-h 127.0.0.1 -p {found.port} -k . -c fsync=off {settings}", "start")
    try:
        yield found
    finally:
        run("pg_ctl", "-m", "immediate", "stop")


@contextmanager
def bouncer(before: Cluster, folder: Path, logins: dict[str, str], mode: str) -> Iterator[int]:
    """A PgBouncer in a pool mode that drops `options`, as its users are told to have it; its port."""
    wanted(shutil.which("pgbouncer") is not None, "pgbouncer")
    port, user = free_port(), server_user.owner_for(folder / "none")
    folder.mkdir(mode=0o700)
    (folder / "users").write_text("".join(f'"{name}" "{word}"\n' for name, word in logins.items()), encoding="ascii")
    (folder / "ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={before.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
        f"auth_type = plain\nauth_file = users\npool_mode = {mode}\nunix_socket_dir =\nignore_startup_parameters = options\n",
        encoding="ascii",
    )
    server_user.give(folder, user)
    given: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if user is not None:
        given |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    with subprocess.Popen(["pgbouncer", "ini"], **given) as process:
        try:
            for _ in range(200):
                with socket.socket() as tried:
                    if tried.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            process.kill()
