"""Tables of recovery: escrow deposits, logs that ended, and entries whose events were lost."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection

from openroll.store import signs_of_life
from openroll.store.connect import ended_here
from openroll.store.roll import NewToken, put_token


def read_one_moment(connection: Connection) -> None:
    """Read one moment of the database for the rest of the transaction, and write nothing."""
    connection.execute("set transaction isolation level repeatable read, read only")


def newest_body(connection: Connection, stream: int, name: str) -> str | None:
    """The body of a record's newest fact of this name; None where it has none."""
    row = connection.execute(
        "select body from event where stream = %s and name = %s order by version desc limit 1", (stream, name)
    ).fetchone()
    return row[0] if row else None


def put_deposit(connection: Connection, day: date, digest: str, size: int, at: datetime) -> None:
    """Keep that a deposit was handed over."""
    connection.execute("insert into deposit (day, digest, size, at) values (%s, %s, %s, %s)", (day, digest, size, at))


def newest_deposit(connection: Connection) -> date | None:
    """The day of the newest deposit; None before the first."""
    row = connection.execute("select max(day) from deposit").fetchone()
    return row[0] if row else None


class EndedLog(NamedTuple):
    """A log this roll had before: its name, and the last checkpoint anybody has seen with the keys it verifies with."""

    number: int
    origin: str
    size: int
    note: bytes
    keys: str


def put_ended(connection: Connection, ended: EndedLog, at: datetime) -> None:
    """Keep that a log has ended."""
    connection.execute(
        "insert into ended_log (number, origin, size, note, keys, ended) values (%s, %s, %s, %s, %s, %s)", (*ended, at)
    )


def ended_logs(connection: Connection) -> list[EndedLog]:
    """The logs that ended, the oldest first."""
    rows = connection.execute("select number, origin, size, note, keys from ended_log order by number")
    return [EndedLog(number, origin, size, bytes(note), keys) for number, origin, size, note, keys in rows]


def names_before(connection: Connection) -> tuple[tuple[datetime, str], ...]:
    """The names of the logs that ended, each with the moment at which it did, the oldest first."""
    return tuple(connection.execute("select ended, origin from ended_log order by number").fetchall())


def has_ended(connection: Connection, origin: str) -> bool:
    """Whether the log of this name has ended: nothing may be signed for it."""
    row = connection.execute("select exists (select from ended_log where origin = %b)", (origin,)).fetchone()
    return bool(row and row[0])


def put_lost(connection: Connection, rows: Sequence[tuple[int, date, str]]) -> None:
    """Keep that entries stand in the log without their facts: (position, day, kind)."""
    if rows:
        connection.execute(
            "insert into lost (position, day, name) select * from unnest(%b::int8[], %b::date[], %b::text[])",
            [list(column) for column in zip(*rows, strict=True)],
        )


def lost(connection: Connection) -> dict[int, tuple[str, str]]:
    """The entries without facts: position to (day, kind)."""
    rows = connection.execute("select position, day::text, name from lost order by position")
    return {position: (day, name) for position, day, name in rows}


def lost_before(connection: Connection, name: str, stream: int, act: str) -> datetime | None:
    """Until when facts of a kind may have been lost: the moment of the newest `act` of a record; None where none was lost."""
    row = connection.execute(
        "select max(at) from event where stream = %s and name = %s and exists (select from lost where name = %s)",
        (stream, act, name),
    ).fetchone()
    return row[0] if row else None


def unplaced(connection: Connection, after: tuple[int, int]) -> dict[bytes, int]:
    """The ids of events beyond `after` (xid, id), by their commitments: they are in no log yet, or in one that ran ahead."""
    rows = connection.execute(
        "select commitment, id from event where (xid, id) > (%b::text::xid8, %b::bigint)", (str(after[0]), after[1])
    )
    return {bytes(commitment): number for commitment, number in rows}


def set_log_aside(connection: Connection) -> None:
    """Empty the tables of the log, with its bundles and places set aside until the transaction ends.

    Danger: only for a roll whose log has ended. Facts are not touched.
    """
    tables = ("head", "placed", "lost")
    connection.execute("create temporary table old_bundle on commit drop as select index, data from bundle")
    connection.execute(
        "create temporary table old_placed on commit drop as select position, event, count, offsets from placed"
    )
    connection.execute("create temporary table old_lost on commit drop as select position, day, name from lost")
    for table in tables:
        connection.execute(f"alter table {table} disable trigger user")
    connection.execute("truncate head, placed, lost, tile, bundle, checkpoint")
    for table in tables:
        connection.execute(f"alter table {table} enable always trigger append_only")


def old_bundle(connection: Connection, index: int) -> bytes | None:
    """A bundle of the log set aside."""
    row = connection.execute("select data from old_bundle where index = %b", (index,), binary=True).fetchone()
    return None if row is None else bytes(row[0])


def move_places(connection: Connection, first_event: int) -> None:
    """Give places again as they were, each one further on: the first is the event that begins the log."""
    connection.execute("insert into placed (position, event, count) values (0, %s, 1)", (first_event,))
    connection.execute(
        "insert into placed (position, event, count, offsets) select position + 1, event, count, offsets from old_placed"
    )
    connection.execute("insert into lost (position, day, name) select position + 1, day, name from old_lost")


def event_id(connection: Connection, commitment: bytes) -> int:
    """The id of the newest event with this commitment. Raises LookupError."""
    row = connection.execute(
        "select id from event where commitment = %s order by id desc limit 1", (commitment,)
    ).fetchone()
    if row is None:
        raise LookupError("there is no event with this commitment")
    return int(row[0])


def end_every_session(connection: Connection) -> None:
    """End every session, and every ceremony that is under way: that one of them ended stands in no entry of the log."""
    ended = connection.execute("delete from session returning hash").fetchall()
    ended_here(connection, [bytes(one) for (one,) in ended])
    connection.execute("delete from ceremony")


def has_token(connection: Connection, organisation: str, number: int) -> bool:
    """Whether an organisation was ever given the token of this number."""
    found = connection.execute("select from token where organisation = %s and id = %s", (organisation, number))
    return found.fetchone() is not None


def end_token(connection: Connection, number: int, at: datetime) -> None:
    """End a token, also one that has ended by itself meanwhile."""
    connection.execute("update token set revoked = %s where id = %s and revoked is null", (at, number))


def succeed_token(connection: Connection, number: int, successor: NewToken, until: datetime | None) -> None:
    """Have a token end at an instant, and its successor be there under its number, with the old one's label and seat."""
    row = connection.execute(
        "update token set expires = %s where id = %s returning label, seat", (until, successor.replaces)
    ).fetchone()
    label, seat = row or ("", 0)
    put_token(connection, number, successor._replace(label=label, seat=seat))


def take_nothing_on_trust(connection: Connection, day: date) -> None:
    """What no entry of the log tells of the time since a database went back: sessions have ended, and everybody has spoken."""
    end_every_session(connection)
    hear_everybody(connection, day)


def hear_everybody(connection: Connection, day: date) -> None:
    """Have every notice that runs be void: whether somebody gave a sign of life meanwhile stands in no entry of the log."""
    names = connection.execute("select name from operator union select organisation from person").fetchall()
    for (name,) in names:
        signs_of_life.hear(connection, name, day)
