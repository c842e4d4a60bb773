"""The PostgreSQL of a worker: private to this run, waiting for no disk, and in memory where there is room for it."""

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
ROOM = 5 * 2**30
"""Bytes that are to be free there, and of memory, for each worker: its cluster, its Chromium, and what it grows to itself."""
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


def _new_folder(on_disk: Path) -> Path:
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if not os.access(IN_MEMORY, os.W_OK):
        return on_disk
    if min(shutil.disk_usage(IN_MEMORY).free, psutil.virtual_memory().available) < workers * ROOM:
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
