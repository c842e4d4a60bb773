"""A folder for what is unpacked for a trial, keys among it: it goes with the call, however the process ends that made it.

SIGTERM and SIGHUP end the process as an error would, with its folder. After `kill -9` or a loss of power it stays until the next
trial: whoever makes a folder holds it locked, and a lock goes with its process.
"""

import fcntl
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from openroll.store.apart import throw_away
from openroll.store.temporary_server import stop_left

PROOF, TRIAL = "openroll-proof-", "openroll-trial-"
"""How the folders' names begin: of a backup that is proved, of a deposit that is opened."""
_ENDS = (signal.SIGTERM, signal.SIGHUP)
_SERVERS = ("clean", "postgres")
"""Folders in it on which a PostgreSQL server runs."""


@contextmanager
def trial_folder(prefix: str) -> Iterator[Path]:
    """Context manager: a folder of mode 0700 in the temporary folder (TMPDIR), without what dead processes left there.

    `prefix` is PROOF or TRIAL. SIGTERM and SIGHUP raise SystemExit meanwhile, with 128 and the signal's number, as of a shell.
    """
    sweep()
    with _ending(), _made(prefix) as folder:
        yield folder


def sweep() -> None:
    """Remove what trials of ours left whose process is dead: first what is readable in it, then the servers' folders."""
    for prefix in (PROOF, TRIAL):
        for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
            with suppress(OSError):  # another's, or gone meanwhile
                _swept(folder)


def _swept(folder: Path) -> None:
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(held).st_uid != os.geteuid():
            return
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises BlockingIOError where its process lives
        servers = [folder / name for name in _SERVERS]
        for path in folder.iterdir():
            if path in servers:
                continue
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for data in filter(Path.is_dir, servers):
            stop_left(data)
            throw_away(data)
        shutil.rmtree(folder)
    finally:
        os.close(held)


@contextmanager
def _made(prefix: str) -> Iterator[Path]:
    while True:
        with tempfile.TemporaryDirectory(prefix=prefix) as name:
            held = os.open(name, os.O_RDONLY | os.O_DIRECTORY)
            try:
                with suppress(OSError):  # a file system without locks of folders: nobody sweeps there
                    fcntl.flock(held, fcntl.LOCK_EX)
                if not Path(name).is_dir():  # swept between making and locking
                    continue
                yield Path(name)
                return
            finally:
                os.close(held)


@contextmanager
def _ending() -> Iterator[None]:
    """Signals that ask the process to end raise SystemExit, once: what is removed then is removed whole."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    before = {number: signal.signal(number, _end) for number in _ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> NoReturn:
    for one in _ENDS:
        signal.signal(one, signal.SIG_IGN)
    raise SystemExit(128 + number)
