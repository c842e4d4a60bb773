"""Row counts and log head of a roll's schema: written into a backup, and compared with what a restore brought back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from psycopg import Connection, sql


@contextmanager
def one_instant(connection: Connection) -> Iterator[str]:
    """Take a PostgreSQL snapshot until the transaction ends; its name, for others to share it."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read read only")
        row = connection.execute("select pg_export_snapshot()").fetchone()
        yield str(row[0]) if row else ""


def contents(connection: Connection, schema: str) -> dict[str, Any] | None:
    """Row counts of each table of a schema, and its log's newest head; None where no roll is in it."""
    names = [
        name
        for (name,) in connection.execute("select tablename from pg_tables where schemaname = %s order by 1", (schema,))
    ]
    if not {"event", "head", "rule_version"} <= set(names):
        return None
    rows = {name: _count(connection, schema, name) for name in names}
    if not rows["event"]:
        return None
    return {"rows": rows} | _head(connection, schema)._asdict()


class Head(NamedTuple):
    """A head of a roll's log: its entries, and its root (hex); 0 and empty where there is none yet."""

    size: int
    root: str


def newest_head(connection: Connection, schema: str) -> Head | None:
    """The newest head of a roll's log; None where no roll was opened in that schema."""
    row = connection.execute("select to_regclass(%s)", (f"{schema}.head",)).fetchone()
    if not row or not row[0]:
        return None
    opened = connection.execute(
        sql.SQL("select exists (select from {})").format(sql.Identifier(schema, "event"))
    ).fetchone()
    return _head(connection, schema) if opened and opened[0] else None


def _head(connection: Connection, schema: str) -> Head:
    row = connection.execute(
        sql.SQL("select size, encode(root, 'hex') from {} order by size desc limit 1").format(
            sql.Identifier(schema, "head")
        )
    ).fetchone()
    return Head(row[0], row[1]) if row else Head(0, "")


def root_of(connection: Connection, schema: str, size: int) -> str | None:
    """The root (hex) of the head of a size, if there was one."""
    query = sql.SQL("select encode(root, 'hex') from {} where size = %s").format(sql.Identifier(schema, "head"))
    row = connection.execute(query, (size,)).fetchone()
    return None if row is None else str(row[0])


def facts_at(connection: Connection, positions: list[int]) -> list[tuple[int, int, int]]:
    """Of positions in the log, those whose facts are there and were not erased: (position, record, version)."""
    rows = connection.execute(
        "select w.position, e.stream, e.version from unnest(%s::bigint[]) w(position) join placed p"
        # The events of one round stand in another order than their ids: its places lie this far apart at most.
        " on w.position >= p.position and w.position < p.position + 65536"
        " join event e on e.id >= p.event and e.id < p.event + p.count and place_in(p, e.id) = w.position"
        " where e.body <> '' order by 1",
        (positions,),
    )
    return [(position, stream, version) for position, stream, version in rows]


def _count(connection: Connection, schema: str, table: str) -> int:
    row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))).fetchone()
    return int(row[0]) if row else 0
