"""Table of uploads: files that came by a page, as they are processed."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from openroll.store.exclusion import hold


class UploadRow(NamedTuple):
    """An upload: `state` is waiting, working, done, refused or failed; `result` its verdicts as JSON once it has ended.

    Nothing of the file is here, neither its name nor a cell of it. `gone` is when the file itself went from the disk, and `why`
    the reason: taken, not-kept (nobody could put it right here), time (it waited too long), lost. `sender` is the seat that
    sent it, whole, where its operator was succeeded since: else that is `operator` and `seat`.
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
    sender: str | None = None


_UPLOAD = ", ".join(UploadRow._fields)
_BRIEF = _UPLOAD.replace(" result,", " '' as result,")


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
    hold(connection, f"uploads of {operator}")
    row = connection.execute(
        "select count(*) filter (where state in ('waiting', 'working')), coalesce(sum(size), 0)::bigint from upload"
        " where operator = %s and gone is null",
        (operator,),
    ).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def take_next(
    connection: Connection, operator: str, now: datetime, uncounted: Collection[int] = ()
) -> UploadRow | None:
    """Take an operator's oldest waiting upload into processing, first one that a dead process left.

    Whoever asks holds the operator's piece of work (store/work.py), so nobody else has one of its uploads in hand. The try before
    does not count for those of `uncounted`, whose connection broke through no doing of the file. Raises LockNotAvailable where
    somebody holds it, as a succession of its operator does: others' files do not wait for that one.
    """
    row = connection.execute(
        "update upload set state = 'working', tries = tries + 1 - (id = any(%s::bigint[]) and state = 'working')::integer,"
        " started = %s where id = (select id from upload where operator = %s and state in ('waiting', 'working')"
        f" order by state desc, id limit 1 for no key update nowait) returning {_UPLOAD}",
        (list(uncounted), now, operator),
    ).fetchone()
    return None if row is None else UploadRow._make(row)


def waits(connection: Connection, operator: str) -> bool:
    """Whether an upload of an operator waits to be taken."""
    query = "select from upload where operator = %s and state in ('waiting', 'working') limit 1"
    return connection.execute(query, (operator,)).fetchone() is not None


def wait_again(connection: Connection, number: int, *, counted: bool = True) -> None:
    """An upload in hand waits again: taking a file twice does its work once. A try that is not `counted` was none."""
    connection.execute(
        "update upload set state = 'waiting', tries = tries - %s where id = %s and state = 'working'",
        (0 if counted else 1, number),
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
