"""The private PostgreSQL of the demonstration and the tests."""

import fcntl
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg
import pytest

from openroll.compose import postgres
from openroll.compose.postgres import CannotStart
from openroll.compose.postgres_watch import began
from openroll.store.postgres_tools import server_programs
from openroll.store.reachable_programs import reachable
from tests.program import Program

USING = """
import sys, time
from pathlib import Path
from openroll.compose import postgres
postgres.PATIENCE = 0.1
print(postgres.private_server(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""
KEEPING = USING.replace(
    "sys.stdin.read()",
    """said = []
keeping = postgres.Keeping(Path(sys.argv[1]), said.append)
for _ in sys.stdin:
    keeping.look()
    print(said, flush=True)
    said.clear()
""",
)
WANTS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="other users of the machine are played by root alone")


class User:
    """A process that uses a private server until it is told to end."""

    def __init__(self, data: Path, *, program: str = USING, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def looks(self) -> str:
        """What one that keeps its server says when it looks for it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(file=self.process.stdin, flush=True)
        return self.process.stdout.readline()

    def end(self) -> None:
        """Let it end as programs do."""
        self.process.communicate()


def server(data: Path) -> int:
    """The server's process."""
    return int((data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])


def gone(pid: int) -> bool:
    """Whether a process ends within some seconds."""
    end = time.monotonic() + 20
    while began(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not began(pid)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder below folders of ours alone, with a long name and a blank in it, made by a first use."""
    top = tmp_path_factory.mktemp("private")
    data = top / f"my roll {'a' * 100}" / "postgres"
    User(data).end()
    return data


@pytest.fixture
def used(made: Path) -> Iterator[User]:
    """A process that uses the server."""
    user = User(made)
    yield user
    user.end()


def test_who_waits_for_another_process_to_start_the_server_is_told(tmp_path: Path) -> None:
    """While another process starts the server, a lock is held: what is waited for, and by which lock, is said."""
    lock = tmp_path / "data.start.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = subprocess.Popen(
            [sys.executable, "-c", USING, str(tmp_path / "data")], stderr=subprocess.PIPE, text=True
        )
        try:
            assert waiting.stderr is not None
            said = next((line for line in waiting.stderr if line.startswith("openroll:")), "")
        finally:
            waiting.kill()
            waiting.communicate()
    assert f"still waiting for the private PostgreSQL in {tmp_path / 'data'}" in said
    assert str(lock) in said
    assert not (tmp_path / "data" / "PG_VERSION").exists()


def test_a_long_path_with_blanks_is_served_and_nothing_above_it_is_opened(made: Path, used: User) -> None:
    """The server starts whatever its folder is named, in folders that stay as they were, and answers who started it."""
    with psycopg.connect(used.url) as connection:
        assert connection.execute("select current_user").fetchone() == ("postgres",)
    for folder in (made, made.parent, made.parent.parent):
        assert folder.stat().st_mode & 0o077 == 0, folder
    link = Path(unquote(used.url.partition("host=")[2]))
    assert link.readlink() == made
    assert link.parent.stat().st_mode & 0o077 == 0
    assert link.parent.stat().st_uid == os.geteuid()


@WANTS_ROOT
def test_no_other_user_of_the_machine_gets_in(made: Path, used: User) -> None:
    """Another user reaches no socket; and where every folder is opened by mistake, the server itself lets nobody else in."""
    other = pwd.getpwnam("nobody")
    psql = str(reachable(server_programs(), other) / "psql")

    def tried(where: Path) -> str:
        command = [psql, "--no-psqlrc", f"host='{where}' user=postgres dbname=postgres", "-c", "select 1"]
        kept: dict[str, Any] = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": [], "cwd": "/"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, **kept)
        return str(done.stdout) + str(done.stderr)

    assert "Permission denied" in tried(Path(unquote(used.url.partition("host=")[2])))
    opened = [made, made.parent, *[one for one in made.parents if one.stat().st_mode & 0o001 == 0]]
    modes = {one: one.stat().st_mode for one in opened}
    link = Path(tempfile.gettempdir()) / f"openroll-test-{os.getpid()}"
    link.symlink_to(made)
    try:
        for one in opened:
            one.chmod(0o755)
        assert "Peer authentication failed" in tried(link)
    finally:
        link.unlink()
        for one, mode in modes.items():
            one.chmod(mode)


def test_who_serves_starts_its_server_again_and_makes_none(made: Path) -> None:
    """Ended while it is used, the server comes back at the next look, which says so; without its folder nothing is made."""
    user = User(made, program=KEEPING)
    aside = made.with_name("aside")
    try:
        pid = server(made)
        assert user.looks() == "[]\n"
        os.kill(pid, signal.SIGINT)
        assert gone(pid)
        assert "had ended, and was started again" in user.looks()
        with psycopg.connect(user.url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        pid = server(made)
        made.rename(aside)
        os.kill(pid, signal.SIGINT)
        assert gone(pid)
        assert "nothing is made in its place" in user.looks()
        assert user.looks() == "[]\n"
        assert not made.exists()
    finally:
        if aside.exists():
            aside.rename(made)
        user.end()


def test_the_server_stops_with_its_last_user_however_that_one_went(made: Path) -> None:
    """One user is killed while another goes on: the server stays. The other is killed too: it stops."""
    first, second = User(made), User(made)
    pid = server(made)
    first.process.send_signal(signal.SIGKILL)
    first.end()
    with psycopg.connect(second.url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    second.process.send_signal(signal.SIGKILL)
    second.end()
    assert gone(pid)
    third = User(made)
    with psycopg.connect(third.url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    pid = server(made)
    third.end()
    assert not began(pid)


def test_a_stale_process_id_is_not_taken_for_a_server(made: Path) -> None:
    """A postmaster.pid that names a program of another kind, as after a restart of the machine, keeps nobody out."""
    (made / "postmaster.pid").write_text(f"{os.getpid()}\n", encoding="ascii")
    if os.geteuid() == 0:
        os.chown(made / "postmaster.pid", made.stat().st_uid, made.stat().st_gid)
    user = User(made)
    with psycopg.connect(user.url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    user.end()


def test_a_folder_of_somebody_elses_holds_no_link_to_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder for the short name that others may write in is refused, with the reason and what to do."""
    open_to_all = tmp_path / f"openroll-{os.geteuid()}"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(open_to_all))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 987654)
    with pytest.raises(CannotStart, match="choose a shorter OPENROLL_HOME"):
        postgres._socket_folder(tmp_path / ("a" * 120))


def test_a_link_in_the_place_of_the_data_folder_is_refused(tmp_path: Path) -> None:
    """Nothing is started through a link: it could point into another's folder."""
    (tmp_path / "real").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "real")
    with pytest.raises(CannotStart, match="not a link"):
        postgres.private_server(tmp_path / "data")


@pytest.mark.parametrize("command", ["log fsck", "serve", "upgrade", "invite", "database roles"])
def test_where_no_roll_is_no_server_is_made(command: str, tmp_path: Path, program: Callable[[str], Program]) -> None:
    """A command told a wrong home says that there is no roll, and leaves nothing there; only who opens a roll makes one."""
    home = tmp_path / "wrong"
    done = program("openroll.compose.main").run(command.split(), {"DATABASE_URL": "", "OPENROLL_HOME": str(home)})
    assert (done.returncode, "there is no roll in" in done.stderr) == (2, True), done.stderr
    assert not (home / "postgres").exists(), done.stderr
