"""Start and share a private PostgreSQL server for the demo and the tests; DATABASE_URL names a real one.

It listens on a socket in its own data folder, which is its user's alone, and lets in whoever started it and nobody else: the
kernel says who asks (`peer`). It stops with its last user. Nothing above its folder is touched.
"""

import atexit
import fcntl
import hashlib
import os
import pwd
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Timer
from urllib.parse import quote

from openroll.compose import postgres_watch
from openroll.compose.postgres_watch import began, locked
from openroll.compose.settings import Settings
from openroll.durable import make_private
from openroll.service.loop import Loop
from openroll.store import server_user
from openroll.store.postgres_tools import server_programs
from openroll.store.reachable_programs import reachable

_CONFIGURATION = """
# Written by Openroll when this private server was made.
shared_buffers = '512MB'
max_wal_size = '4GB'
checkpoint_timeout = '15min'
wal_compression = on
max_connections = 200
# What `openroll backup follow` did not take yet is kept for it, but not until the disk is full.
max_slot_wal_keep_size = '8GB'
"""
_LETS_IN = """# Written by Openroll at each start: who started this server, as the kernel tells it, and nobody else.
local all all peer map=openroll
local replication all peer map=openroll
"""
_LONGEST = 107
"""Bytes of a socket's path (sun_path of Linux, without its last NUL)."""

_DATA = "{data}"
"""Stands in arguments for the data folder, as the program reaches it."""

PATIENCE = 5.0
"""Seconds that a private server may take to start before it is said that somebody waits for it."""


class CannotStart(OSError):
    """The private PostgreSQL server cannot be started; the sentence says why."""


def database_url(settings: Settings) -> str:
    """The database's address: from the settings, else the private PostgreSQL server's, started when it is not running.

    The private server stops with the last process that uses it.
    """
    return settings.database_url or private_server(settings.home / "postgres")


_used: dict[Path, int] = {}
_using = Lock()


def private_server(folder: Path) -> str:
    """Start the PostgreSQL server kept in `folder` (made the first time) for as long as this process lives; its address.

    Raises CannotStart or NoServerUser.
    """
    make_private(folder.parent)
    data = folder.parent.resolve() / folder.name
    with _using:
        socket = _socket_folder(data)
        with _said_when_slow(data), locked(_starting(data), fcntl.LOCK_EX):
            if data not in _used:
                _use(data)
            _ensure_running(data)
    return f"postgresql://postgres:@/postgres?host={quote(str(socket))}"


def restart(folder: Path) -> bool:
    """Start a private PostgreSQL server again that this process uses and that has ended; whether it had.

    Never makes one: where its data folder was moved away, somebody is bringing another back. Raises CannotStart or NoServerUser.
    """
    data = folder.parent.resolve() / folder.name
    with _using:
        if data not in _used or _running(data) is not None:
            return False
        with locked(_starting(data), fcntl.LOCK_EX):
            if _running(data) is not None:
                return False
            if not (data / "PG_VERSION").exists():
                raise CannotStart(
                    f"the private PostgreSQL in {data} is not there any more: nothing is made in its place"
                )
            _start(data)
    return True


class Keeping:
    """A thread that starts a private PostgreSQL server again whenever it ends while this process uses it, and says so.

    Without it every page would say that the database is away until somebody ran another command, which starts it for itself.
    """

    EVERY = 2.0
    """Seconds between two looks."""
    PATIENCE = 10.0

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder, self._say, self._failed = folder, say, ""
        self._loop = Loop("private PostgreSQL", self.look, every=self.EVERY)

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    def close(self) -> None:
        """Stop looking. A start that is under way is waited for, so long and no longer."""
        self._loop.close(self.PATIENCE)

    def look(self) -> None:
        """Start the server if it has ended. Why it does not start is said once."""
        try:
            started = restart(self._folder)
        except OSError as error:
            if str(error) != self._failed:
                self._say(f"the private PostgreSQL has ended and does not start again, which is tried on: {error}")
            self._failed = str(error)
            return
        if started:
            self._say("the private PostgreSQL had ended, and was started again")
            self._failed = ""


def _starting(data: Path) -> Path:
    return data.with_name(f"{data.name}.start.lock")


def _users(data: Path) -> Path:
    return data.with_name(f"{data.name}.users.lock")


