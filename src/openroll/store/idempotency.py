"""Table of idempotency keys: a filing sent again under its key gets the same answer and changes nothing.

Keys come here hashed, so that nothing can be found out from them, and go after a time.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from openroll.store.rows import rows_source


class KeyRow(NamedTuple):
    """What a key stands for: the record and version it made, and when. `key` and `request` are 32 bytes each (see
    `service.filing.idempotency_key`)."""

    organisation: str
    key: bytes
    request: bytes
    number: int
    version: int
    made: datetime


def ask_keys(connection: Connection, organisation: str, keys: Sequence[bytes]) -> Callable[[], Mapping[bytes, KeyRow]]:
    """Ask for those of these keys that are taken, and give what takes the answer: by key.

    In a pipeline it travels along with other questions.
    """
    rows = connection.execute(
        "select organisation, key, request, number, version, made from idempotency"
        " where organisation = %b and key = any(%b::bytea[])",
        (organisation, list(keys)),
    )
    return lambda: {row.key: row for row in map(KeyRow._make, rows)}


def put(connection: Connection, rows: Sequence[KeyRow]) -> None:
    """Keep keys. Raises UniqueViolation when one was taken by somebody quicker."""
    source, given = rows_source("text, bytea, bytea, bigint, int, timestamptz", rows)
    connection.execute(f"insert into idempotency (organisation, key, request, number, version, made) {source}", given)


def forget(connection: Connection, before: datetime) -> int:
    """Forget the keys that were made before an instant; how many there were."""
    return connection.execute("delete from idempotency where made < %s", (before,)).rowcount
