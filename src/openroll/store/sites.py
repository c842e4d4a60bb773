"""The table of sites: one by number, by domain or by its operator's handle. No list of them is read here."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from psycopg import Connection

from openroll.store.exclusion import hold


class SiteRow(NamedTuple):
    """A site as its table has it (migration 0040 says what each column is)."""

    number: int
    stream: int
    version: int
    operator: str
    private: bool
    kind: str
    handle: str
    sponsor: str
    domains: Sequence[str]
    services: str
    digests: Sequence[str]
    began: date
    filed: date
    changed: date | None
    control: str
    state: str
    since: date
    ended: date | None


COLUMNS = ", ".join(SiteRow._fields)
_HOLES = ", ".join(["%s"] * len(SiteRow._fields))
_ANEW = ", ".join(f"{name} = excluded.{name}" for name in SiteRow._fields if name != "number")
MOST_OF_A_DOMAIN = 20
"""Sites in which one domain is looked for: one that stands, others of which nobody showed control, and some that ended."""


def put(connection: Connection, row: SiteRow) -> None:
    """Have a site stand as its facts leave it."""
    connection.execute(_PUT, _values(row))


def put_all(connection: Connection, rows: Sequence[SiteRow]) -> None:
    """As `put`, of several."""
    with connection.cursor() as cursor:
        cursor.executemany(_PUT, list(map(_values, rows)))


_PUT = f"insert into site ({COLUMNS}) values ({_HOLES}) on conflict (number) do update set {_ANEW}"


def _values(row: SiteRow) -> list[object]:
    return [list(value) if isinstance(value, tuple) else value for value in row]


def one(connection: Connection, number: int) -> SiteRow | None:
    """The site of a number."""
    row = connection.execute(f"select {COLUMNS} from site where number = %s", (number,)).fetchone()
    return None if row is None else SiteRow._make(row)


def under_handle(connection: Connection, operator: str, handle: str) -> SiteRow | None:
    """The natural person's site that an operator has under a handle, its newest one."""
    row = connection.execute(
        f"select {COLUMNS} from site where private and operator = %s and handle = %s order by number desc limit 1",
        (operator, handle),
    ).fetchone()
    return None if row is None else SiteRow._make(row)


def handled(connection: Connection, operator: str, handles: Sequence[str]) -> frozenset[str]:
    """Those of these handles under which an operator has a natural person's site that stands."""
    rows = connection.execute(
        "select distinct handle from site where private and operator = %s and handle = any(%s) and ended is null",
        (operator, list(handles)),
    )
    return frozenset(handle for (handle,) in rows)


def of_domain(connection: Connection, domain: str) -> list[SiteRow]:
    """The sites of organisations under a domain: those that stand first, then those that ended, the newest first."""
    rows = connection.execute(
        f"select {COLUMNS} from site where not private and domains @> array[%s] order by ended is not null, number desc"
        " limit %s",
        (domain, MOST_OF_A_DOMAIN),
    )
    return [SiteRow._make(row) for row in rows]


def taken(
    connection: Connection, domains: Sequence[str], operator: str, *, control: bool, but: int = 0
) -> dict[str, int]:
    """Those of these domains that are of another site (than `but`) which stands, with its number.

    That is one of the same operator or, for a site of which `control` is shown, one of which it was shown before.
    """
    rows = connection.execute(
        "select domain, min(number) from site, unnest(domains) domain where not private and domains && %(of)s::text[]"
        " and domain = any(%(of)s::text[]) and ended is null and number <> %(but)s"
        " and (operator = %(operator)s or (%(control)s and control <> '')) group by 1",
        {"of": list(domains), "but": but, "operator": operator, "control": control},
    )
    return dict(rows.fetchall())


def hold_domains(connection: Connection) -> None:
    """Be the one that says of which site control of a domain was shown, until the transaction ends."""
    hold(connection, "domains of sites")


def living(connection: Connection, operator: str) -> int:
    """How many sites of an operator stand."""
    row = connection.execute("select count(*) from site where operator = %s and ended is null", (operator,)).fetchone()
    return int(row[0]) if row else 0


def follow(connection: Connection, table: str, name: str, heir: str) -> None:
    """Have the sites of an operator be its heir's: in `site`, or in the table beside it that a replay makes."""
    connection.execute(f"update {table} set operator = %s where operator = %s", (heir, name))
