"""Rebuild projections: fill tables beside them from a replay of events, compare, and repair.

A covered table is compared through one query over it. The query leaves out what no event tells (the hash of a secret, a label).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from psycopg import Connection, sql

from openroll.store.sites import SiteRow
from openroll.store.unwatched import without_triggers

MOST_NAMED = 100
"""Differing rows that are named for each table; how many more there are is counted."""


class Projection(NamedTuple):
    """How a projection's table is compared: its `query`, and the key columns of that query.

    `untold` are the table's columns of which events say nothing, each with the reason. `mended` says whether the table can be
    written anew from events alone; where it cannot, differences are named and stay.
    """

    table: str
    key: tuple[str, ...]
    query: str
    untold: Mapping[str, str] = {}
    mended: bool = False


class Difference(NamedTuple):
    """A row in which a projection and the replayed events disagree. `kept` or `rebuilt` is None where it is missing."""

    table: str
    key: str
    kept: str | None
    rebuilt: str | None


SUBSCRIPTION = (
    "number, operator, handle, kind, access, district, connected, filed, changed, ended, held, standing, version, code,"
    " port_to, port_asked, port_until, since, before"
)
REQUEST = (
    "number, stream, version, authority, use, operator, reviewer, objector, fields, urgency, desired, earlier, officer, approver,"
    " approved, filed, procedure, step, due, postponed, outcome, annulled, may_open, telling, late, ended,"
    " told"
)
SITE = ", ".join(SiteRow._fields)
_SECRET = "a hash of a secret or a seal over one: events hold no secret"  # noqa: S105 - a reason, no secret
_LABEL = "what a lead calls a seat or a program: it may name somebody, and events name nobody"

_WHOLE = (
    "(digest = encode(sha256(convert_to(rule, 'UTF8')), 'hex') and (jurisdiction = ''"
    " or split_part(jurisdiction, '@', 2) = encode(sha256(convert_to(bundle, 'UTF8')), 'hex')))"
)
"""Whether a rule and its jurisdiction are those that their digests name."""


PROJECTIONS = (
    Projection(
        "subscription",
        ("number",),
        f"select {SUBSCRIPTION} from subscription",
        {"file": "by which operator's file a row came: work, no fact"},
        mended=True,
    ),
    Projection(
        "operator",
        ("name",),
        "select name, number, title, kind, admitted, ended, heir, offered_to, offered_by, offered_until,"
        " offered_accepted, offered_notice, unasked from operator",
        mended=True,
    ),
    Projection(
        "organisation",
        ("name",),
        "select name, number, kind, title, admitted from organisation",
        mended=True,
    ),
    Projection(
        "left_handle",
        ("hash", "operator", "number"),
        "select hash, operator, number, day, changed from left_handle",
        mended=True,
    ),
    Projection("tally", ("day", "name"), "select day, name, count from tally", mended=True),
    # Of seats of before 0011 no event says who invited them and by whose word they are in force ('before').
    Projection(
        "person",
        ("organisation", "seat"),
        "select organisation, seat, role, joined, left_at,"
        " case when confirmed_by is distinct from 'before' then invited_by end as invited_by,"
        " case when confirmed_by is distinct from 'before' then founding end as founding,"
        " case when confirmed_by is distinct from 'before' then confirmed_by end as confirmed_by,"
        " case when confirmed_by is distinct from 'before' then confirmed end as confirmed, announced_by, announced,"
        " announced_until from person",
        {
            "id": "a number for the database alone: in events a seat is `organisation/number`",
            "label": _LABEL,
            "handle": "drawn for authenticators (WebAuthn user handle): it would link a seat to its passkeys",
        },
    ),
    # An event says to the second when a token ends.
    Projection(
        "token",
        ("id",),
        "select id, organisation, issued, revoked, date_trunc('second', expires) as expires, replaces, seat from token",
        {"hash": _SECRET, "label": _LABEL},
    ),
    # An event does not say which invitation it tells of, as that would link who was invited to who came: so they are counted.
    Projection(
        "invitation",
        ("organisation", "role"),
        "select organisation, role, count(*) filter (where used is not null) as used,"
        " count(*) filter (where revoked is not null) as revoked,"
        " count(*) filter (where used is null and revoked is null) as open from invitation group by 1, 2",
        {
            "hash": _SECRET,
            "label": _LABEL,
            "issued": "counted only: which event tells of which invitation is told to nobody",
            "expires": "a week after it was issued",
            "invited_by": "told of the seat that came of it (person.invited_by)",
        },
    ),
    # A rule is kept whole and told by the first 16 digits of its digest; the digest is computed anew from the rule itself.
    Projection(
        "rule_version",
        ("name", "jurisdiction", "starts"),
        "select ref || '@' || left(digest, 16) as name, jurisdiction, starts, since,"
        f" {_WHOLE} as whole from rule_version",
    ),
    Projection(
        "proposal",
        ("name", "seat", "act", "at"),
        "select ref || '@' || left(digest, 16) as name, jurisdiction, seat, 'proposed' as act, starts, proposed as at,"
        f" on_rule, on_jurisdiction, {_WHOLE} as whole from proposal"
        " union all select ref || '@' || left(digest, 16), case when published then jurisdiction end, seat,"
        " case when published then 'published' else 'dropped' end,"
        " case when published then starts end, decided, null, null, true"
        " from proposal where decided is not null or published is not null",
        {"id": "a number for addresses of pages: no event tells it"},
    ),
    Projection(
        "rule_reading",
        ("digest", "words", "organisation", "seat"),
        "select digest, words, name, organisation, seat, role, at from rule_reading",
    ),
    Projection(
        "published_figures",
        ("day",),
        "select day, digest, at, digest = encode(sha256(convert_to(figures, 'UTF8')), 'hex') as whole"
        " from published_figures",
    ),
    Projection(
        "provider",
        ("organisation",),
        "select organisation, issuer from provider",
        {
            "client_id": "what the provider calls us: of no concern to the public log",
            "client_secret": _SECRET,
            "secret_sealed": _SECRET,
        },
    ),
    Projection(
        "deposit",
        ("day", "digest"),
        "select day, digest, size, at from deposit",
        {"id": "a number for the database alone"},
    ),
    Projection("ended_log", ("number",), "select number, origin, size, note, keys, ended from ended_log"),
    Projection(
        "envelope_key",
        ("organisation", "key"),
        "select organisation, key, public, published, ended from envelope_key",
        mended=True,
    ),
    Projection(
        "registered_use",
        ("number",),
        "select number, organisation, purpose, basis, fields, supervisor, supervised_at, office, registered, ended, rule"
        " from registered_use",
        mended=True,
    ),
    Projection("request", ("number",), f"select {REQUEST} from request", mended=True),
    Projection("site", ("number",), f"select {SITE} from site", mended=True),
    Projection("site_word", ("number", "word"), "select number, word from site_word", mended=True),
    # What is sealed stands beside the facts, which hold its digest: one that is missing, or another than was sent, is named.
    Projection(
        "envelope",
        ("request", "version"),
        "select request, version, part, organisation, readers, digest, at,"
        " digest = encode(sha256(data), 'hex') as whole from envelope",
    ),
    Projection(
        "notice",
        ("request",),
        "select request, version, bucket, digest, at, digest = encode(sha256(data), 'hex') as whole from notice",
    ),
    # Which events came under a key is told by none; but the event of each key stands, at the moment that the key says.
    Projection(
        "idempotency",
        ("number", "version"),
        "select number, version, made from idempotency",
        {
            "organisation": "whose key it is stands in the key alone: row-level security keeps by it",
            "key": "SHA-256 of what the sender drew",
            "request": "SHA-256 of what was sent, of which an event holds digests only",
        },
    ),
)
"""Every table that is made from events, in the order in which differences are told."""


def make_tables(connection: Connection) -> None:
    """Make an empty `rebuilt_…` beside each covered table, which goes with the transaction."""
    for one in PROJECTIONS:
        connection.execute(
            f"create temporary table rebuilt_{one.table} on commit drop as select * from ({one.query}) kept with no data"
        )


def fill(connection: Connection, table: str, rows: Iterable[Iterable[object]]) -> None:
    """Put replayed rows, whole and in the order of the projection's query, into `rebuilt_…`."""
    with connection.cursor() as cursor, cursor.copy(f"copy rebuilt_{table} from stdin") as copy:
        for row in rows:
            copy.write_row(tuple(row))


