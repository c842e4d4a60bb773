"""Tables of requests: keys of envelopes, registered uses, requests as lists and clocks need them, envelopes, who is bound."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection


class KeyRow(NamedTuple):
    """A published key in force: whose, its id, and the line of its public half."""

    organisation: str
    key: str
    public: str
    published: datetime


class UseRow(NamedTuple):
    """A registered use, whole; `ended` says since when it is good no more, `rule` under which rule it was registered."""

    number: int
    organisation: str
    purpose: int
    basis: str
    fields: Sequence[str]
    supervisor: str
    supervised_at: str
    office: str
    registered: datetime
    ended: datetime | None = None
    rule: str = ""


class RequestRow(NamedTuple):
    """A request as its table has it (migrations 0031 and 0037 say what each column is)."""

    number: int
    stream: int
    version: int
    authority: str
    use: int
    operator: str
    reviewer: str
    objector: str
    fields: Sequence[str]
    urgency: str
    desired: str
    earlier: int | None
    officer: str
    approver: str
    approved: datetime | None
    filed: datetime
    procedure: str
    step: str
    due: datetime | None
    postponed: datetime | None
    outcome: str
    annulled: bool
    may_open: Sequence[str]
    telling: bool
    late: bool
    ended: bool
    told: datetime | None


class ToldRow(NamedTuple):
    """A request of which somebody was told: its number, the record of its facts, and up to which of them its row is."""

    number: int
    stream: int
    version: int


class EnvelopeRow(NamedTuple):
    """An envelope: which part of which request, by which organisation, for whom, and its SHA-256 in hexadecimal."""

    request: int
    version: int
    part: str
    organisation: str
    readers: Sequence[str]
    digest: str
    data: bytes
    at: datetime


_KEY = ", ".join(KeyRow._fields)
_USE = ", ".join(UseRow._fields)
_REQUEST = ", ".join(RequestRow._fields)
_ENVELOPE = ", ".join(EnvelopeRow._fields)


def _holes(row: type[tuple[object, ...]]) -> str:
    return ", ".join(["%b"] * len(getattr(row, "_fields", ())))


# Keys and uses.


def put_key(connection: Connection, row: KeyRow) -> None:
    """Keep a published key."""
    connection.execute(f"insert into envelope_key ({_KEY}) values ({_holes(KeyRow)})", row)


def end_key(connection: Connection, organisation: str, key: str, now: datetime) -> None:
    """Have a key be in force no more."""
    connection.execute(
        "update envelope_key set ended = %s where organisation = %s and key = %s", (now, organisation, key)
    )


def end_keys_of(connection: Connection, organisation: str, now: datetime) -> None:
    """Have every key of an organisation that ends be in force no more."""
    connection.execute(
        "update envelope_key set ended = %s where organisation = %s and ended is null", (now, organisation)
    )


def keys(connection: Connection, organisations: Collection[str], *, hold: bool = False) -> list[KeyRow]:
    """The keys in force of these organisations, the newest first; with `hold` none of them ends before the transaction does."""
    lock = " for share" if hold else ""
    rows = connection.execute(
        f"select {_KEY} from envelope_key where organisation = any(%b::text[]) and ended is null"
        f" order by published desc, key{lock}",
        (list(organisations),),
    )
    return [KeyRow._make(row) for row in rows]


def hold_keys_alone(connection: Connection, organisation: str) -> None:
    """Let nobody rest on an organisation's keys until the transaction ends: whoever does is waited for."""
    connection.execute(
        "select from envelope_key where organisation = %s and ended is null order by published desc, key for no key update",
        (organisation,),
    )


def known_keys(connection: Connection) -> frozenset[str]:
    """The ids of every key that any organisation ever published, ended or not."""
    return frozenset(key for (key,) in connection.execute("select key from envelope_key"))


