"""The PostgreSQL of a worker and the folder of a run: private to it, waiting for no disk, in memory where there is room."""

import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from openroll.compose.postgres import private_server
from openroll.compose.postgres_watch import began

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - Linux keeps it in memory; folders there are made for their owner alone
ROOM = 6 * 2**30
"""Bytes that are to be free there, and of memory, for each worker: its cluster, what its tests write, its Chromium, and what it
grows to itself."""
_BEGINNING = "openroll-tests-"
SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "512MB"}
"""No waiting for the disk: what that risks is a crash of the server or the machine, which no test on it has. Little kept of what
was written ahead, where it takes memory."""


@contextmanager
def shared_cluster(on_disk: Path) -> Iterator[str]:
    """The address of a new cluster, which ends with the block; in `on_disk` where memory has no room for it.

    Each of the 600 copies of a roll makes and removes 350 files, and ext4 looks past every file that was removed in the last
    minutes for each that is made: a third of what the tests of use cases spent.
    """
    _remove_left_ones()
    folder = _new_folder(on_disk)
    data = folder / "data"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            url = private_server(data)
        with psycopg.connect(url, autocommit=True) as connection:
            for name, value in SETTINGS.items():
                change = sql.SQL("alter system set {} = {}").format(sql.Identifier(name), sql.Literal(value))
                connection.execute(change)
            connection.execute("select pg_reload_conf()")
        yield url
    finally:
        if folder != on_disk:
            _end(data)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def folder_of_run(workers: int) -> Iterator[Path | None]:
    """A folder in memory for what the tests of a run write, until the block ends; none where there is no room.

    What is written durably, as Openroll writes keys, logs and evidence, waits there for no disk. Programs are started from there
    too, which where containers mount it none may be.
    """
    _remove_left_ones()
    # Short: names of sockets below it may have 107 bytes.
    folder = IN_MEMORY / f"{_BEGINNING}{os.getpid()}-t"
    if not _has_room(workers) or os.statvfs(IN_MEMORY).f_flag & os.ST_NOEXEC:
        yield None
        return
    folder.mkdir(0o700, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_room(workers: int) -> bool:
    if not os.access(IN_MEMORY, os.W_OK):
        return False
    free: int = min(shutil.disk_usage(IN_MEMORY).free, psutil.virtual_memory().available)
    return free >= workers * ROOM


def _new_folder(on_disk: Path) -> Path:
    if not _has_room(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))):
        return on_disk
    return Path(tempfile.mkdtemp(prefix=f"{_BEGINNING}{os.getpid()}-", dir=IN_MEMORY))


def _remove_left_ones() -> None:
    """Give memory back that a run which was killed has left."""
    for left in IN_MEMORY.glob(f"{_BEGINNING}*"):
        owner = left.name.removeprefix(_BEGINNING).partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _end(data: Path) -> None:
    """End a server at once, whoever is connected: nothing of it is read again."""
    try:
        process = int((data / "postmaster.pid").read_text("utf-8").split()[0])
    except FileNotFoundError:
        return
    since, end = began(process), time.monotonic() + 20
    os.kill(process, signal.SIGQUIT)
    while since and began(process) == since and time.monotonic() < end:
        time.sleep(0.01)  # waits for a real process
