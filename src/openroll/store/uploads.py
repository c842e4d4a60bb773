"""Files that came by a page, as they are taken; and what waits for a person of the registrar."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection


class UploadRow(NamedTuple):
    """An upload: `state` is waiting, working, done, refused or failed; `result` its verdicts as JSON once it has ended.

    Nothing of the file is here, neither its name nor a cell of it. `gone` is when the file itself went from the disk, and `why`
    the reason: taken, not-kept (nobody could put it right here), time (it waited too long), lost.
    """

    id: int
    operator: str
    seat: int
    purpose: str
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
    tries: int
    started: datetime | None
    gone: datetime | None
    why: str


_UPLOAD = ", ".join(UploadRow._fields)
_BRIEF = _UPLOAD.replace(" result,", " '' as result,")
_LOCK = "select pg_advisory_xact_lock(hashtext(current_schema() || ' uploads'))"


def begin(
    connection: Connection, number: int, operator: str, seat: int, purpose: str, size: int, now: datetime
) -> UploadRow:
    """Enter an upload whose file is about to be on disk; it is there for others once this transaction commits."""
    row = connection.execute(
        "insert into upload (id, operator, seat, purpose, size, begun, state) overriding system value"
        f" values (%s, %s, %s, %s, %s, %s, 'waiting') returning {_UPLOAD}",
        (number, operator, seat, purpose, size, now),
    ).fetchone()
    return UploadRow._make(row or ())


def share(connection: Connection, operator: str) -> tuple[int, int]:
    """How many files of an operator wait or are in hand, and the bytes of all that are kept.

    Until the transaction ends nobody enters another file of this operator; one of another does not wait for that.
    """
    connection.execute(
        "select pg_advisory_xact_lock(hashtext(current_schema() || ' uploads'), hashtext(%s))", (operator,)
    )
    row = connection.execute(
        "select count(*) filter (where state in ('waiting', 'working')), coalesce(sum(size), 0)::bigint from upload"
        " where operator = %s and gone is null",
        (operator,),
    ).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def next_waiting(connection: Connection, now: datetime) -> UploadRow | None:
    """Take the next waiting upload in hand: of the operators that have none in hand, the one that was served longest ago."""
    with connection.transaction():
        connection.execute(_LOCK)
        row = connection.execute(
            "update upload set state = 'working', tries = tries + 1, started = %s where id = (select w.id from upload w"
            " where w.state = 'waiting' and not exists (select from upload o where o.operator = w.operator and"
            " o.state = 'working') order by (select max(o.started) from upload o where o.operator = w.operator)"
            f" nulls first, w.id limit 1) returning {_UPLOAD}",
            (now,),
        ).fetchone()
    return None if row is None else UploadRow._make(row)


def wait_again(connection: Connection, numbers: Collection[int] | None = None, uncounted: Collection[int] = ()) -> None:
    """These uploads, or all that a process had in hand when it died, wait again: taking a file twice does its work once.

    The try that broke off does not count for those of `uncounted`, whose connection broke through no doing of the file.
    """
    connection.execute(
        "update upload set state = 'waiting', tries = tries - (id = any(%s))::integer"
        " where state = 'working' and (%s or id = any(%s))",
        (list(uncounted), numbers is None, list(numbers or ())),
    )


def moved(connection: Connection, number: int, doing: str, done: int, whole: int) -> None:
    """How far an upload came."""
    connection.execute(
        "update upload set doing = %s, done = %s, whole = %s where id = %s", (doing, done, whole, number)
    )


def ended(connection: Connection, row: UploadRow) -> None:
    """An upload ended: its state, counts and verdicts, and whether its file is kept."""
    connection.execute(
        "update upload set state = %s, ended = %s, rows = %s, stored = %s, fault_count = %s, digest = %s, result = %s,"
        " gone = %s, why = %s, done = whole where id = %s",
        (
            row.state,
            row.ended,
            row.rows,
            row.stored,
            row.fault_count,
            row.digest,
            row.result,
            row.gone,
            row.why,
            row.id,
        ),
    )


def on_disk(connection: Connection, numbers: Collection[int]) -> list[UploadRow]:
    """The uploads of these numbers, and all others whose file should be there: without their verdicts."""
    rows = connection.execute(f"select {_BRIEF} from upload where id = any(%s) or gone is null", (list(numbers),))
    return [UploadRow._make(row) for row in rows]


def gone(connection: Connection, number: int, now: datetime, why: str) -> None:
    """The file of an upload is not kept any more."""
    connection.execute("update upload set gone = %s, why = %s where id = %s and gone is null", (now, why, number))


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


def enqueue(connection: Connection, kind: str, about: str, due: date, now: datetime) -> None:
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