def keys_ever(connection: Connection, organisation: str) -> list[tuple[KeyRow, bool]]:
    """Every key that an organisation ever published, the newest first, and whether it has ended."""
    rows = connection.execute(
        f"select {_KEY}, ended is not null from envelope_key where organisation = %b order by published desc, key",
        (organisation,),
    )
    return [(KeyRow._make(row), ended) for *row, ended in rows]


def count_keys(connection: Connection, organisation: str, since: datetime) -> tuple[int, int]:
    """How many keys an organisation has in force, and how many it published since an instant."""
    row = connection.execute(
        "select count(*) filter (where ended is null), count(*) filter (where published > %s) from envelope_key"
        " where organisation = %s",
        (since, organisation),
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def count_uses(connection: Connection, organisation: str, since: datetime) -> tuple[int, int]:
    """How many uses an authority has in force, and how many it registered since an instant."""
    row = connection.execute(
        "select count(*) filter (where ended is null), count(*) filter (where registered > %s) from registered_use"
        " where organisation = %s",
        (since, organisation),
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def put_use(connection: Connection, row: UseRow) -> None:
    """Keep a registered use."""
    connection.execute(f"insert into registered_use ({_USE}) values ({_holes(UseRow)})", [_listed(one) for one in row])


def end_use(connection: Connection, number: int, now: datetime) -> None:
    """Have a use be good no more."""
    connection.execute("update registered_use set ended = %s where number = %s", (now, number))


def use(connection: Connection, number: int, *, alone: bool = False) -> UseRow | None:
    """A registered use, ended or not; it changes no more until the transaction ends. With `alone`, for who is to end it,
    whoever asks by it is waited for as well."""
    lock = "for no key update" if alone else "for share"
    row = connection.execute(f"select {_USE} from registered_use where number = %s {lock}", (number,)).fetchone()
    return None if row is None else UseRow._make(row)


def authority_of_use(connection: Connection, number: int) -> str | None:
    """The authority that registered a use, ended or not; None for no such use."""
    row = connection.execute("select organisation from registered_use where number = %s", (number,)).fetchone()
    return None if row is None else str(row[0])


def uses(
    connection: Connection, organisation: str | None, *, ended: bool, before: int | None, most: int
) -> list[UseRow]:
    """The uses of one authority, or of all, those in force or with `ended` all there ever were; the newest first, with `before`
    those of lower numbers alone."""
    rows = connection.execute(
        f"select {_USE} from registered_use where (%(of)s::text is null or organisation = %(of)s)"
        " and (%(ended)s or ended is null) and (%(before)s::bigint is null or number < %(before)s)"
        " order by number desc limit %(most)s",
        {"of": organisation, "ended": ended, "before": before, "most": most},
    )
    return [UseRow._make(row) for row in rows]


# Requests.


def put_request(connection: Connection, row: RequestRow) -> None:
    """Bring a request's row to what its facts say."""
    changed = ", ".join(f"{name} = excluded.{name}" for name in RequestRow._fields[1:])
    connection.execute(
        f"insert into request ({_REQUEST}) values ({_holes(RequestRow)}) on conflict (number) do update set {changed}",
        [_listed(one) for one in row],
    )


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def stream_of(connection: Connection, number: int) -> tuple[int, str] | None:
    """The record that a request's facts stand on, and the authority whose it is; None for no such request."""
    row = connection.execute("select stream, authority from request where number = %s", (number,)).fetchone()
    return None if row is None else (int(row[0]), str(row[1]))


_TELLING = "e.name in ('request.told/1', 'request.told/2')"
_TOLD = f"exists (select from event e where e.stream = r.stream and {_TELLING})"
_OUT = "not exists (select from notice n where n.request = r.number)"
_NOT_AS_TOLD = (
    "not exists (select from notice n where n.request = r.number and encode(sha256(n.data), 'hex') = "
    f"(select nullif(e.body, '')::jsonb ->> 'notice' from event e where e.stream = r.stream and {_TELLING}"
    " order by e.version desc limit 1))"
)
_LOST = f"({_TOLD} and {_NOT_AS_TOLD})"
"""Of a request `r`: its person was told, and the notice as it was last told is in no heap, by the digest of its bytes."""
_BYTES_AT_ONCE = 1000
"""Notices whose bytes the worker looks at in a minute, 12 MB: of more it takes a part each time."""


def of_organisation(
    connection: Connection, organisation: str, *, open_only: bool, before: int | None, most: int
) -> list[RequestRow]:
    """The requests that an organisation is a body of, the newest first; with `before` those of lower numbers alone. Open is one
    too of which the person is to be told anew."""
    rows = connection.execute(
        f"select {_REQUEST} from request r where %(of)s in (authority, reviewer, operator, objector) and %(of)s <> ''"
        f" and not (%(open)s and ended and not (late and {_LOST})) and (%(before)s::bigint is null or number < %(before)s)"
        " order by number desc limit %(most)s",
        {"of": organisation, "open": open_only, "before": before, "most": most},
    )
    return [RequestRow._make(row) for row in rows]


def every(connection: Connection, *, before: int | None, most: int) -> list[RequestRow]:
    """Requests of all, the newest first."""
    rows = connection.execute(
        f"select {_REQUEST} from request where (%(before)s::bigint is null or number < %(before)s)"
        " order by number desc limit %(most)s",
        {"before": before, "most": most},
    )
    return [RequestRow._make(row) for row in rows]


def page_digest(connection: Connection, now: datetime, before: int | None, most: int) -> str | None:
    """A digest of all that a page of `every` is shown by: its requests, as far as their facts and times go, and what was sealed
    beside them, by the digests that it was kept under. None where the time of a step is over, which nobody wrote down yet."""
    row = connection.execute(
        "with page as (select * from request where (%(before)s::bigint is null or number < %(before)s)"
        "  order by number desc limit %(most)s)"
        " select (select bool_or(not ended and due <= %(now)s) from page), md5(concat_ws('/',"
        "  (select string_agg(concat_ws(' ', number, version, operator, telling, late, ended, postponed <= %(now)s), ','"
        "    order by number) from page),"
        "  (select string_agg(concat_ws(' ', request, digest), ',' order by request)"
        "    from notice where request in (select number from page)),"
        "  (select string_agg(concat_ws(' ', request, e.version, digest), ',' order by request, e.version)"
        "    from envelope e where request in (select number from page))))",
        {"before": before, "most": most, "now": now},
    ).fetchone()
    return None if row is None or row[0] else str(row[1])


def told_in(connection: Connection, begin: datetime, end: datetime) -> list[ToldRow]:
    """The requests whose person was last told from an instant until before another, by their numbers."""
    rows = connection.execute(
        "select number, stream, version from request where told >= %s and told < %s order by number", (begin, end)
    )
    return [ToldRow._make(row) for row in rows]


def told_digest(connection: Connection, begin: datetime, end: datetime) -> str | None:
    """A digest of what these requests are shown by: their facts; None where there is none."""
    row = connection.execute(
        "select md5(string_agg(concat_ws(' ', number, version), ',' order by number)) from request"
        " where told >= %s and told < %s",
        (begin, end),
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def told_by_month(connection: Connection) -> dict[str, int]:
    """Of how many requests the person was last told in each month (UTC, as `2026-11`) in which there is any, the oldest first."""
    rows = connection.execute(
        "select to_char(told at time zone 'UTC', 'YYYY-MM'), count(*) from request where told is not null"
        " group by 1 order by 1"
    )
    return {str(month): int(count) for month, count in rows}


def request(connection: Connection, number: int) -> RequestRow | None:
    """One request."""
    row = connection.execute(f"select {_REQUEST} from request where number = %s", (number,)).fetchone()
    return None if row is None else RequestRow._make(row)


def under_way(connection: Connection, operator: str) -> list[tuple[str, str, int]]:
    """The requests to an operator that have not ended, counted by procedure and step: (procedure, step, how many)."""
    return connection.execute(
        "select procedure, step, count(*) from request where operator = %s and not ended group by 1, 2", (operator,)
    ).fetchall()


def lost_to(connection: Connection, operator: str) -> int:
    """Of how many requests to an operator the person was told in a notice that is in no heap, or altered there."""
    row = connection.execute(f"select count(*) from request r where operator = %s and {_LOST}", (operator,)).fetchone()
    return int(row[0]) if row else 0


def is_lost(connection: Connection, number: int, stream: int) -> bool:
    """Whether the person of a request, with its record, was told in a notice that is in no heap, or altered there."""
    row = connection.execute(
        f"select {_LOST} from (select %s::bigint as number, %s::bigint as stream) r", (number, stream)
    ).fetchone()
    return bool(row and row[0])


def unmarked(connection: Connection, most: int, minute: int) -> list[int]:
    """The records of requests whose row does not say that the notice of their person is in no heap, or altered there.

    Whether it is there is looked at each time, and its bytes in one of as many minutes as there are thousands of requests.
    """
    rows = connection.execute(
        "select stream from request r, (select 1 + coalesce(max(number), 0) / %(each)s parts from request) p"
        f" where not (telling or late) and {_TOLD}"
        f" and ({_OUT} or (mod(r.number, p.parts) = mod(%(at)s::bigint, p.parts) and {_NOT_AS_TOLD}))"
        " order by number limit %(most)s",
        {"at": minute, "each": _BYTES_AT_ONCE, "most": most},
    )
    return [stream for (stream,) in rows]


def count_unmarked(connection: Connection) -> int:
    """How many such requests there are; it looks at the bytes of every notice."""
    row = connection.execute(f"select count(*) from request r where not (telling or late) and {_LOST}").fetchone()
    return int(row[0]) if row else 0


def streams(connection: Connection) -> list[tuple[int, int]]:
    """The records that requests' facts stand on, in the order of their filing, each with how many facts it has."""
    return connection.execute("select stream, version from request order by number").fetchall()


def due(connection: Connection, now: datetime, most: int, but: Collection[int] = ()) -> list[int]:
    """Requests whose step's time is over, the longest over first, `but` some."""
    rows = connection.execute(
        "select number from request where not ended and due <= %s and number <> all(%s) order by due, number limit %s",
        (now, list(but), most),
    )
    return [number for (number,) in rows]


def late(connection: Connection, now: datetime, before: int | None, most: int) -> list[RequestRow]:
    """Requests of which the person should have been told by now, and those that nobody moved whose step's time is over, which may
    be such; the newest first, with `before` those of lower numbers alone."""
    rows = connection.execute(
        f"select {_REQUEST} from request where (((telling or late) and (late or due <= %(now)s))"
        " or (not ended and due <= %(now)s)) and (%(before)s::bigint is null or number < %(before)s)"
        " order by number desc limit %(most)s",
        {"now": now, "before": before, "most": most},
    )
    return [RequestRow._make(row) for row in rows]


def unmoved(connection: Connection, now: datetime, most: int) -> list[RequestRow]:
    """Requests whose step's time is over and which nobody moved, but those that are late by their row; the longest over first."""
    rows = connection.execute(
        f"select {_REQUEST} from request where not ended and due <= %s and not (telling or late) order by due, number limit %s",
        (now, most),
    )
    return [RequestRow._make(row) for row in rows]


def count_late(connection: Connection, now: datetime) -> tuple[int, int]:
    """How many tellings are late by their rows, and how many requests did not go on whose step's time is over."""
    row = connection.execute(
        "select (select count(*) from request where (telling or late) and (late or due <= %(now)s)),"
        " (select count(*) from request where not ended and due <= %(now)s)",
        {"now": now},
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def approvals(connection: Connection, officer: str, approver: str, since: datetime, but: int) -> int:
    """How many requests of a seat another one has approved since an instant, beside the one with the number `but`."""
    row = connection.execute(
        "select count(*) from request where officer = %s and approver = %s and approved > %s and number <> %s",
        (officer, approver, since, but),
    ).fetchone()
    return int(row[0]) if row else 0


def filed_since(connection: Connection, officer: str, since: datetime) -> int:
    """How many requests a seat has filed since an instant."""
    row = connection.execute(
        "select count(*) from request where officer = %s and filed >= %s", (officer, since)
    ).fetchone()
    return int(row[0]) if row else 0


def to_preserve_since(connection: Connection, authority: str, officer: str, since: datetime) -> tuple[int, int]:
    """How many requests to preserve a seat of an authority, and all of its seats, have filed since an instant."""
    row = connection.execute(
        "select count(*) filter (where officer = %(officer)s), count(*) from request"
        " where authority = %(of)s and desired = 'preserve' and filed >= %(since)s and number > coalesce("
        # What was filed before is found at once: numbers grow as requests are filed.
        "(select number from request where authority = %(of)s and filed < %(since)s order by number desc limit 1), 0)",
        {"of": authority, "officer": officer, "since": since},
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def follow(connection: Connection, table: str, name: str, heir: str) -> None:
    """Have the requests to an operator be its heir's: in `request`, or in the table beside it that a replay makes."""
    connection.execute(f"update {table} set operator = %s where operator = %s", (heir, name))


# What is sealed.


def put_envelope(connection: Connection, row: EnvelopeRow) -> None:
    """Keep an envelope."""
    connection.execute(
        f"insert into envelope ({_ENVELOPE}) values ({_holes(EnvelopeRow)})", [_listed(one) for one in row]
    )


def envelopes(connection: Connection, request: int, party: str) -> list[EnvelopeRow]:
    """The envelopes of a request that are sealed to a party and that the current role may see, in their order."""
    rows = connection.execute(
        f"select {_ENVELOPE} from envelope where request = %s and %s = any(readers) order by version",
        (request, party),
    )
    return [EnvelopeRow._make(row)._replace(data=bytes(row[6])) for row in rows]


def kept_of(connection: Connection, asked: Collection[int]) -> dict[tuple[int, int], str]:
    """The digests of the envelopes that are kept of these requests, by request and version."""
    rows = connection.execute("select request, version, digest from envelope where request = any(%s)", (list(asked),))
    return {(int(request), int(version)): str(digest) for request, version, digest in rows}


def asked_in(connection: Connection, digest: str, organisation: str) -> RequestRow | None:
    """The request that an organisation filed in the envelope of this digest; None for none."""
    row = connection.execute(
        f"select {_REQUEST} from request where number in"
        " (select request from envelope where digest = %s and organisation = %s and part = 'ask')",
        (digest, organisation),
    ).fetchone()
    return None if row is None else RequestRow._make(row)


# Whom bodies are bound to.


def links(connection: Connection) -> list[tuple[str, str]]:
    """Pairs of organisations of which somebody of the one let somebody of the other in, or gave the word for them; but the
    registrar, who lets in everybody's first."""
    return connection.execute(
        "select distinct p.organisation, split_part(by, '/', 1) from person p,"
        " unnest(array[p.invited_by, coalesce(p.confirmed_by, '')]) by"
        " where split_part(by, '/', 1) not in ('', 'registrar', 'before', p.organisation)"
    ).fetchall()


def same_person(connection: Connection, organisation: str, seat: int) -> list[tuple[str, int]]:
    """Other seats in which, as far as the roll knows, the same person sits or sat: (organisation, number)."""
    return connection.execute(
        "with own as (select id from person where organisation = %(of)s and seat = %(seat)s),"
        " alike as (select k.person from passkey k join passkey o on o.public_key = k.public_key"
        "   where o.person in (select id from own) and k.person is not null"
        "  union select f.person from subject s join own on own.id = s.person join former_subject f"
        "   on f.hash = sha256(convert_to(f.person || ' ' || s.issuer || ' ' || s.subject, 'UTF8')))"
        " select organisation, seat from person where id in (select person from alike) and id not in (select id from own)",
        {"of": organisation, "seat": seat},
    ).fetchall()
