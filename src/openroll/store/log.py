"""The log's tables in PostgreSQL: events ready to be sequenced, tiles, bundles, heads and checkpoints."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg import Connection, Cursor

from openroll.store.events import IS_OFFICIAL

READY = (
    f"select xid::text::bigint, id, name, day, commitment, case when {IS_OFFICIAL} then body else '' end"
    " from event where (xid, id) > (%b::text::xid8, %b::bigint)"
    " and xid < (select log_horizon(pg_current_snapshot())) order by event.xid, event.id limit %b"
)
"""Reads the index as it lies, so that a round costs what it takes, however many more events wait. A bare `order by xid` would
mean the column of the result, which no index holds: then every round would sort all that waits."""


ANY_AFTER = "select id from event where (xid, id) > (%b::text::xid8, %b::bigint) order by event.xid, event.id limit 1"
"""Reads the index, too. A bare `exists` drops any order, and its plan is made without knowing beyond what it asks: as soon as a
few thousand events had come in since the last vacuum, each round read all events there are to find that none waits."""


class Ready(NamedTuple):
    """Committed events that wait to be sequenced, as columns in the same order. A body is empty but for official acts.

    Columns, since a round has many thousands: an object for each costs as much as all its hashes, for the collector looks at it.
    """

    xids: list[int]
    ids: list[int]
    names: list[str]
    days: list[date]
    commitments: list[bytes]
    bodies: list[str]

    def first(self, count: int) -> "Ready":
        """The first so many of them."""
        return Ready._make(column[:count] for column in self)


class Head(NamedTuple):
    """The log's newest tree head in the database, and the last event it holds."""

    size: int
    root: bytes
    xid: int
    id: int


def newest_head(connection: Connection) -> Head | None:
    """The newest head, or None for a log with nothing in it."""
    row = connection.execute("select size, root, xid::text::bigint, id from head order by size desc limit 1").fetchone()
    return None if row is None else Head(row[0], bytes(row[1]), row[2], row[3])


def newest_time(connection: Connection) -> datetime | None:
    """When the newest head was made, by the clock of then; None for a log with nothing in it."""
    row = connection.execute("select at from head order by size desc limit 1").fetchone()
    return None if row is None else row[0]


def ready(connection: Connection, after: tuple[int, int], most: int) -> Ready:
    """Committed events beyond `after` (xid, id), in (xid, id) order, at most `most`.

    No event can ever appear before one that has a place (docs/facts/log.md, "Order"). Why, though other people's transactions
    are not waited for: let S be the snapshot that the query reads by, H what `log_horizon(S)` gives (wall.sql), T a transaction
    with a number below H.

    - T is not among those that run in S: it had ended, so S shows its events, or there are none.
    - T runs in S, and is of the roll's runtime login, or held the lock that an insert into `event` takes when either look was
      made, or was not found: then H is not above it. So T was passed by at both looks.
    - Then, at the second look, T still ran and had written no event: an insert takes that lock before it does anything, and
      keeps it until T ends (or until what was inserted is rolled back). The lock of a table and that of a number are read in
      this order, so a T that ends in between is not found.
    - Before the second look the floor was set above T. What T inserts from there on asks for the floor after it took the lock
      (`no_latecomer`, no setting turns it off), and is refused: T has no event, ever.

    An event may bear a higher number than that of its transaction (`store.events.append`): that of the last transaction to have
    ended before it was written. So it is never below H while T runs, and H passes it as soon as T has ended.

    Prepared transactions are as others: those that wrote events hold the lock, the rest can write nothing any more.
    """
    rows = connection.execute(READY, (str(after[0]), after[1], most), binary=True).fetchall()
    return Ready._make([row[at] for row in rows] for at in range(6))


def any_after(connection: Connection, after: tuple[int, int]) -> bool:
    """Whether there is an event beyond `after` (xid, id), ready or not."""
    return connection.execute(ANY_AFTER, (str(after[0]), after[1])).fetchone() is not None


def horizon_passed(connection: Connection, xid: int) -> bool:
    """Whether this cluster has given out `xid`; False after a dump was restored into a younger cluster."""
    row = connection.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint > %b", (xid,)).fetchone()
    return bool(row and row[0])


def put_tiles(connection: Connection, tiles: Sequence[tuple[int, int, int, bytes]]) -> None:
    """Write tiles (level, index, width, data); a partial one gives way to its wider successor."""
    _put(connection, "tile (level, index, width, data)", "(level, index)", "%b::int2[], %b::int8[], %b::int2[]", tiles)


def put_bundles(connection: Connection, bundles: Sequence[tuple[int, int, bytes]]) -> None:
    """Write entry bundles (index, width, data)."""
    _put(connection, "bundle (index, width, data)", "(index)", "%b::int8[], %b::int2[]", bundles)


