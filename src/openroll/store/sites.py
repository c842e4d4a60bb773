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
MOST_ENDED = 20
"""Sites that ended of which one domain is looked for. Of those that stand each operator has one of a domain."""


def put(connection: Connection, row: SiteRow) -> None:
    """Have a site stand as its facts leave it."""
    values = [list(value) if isinstance(value, tuple) else value for value in row]
    connection.execute(
        f"insert into site ({COLUMNS}) values ({_HOLES}) on conflict (number) do update set {_ANEW}", values
    )


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


def of_domain(connection: Connection, domain: str) -> list[SiteRow]:
    """The sites of organisations under a domain: all that stand, in the order of their filing, then some that ended, the newest
    first."""
    under = f"select {COLUMNS} from site where not private and domains @> array[%(domain)s]"
    filed = "(select at from event where event.stream = site.stream and event.version = 1)"  # numbers are no order
    stand = connection.execute(f"{under} and ended is null order by filed, {filed}, number", {"domain": domain})
    ended = connection.execute(
        f"{under} and ended is not null order by ended desc, number desc limit %(most)s",
        {"domain": domain, "most": MOST_ENDED},
    )
    return [SiteRow._make(row) for row in (*stand, *ended)]


def taken(
    connection: Connection, domains: Sequence[str], operator: str, *, control: str, but: int = 0
) -> dict[str, int]:
    """Those of these domains that are of another site (than `but`) which stands, with its number.

    That is one of the same operator, one of which control was shown where it is shown (`control`) now too, or one for which an
    operator gave its word where another gives its own now: no word keeps a domain from whoever shows control of it.
    """
    rows = connection.execute(
        "select domain, min(number) from site, unnest(domains) domain where not private and domains && %(of)s::text[]"
        " and domain = any(%(of)s::text[]) and ended is null and number <> %(but)s"
        " and (operator = %(operator)s or control = any(%(before)s)) group by 1",
        {"of": list(domains), "but": but, "operator": operator, "before": _BEFORE[control]},
    )
    return dict(rows.fetchall())


_BEFORE = {"": [], "word": ["word", "record", "file"], "record": ["record", "file"], "file": ["record", "file"]}
"""How control was shown of what another site keeps out, by how it is shown of that one."""


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
