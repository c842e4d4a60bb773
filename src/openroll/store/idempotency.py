"""Acknowledged filings by the key they came under: sent again, a filing gives the same answer and changes nothing."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from psycopg import Connection


class KeyRow(NamedTuple):
    """What a key stands for: a SHA-256 of the request, and the record and version it made."""

    organisation: str
    key: str
    request: bytes
    number: int
    version: int


def of_keys(connection: Connection, organisation: str, keys: Sequence[str]) -> Mapping[str, KeyRow]:
    """Those of these keys that are taken, by key."""
    rows = connection.execute(
        "select organisation, key, request, number, version from idempotency"
        " where organisation = %b and key = any(%b::text[])",
        (organisation, list(keys)),
    )
    return {row.key: row for row in map(KeyRow._make, rows)}


def put(connection: Connection, rows: Sequence[KeyRow]) -> None:
    """Keep keys. Raises UniqueViolation when one was taken by somebody quicker."""
    connection.execute(
        "insert into idempotency (organisation, key, request, number, version)"
        " select * from unnest(%b::text[], %b::text[], %b::bytea[], %b::bigint[], %b::int[])",
        [list(column) for column in zip(*rows, strict=True)],
    )
