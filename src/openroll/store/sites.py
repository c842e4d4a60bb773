"""The table of sites: one by number, by domain or by its operator's handle. Lists are in `site_lists.py`."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from psycopg import Connection

from openroll.register.site.search import whole_domain
from openroll.store.exclusion import hold


class SiteRow(NamedTuple):
    """A site as its table has it (migrations 0040, 0041 and 0044 say what each column is)."""

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
    shown: date | None
    control_places: int
    state_places: int
    announced: Sequence[str]


COLUMNS = ", ".join(SiteRow._fields)
_HOLES = ", ".join(["%s"] * len(SiteRow._fields))
_ANEW = ", ".join(f"{name} = excluded.{name}" for name in SiteRow._fields if name != "number")
MOST_ENDED = 20
"""Sites that ended of which one domain is looked for. Of those that stand each operator has one of a domain."""


def put(connection: Connection, row: SiteRow, words: Sequence[str]) -> None:
    """Have a site stand as its facts leave it, and be found by these words: it has none where it is a person's."""
    values = [list(value) if isinstance(value, tuple) else value for value in row]
    connection.execute(
        f"insert into site ({COLUMNS}) values ({_HOLES}) on conflict (number) do update set {_ANEW}", values
    )
    connection.execute("delete from site_word where number = %s and word <> all(%s)", (row.number, list(words)))
    connection.execute(
        "insert into site_word (number, word) select %s, unnest(%s::text[]) on conflict do nothing",
        (row.number, list(words)),
    )


def one(connection: Connection, number: int) -> SiteRow | None:
    """The site of a number."""
    row = connection.execute(f"select {COLUMNS} from site where number = %s", (number,)).fetchone()
    return None if row is None else SiteRow._make(row)


def under_handle(connection: Connection, operator: str, handle: str) -> SiteRow | None:
    """The natural person's site that an operator has under a handle: the one that stands, or the newest that ended."""
    row = connection.execute(
        f"select {COLUMNS} from site where private and operator = %s and handle = %s"
        " order by ended is not null, ended desc, filed desc limit 1",
        (operator, handle),
    ).fetchone()
    return None if row is None else SiteRow._make(row)


_UNDER = f"select {COLUMNS} from site where number in (select number from site_word where word = any(%(words)s))"


def standing(connection: Connection, domains: Sequence[str]) -> list[SiteRow]:
    """The sites of organisations that stand and have one of these domains, or were to have it, in the order of their filing."""
    filed = "(select at from event where event.stream = site.stream and event.version = 1)"  # numbers are no order
    rows = connection.execute(
        f"{_UNDER} and ended is null order by filed, {filed}, number", {"words": [whole_domain(one) for one in domains]}
    )
    return [SiteRow._make(row) for row in rows]


def ended(connection: Connection, domain: str) -> list[SiteRow]:
    """Some sites of organisations that had a domain when they ended, the newest first."""
    rows = connection.execute(
        f"{_UNDER} and ended is not null order by ended desc, number desc limit %(most)s",
        {"words": [whole_domain(domain)], "most": MOST_ENDED},
    )
    return [SiteRow._make(row) for row in rows]


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
