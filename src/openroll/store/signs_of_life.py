"""Table of signs of life: that an organisation is there while a succession of it, or a seat in it, is announced.

Each is a row of its own, in a table without a key: whoever keeps one waits for nobody and nobody can keep them from it, whichever
rows of the organisation somebody holds. Most are kept where nothing is announced, and then nothing is written.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from psycopg import Connection

SUCCESSION = 0
"""Instead of a seat's number: the succession of the operator itself."""


def _none(organisation: str, seat: str) -> str:
    return f"not exists (select from sign_of_life s where s.organisation = {organisation} and s.seat = {seat})"


_UNHEARD = f"o.offered_by like 'registrar/%%' and {_none('o.name', str(SUCCESSION))}"
_SEAT_UNHEARD = (
    "p.announced_until is not null and p.confirmed_by is null and p.left_at is null"
    f" and {_none('p.organisation', 'p.seat')}"
)
UNHEARD = f"({_UNHEARD} or exists (select from person p where p.organisation = o.name and {_SEAT_UNHEARD}))"
"""Whether a succession of operator `o`, or a seat in it, was announced, and it gave no sign of life since."""


def unheard(name: str) -> str:
    """Whether `hear` would keep anything for an organisation (an expression of SQL), as an expression of its own."""
    return (
        f"(exists (select from person p where p.organisation = {name} and {_SEAT_UNHEARD})"
        f" or exists (select from operator o where o.name = {name} and {_UNHEARD}))"
    )


def hear(connection: Connection, name: str, day: date) -> None:
    """Keep that an organisation gave a sign of life since a succession of it, or a seat in it, was announced; else nothing."""
    connection.execute(
        "insert into sign_of_life (organisation, seat, day)"
        f" select p.organisation, p.seat, %(day)s from person p where p.organisation = %(name)s and {_SEAT_UNHEARD}"
        f" union all select o.name, {SUCCESSION}, %(day)s from operator o where o.name = %(name)s and {_UNHEARD}",
        {"name": name, "day": day},
    )


def hear_by_tokens(connection: Connection, token_hashes: Sequence[bytes], day: date, now: datetime) -> None:
    """As `hear`, for the organisations of these tokens. Needs no answer, so in a pipeline it costs no journey.

    A token counts as long as it lets in, and for the announcement that it was ended under: whoever ends an operator's tokens
    while the notice runs does not silence it by that.
    """
    of_these = "(select t.organisation from token t where t.hash = any(%(hashes)s::bytea[]))"
    good = (
        "exists (select from token t where t.hash = any(%(hashes)s::bytea[]) and t.organisation = {name}"
        " and least(t.revoked, t.expires, 'infinity') > least(%(now)s, {announced}))"
    )
    offered = "(select max(e.at) from event e where e.stream = o.number and e.name = 'operator.succession-offered/1')"
    connection.execute(
        "insert into sign_of_life (organisation, seat, day)"
        f" select p.organisation, p.seat, %(day)s from person p where p.organisation in {of_these} and {_SEAT_UNHEARD}"
        f" and {good.format(name='p.organisation', announced='p.announced')}"
        f" union all select o.name, {SUCCESSION}, %(day)s from operator o where o.name in {of_these} and {_UNHEARD}"
        f" and {good.format(name='o.name', announced=offered)}",
        {"hashes": list(token_hashes), "day": day, "now": now},
    )


def heard(connection: Connection, organisation: str, seat: int = SUCCESSION) -> date | None:
    """The day of an organisation's first sign of life since its succession, or a seat in it, was announced."""
    row = connection.execute(
        "select min(day) from sign_of_life where organisation = %s and seat = %s", (organisation, seat)
    ).fetchone()
    return row[0] if row else None


def heard_of(connection: Connection) -> Mapping[str, date]:
    """As `heard`, of every operator of which a succession is announced and that gave a sign."""
    return dict(
        connection.execute(
            "select organisation, min(day) from sign_of_life where seat = %s group by 1", (SUCCESSION,)
        ).fetchall()
    )


def forget(connection: Connection, organisation: str, seat: int | None = SUCCESSION) -> None:
    """Have no sign be kept any more: something is announced anew, or nothing is; with `seat` None of whatever was."""
    connection.execute(
        "delete from sign_of_life where organisation = %(name)s and (%(seat)s::integer is null or seat = %(seat)s)",
        {"name": organisation, "seat": seat},
    )


def forget_of(connection: Connection, seats: str) -> None:
    """As `forget`, of every succession that these seats (a pattern) announced."""
    connection.execute(
        "delete from sign_of_life s using operator o where s.organisation = o.name and s.seat = %s and o.offered_by like %s",
        (SUCCESSION, seats),
    )
