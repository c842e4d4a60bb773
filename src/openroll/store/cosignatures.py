"""Table of the newest cosignature of each witness key."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection


class CosignatureRow(NamedTuple):
    """One key's newest cosignature: the key's name and id, the size it is for, its bytes, and when the roll got it."""

    name: str
    key_id: bytes
    size: int
    signature: bytes
    at: datetime


def newest(connection: Connection) -> list[CosignatureRow]:
    """The newest cosignature of every key there is one of."""
    rows = connection.execute("select name, key_id, size, signature, at from cosignature", binary=True)
    return [CosignatureRow(row[0], bytes(row[1]), row[2], bytes(row[3]), row[4]) for row in rows]


def put(connection: Connection, rows: Sequence[CosignatureRow]) -> None:
    """Keep cosignatures, each in place of its key's last: only the one sequencer writes, and what came last is what counts."""
    if rows:
        connection.execute(
            "insert into cosignature (name, key_id, size, signature, at)"
            " select * from unnest(%b::text[], %b::bytea[], %b::int8[], %b::bytea[], %b::timestamptz[])"
            " on conflict (name, key_id) do update set size = excluded.size, signature = excluded.signature,"
            " at = excluded.at",
            [list(column) for column in zip(*rows, strict=True)],
        )
