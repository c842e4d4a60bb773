"""The counters in PostgreSQL of numbers that must never repeat, and how far the database has come as a whole."""

from collections.abc import Callable
from typing import NamedTuple

from psycopg import Connection, sql

from openroll.store.exclusion import hold

RECORD = "record"
SEAT = "seat/"
"""Begins the name of an organisation's own count of seats: `seat/east`."""
COLUMNS = ("token", "upload", "proposal")
"""Counts that stand in the column `id` of the table of their name."""
HIGHEST = {"request": ("request", "number"), "use": ("registered_use", "number")}
"""Counts of which the highest number in a column is the last: the table and the column by the count's name."""
FORMER = frozenset({"site"})
"""Counts that a home may have a mark of, and that nothing is given of any more: a site's number is made of its record's."""


class Standing(NamedTuple):
    """How far a database has come: the last record number, the newest head's size, how many rule versions it has; whether it
    is another's standby.

    `believed` is false where who asks made a claim that the database does not accept: then it shows no rows, and `head` is 0.
    """

    record: int
    head: int
    standby: bool
    believed: bool
    rules: int


def ask_standing(connection: Connection) -> Callable[[], Standing]:
    """Ask how far this database has come, and give what takes the answer.

    Asked in a transaction, it holds for what that transaction writes. In a pipeline it travels along with other questions.
    """
    cursor = connection.execute(
        "select newest_number(), coalesce((select size from head order by size desc limit 1), 0), pg_is_in_recovery(),"
        " acting() is not null or coalesce(current_setting('openroll.seal', true), '') = '', rules_known()"
    )

    def answer() -> Standing:
        row = cursor.fetchone()
        return Standing(*row) if row else Standing(0, 0, standby=False, believed=True, rules=0)

    return answer


def only_one(connection: Connection) -> None:
    """Be the one that reserves numbers of this roll, on whatever machine, until the transaction ends."""
    hold(connection, "numbers")


def last(connection: Connection, name: str) -> int:
    """The last number of this name that the database knows of; 0 before the first. Raises LookupError for no such name."""
    if name == RECORD:
        row = connection.execute("select newest_number()").fetchone()
        return int(row[0]) if row else 0
    if name.startswith(SEAT):
        query, given = "select coalesce(max(seat), 0) from person where organisation = %s", [name.removeprefix(SEAT)]
        row = connection.execute(query, given).fetchone()
    elif name in HIGHEST:
        table, column = HIGHEST[name]
        highest = sql.SQL("select coalesce(max({}), 0) from {}")
        row = connection.execute(highest.format(sql.Identifier(column), sql.Identifier(table))).fetchone()
    elif name in COLUMNS:
        counted = sql.SQL(
            "select greatest(coalesce(max(id), 0), coalesce(pg_sequence_last_value({}::regclass), 0)) from {}"
        )
        row = connection.execute(counted.format(f"{name}_id_seq", sql.Identifier(name))).fetchone()
    else:
        raise LookupError(f"no numbers are called {name!r}")
    return int(row[0]) if row else 0


def raise_to(connection: Connection, name: str, number: int) -> None:
    """Have the database know that numbers up to this one are given; it never goes back. The caller holds `only_one`."""
    if name == RECORD and number > last(connection, RECORD):
        connection.execute("select advance_numbers(%s)", (number,))


def leap(connection: Connection, far: int) -> None:
    """Have every counter that the database keeps by itself go on `far` beyond where it stands."""
    rows = connection.execute(
        "select pg_get_serial_sequence(quote_ident(table_name), column_name), table_name, column_name"
        " from information_schema.columns where table_schema = current_schema() and is_identity = 'YES'"
        " and table_name <> all(%s)",
        (list(COLUMNS),),
    ).fetchall()
    for sequence, table, column in rows:
        query = sql.SQL(
            "select setval({0}::regclass, {2} + greatest(coalesce(max({1}), 0),"
            " coalesce(pg_sequence_last_value({0}::regclass), 0))) from {3}"
        )
        connection.execute(query.format(sequence, sql.Identifier(column), far, sql.Identifier(table)))


def organisations(connection: Connection) -> list[str]:
    """The registrar, every organisation that there is, and any that somebody sits or sat in a seat of."""
    names = connection.execute(
        "select 'registrar' union select name from operator union select name from organisation"
        " union select organisation from person order by 1"
    )
    return [name for (name,) in names]
