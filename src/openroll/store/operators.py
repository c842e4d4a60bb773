"""Operators that come to an end: which are in force, who answers for what others had, and how one goes with all it has.

Whoever ends an operator locks its row; whoever files under its name, or moves a record to it, holds that row until the commit
(`refuse_ended_operator` in migration 0022 does it for new records), and so does whoever acts on a record that names it
(`hold_heirs`). So nothing is filed under an operator that is gone, and no record is written back to one.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg import Connection, Cursor

from openroll.store import requests, signs_of_life, sites, uploads
from openroll.store.people import end_person, hold_seats_alone
from openroll.store.sessions import hold_ways_in_alone
from openroll.store.work import enqueue

ENDED = "OR003"
"""The SQLSTATE of what is filed under the name of an operator that is in the roll no more."""


class OperatorRow(NamedTuple):
    """An operator as its life stands: since when it is in the roll no more, its successor, what is offered or announced.

    `accepted` is who said the second word; `notice` the last day on which what both agreed to may be taken back.
    """

    name: str
    ended: date | None
    heir: str | None
    offered_to: str | None
    offered_by: str | None
    offered_until: date | None
    accepted: str | None = None
    notice: date | None = None


_COLUMNS = "name, ended, heir, offered_to, offered_by, offered_until, offered_accepted, offered_notice"


def lives(connection: Connection) -> list[OperatorRow]:
    """Every operator there is or was, by name."""
    return [OperatorRow._make(row) for row in connection.execute(f"select {_COLUMNS} from operator order by name")]


def asked_succeeded(connection: Connection) -> Cursor[Any]:
    """Ask for every operator that another one has succeeded, for within a pipeline: what `rows_of` reads."""
    return connection.execute(f"select {_COLUMNS} from operator where heir <> '' order by name")


def rows_of(asked: Cursor[Any]) -> list[OperatorRow]:
    """The operators that were answered."""
    return list(map(OperatorRow._make, asked))


def life(connection: Connection, name: str) -> OperatorRow | None:
    """One operator; None where there never was one of this name."""
    row = connection.execute(f"select {_COLUMNS} from operator where name = %s", (name,)).fetchone()
    return None if row is None else OperatorRow._make(row)


def is_in_force(connection: Connection, name: str, *, hold: bool = False) -> bool:
    """Whether an operator is in the roll today; with `hold` it stays so until the transaction ends."""
    lock = " for key share" if hold else ""
    row = connection.execute(f"select ended is null from operator where name = %s{lock}", (name,)).fetchone()
    return bool(row and row[0])


def shares_its_name(connection: Connection, name: str) -> bool:
    """Whether an authority or a reviewer bears this name too, as could come to be before names were one space for all."""
    row = connection.execute("select exists (select from organisation where name = %s)", (name,)).fetchone()
    return bool(row and row[0])


def ask_heirs(connection: Connection) -> Callable[[], Mapping[str, str]]:
    """Ask for the successors of operators that have one; what is given back takes the answer (in a pipeline, one journey).

    For whoever only reads: a succession may be written meanwhile.
    """
    rows = connection.execute("select name, heir from operator where heir is not null")
    return lambda: dict(rows.fetchall())


def hold_heirs(connection: Connection, numbers: Collection[int]) -> Callable[[], Mapping[str, str]]:
    """As `ask_heirs`, for whoever writes these records: no operator that one of them names ends before the transaction does.

    A succession of such a one that is being written is waited for. It comes before the records themselves are read or written:
    whoever had a record's row already would be waited for by the succession that it waits for.
    """
    rows = connection.execute("select name, heir from heirs_held(%b::bigint[])", (list(numbers),))
    return lambda: dict(rows.fetchall())


def hold_alone(connection: Connection, name: str) -> None:
    """Let nobody act for an operator until the transaction ends: its programs first, as whoever files holds these first too."""
    connection.execute("select from token where organisation = %s order by id for update", (name,))
    connection.execute("select from operator where name = %s for update", (name,))


def hold_to_end(connection: Connection, name: str) -> None:
    """As `hold_alone`, for who ends an operator: all that `end` ends is held before the end is written, so that whatever is done
    by it stands before. In the order in which others take these rows: seats, tokens, the operator, its keys, ways in.
    """
    persons = hold_seats_alone(connection, name)
    hold_alone(connection, name)
    requests.hold_keys_alone(connection, name)
    hold_ways_in_alone(connection, persons)


def living(connection: Connection, name: str) -> int:
    """How many subscriptions an operator answers for, those that wait for its word as well."""
    row = connection.execute(
        "select count(*) from subscription where operator = %s and ended is null", (name,)
    ).fetchone()
    return int(row[0]) if row else 0


def meeting(connection: Connection, name: str, heir: str) -> int:
    """How many handles two operators both use."""
    row = connection.execute(
        "select count(*) from subscription a join subscription b on b.operator = %s and b.handle = a.handle"
        " where a.operator = %s",
        (heir, name),
    ).fetchone()
    return int(row[0]) if row else 0


def offer(connection: Connection, name: str, to: str | None, by: str | None, until: date | None) -> None:
    """Keep what is offered or announced; nothing, where it was taken back."""
    connection.execute(
        "update operator set offered_to = %s, offered_by = %s, offered_until = %s, offered_accepted = null,"
        " offered_notice = null where name = %s",
        (to, by, until, name),
    )
    signs_of_life.forget(connection, name)


def accept(connection: Connection, name: str, by: str, notice: date | None) -> None:
    """Keep which seat said the second word for a succession, and until when it may be taken back, where both agreed."""
    connection.execute(
        "update operator set offered_accepted = %s, offered_notice = %s where name = %s", (by, notice, name)
    )


def take_back(connection: Connection, seats: str) -> None:
    """Have what a seat (or those of an organisation, by a pattern) offered, announced or agreed to be as if never said."""
    signs_of_life.forget_of(connection, seats)
    connection.execute(
        "update operator set offered_to = null, offered_by = null, offered_until = null, offered_accepted = null,"
        " offered_notice = null where offered_by like %s",
        (seats,),
    )
    connection.execute(
        "update operator set offered_accepted = null, offered_notice = null where offered_accepted like %s", (seats,)
    )


def threw_out_since(connection: Connection, name: str, since: datetime) -> bool:
    """Whether a lead of an operator had their seat taken away by somebody else since an instant."""
    row = connection.execute(
        "select exists (select from event e join operator o on o.number = e.stream join person p on p.organisation = o.name"
        " and p.organisation || '/' || p.seat = e.body::jsonb ->> 'seat' where o.name = %s and e.name = 'person.left/1'"
        " and e.at > %s and e.body::jsonb ->> 'by' <> e.body::jsonb ->> 'seat' and right(p.role, 5) = '-lead'"
        " and (p.founding or p.confirmed_by is not null))",
        (name, since),
    ).fetchone()
    return bool(row and row[0])


def was_succeeded_at(connection: Connection, name: str, at: datetime) -> bool:
    """Whether an operator was succeeded by another at this instant, so that its seats ended with it and nobody's word did."""
    row = connection.execute(
        "select exists (select from event e join operator o on o.number = e.stream where o.name = %s"
        " and e.name = 'operator.succeeded/1' and e.at = %s)",
        (name, at),
    ).fetchone()
    return bool(row and row[0])


