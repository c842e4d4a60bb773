"""Connections to a roll's schema, and the database role each piece of work takes on."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool

from openroll.store.schema import schema_of


class Database:
    """Where a roll is kept: a PostgreSQL address and the roll's name.

    Holds no connection, unless a serving process asked it to keep some for transactions.
    """

    def __init__(self, url: str, roll: str) -> None:
        self.url = url
        self.roll = roll
        self.schema = schema_of(roll)
        self._pool: ConnectionPool | None = None

    def open(self, application: str = "openroll") -> Connection:
        """A new connection whose search path is the roll's schema. The caller closes it."""
        options = f"-c search_path={self.schema} -c application_name={application}"
        return psycopg.connect(self.url, options=options)

    def keep_connections(self, most: int = 8) -> None:
        """Keep up to `most` connections between transactions: what a serving process does."""
        options = f"-c search_path={self.schema} -c application_name=openroll"
        self._pool = ConnectionPool(
            self.url,
            kwargs={"options": options},
            min_size=1,
            max_size=most,
            open=True,
            check=ConnectionPool.check_connection,  # after an outage none is handed out that the server has forgotten
        )

    def drop_connections(self) -> None:
        """Close the kept connections."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    @contextmanager
    def own(self) -> Iterator[Connection]:
        """A connection with one transaction on it as the login role: for tables that belong to no organisation."""
        if self._pool is None:
            with self.open() as connection, connection.transaction():
                yield connection
        else:
            with self._pool.connection() as connection, connection.transaction():
                yield connection

    @contextmanager
    def transaction(self, role: str, *, organisation: str = "", record: int | None = None) -> Iterator[Connection]:
        """A connection with one transaction on it, under a database role that row-level security holds to its rows."""
        with self.own() as connection:
            assume(connection, role, organisation=organisation, record=record)
            yield connection


def assume(connection: Connection, role: str, *, organisation: str = "", record: int | None = None) -> None:
    """Take on a role (`operator`, `subscriber`, `registrar`, `sequencer`) until the transaction ends."""
    connection.execute(
        "select set_config('role', %s, true), set_config('openroll.organisation', %s, true),"
        " set_config('openroll.record', %s, true)",
        (f"openroll_{role}", organisation, "" if record is None else str(record)),
    )
