"""Connections to a roll's schema, and the database role each piece of work takes on."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Connection

from openroll.store.schema import schema_of


class Database:
    """Where a roll is kept: a PostgreSQL address and the roll's name. Holds no connection."""

    def __init__(self, url: str, roll: str) -> None:
        self.url = url
        self.roll = roll
        self.schema = schema_of(roll)

    def open(self, application: str = "openroll") -> Connection:
        """A new connection whose search path is the roll's schema. The caller closes it."""
        options = f"-c search_path={self.schema} -c application_name={application}"
        return psycopg.connect(self.url, options=options)

    @contextmanager
    def transaction(self, role: str, *, organisation: str = "", record: int | None = None) -> Iterator[Connection]:
        """A connection with one transaction on it, under a database role that row-level security holds to its rows."""
        with self.open() as connection, connection.transaction():
            assume(connection, role, organisation=organisation, record=record)
            yield connection


def assume(connection: Connection, role: str, *, organisation: str = "", record: int | None = None) -> None:
    """Take on a role (`operator`, `subscriber`, `registrar`, `sequencer`) until the transaction ends."""
    connection.execute(
        "select set_config('role', %s, true), set_config('openroll.organisation', %s, true),"
        " set_config('openroll.record', %s, true)",
        (f"openroll_{role}", organisation, "" if record is None else str(record)),
    )
