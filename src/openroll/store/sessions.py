"""Tables of sign-in: passkeys, sessions, and two-step ceremonies."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg import Connection

from openroll.store.connect import ended_here
from openroll.store.exclusion import hold


class PasskeyRow(NamedTuple):
    """A passkey: its credential id, whose it is (a person's or a record's), its public key (COSE) and its counter."""

    id: bytes
    person: int | None
    record: int | None
    public_key: bytes
    uses: int
    label: str
    added: datetime


class SessionRow(NamedTuple):
    """A session: whose it is, when it began and was last seen, and the way in to a record. One that ended is no row."""

    person: int | None
    record: int | None
    begun: datetime
    seen: datetime
    way: str | None
    """CODE or PASSKEY; None for a person's, and for what began before ways were kept."""
    passkey: bytes | None
    """The credential of the passkey that began it; None for what began otherwise, or before these were kept."""


WAYS_IN = 1024
"""How many names the ways in are held by."""
CODE, PASSKEY = "code", "passkey"
"""The ways in to a record. What began by its code alone opens nothing of a record that a passkey holds."""
SESSION = "s.person, s.record, s.begun, s.seen, s.way, s.passkey"
"""The columns of a SessionRow, of `session s`."""
SESSION_IS = "s.hash = %s and not exists (select from passkey k where k.id = s.passkey and k.ended is not null)"
"""Which session a cookie's hash names: one whose passkey has ended is none."""
_PASSKEY = "id, person, record, public_key, uses, label, added"


def put_passkey(connection: Connection, row: PasskeyRow) -> None:
    """Keep a passkey. Raises UniqueViolation when the credential is known already."""
    connection.execute(f"insert into passkey ({_PASSKEY}) values (%s, %s, %s, %s, %s, %s, %s)", row)


def passkey(connection: Connection, credential: bytes) -> PasskeyRow | None:
    """A passkey that has not ended, held while its counter is compared."""
    row = connection.execute(
        f"select {_PASSKEY} from passkey where id = %s and ended is null for update", (credential,)
    ).fetchone()
    return None if row is None else PasskeyRow(bytes(row[0]), row[1], row[2], bytes(row[3]), *row[4:])


def only_one_way_in(connection: Connection, *ways: bytes) -> None:
    """Hold others off who make one of these ways in (what names it, a credential or its key) theirs, until the transaction ends.

    Asked before it is looked whether somebody has it: of two at once the second finds it taken.
    """
    for number in sorted({int.from_bytes(hashlib.sha256(way).digest()[:2]) % WAYS_IN for way in ways}):
        hold(connection, f"way in {number}")


def knows_passkey(connection: Connection, credential: bytes, public_key: bytes) -> bool:
    """Whether a credential, or its public key, was ever kept here, also of one that has ended."""
    found = connection.execute("select 1 from passkey where id = %s or public_key = %s", (credential, public_key))
    return found.fetchone() is not None


def passkeys_of_organisation(connection: Connection, organisation: str) -> list[bytes]:
    """The credentials of everybody who ever sat in an organisation or in one of another kind, the newest first, at most 500.

    One authenticator is to be no two people of whom the one asks, the other decides on it, and the third answers. Who gave a
    seat up that never was in force asked and decided nothing in it, and may take another one.
    """
    rows = connection.execute(
        "with kinds as (select name, kind from organisation union all select name, 'operator' from operator)"
        " select k.id from passkey k join person p on p.id = k.person left join kinds theirs on theirs.name = p.organisation"
        " where (p.left_at is null or p.founding or p.confirmed_by is not null)"
        " and (p.organisation = %(of)s or coalesce(theirs.kind, '') is distinct from"
        " coalesce((select own.kind from kinds own where own.name = %(of)s), ''))"
        " order by p.organisation = %(of)s desc, k.added desc limit 500",
        {"of": organisation},
    )
    return [bytes(one) for (one,) in rows]


def passkeys_of(connection: Connection, *, person: int | None = None, record: int | None = None) -> list[PasskeyRow]:
    """The passkeys of a person or of a record."""
    column, owner = ("person", person) if record is None else ("record", record)
    rows = connection.execute(
        f"select {_PASSKEY} from passkey where {column} = %s and ended is null order by added", (owner,)
    )
    return [PasskeyRow(bytes(row[0]), row[1], row[2], bytes(row[3]), *row[4:]) for row in rows]


def used_passkey(connection: Connection, credential: bytes, uses: int, now: datetime) -> None:
    """Remember a passkey's counter."""
    connection.execute("update passkey set uses = %s, used = %s where id = %s", (uses, now, credential))


def end_passkeys(
    connection: Connection,
    now: datetime,
    *,
    record: int | None = None,
    person: int | None = None,
    one: bytes | None = None,
) -> int:
    """End a record's or person's passkeys, or `one` of them; how many."""
    column, owner = ("person", person) if record is None else ("record", record)
    done = connection.execute(
        f"update passkey set ended = %s where {column} = %s and ended is null and (%s::bytea is null or id = %s)",
        (now, owner, one, one),
    )
    return done.rowcount


def put_session(
    connection: Connection,
    hashed: bytes,
    now: datetime,
    *,
    person: int | None = None,
    record: int | None = None,
    way: str | None = None,
    passkey: bytes | None = None,
) -> None:
    """Begin a session; of a record with its way in (CODE or PASSKEY), and the passkey's credential."""
    connection.execute(
        "insert into session (hash, person, record, begun, seen, way, passkey) values (%s, %s, %s, %s, %s, %s, %s)",
        (hashed, person, record, now, now, way, passkey),
    )


