"""The table of notices, which anybody may read, in buckets; and by which keys those in it may be signed."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection


class NoticeRow(NamedTuple):
    """A notice in its heap."""

    request: int
    version: int
    bucket: int
    digest: str
    data: bytes
    at: datetime


_NOTICE = ", ".join(NoticeRow._fields)


def put_notice(connection: Connection, row: NoticeRow) -> None:
    """Publish a notice in its heap."""
    connection.execute(f"insert into notice ({_NOTICE}) values (%b, %b, %b, %b, %b, %b)", row)


def has_notice(connection: Connection, request: int) -> bool:
    """Whether the notice of a request is in a heap."""
    return connection.execute("select from notice where request = %s", (request,)).fetchone() is not None


def digests(connection: Connection, told: Collection[int]) -> dict[int, str]:
    """The SHA-256 in hexadecimal of the notice of each of these requests, as its bytes give it; none where no notice is there."""
    rows = connection.execute(
        "select request, encode(sha256(data), 'hex') from notice where request = any(%s)", (list(told),)
    )
    return {int(request): str(digest) for request, digest in rows}


def notices(connection: Connection, buckets: range, since: datetime | None, after: int, most: int) -> list[NoticeRow]:
    """The notices of buckets that stand together, since an instant and of requests beyond a number, in the requests' order."""
    rows = connection.execute(
        f"select {_NOTICE} from notice where bucket >= %(first)s and bucket < %(end)s and request > %(after)s"
        " and (%(since)s::timestamptz is null or at >= %(since)s) order by request limit %(most)s",
        {"first": buckets.start, "end": buckets.stop, "after": after, "since": since, "most": most},
        binary=True,
    )
    return [NoticeRow._make(row) for row in rows]


def count_notices(connection: Connection, most: int) -> int:
    """How many notices there are, as far as `most`."""
    row = connection.execute("select count(*) from (select from notice limit %s) n", (most,)).fetchone()
    return int(row[0]) if row else 0


def senders(connection: Connection, told: Collection[int]) -> list[str]:
    """The public lines of the keys that the notices of these requests may be signed with, the newest first: those of the
    operators that told, and of those that they succeeded, published by then; a clock may go back by an hour in between."""
    rows = connection.execute(
        "with recursive told(at, name) as ("
        "  select n.at, r.operator from notice n join request r on r.number = n.request where n.request = any(%s)"
        "  union select t.at, o.name from told t join operator o on o.heir = t.name),"
        " latest as (select name, max(at) at from told group by name)"
        " select k.public from latest l join envelope_key k"
        "  on k.organisation = l.name and k.published <= l.at + interval '1 hour'"
        " order by k.published desc, k.key",
        (list(told),),
    )
    return [line for (line,) in rows]