def _use(data: Path) -> None:
    """Register as a user of the private PostgreSQL server until this process ends, however it ends."""
    descriptor = os.open(_users(data), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _used[data] = descriptor
    atexit.register(_leave, data, os.getpid())


def _leave(data: Path, process: int) -> None:
    """At the end of this process: wait for the server's end when nobody else uses it."""
    if os.getpid() != process:
        return
    with _using:
        if data not in _used:
            return
        os.close(_used.pop(data))
    if _starting(data).exists():
        with locked(_starting(data), fcntl.LOCK_EX):
            running = _running(data)
            if running:
                postgres_watch.stop_if_unused(_users(data), *running)


def _running(data: Path) -> tuple[int, str] | None:
    """The private PostgreSQL server's process and start time; None when none is running on this data folder."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    since = began(int(lines[0]))
    name = Path(f"/proc/{lines[0]}/comm")
    if not since or (name.exists() and name.read_text(encoding="utf-8").strip() != "postgres"):
        return None  # a number left by a server that died, perhaps another program's by now
    return int(lines[0]), since


def _ensure_running(data: Path) -> None:
    running = _running(data)
    if running is None:
        _start(data)
    elif not (data / ".s.PGSQL.5432").exists():
        raise CannotStart(
            f"a server started by an older Openroll (process {running[0]}) runs on {data}: let the processes that use it end"
        )
    elif _write_who_may_enter(data, server_user.owner_for(data)):
        os.kill(running[0], signal.SIGHUP)  # PostgreSQL reads them anew


def _start(data: Path) -> None:
    user = server_user.owner_for(data)
    programs = reachable(server_programs(), user)
    data.mkdir(mode=0o700, exist_ok=True)
    _check_folder(data, user)
    server_user.give(data, user)
    if not (data / "PG_VERSION").exists():
        _make(programs, data, user)
    _write_who_may_enter(data, user)
    # The socket where the server stands: no path of ours is read by a shell.
    _run(programs / "pg_ctl", ["-w", "-t", "600", "-l", f"{_DATA}/log", "-o", "-h '' -k .", "start"], data, user)
    running = _running(data)
    if running is None:
        raise CannotStart(f"the private PostgreSQL in {data} ended as soon as it was started: see {data / 'log'}")
    subprocess.Popen(  # noqa: S603 - our own file
        [
            sys.executable,
            "-I",
            "-S",
            postgres_watch.__file__,
            _starting(data),
            _users(data),
            str(running[0]),
            running[1],
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    ).returncode = 0  # it outlives us, and nobody waits for it


def _check_folder(data: Path, user: pwd.struct_passwd | None) -> None:
    """Check that the PostgreSQL data folder is a folder and ours."""
    found = data.lstat()
    if data.is_symlink() or not data.is_dir():
        raise CannotStart(f"{data} is to be a folder of its own, not a link or a file")
    if found.st_uid not in {os.geteuid(), *([] if user is None else [user.pw_uid])}:
        raise CannotStart(f"{data} belongs to another user of this machine: nothing is started on it")


def _make(programs: Path, data: Path, user: pwd.struct_passwd | None) -> None:
    server_user.remove(data)
    try:
        _run(programs / "initdb", ["--auth=peer", "--encoding=utf8", "-U", "postgres"], data, user)
        with (data / "postgresql.conf").open("a", encoding="ascii") as configuration:
            configuration.write(_CONFIGURATION)
    except BaseException:
        server_user.remove(data)
        raise


def _write_who_may_enter(data: Path, user: pwd.struct_passwd | None) -> bool:
    """Write pg_hba.conf: only the user who starts the server (and root for them); whether it changed."""
    try:
        names = {pwd.getpwuid(number).pw_name for number in (0, os.geteuid())}
    except KeyError:
        raise CannotStart(
            f"the user {os.geteuid()} has no name on this machine, and PostgreSQL lets in users by name: give it one, or name a"
            " server in DATABASE_URL"
        ) from None
    if user is not None and user.pw_name != server_user.SERVER_USER:
        names.add(user.pw_name)
    listed = "".join(f'openroll "{name}" all\n' for name in sorted(names))
    news = False
    for file, text in (("pg_hba.conf", _LETS_IN), ("pg_ident.conf", listed)):
        if (data / file).read_text(encoding="utf-8") != text:
            (data / file).write_text(text, encoding="ascii")
            news = True
    return news


def _run(program: Path, arguments: list[str], data: Path, user: pwd.struct_passwd | None) -> None:
    # Into a file, not a pipe: the server inherits what pg_ctl was given, and a pipe would stay open for as long as it runs.
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
        server_user.reaching(data, user) as (name, given),
    ):
        words = [one.replace(_DATA, name) for one in arguments]
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [program, "--pgdata", name, *words],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            check=False,
            **given,
        )
        if done.returncode:
            said.seek(0)
            lines = [line.strip() for line in said if line.strip()]
            log = data / "log"
            lines += log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:] if log.exists() else []
            raise CannotStart(f"the private PostgreSQL in {data} does not start: {' / '.join(lines[-4:])}")


def _socket_folder(data: Path) -> Path:
    """The folder of the server's socket: the data folder, or a short link to it where its name is too long."""
    if len(os.fsencode(data / ".s.PGSQL.5432")) <= _LONGEST:
        return data
    link = _own_folder(data) / hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    if not link.is_symlink() or link.readlink() != data:
        fresh = link.with_name(f"{link.name}.{os.getpid()}")
        fresh.symlink_to(data)
        fresh.replace(link)
    return link


def _own_folder(data: Path) -> Path:
    """A folder with a short name that nobody else can write in. Raises CannotStart."""
    user = os.geteuid()
    given = [os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{user}"]
    for place in [*filter(None, given), f"{tempfile.gettempdir()}/openroll-{user}"]:
        folder = Path(place)
        if place.endswith(f"/openroll-{user}") and not folder.is_symlink():
            folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat() if folder.exists() or folder.is_symlink() else None
        ours = (
            found and folder.is_dir() and not folder.is_symlink() and found.st_uid == user and not found.st_mode & 0o077
        )
        if ours and len(place) <= _LONGEST - len("/0123456789abcdef/.s.PGSQL.5432"):
            return folder
    raise CannotStart(
        f"{data} is too long for the socket of a private PostgreSQL ({_LONGEST} bytes with the socket's name), and there is no "
        "folder that is this user's alone for a shorter one (XDG_RUNTIME_DIR): choose a shorter OPENROLL_HOME"
    )


@contextmanager
def _said_when_slow(folder: Path) -> Iterator[None]:
    """Say on stderr what is waited for: another process may be starting or stopping the same server."""

    def say() -> None:
        print(  # noqa: T201 - who waits should know for what
            f"openroll: still waiting for the private PostgreSQL in {folder}. Another process may be starting or stopping it, "
            f"and hold {_starting(folder)}",
            file=sys.stderr,
            flush=True,
        )

    timer = Timer(PATIENCE, say)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
