"""A database that goes back: as it was at an earlier instant, with the home of its roll left as it is.

What a replica that was behind leaves when it takes over, or a backup that was brought back by other means.
"""

from collections.abc import Callable

from psycopg import Connection, sql

from openroll.service.roll import Roll

_TABLES = "select tablename from pg_tables where schemaname = current_schema() and tablename <> 'migration' order by 1"
_TRIGGERS = (
    "select c.relname, t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
    " where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal"
)


def remember(roll: Roll) -> Callable[[], None]:
    """Remember every row and counter of the roll as they are now; calling what is given brings the database back to them."""
    with roll.database.open() as connection:
        kept = {table: _rows(connection, table) for (table,) in connection.execute(_TABLES).fetchall()}
        counters = connection.execute(
            "select sequencename, last_value from pg_sequences where schemaname = current_schema()"
        ).fetchall()

    def go_back() -> None:
        with roll.database.open() as connection:
            connection.execute("set session_replication_role = replica")  # no order of tables
            triggers = connection.execute(_TRIGGERS).fetchall()
            for table, name in triggers:  # the roll's own say no even so
                _trigger(connection, "disable trigger", table, name)
            for table in kept:
                connection.execute(sql.SQL("truncate {} cascade").format(sql.Identifier(table)))
            for table, rows in kept.items():
                _put(connection, table, rows)
            for name, last in counters:
                query = sql.SQL("select setval({}::regclass, %s, %s)").format(sql.Literal(name))
                connection.execute(query, (last or 1, last is not None))
            for table, name in triggers:
                _trigger(connection, "enable always trigger", table, name)

    return go_back


def _trigger(connection: Connection, what: str, table: str, name: str) -> None:
    query = sql.SQL("alter table {} {} {}").format(sql.Identifier(table), sql.SQL(what), sql.Identifier(name))
    connection.execute(query)


def _rows(connection: Connection, table: str) -> list[str]:
    query = sql.SQL("select row_to_json(t)::text from {} t").format(sql.Identifier(table))
    return [text for (text,) in connection.execute(query)]


def _put(connection: Connection, table: str, rows: list[str]) -> None:
    query = sql.SQL(
        "insert into {0} overriding system value select * from json_populate_recordset(null::{0}, %s::json)"
    )
    connection.execute(query.format(sql.Identifier(table)), (f"[{','.join(rows)}]",))
