"""Read sequenced events with their positions in the log, for a check of the whole log."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from psycopg import Connection

_NEWEST = "with newest as (select size, xid, id from head order by size desc limit 1)"
_WITHIN = (
    "coalesce((select e.id < p.event + p.count and place_in(p, e.id) < h.size from"
    " (select * from placed where event <= e.id order by event desc limit 1) p), false)"
)
"""Whether event `e` has a place within head `h`: a place beyond it is none."""


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


class PassedBy(NamedTuple):
    """A fact without a place in the log: its record and version, its kind, and whether its transaction has never begun."""

    stream: int
    version: int
    name: str
    of_the_future: bool


def passed_by(connection: Connection) -> list[PassedBy]:
    """Facts that no round of the log will ever take: at or below the newest head, and without a place within it.

    Those too that bear the number of a transaction that this cluster has not begun. One statement, so one moment: what is filed
    meanwhile, and waits for its place, is not among them (`log.ready` says why none can appear below the head).
    """
    rows = connection.execute(
        f"{_NEWEST} select e.stream, e.version, e.name, (e.xid, e.id) > (h.xid, h.id) from event e cross join newest h"
        " where case when (e.xid, e.id) > (h.xid, h.id) then e.xid >= pg_snapshot_xmax(pg_current_snapshot())"
        f" else not {_WITHIN} end order by e.id"
    )
    return [PassedBy._make(row) for row in rows]


def count_passed_by(connection: Connection) -> int:
    """How many facts at or below the newest head have no place in it, by counting alone; for a look in between."""
    row = connection.execute(
        f"{_NEWEST} select (select count(*) from event where (xid, id) <= (h.xid, h.id)) + (select count(*) from lost) - h.size"
        " from newest h"
    ).fetchone()
    return max(int(row[0]), 0) if row else 0


def emptied_without_erasure(connection: Connection) -> int | None:
    """A record that has an emptied fact and no erasure in the log, nor one that waits beyond its head; None if there is none."""
    row = connection.execute(
        f"{_NEWEST} select stream from event f where body = '' and not exists (select from event e cross join newest h"
        " where e.stream = f.stream and e.version > f.version and e.name = 'subscription.erased/1'"
        f" and ((e.xid, e.id) > (h.xid, h.id) or {_WITHIN})) limit 1"
    ).fetchone()
    return int(row[0]) if row else None


def lost_and_said(connection: Connection) -> tuple[int, int]:
    """How many entries are kept as those whose facts did not come back, and how many the acts of each return say."""
    row = connection.execute(
        "select (select count(*) from lost), (select coalesce(sum((body::json ->> 'lost')::bigint), 0) from event"
        " where name = 'log.restored/1')"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


class Tagged(NamedTuple):
    """A fact that may name its record: where it stands, its salt and body, and the salt of the filing there, if there is one."""

    stream: int
    version: int
    name: str
    salt: bytes
    body: str
    filing: bytes | None


def tagged(connection: Connection, names: Sequence[str]) -> Iterator[Tagged]:
    """The facts of these kinds that were not emptied, each beside the filing of the record it stands on, streamed."""
    with connection.cursor(name="tagged_facts", binary=True) as cursor:
        cursor.itersize = 4_096
        cursor.execute(
            "select e.stream, e.version, e.name, e.salt, e.body, f.salt from event e left join event f"
            " on f.stream = e.stream and f.version = 1 where e.name = any(%s) and e.body <> ''",
            (list(names),),
        )
        yield from map(Tagged._make, cursor)


def not_one_filing(connection: Connection) -> tuple[int, int] | None:
    """A record's fact (record, version) that is its first and no filing, or a filing and not its first; None if there is none."""
    row = connection.execute(
        "select stream, version from event where name like 'subscription.%'"
        " and (version = 1) <> (name like 'subscription.filed/%') order by stream, version limit 1"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else None


def off_its_day(connection: Connection) -> tuple[int, int] | None:
    """A fact (record, version) whose moment is not of the day that its entry shows, in whichever zone; None if there is none.

    Without those that have no salt: they were emptied, or are facts again since a return, at the moment of it.
    """
    row = connection.execute(
        "select stream, version from event where abs((at at time zone 'UTC')::date - day) > 1"
        " and salt <> decode(repeat('00', 32), 'hex') order by stream, version limit 1"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else None
