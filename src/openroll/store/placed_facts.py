"""Read sequenced events with their positions in the log, for a check of the whole log."""

from collections.abc import Iterator
from typing import NamedTuple

from psycopg import Connection


class PlacedFact(NamedTuple):
    """A sequenced event: its name, day (ISO 8601), commitment, salt and body."""

    name: str
    day: str
    commitment: bytes
    salt: bytes
    body: str


def placed_facts(connection: Connection, size: int) -> Iterator[PlacedFact]:
    """The events of the first `size` positions in order, streamed by a server-side cursor."""
    with connection.cursor(name="placed_facts", binary=True) as cursor:
        cursor.itersize = 4_096
        cursor.execute(
            "select e.name, e.day::text, e.commitment, e.salt, e.body from placed p join event e"
            " on e.id >= p.event and e.id < p.event + p.count where place_in(p, e.id) < %s order by place_in(p, e.id)",
            (size,),
        )
        yield from map(PlacedFact._make, cursor)


def emptied_without_erasure(connection: Connection) -> int | None:
    """A record that has an emptied fact and does not say that it was erased; None where there is none."""
    row = connection.execute(
        "select stream from event e where body = '' and not exists (select from event l where l.stream = e.stream"
        " and l.version > e.version and l.name = 'subscription.erased/1') limit 1"
    ).fetchone()
    return int(row[0]) if row else None
