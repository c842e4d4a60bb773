"""The event table: append events, and read a record's own."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection

from openroll.register.kinds import OFFICIAL
from openroll.store.exclusion import hold
from openroll.store.rows import rows_source

_COLUMNS = "stream, version, name, role, organisation, at, day, salt, commitment, body, actor_organisation"

IS_OFFICIAL = "name in ({})".format(", ".join(f"'{name}'" for name in OFFICIAL))
"""Whether a fact stands in the public log in full: by its kind, whoever acted."""

_NUMBER = (
    "(select greatest(pg_current_xact_id()::text::bigint,"
    " pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text::xid8)"
)
"""Where events stand in the order of the log: behind whatever was committed before they are written, and never before the number
of their own transaction, which is what places wait for (store/log.py, `ready`).

A transaction has its number from its first lock on, and decides later. By that number alone, what it had waited for and decided
on would stand behind it in the log. So the log's order is the order of decision wherever who acts and who ends what they act by
(a seat, a use, a key, an operator) lock the same rows, *before* either writes its event: the second writes when the first has
committed.
"""

RECORD_LOCKS = 1024
"""Writers of one record wait for each other by one of so many rows: millions of records do not make millions of rows."""

INDEXED = (
    "name not in ('subscription.filed/1', 'subscription.changed/1', 'subscription.ended/1', 'subscription.notified/1',"
    " 'subscription.withdrawn/1', 'subscription.corrected/1', 'subscription.held/1', 'subscription.release-asked/1',"
    " 'subscription.release-seconded/1', 'subscription.release-refused/1', 'subscription.released/1',"
    " 'subscription.rehandled/1', 'subscription.confirmed/1', 'subscription.disowned/1', 'subscription.erased/1')"
)
"""What the index of official facts leaves out, word for word as migration 0016 has it: a new kind is in it without a change."""


class EventRow(NamedTuple):
    """One stored event. `salt` is 32 bytes; `commitment` is SHA-256 over domain, salt and `body` (canonical JSON).

    `role` is the actor's own, `organisation` whose record it is. `actor_organisation` is the actor's, where that is another;
    facts of before it was kept name the seat that acted in their body.
    """

    stream: int
    version: int
    name: str
    role: str
    organisation: str
    at: datetime
    day: date
    salt: bytes
    commitment: bytes
    body: str
    actor_organisation: str | None = None


def append(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Append events (step 4 of the life of a filing), behind all that was committed before. Whatever the decision rests on, and
    whatever these events end, is locked by now.

    Raises psycopg.errors.UniqueViolation when a (stream, version) is taken: somebody was quicker."""
    source, given = rows_source("bigint, int, text, text, text, timestamptz, date, bytea, bytea, text, text", rows)
    connection.execute(f"insert into event ({_COLUMNS}, xid) select given.*, {_NUMBER} from ({source}) given", given)


def of_streams(connection: Connection, streams: Sequence[int]) -> Iterable[EventRow]:
    """Every event of these records that the current role may see, in order of record and version."""
    # Of a list's length nothing is known beforehand: it is planned anew each time, 0.2 ms for one record.
    one = len(streams) == 1
    where = "stream = %b::bigint order by version" if one else "stream = any(%b::bigint[]) order by stream, version"
    rows = connection.execute(f"select {_COLUMNS} from event where {where}", (streams[0] if one else list(streams),))
    return map(EventRow._make, rows)


def of_streams_placed(connection: Connection, streams: Sequence[int], size: int) -> Iterable[EventRow]:
    """As `of_streams`, those that are among the first `size` entries of the log."""
    rows = connection.execute(
        f"select {_COLUMNS} from event e where stream = any(%b::bigint[]) and (select e.id < p.event + p.count"
        " and place_in(p, e.id) < %b from placed p where p.event <= e.id order by p.event desc limit 1)"
        " order by stream, version",
        (list(streams), size),
    )
    return map(EventRow._make, rows)