def columns(connection: Connection, table: str) -> tuple[str, ...]:
    """The columns that a covered table is compared by, in order."""
    described = connection.execute(f"select * from rebuilt_{table} limit 0").description or []
    return tuple(column.name for column in described)


def count_tally(connection: Connection) -> None:
    """Replay `tally`: it counts what has a place in the log, also entries whose facts a backup did not bring back."""
    connection.execute(
        "insert into rebuilt_tally (day, name, count) select day, name, count(*) from (select e.day, e.name from placed p"
        " join event e on e.id >= p.event and e.id < p.event + p.count union all select day, name from lost) counted"
        " group by 1, 2"
    )


def find_left_handles(connection: Connection) -> None:
    """Replay `left_handle`: the handles that were changed or under which records were ported away, from their facts."""
    connection.execute(
        "insert into rebuilt_left_handle (hash, operator, number, day, changed) select * from left_handles_told(null)"
    )


def find_events_of_keys(connection: Connection) -> None:
    """Replay `idempotency`: the moment of the event that each key names, and nothing for a key that names none."""
    connection.execute(
        "insert into rebuilt_idempotency (number, version, made) select i.number, i.version, e.at from idempotency i"
        " join event e on e.stream = i.number and e.version = i.version"
    )


def hold_still(connection: Connection) -> None:
    """Lock the tables that can be repaired against writers until the transaction ends."""
    mended = ", ".join(one.table for one in PROJECTIONS if one.mended)
    connection.execute(f"lock table {mended} in share row exclusive mode")