def filed_since(connection: Connection, name: str, since: datetime) -> date | None:
    """The day of the first thing that an operator filed after an instant; None for nothing."""
    row = connection.execute(
        "select min(day) from event where role = 'operator' and coalesce(actor_organisation, organisation) = %s and at > %s",
        (name, since),
    ).fetchone()
    return row[0] if row else None


def filed_since_announced(connection: Connection, name: str) -> date | None:
    """The day of the first thing that an operator filed after a succession of it was announced; None for nothing."""
    row = connection.execute(
        "select min(e.day) from event e where e.role = 'operator' and coalesce(e.actor_organisation, e.organisation) = %(name)s"
        " and e.at > (select max(o.at) from event o join operator on o.stream = operator.number"
        " where operator.name = %(name)s and o.name = 'operator.succession-offered/1')",
        {"name": name},
    ).fetchone()
    return row[0] if row else None


def end(
    connection: Connection, name: str, day: date, now: datetime, heir: str | None, *, unasked: bool = False
) -> None:
    """Have an operator be in the roll no more: its tokens, invitations, provider, seats, sessions and envelope keys end with it.

    With an heir, everything that waits or is kept under its name is the heir's: one statement a table, whatever its rows.
    `unasked` says that it never agreed: the filing codes of what it had are nobody's to hand out (`subscriptions.ITS_CODE`).
    """
    connection.execute("update token set revoked = %s where organisation = %s and revoked is null", (now, name))
    connection.execute(
        "update operator set ended = %s, heir = %s, offered_to = null, offered_by = null, offered_until = null,"
        " offered_accepted = null, offered_notice = null where name = %s",
        (day, heir, name),
    )
    signs_of_life.forget(connection, name, None)
    take_back(connection, f"{name}/%")
    if unasked:
        withhold_codes(connection, name, now)
    if heir is not None:
        _pass_on(connection, name, heir, now)
    connection.execute(
        "update invitation set revoked = %s where organisation = %s and used is null and revoked is null", (now, name)
    )
    connection.execute("delete from provider where organisation = %s", (name,))
    people = connection.execute(
        "select id from person where organisation = %s and left_at is null order by id", (name,)
    )
    for (person,) in people.fetchall():
        end_person(connection, person, now)
    requests.end_keys_of(connection, name, now)


