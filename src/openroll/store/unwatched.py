"""Bring rows back as they were: without triggers and foreign keys, which are as they were afterwards.

What a trigger refuses is an act (who filed under which operator, and when). Rows that are brought back are facts that happened:
asked of them again, in another order and on another day, the same question has another answer.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from psycopg import Connection, sql

_HERE = "current_schema()::regnamespace"
_SAID = {"O": "enable", "A": "enable always", "R": "enable replica", "D": "disable"}


@contextmanager
def unwatched(connection: Connection) -> Iterator[None]:
    """No trigger of the schema acts until the block ends, and foreign keys are held again to all rows then.

    Within one transaction of the tables' owner. Raises ForeignKeyViolation where the rows refer to what is not there.
    """
    keys = connection.execute(
        "select r.relname, k.conname, pg_get_constraintdef(k.oid) from pg_constraint k join pg_class r on r.oid = k.conrelid"
        f" where k.contype = 'f' and k.connamespace = {_HERE}"
    ).fetchall()
    for table, name, _ in keys:
        _alter(connection, table, "drop constraint {}", name)
    with without_triggers(connection):
        yield
    for table, name, definition in keys:
        _alter(connection, table, "add constraint {} " + definition, name)


@contextmanager
def without_triggers(connection: Connection, tables: Collection[str] | None = None) -> Iterator[None]:
    """No trigger of these tables (of all) acts until the block ends. Within one transaction of the tables' owner."""
    triggers = connection.execute(
        "select r.relname, t.tgname, t.tgenabled::text from pg_trigger t join pg_class r on r.oid = t.tgrelid"
        f" where not t.tgisinternal and r.relnamespace = {_HERE}"
    ).fetchall()
    triggers = [one for one in triggers if tables is None or one[0] in tables]
    for table, name, _ in triggers:
        _alter(connection, table, "disable trigger {}", name)
    yield
    for table, name, enabled in triggers:
        _alter(connection, table, _SAID[enabled] + " trigger {}", name)


def _alter(connection: Connection, table: str, how: str, name: str) -> None:
    statement = sql.SQL("alter table {} ").format(sql.Identifier(table))
    connection.execute(statement + sql.SQL(how).format(sql.Identifier(name)))  # our own schema's words
