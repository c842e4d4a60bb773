"""Run a server that a backup brings apart from everything else: as a user of its own, without files or network but its own.

A data folder is code as well as data: its catalogs say what is loaded, called and run. So a server on one from elsewhere is
given its folder, the programs of the system, and nothing more: no file of ours, no TCP, no user that owns the live database.
Two walls, of which one at least has to stand: a system user (as root) and Landlock (Linux 5.13 and later; man 7 landlock).
"""

import ctypes
import os
import pwd
import stat
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openroll.store.server_user import NoServerUser

APART_USER = "openroll_apart"
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_EVERYTHING_ABI1 = (1 << 13) - 1
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_READ = 0b1101  # run, read a file, read a folder
_FILE_RIGHTS = 0b111 | _TRUNCATE
_BIND_AND_CONNECT_TCP = 0b11
_NO_NEW_PRIVILEGES = 38
_READABLE = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/passwd",
    "/etc/nsswitch.conf",
    "/etc/localtime",
    "/proc",
    "/sys",
)
_WRITABLE = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/shm")  # noqa: S108 - the system's own, shared memory


class NoWalls(OSError):
    """Nothing on this machine keeps such a server from our files; the sentence says what would."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def give_apart(data: Path) -> None:
    """As root, give a data folder to a system user who owns nothing else. Raises NoServerUser."""
    if os.geteuid() != 0:
        return
    user = _user()
    for folder, folders, files in os.walk(data):
        for name in (".", *folders, *files):
            os.chown(Path(folder) / name, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(APART_USER)
    except KeyError:
        made = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", APART_USER]
        done = subprocess.run(made, capture_output=True, text=True, check=False)  # noqa: S603 - as root, the system's own
        if done.returncode:
            raise NoServerUser(f"a system user {APART_USER} cannot be made: {done.stderr.strip()}") from None
        return pwd.getpwnam(APART_USER)


@contextmanager
def walls(writable: Iterable[Path], readable: Iterable[Path] = ()) -> Iterator[Callable[[], None]]:
    """What a child process does before it becomes the server: give up all files but these and the system's, and TCP.

    It is handed over as `preexec_fn`. Raises NoWalls where there is no Landlock and we are not root, who has a user for it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(_CREATE, None, 0, 1)
    if abi < 1:
        if os.geteuid() == 0:
            yield lambda: None
            return
        raise NoWalls(
            "a server that a backup brings would run with your rights here, beside your keys: run this as root, which has a"
            " user for it, or on a Linux with Landlock (5.13 and later)"
        )
    handled = _EVERYTHING_ABI1 | (_REFER if abi > 1 else 0) | (_TRUNCATE if abi > 2 else 0)
    said = _Ruleset(handled, _BIND_AND_CONNECT_TCP if abi > 3 else 0)
    ruleset = libc.syscall(_CREATE, ctypes.byref(said), 16 if abi > 3 else 8, 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "Landlock makes no set of rules")

    def restrict() -> None:
        if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.syscall(_RESTRICT, ruleset, 0):
            os._exit(126)

    try:
        for path in (*map(Path, _READABLE), *readable):
            _allow(libc, ruleset, path, _READ & handled)
        for path in (*map(Path, _WRITABLE), *writable):
            _allow(libc, ruleset, path, handled)
        yield restrict
    finally:
        os.close(ruleset)


def _allow(libc: Any, ruleset: int, path: Path, rights: int) -> None:
    try:
        held = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this machine
    try:
        folder = stat.S_ISDIR(os.fstat(held).st_mode)
        rule = _Beneath(rights if folder else rights & _FILE_RIGHTS, held)
        if libc.syscall(_ADD, ruleset, 1, ctypes.byref(rule), 0):
            raise OSError(ctypes.get_errno(), f"Landlock takes no rule for {path}")
    finally:
        os.close(held)