def withhold_codes(connection: Connection, name: str, now: datetime) -> None:
    """Have the filing codes of all an operator has now, and those whose heir it is had, be nobody's to hand out.

    Who got at it gave no word of it: the registrar had it succeeded, or put a seat in it in force, when nobody answered.
    """
    connection.execute(
        "with recursive came(name) as (select %(name)s union select o.name from operator o join came on o.heir = came.name)"
        " update operator set unasked = unasked || %(now)s::timestamptz where name in (select name from came)",
        {"name": name, "now": now},
    )


def withheld_since(connection: Connection, name: str) -> datetime | None:
    """The last moment before which what an operator had keeps filing codes that nobody is told; None where there is none."""
    row = connection.execute("select unasked[cardinality(unasked)] from operator where name = %s", (name,)).fetchone()
    return None if row is None else row[0]


def _pass_on(connection: Connection, name: str, heir: str, now: datetime) -> None:
    """What an operator had is its heir's. A record that was on its way from the one to the other has arrived.

    A file goes on to be its sender's act: it is the heir's to see, and whether it is filed that seat's right decides.
    """
    follow(connection, "subscription", name, heir)
    given = {"name": name, "heir": heir}
    connection.execute(
        "update taken_file t set operator = %(heir)s where operator = %(name)s and not exists"
        " (select from taken_file o where o.operator = %(heir)s and o.digest = t.digest)",
        given,
    )
    connection.execute(
        "update upload set operator = %(heir)s, sender = coalesce(sender, operator || '/' || seat) where operator = %(name)s",
        given,
    )
    requests.follow(connection, "request", name, heir)
    sites.follow(connection, "site", name, heir)
    if uploads.waits(connection, heir):
        enqueue(connection, "upload", heir, "machine", "upload", now, now=now)
    connection.execute("update work set owner = %(heir)s where owner = %(name)s and ended is null", given)


def follow(connection: Connection, table: str, name: str, heir: str) -> None:
    """Have the records of an operator be its heir's: in `subscription`, or in the table beside it that a replay makes."""
    given = {"name": name, "heir": heir}
    connection.execute(f"update {table} set port_to = %(heir)s where port_to = %(name)s", given)
    connection.execute(f"update {table} set operator = %(heir)s where operator = %(name)s", given)
    connection.execute(f"update {table} set before = %(heir)s where before = %(name)s", given)
    connection.execute(
        f"update {table} set port_to = null, port_asked = null, port_until = null"
        " where operator = %(heir)s and port_to = %(heir)s",
        given,
    )