def session(connection: Connection, hashed: bytes) -> SessionRow | None:
    """A session; whether it is too old is the caller's to judge. One whose passkey has ended is none."""
    row = connection.execute(f"select {SESSION} from session s where {SESSION_IS}", (hashed,)).fetchone()
    return None if row is None else SessionRow._make(row)


def still_there(connection: Connection, hashes: Sequence[bytes], *, hold: bool = False) -> frozenset[bytes]:
    """Those of these sessions that have not ended. With `hold` they do not end before the transaction does."""
    lock = " order by hash for key share" if hold else ""
    rows = connection.execute(f"select hash from session where hash = any(%s::bytea[]){lock}", (list(hashes),))
    return frozenset(bytes(one) for (one,) in rows)


def seen(connection: Connection, hashed: bytes, now: datetime) -> None:
    """Move a session's last sight on."""
    connection.execute("update session set seen = %s where hash = %s", (now, hashed))


def end_session(connection: Connection, hashed: bytes) -> None:
    """End one session: nothing is left of it."""
    ended = connection.execute("delete from session where hash = %s returning hash", (hashed,))
    ended_here(connection, [bytes(one) for (one,) in ended.fetchall()])


def hold_ways_in_alone(connection: Connection, persons: Sequence[int]) -> None:
    """Let these people come in by nothing, and do nothing by their sessions, until the transaction ends; what they do just now is
    waited for.
    """
    # In the order in which others take these rows: who makes a passkey has its ceremony first, and asks for their session last.
    given = {"persons": list(persons), "for_whom": [f"person {number}" for number in persons]}
    for of in (
        "ceremony where kept::jsonb ->> 'for_whom' = any(%(for_whom)s) order by hash",
        "passkey where person = any(%(persons)s) and ended is null order by id",
        "session where person = any(%(persons)s) order by hash",
    ):
        connection.execute(f"select from {of} for update", given)


def end_sessions(
    connection: Connection, *, person: int | None = None, record: int | None = None, but: bytes = b""
) -> None:
    """End every session of a person or of a record, `but` one. What they are doing just now is waited for."""
    column, owner = ("person", person) if record is None else ("record", record)
    # In one order, so that two who end them at once do not wait for each other.
    connection.execute(f"select from session where {column} = %s order by hash for update", (owner,))
    ended = connection.execute(f"delete from session where {column} = %s and hash != %s returning hash", (owner, but))
    ended_here(connection, [bytes(one) for (one,) in ended.fetchall()])


class Over(NamedTuple):
    """Sessions that are over: last seen or begun before an instant, or after one that no right clock has reached."""

    seen_before: datetime
    begun_before: datetime
    after: datetime


def forget_sessions(connection: Connection, over: Over, *, persons: bool) -> int:
    """Forget the sessions of persons, or the others, that are over; how many."""
    return connection.execute(
        "delete from session where hash in (select hash from session where (person is not null) = %s"
        " and (seen < %s or begun < %s or greatest(seen, begun) > %s) for update skip locked)",
        (persons, *over),
    ).rowcount


def put_ceremony(connection: Connection, hashed: bytes, kind: str, kept: str, now: datetime) -> None:
    """Keep what the second step of a ceremony will need; forget what was never finished."""
    forget_ceremonies(connection, now - timedelta(hours=1))
    connection.execute("insert into ceremony values (%s, %s, %s, %s)", (hashed, kind, kept, now))


def count_ceremonies(connection: Connection, kind: str) -> int:
    """How many of a kind are under way, or were never finished."""
    row = connection.execute("select count(*) from ceremony where kind = %s", (kind,)).fetchone()
    return int(row[0]) if row else 0


def only_newest_ceremonies(connection: Connection, kind: str, for_whom: str, most: int) -> None:
    """Forget all of a kind that are for the same person, record or invitation, but for the newest."""
    connection.execute(
        "delete from ceremony where hash in (select hash from ceremony where kind = %s and kept::jsonb ->> 'for_whom' = %s"
        " order by begun desc offset %s)",
        (kind, for_whom, most),
    )


def end_ceremonies(connection: Connection, for_whom: str) -> frozenset[bytes]:
    """End what was begun for a person, a record or an invitation, so that no second step finishes it; the hashes of all these.

    Whoever is taking a second step just now is waited for.
    """
    # In one order, so that two who end them at once do not wait for each other.
    connection.execute(
        "select from ceremony where kept::jsonb ->> 'for_whom' = %s order by hash for update", (for_whom,)
    )
    ended = connection.execute("delete from ceremony where kept::jsonb ->> 'for_whom' = %s returning hash", (for_whom,))
    return frozenset(bytes(one) for (one,) in ended.fetchall())


def ceremony(connection: Connection, hashed: bytes, kind: str, since: datetime) -> str | None:
    """What the first step kept, left where it is, if it was begun after `since`."""
    row = connection.execute(
        "select kept, begun from ceremony where hash = %s and kind = %s", (hashed, kind)
    ).fetchone()
    return None if row is None or row[1] < since else str(row[0])


def take_ceremony(connection: Connection, hashed: bytes, kind: str, since: datetime) -> str | None:
    """What the first step kept, taken out: it can be had once, and only if it was begun after `since`."""
    row = connection.execute(
        "delete from ceremony where hash = %s and kind = %s returning kept, begun", (hashed, kind)
    ).fetchone()
    return None if row is None or row[1] < since else str(row[0])


def forget_ceremonies(connection: Connection, before: datetime) -> int:
    """Forget ceremonies that were begun before an instant and never finished; how many."""
    return connection.execute("delete from ceremony where begun < %s", (before,)).rowcount
