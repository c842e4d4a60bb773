"""Run a program on a folder that a backup brings, apart from everything else on the machine: behind walls of its own.

A data folder is code as well as data: its catalogs say what is loaded, called and run. So what runs on one from elsewhere is
given Linux namespaces of its own (man 7 namespaces): a root folder in which the system's programs stand, read-only, and its own
folder, and nothing else (no /home, /run, /tmp or /proc of the machine, so no socket in them); no network, abstract UNIX sockets
included; no other process to signal or look at; no user namespaces to make in there; no shared memory,
kernel keys or environment of ours. As root it runs as a
system user who owns nothing else. When it ends, all that it started is dead. There is no lesser wall: what cannot be walled is
not run. `apart_child` makes them.
"""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO, Any

from openroll.store.server_user import NoServerUser

APART_USER = "openroll_apart"
_CHILD = Path(__file__).with_name("apart_child.py")
_MOST_SAID = 1 << 16
Folders = Mapping[str, tuple[Path, bool]]
"""What a program finds behind its walls: name there, folder here, whether it may only read it."""


class NoWalls(OSError):
    """This machine cannot keep such a program from our files; the sentence says what would."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"a base backup brings programs, and nothing here can keep them from this machine ({why}): run this as root, or"
            " where user namespaces are allowed (Linux 5.12 and later, no container that forbids them), or prove a dump instead"
            " (`backup make --dump`)"
        )


class Running:
    """A program behind walls."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
        self._process = process
        self._said = bytearray()
        self._listening = Thread(target=self._listen, args=(output,), daemon=True)
        self._listening.start()

    def has_ended(self) -> bool:
        """Whether it ended, and all that it started."""
        return self._process.poll() is not None

    def status(self) -> int:
        """Wait for its end; its exit status."""
        return self._process.wait()

    def said(self) -> str:
        """The end of what it wrote, on both ways out. What is said is said: it comes through a pipe, and nobody takes it back."""
        if self.has_ended():
            self._listening.join()
        return bytes(self._said).decode(errors="replace")

    def _listen(self, output: IO[bytes]) -> None:
        with output:
            while piece := os.read(output.fileno(), _MOST_SAID):
                self._said += piece
                del self._said[:-_MOST_SAID]


def apart_user() -> pwd.struct_passwd | None:
    """The system user for what runs apart, made where it is missing; None where we are not root. Raises NoServerUser."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(APART_USER)
    except KeyError:
        made = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", APART_USER]
        done = subprocess.run(made, capture_output=True, text=True, check=False)  # noqa: S603 - as root, the system's own
        if done.returncode:
            raise NoServerUser(f"a system user {APART_USER} cannot be made: {done.stderr.strip()}") from None
        return pwd.getpwnam(APART_USER)


def give_apart(folder: Path) -> None:
    """As root, give a folder to the user for what runs apart; before anything ran on it. Raises NoServerUser."""
    folder.chmod(0o700)
    user = apart_user()
    if user is None:
        return
    for above, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(above) / name, user.pw_uid, user.pw_gid, follow_symlinks=False)


@contextmanager
def apart(
    arguments: Sequence[str], folders: Folders, readable: Sequence[Path] = (), *, given: bytes = b""
) -> Iterator[Running]:
    """Context manager: a program runs behind walls; at the end it is asked to stop (SIGINT), and nothing of it stays.

    It finds `folders`, and `readable` under their own names; `given` is its input. Raises NoWalls: then nothing was run.
    """
    user = apart_user()
    if not sys.platform.startswith("linux"):
        raise NoWalls("this is no Linux")
    with (
        tempfile.TemporaryDirectory(prefix="openroll-", dir="/tmp") as root,
        tempfile.TemporaryFile() as entered,
    ):
        entered.write(given)
        entered.seek(0)
        heard, told = os.pipe()
        task = {
            "arguments": list(arguments),
            "folders": {name: (str(folder), read_only) for name, (folder, read_only) in folders.items()},
            "readable": [str(path) for path in readable if path.exists() and not path.is_relative_to("/usr")],
            "user": None if user is None else (user.pw_uid, user.pw_gid),
            "root": root,
            "told": told,
            "input": entered.fileno(),
        }
        process = _begun(task)
        os.close(told)
        assert process.stdout is not None  # noqa: S101 - asked for
        running = Running(process, process.stdout)
        try:
            with os.fdopen(heard, "rb") as wall:
                if (why := wall.read()) != b"+":
                    process.wait()
                    raise NoWalls(why.decode(errors="replace").lstrip("+") or running.said()[-300:])
            yield running
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait()


def _begun(task: Mapping[str, Any]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own file
        [sys.executable, "-I", "-S", str(_CHILD), json.dumps(task)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(task["told"], task["input"]),
        start_new_session=True,
    )


def throw_away(folder: Path) -> None:
    """Remove a folder in which a program ran apart. No link in it leads anywhere: what has to be opened is, from within."""
    try:
        shutil.rmtree(folder)
    except PermissionError:
        with apart(["/bin/chmod", "-R", "u+rwx", "/data"], {"/data": (folder, False)}) as running:
            running.status()
        shutil.rmtree(folder)