def _put(connection: Connection, into: str, key: str, arrays: str, rows: Sequence[tuple[int | bytes, ...]]) -> None:
    connection.execute(
        f"insert into {into} select * from unnest({arrays}, %b::bytea[])"
        f" on conflict {key} do update set width = excluded.width, data = excluded.data",
        [list(column) for column in zip(*rows, strict=True)],
    )


def tile(connection: Connection, level: int, index: int) -> tuple[int, bytes] | None:
    """A tile's width and bytes as they now stand."""
    row = connection.execute(
        "select width, data from tile where level = %b and index = %b", (level, index), binary=True
    ).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def bundle(connection: Connection, index: int) -> tuple[int, bytes] | None:
    """An entry bundle's width and bytes as they now stand."""
    row = connection.execute("select width, data from bundle where index = %b", (index,), binary=True).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def tiles(connection: Connection, level: int, first: int, last: int) -> dict[int, tuple[int, bytes]]:
    """The tiles of a level from one index to another, both included: width and bytes as they now stand, by the index."""
    return {
        index: (width, bytes(data))
        for index, width, data in connection.execute(
            "select index, width, data from tile where level = %b and index between %b and %b",
            (level, first, last),
            binary=True,
        )
    }


def bundles(connection: Connection, first: int, last: int) -> dict[int, tuple[int, bytes]]:
    """The entry bundles from one index to another, both included: width and bytes as they now stand, by the index."""
    return {
        index: (width, bytes(data))
        for index, width, data in connection.execute(
            "select index, width, data from bundle where index between %b and %b", (first, last), binary=True
        )
    }


def put_head(connection: Connection, head: Head, at: datetime) -> None:
    """Keep a new head; raises UniqueViolation rather than have two of one size."""
    connection.execute(
        "insert into head (size, root, xid, id, at) values (%b, %b, %b::text::xid8, %b, %b)",
        (head.size, head.root, str(head.xid), head.id, at),
    )


class Run(NamedTuple):
    """Events with consecutive ids and their places: the first position of any of them, the first id, how many.

    `offsets` holds how far behind `position` each one's place is, four bytes big-endian each, in the order of the ids; None
    where they stand one after another.
    """

    position: int
    event: int
    length: int
    offsets: bytes | None = None


def put_places(connection: Connection, runs: Sequence[Run]) -> None:
    """Keep runs of places."""
    connection.execute(
        "insert into placed (position, event, count, offsets)"
        " select * from unnest(%b::int8[], %b::int8[], %b::int4[], %b::bytea[])",
        [list(column) for column in zip(*runs, strict=True)],
    )


def add_tallies(connection: Connection, tallies: Sequence[tuple[date, str, int]]) -> None:
    """Count events into the figures: (day, event name, how many more)."""
    connection.execute(
        "insert into tally (day, name, count) select * from unnest(%b::date[], %b::text[], %b::int8[])"
        " on conflict (day, name) do update set count = tally.count + excluded.count",
        [list(column) for column in zip(*tallies, strict=True)],
    )


def position_of(connection: Connection, stream: int, version: int) -> int | None:
    """The place in the log of one fact, or None while it waits."""
    return position_in(asked_position(connection, stream, version))


def asked_position(connection: Connection, stream: int, version: int) -> Cursor[Any]:
    """Ask for the place in the log of one fact, for within a pipeline: what `position_in` reads."""
    return connection.execute(
        "select place_in(p, e.id) from event e cross join lateral (select * from placed"
        " where event <= e.id order by event desc limit 1) p"
        " where e.stream = %b and e.version = %b and e.id < p.event + p.count",
        (stream, version),
    )


def position_in(asked: Cursor[Any]) -> int | None:
    """What was answered to `asked_position`."""
    row = asked.fetchone()
    return None if row is None else int(row[0])


def has_waiting_act(connection: Connection, stream: int) -> bool:
    """Whether an official act on a record still waits for its place in the log."""
    row = connection.execute(
        f"select exists (select from event e where e.stream = %b and {IS_OFFICIAL} and not exists (select from (select * from"
        " placed where event <= e.id order by event desc limit 1) p where e.id < p.event + p.count))",
        (stream,),
    ).fetchone()
    return row is not None and bool(row[0])


def positions_of(connection: Connection, stream: int) -> dict[int, int]:
    """The places in the log of the facts of a record, by their versions; those that wait are not in it."""
    rows = connection.execute(
        "select e.version, place_in(p, e.id) from event e cross join lateral (select * from placed"
        " where event <= e.id order by event desc limit 1) p where e.stream = %b and e.id < p.event + p.count",
        (stream,),
    )
    return {int(version): int(place) for version, place in rows}


