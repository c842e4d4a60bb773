"""Files that came by a page, as they are taken; and what waits for a person of the registrar."""

from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection


class UploadRow(NamedTuple):
    """An upload: `state` is waiting, working, done, refused or failed; `result` its verdicts as JSON once it has ended."""

    id: int
    operator: str
    seat: int
    purpose: str
    name: str
    size: int
    begun: datetime
    ended: datetime | None
    state: str
    doing: str
    done: int
    whole: int
    rows: int
    stored: int
    fault_count: int
    digest: str
    result: str
    seen: datetime | None


_UPLOAD = (
    "id, operator, seat, purpose, name, size, begun, ended, state, doing, done, whole, rows, stored, fault_count, digest,"
    " result, seen"
)
_BRIEF = _UPLOAD.replace(" result,", " '' as result,")


def begin(
    connection: Connection, number: int, operator: str, seat: int, purpose: str, name: str, size: int, now: datetime
) -> UploadRow:
    """Enter an upload whose file is on disk."""
    row = connection.execute(
        "insert into upload (id, operator, seat, purpose, name, size, begun, state) overriding system value"
        f" values (%s, %s, %s, %s, %s, %s, %s, 'waiting') returning {_UPLOAD}",
        (number, operator, seat, purpose, name, size, now),
    ).fetchone()
    return UploadRow._make(row or ())


def next_waiting(connection: Connection) -> UploadRow | None:
    """Take the oldest waiting upload in hand; another process passes it over."""
    row = connection.execute(
        "update upload set state = 'working' where id = (select id from upload where state = 'waiting' order by id"
        f" limit 1 for update skip locked) returning {_UPLOAD}"
    ).fetchone()
    return None if row is None else UploadRow._make(row)


def wait_again(connection: Connection) -> None:
    """What was in hand when a process died is taken in hand again: taking a file twice does its work once."""
    connection.execute("update upload set state = 'waiting' where state = 'working'")


def moved(connection: Connection, number: int, doing: str, done: int, whole: int) -> None:
    """How far an upload came."""
    connection.execute(
        "update upload set doing = %s, done = %s, whole = %s where id = %s", (doing, done, whole, number)
    )


def ended(connection: Connection, row: UploadRow) -> None:
    """An upload ended: its state, counts and verdicts."""
    connection.execute(
        "update upload set state = %s, ended = %s, rows = %s, stored = %s, fault_count = %s, digest = %s, result = %s,"
        " done = whole where id = %s",
        (row.state, row.ended, row.rows, row.stored, row.fault_count, row.digest, row.result, row.id),
    )


def upload(connection: Connection, operator: str, number: int) -> UploadRow | None:
    """One of an operator's uploads, with its verdicts."""
    row = connection.execute(
        f"select {_UPLOAD} from upload where operator = %s and id = %s", (operator, number)
    ).fetchone()
    return None if row is None else UploadRow._make(row)


def uploads(connection: Connection, operator: str, most: int = 50) -> list[UploadRow]:
    """An operator's newest uploads, without their verdicts."""
    rows = connection.execute(
        f"select {_BRIEF} from upload where operator = %s order by id desc limit %s", (operator, most)
    )
    return [UploadRow._make(row) for row in rows]


def was_seen(connection: Connection, number: int, now: datetime) -> None:
    """Somebody looked at an upload that had ended: its message is read."""
    connection.execute(
        "update upload set seen = %s where id = %s and ended is not null and seen is null", (now, number)
    )


class WorkRow(NamedTuple):
    """Something that waits for a person: why (`kind`, `about`), until when, and whose it is once somebody took it."""

    id: int
    kind: str
    about: str
    made: datetime
    due: date
    owner: int | None
    label: str | None


def want(connection: Connection, kind: str, about: str, due: date, now: datetime) -> None:
    """Something waits; wanting it twice is wanting it once."""
    connection.execute(
        "insert into work (kind, about, made, due) values (%s, %s, %s, %s) on conflict (kind, about) do nothing",
        (kind, about, now, due),
    )


def end_others(connection: Connection, kind: str, still: list[str], now: datetime) -> None:
    """What of a kind is not wanted any more has ended by itself."""
    connection.execute(
        "update work set ended = %s, outcome = 'settled' where kind = %s and ended is null and not (about = any(%s))",
        (now, kind, still),
    )


def waiting(connection: Connection) -> list[WorkRow]:
    """All that waits, the soonest due first."""
    rows = connection.execute(
        "select w.id, w.kind, w.about, w.made, w.due, w.owner, p.label from work w left join person p on p.id = w.owner"
        " where w.ended is null order by w.due, w.id"
    )
    return [WorkRow._make(row) for row in rows]


def take_work(connection: Connection, number: int, person: int) -> bool:
    """Make a piece of work one's own; whether it was there to take."""
    done = connection.execute("update work set owner = %s where id = %s and ended is null", (person, number))
    return done.rowcount > 0


def end_work(connection: Connection, number: int, outcome: str, now: datetime) -> bool:
    """Say that a piece of work is done, and how."""
    done = connection.execute(
        "update work set ended = %s, outcome = %s where id = %s and ended is null", (now, outcome, number)
    )
    return done.rowcount > 0
