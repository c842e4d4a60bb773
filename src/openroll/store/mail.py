"""Table of mails (the outbox): put one in, read one to send it, and record what became of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb


class WaitingMail(NamedTuple):
    """A mail to be sent. `tries` counts the attempts that failed; the sealed parts open with the roll's address key."""

    id: UUID
    template: str
    lang: str
    params: Mapping[str, str | int]
    address_sealed: bytes
    link_sealed: bytes | None
    made: datetime
    tries: int


class FailedMail(NamedTuple):
    """A mail that did not go out, as the registrar sees it: never where it was to go."""

    id: UUID
    template: str
    made: datetime
    tries: int
    last_error: str


def put(connection: Connection, mail: WaitingMail) -> None:
    """Insert a mail. When it is sent is up to the work table (store/work.py)."""
    connection.execute(
        "insert into mail (id, template, lang, params, address_sealed, link_sealed, made)"
        " values (%s, %s, %s, %s, %b, %b, %s)",
        (
            mail.id,
            mail.template,
            mail.lang,
            Jsonb(mail.params),
            mail.address_sealed,
            mail.link_sealed,
            mail.made,
        ),
    )


def newest_waiting(connection: Connection) -> tuple[UUID, bytes] | None:
    """The newest mail that waits and its sealed address; None where none waits."""
    row = connection.execute(
        "select id, address_sealed from mail where state = 'waiting' and address_sealed is not null order by made desc limit 1"
    ).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def waiting(connection: Connection, mail: UUID) -> WaitingMail | None:
    """A mail that waits to be sent; None when it was sent, failed or given up meanwhile."""
    row = connection.execute(
        "select id, template, lang, params, address_sealed, link_sealed, made, tries from mail"
        " where id = %s and state = 'waiting'",
        (mail,),
    ).fetchone()
    return None if row is None else WaitingMail._make(row)


def last_error(connection: Connection, mail: UUID) -> str:
    """Why a mail failed; nothing where it did not."""
    row = connection.execute("select last_error from mail where id = %s and state = 'failed'", (mail,)).fetchone()
    return "" if row is None else row[0] or ""


def mark_sent(connection: Connection, mail: UUID, now: datetime) -> None:
    """Mark a mail as sent: its address and link are erased."""
    connection.execute(
        "update mail set state = 'sent', sent = %s, last_error = null, address_sealed = null, link_sealed = null"
        " where id = %s",
        (now, mail),
    )


def put_off(connection: Connection, mail: UUID, error: str) -> None:
    """Mark an attempt to send as failed for now."""
    connection.execute("update mail set tries = tries + 1, last_error = %s where id = %s", (error, mail))


def mark_failed(connection: Connection, mail: UUID, error: str) -> None:
    """It will not go out by itself: where it was to go is erased, its link stays sealed for `again`."""
    connection.execute(
        "update mail set state = 'failed', tries = tries + 1, last_error = %s, address_sealed = null where id = %s",
        (error, mail),
    )


def failed(connection: Connection) -> Sequence[FailedMail]:
    """The mails that failed and that nobody has settled, the oldest first."""
    rows = connection.execute(
        "select id, template, made, tries, last_error from mail"
        " where state = 'failed' and given_up is null order by made, id"
    )
    return [FailedMail._make(row) for row in rows]


def again(connection: Connection, mail: UUID, address_sealed: bytes) -> bool:
    """Let a failed mail wait again with all its tries before it; whether there was one."""
    done = connection.execute(
        "update mail set state = 'waiting', tries = 0, address_sealed = %b, last_error = null"
        " where id = %s and state = 'failed' and given_up is null",
        (address_sealed, mail),
    )
    return done.rowcount > 0


def give_up(connection: Connection, mail: UUID, now: datetime) -> bool:
    """Settle a failed mail without sending it; its link is erased. Whether there was one."""
    done = connection.execute(
        "update mail set given_up = %s, link_sealed = null where id = %s and state = 'failed' and given_up is null",
        (now, mail),
    )
    return done.rowcount > 0


def settle(connection: Connection, mail: UUID, why: str, now: datetime) -> None:
    """Settle a mail that waits without sending it: where it was to go and its link are erased."""
    connection.execute(
        "update mail set state = 'failed', given_up = %s, last_error = %s, address_sealed = null, link_sealed = null"
        " where id = %s and state = 'waiting'",
        (now, why, mail),
    )


def counts(connection: Connection) -> Mapping[str, int]:
    """How many mails are in each state; those that were given up count nowhere."""
    return dict(connection.execute("select state, count(*) from mail where given_up is null group by state").fetchall())