def one_moment(connection: Connection) -> None:
    """See one snapshot of the roll for the rest of the transaction."""
    connection.execute("set transaction isolation level repeatable read")


def differences(connection: Connection) -> Iterator[tuple[Difference, ...]]:
    """For each covered table that differs from its replay, the rows that do: at most MOST_NAMED, in order of their keys."""
    for one in PROJECTIONS:
        if found := tuple(_differences(connection, one)):
            yield found


def _differences(connection: Connection, one: Projection) -> Iterator[Difference]:
    """The rows that stand on one side only, paired by key. Two rows under one key are told one after the other."""
    key = "concat_ws(' ', " + ", ".join(f'"{name}"' for name in one.key) + ")"
    rebuilt = f"select * from rebuilt_{one.table}"
    rows = connection.execute(
        f"with kept as ({one.query}), only_kept as (select {key} as key, one::text as said from"
        f" (select * from kept except all {rebuilt}) one), only_rebuilt as (select {key} as key, one::text as said from"
        f" ({rebuilt} except all select * from kept) one),"
        " k as (select key, said, row_number() over (partition by key order by said) as place from only_kept),"
        " r as (select key, said, row_number() over (partition by key order by said) as place from only_rebuilt)"
        " select key, k.said, r.said from k full join r using (key, place) order by length(key), key, place"
        f" limit {MOST_NAMED}"
    )
    for found, kept, replayed in rows:
        yield Difference(one.table, found, kept, replayed)


def mend(connection: Connection) -> None:
    """Repair the rows that differ, where events tell a table whole. As the tables' owner.

    What triggers refuse are acts; what is written here happened.
    """
    mended = [one for one in PROJECTIONS if one.mended]
    with without_triggers(connection, [one.table for one in mended]):
        for one in mended:
            _mend(connection, one, columns(connection, one.table))


def _mend(connection: Connection, one: Projection, names: tuple[str, ...]) -> None:
    """Rows that differ go, and come back as events tell them; a column that no event tells comes back as it was.

    All go before the first comes back: two rows may each have what the other should (a handle, a number), which no two share.
    """
    parts = {
        "table": sql.Identifier(one.table),
        "rebuilt": sql.Identifier(f"rebuilt_{one.table}"),
        "put": sql.Identifier(f"put_{one.table}"),
        "keys": _listed(one.key),
        "every": _listed((*names, *one.untold)),
        "told": _listed(names),
        "told_anew": _listed(names, "r"),
        "as_it_was": sql.SQL("").join(sql.SQL(", t.{}").format(sql.Identifier(name)) for name in one.untold),
    }
    differing = (
        "create temporary table {put} on commit drop as select {told_anew}{as_it_was} from (select {told} from {rebuilt}"
        " except select {told} from {table}) r left join {table} t using ({keys})"
    )
    for statement in (
        "delete from {table} where ({keys}) not in (select {keys} from {rebuilt})",
        differing,
        "delete from {table} where ({keys}) in (select {keys} from {put})",
        "insert into {table} ({every}) select {every} from {put}",
    ):
        connection.execute(sql.SQL(statement).format(**parts))


def _listed(names: Iterable[str], of: str = "") -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(of, name) if of else sql.Identifier(name) for name in names)


def count_rows(connection: Connection) -> int:
    """How many records the events make."""
    row = connection.execute("select count(*) from rebuilt_subscription").fetchone()
    return int(row[0]) if row else 0


Recount = Callable[[Connection], None]
"""A replay that one statement does, over what is in the database already."""
