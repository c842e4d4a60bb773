"""Watcher process that stops a private PostgreSQL server when its last user is gone, also by SIGKILL.

Everyone who uses the server holds a shared lock on a file, which the kernel lets go when they die. This program, started beside
the server, waits until it can have that lock for itself. It is run by its path and imports nothing of Openroll's: it lives as
long as the server and should be small.
"""

import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_PATIENCE = 600.0


@contextlib.contextmanager
def locked(path: str | Path, how: int) -> Iterator[bool]:
    """Context manager: a file lock; False when it was asked for without waiting and somebody has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, how)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def began(pid: int) -> str:
    """The start time of a process, which tells it from a later one with the same id. Empty when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return "?" if not Path("/proc/self/stat").exists() and _lives(pid) else ""
    return "" if fields[0] == "Z" else fields[19]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stop_if_unused(users: str | Path, pid: int, since: str) -> None:
    """Stop the private PostgreSQL server unless somebody uses it. The caller keeps others from starting it meanwhile."""
    with locked(users, fcntl.LOCK_EX | fcntl.LOCK_NB) as alone:
        if not alone or not since or began(pid) != since:
            return
        os.kill(pid, signal.SIGINT)  # PostgreSQL's fast shutdown
        end = time.monotonic() + _PATIENCE
        while began(pid) == since and time.monotonic() < end:
            time.sleep(0.01)


def watch(starting: str, users: str, pid: int, since: str) -> None:
    """Wait until nobody uses the private PostgreSQL server, and stop it."""
    while began(pid) == since:
        try:
            with locked(users, fcntl.LOCK_EX):
                pass  # nobody used it for a moment
            with locked(starting, fcntl.LOCK_EX | fcntl.LOCK_NB) as alone:
                if alone:
                    stop_if_unused(users, pid, since)
        except FileNotFoundError:
            os.kill(pid, signal.SIGINT)  # its folders were taken away
        time.sleep(0.05)


if __name__ == "__main__":
    watch(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