def put_checkpoint(connection: Connection, size: int, note: bytes, at: datetime) -> None:
    """Keep the checkpoint published for a size; the first one stays."""
    connection.execute(
        "insert into checkpoint (size, note, at) values (%b, %b, %b) on conflict (size) do nothing", (size, note, at)
    )


def checkpoint(connection: Connection, size: int) -> bytes | None:
    """The checkpoint signed for a size, if there is one."""
    row = connection.execute("select note from checkpoint where size = %b", (size,), binary=True).fetchone()
    return None if row is None else bytes(row[0])


def oldest_checkpoint(connection: Connection) -> bytes | None:
    """The first checkpoint that was signed of the log there is now, which says whose log it is; None before the first."""
    row = connection.execute("select note from checkpoint order by size limit 1").fetchone()
    return None if row is None else bytes(row[0])


def newest_checkpoint(connection: Connection) -> int:
    """The size of the newest checkpoint that was signed; 0 before the first."""
    row = connection.execute("select coalesce(max(size), 0) from checkpoint").fetchone()
    return int(row[0]) if row else 0


def acts_of(connection: Connection, stream: int, names: Sequence[str]) -> list[tuple[int | None, int, str, str]]:
    """One record's facts of these names, in their order: (place in the log or None while it waits, version, name, body)."""
    return connection.execute(
        "select place_in(p, e.id), e.version, e.name, e.body from event e left join lateral"
        " (select * from placed where event <= e.id order by event desc limit 1) p"
        " on e.id < p.event + p.count where e.stream = %s and e.name = any(%s) order by e.version",
        (stream, list(names)),
    ).fetchall()


def tallies(connection: Connection) -> list[tuple[date, str, int]]:
    """The figures of the log: (day, event name, count)."""
    return connection.execute("select day, name, count from tally order by day, name").fetchall()


def published_at(connection: Connection, size: int) -> datetime | None:
    """When the checkpoint of a size was signed, by the roll's clock."""
    row = connection.execute("select at from checkpoint where size = %s", (size,)).fetchone()
    return None if row is None else row[0]


def waiting(connection: Connection) -> int:
    """How many events wait for their place."""
    head = newest_head(connection)
    after = (str(head.xid), head.id) if head else ("0", 0)
    # Planned for this very place: a plan for any expects that a third of all events wait, and reads every one.
    row = connection.execute(
        "select count(*) from event where (xid, id) > (%b::text::xid8, %b::bigint)", after, prepare=False
    ).fetchone()
    return int(row[0]) if row else 0


class Standing(NamedTuple):
    """How far the log is published: the size of the newest signed checkpoint (0 before the first), and when it was signed; and
    when the first event that waits for its place was written, None where none waits. All times are by the roll's clock."""

    size: int
    published: datetime | None
    oldest_waiting: datetime | None


def standing(connection: Connection) -> Standing:
    """How far the log is published now."""
    return standing_in(connection, asked_standing(connection))


def asked_standing(connection: Connection) -> Cursor[Any]:
    """Ask how far the log is published, for within a pipeline: what `standing_in` reads."""
    return connection.execute(
        "select coalesce(c.size, 0), c.at, coalesce(h.xid, '0')::text, coalesce(h.id, 0) from (values (1)) one"
        " left join lateral (select size, at from checkpoint order by size desc limit 1) c on true"
        " left join lateral (select xid, id from head order by size desc limit 1) h on true"
    )


def standing_in(connection: Connection, asked: Cursor[Any]) -> Standing:
    """What was answered to `asked_standing`, and since when an event waits."""
    size, published, *after = asked.fetchone() or (0, None, "0", 0)
    # By itself: under row-level security no index helps where what is compared comes from another table, and all events are read.
    oldest = connection.execute(
        "select at from event where (xid, id) > (%b::text::xid8, %b::bigint) order by event.xid, event.id limit 1",
        after,
    ).fetchone()
    return Standing(size, published, None if oldest is None else oldest[0])


class Blocker(NamedTuple):
    """A session whose open transaction places wait for: its process, its login, what it calls itself."""

    pid: int
    login: str
    application: str


def waited_for(connection: Connection) -> list[Blocker]:
    """Whose open transactions may have written events, or may yet: places behind them wait."""
    return blockers_in(asked_waited_for(connection))


def asked_waited_for(connection: Connection) -> Cursor[Any]:
    """Ask whose transactions places wait for, for within a pipeline: what `blockers_in` reads."""
    return connection.execute(
        "select a.pid, a.usename, a.application_name from writing(pg_current_snapshot()) x join pg_locks l"
        " on l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted and l.transactionid = x::xid"
        " join pg_stat_activity a on a.pid = l.pid order by a.pid"
    )


def blockers_in(asked: Cursor[Any]) -> list[Blocker]:
    """What was answered to `asked_waited_for`."""
    return [Blocker(pid, str(login), str(application)) for pid, login, application in asked]