def added_on(
    connection: Connection, streams: Sequence[int], day: date, role: str, organisation: str, newest: int, least: int
) -> dict[int, tuple[int, int]]:
    """How many facts these records have, and how many of their newest ones were added on a day by a role: (all, of the day).

    With an `organisation` only its own facts of the day count (two operators act on a record that goes from one to the other).
    Records with fewer than `least` facts are not in it. It reads `newest` rows of each at most, however long they are.
    """
    rows = connection.execute(
        "select s.number, s.version, (select count(*) from event e where e.stream = s.number and e.version > s.version - %b"
        " and e.day = %b and e.role = %b and (%b::text = '' or coalesce(e.actor_organisation, e.organisation) = %b))"
        " from subscription s where s.number = any(%b::bigint[]) and s.version >= %b",
        (newest, day, role, organisation, organisation, list(streams), least),
    )
    return {number: (version, today) for number, version, today in rows}


def of_body_on(connection: Connection, stream: int, organisation: str, day: date, name: str | None = None) -> int:
    """How many facts an organisation added to a record on a day, all or those of one kind."""
    row = connection.execute(
        "select count(*) from event where stream = %(stream)s and day = %(day)s"
        " and coalesce(actor_organisation, organisation) = %(of)s and (%(name)s::text is null or name = %(name)s)",
        {"stream": stream, "day": day, "of": organisation, "name": name},
    ).fetchone()
    return int(row[0]) if row else 0


def first_body(connection: Connection, stream: int, names: Sequence[str]) -> tuple[str, str] | None:
    """Name and body of a record's first fact of these kinds. It asks for what every version of the table has had."""
    row = connection.execute(
        "select name, body from event where stream = %s and name = any(%s) order by version limit 1",
        (stream, list(names)),
    ).fetchone()
    return None if row is None else (str(row[0]), str(row[1]))


def filing_salts(connection: Connection, streams: Sequence[int]) -> dict[int, bytes]:
    """The salts of the first facts of these records, of those that the current role may see."""
    rows = connection.execute(
        "select stream, salt from event where stream = any(%b::bigint[]) and version = 1", (list(streams),)
    )
    return {stream: bytes(salt) for stream, salt in rows.fetchall()}


def erase(connection: Connection, stream: int) -> None:
    """Erase body, salt and organisations from every event of a record but the last.

    The last must say that the record was erased; the database insists on it.
    """
    connection.execute(
        "update event set body = '', salt = decode(repeat('00', 32), 'hex'), organisation = '', actor_organisation = null"
        " where stream = %(stream)b and version < (select max(version) from event where stream = %(stream)b)",
        {"stream": stream},
    )


def version_of(connection: Connection, stream: int) -> int:
    """The version of a record's newest event; 0 before the first. Locks out other writers of the record until the end."""
    hold(connection, f"record {stream % RECORD_LOCKS}")
    row = connection.execute("select coalesce(max(version), 0) from event where stream = %s", (stream,)).fetchone()
    return int(row[0]) if row else 0


def official(connection: Connection, most: int, before: int = 2**63 - 1) -> list[tuple[int, EventRow]]:
    """The newest official acts before a number, the newest first, each with its own number (`event.id`)."""
    rows = connection.execute(
        f"select id, {_COLUMNS} from event where {INDEXED} and {IS_OFFICIAL} and id < %s order by id desc limit %s",
        (before, most),
    )
    return [(number, EventRow._make(row)) for number, *row in rows]


def with_derived_salts(connection: Connection) -> tuple[int, datetime] | None:
    """How many facts tell something under salts that can be computed from an old backup, and until when such were made.

    None where there are none: see the migration 0007.
    """
    row = connection.execute(
        "select count(*), max(until) from derived_salts join event on at <= until where role = 'subscriber'"
        " and name in ('subscription.filed/1', 'subscription.notified/1') and body <> ''"
    ).fetchone()
    return (int(row[0]), row[1]) if row and row[0] else None


def every(connection: Connection, batch: int = 10_000) -> Iterable[EventRow]:
    """Every event of the roll in order of record and version, streamed by a server-side cursor."""
    with connection.cursor(name="every_event") as cursor:
        cursor.itersize = batch
        cursor.execute(f"select {_COLUMNS} from event order by stream, version")
        yield from map(EventRow._make, cursor)
