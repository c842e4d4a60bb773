"""Export and load every table of a roll as lines of JSON (NDJSON), for escrow."""

from collections.abc import Iterator, Sequence

from psycopg import Connection, sql

LEFT_OUT = {
    "migration": "the shape of the tables, said in the manifest",
    "wall": "the key of the database's own claims, made from the roll's keys",
    "session": "who is signed in now; on another machine nobody is",
    "ceremony": "half a sign-in",
    "throttle": "how often somebody guessed wrong of late",
    "spent_puzzle": "puzzles that were solved in the last minutes",
    "regular_work": "when work that goes by the clock was last done; it begins anew",
    "site_look": "when the roll looks at each site next; its looks begin anew",
    "upload": "files on their way; what of them was taken stands in taken_file",
    "tile": "the log's own files, under log/",
    "bundle": "the log's own files, under log/",
}
"""Tables that do not go into escrow, and why."""
LOT = 20_000
"""Rows in one file: some megabytes."""


def names(connection: Connection) -> list[str]:
    """The tables to export for escrow, each after those it refers to."""
    rows = connection.execute(
        "select c.relname, array_remove(array_agg(r.relname), null) from pg_class c left join pg_constraint k on"
        " k.conrelid = c.oid and k.contype = 'f' left join pg_class r on r.oid = k.confrelid and r.oid <> c.oid"
        " where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace group by 1 order by 1"
    )
    wanted = {name: set(needed) for name, needed in rows if name not in LEFT_OUT}
    ordered: list[str] = []
    while len(ordered) < len(wanted):
        ready = [one for one, needed in wanted.items() if one not in ordered and needed & set(wanted) <= set(ordered)]
        if not ready:
            raise LookupError("tables refer to each other in a ring")
        ordered += ready
    return ordered


def lots(connection: Connection, table: str) -> Iterator[tuple[bytes, int]]:
    """A table's rows as batches of NDJSON lines with the number of rows in each; constant memory."""
    query = sql.SQL("select row_to_json(t)::text from {} t").format(sql.Identifier(table))
    with connection.cursor(name="lots") as cursor:
        cursor.itersize = LOT
        cursor.execute(query)
        while rows := cursor.fetchmany(LOT):
            yield "".join(f"{text}\n" for (text,) in rows).encode(), len(rows)


def load(connection: Connection, table: str, lines: Sequence[bytes]) -> None:
    """Insert exported rows as they were, with the numbers they had."""
    query = sql.SQL(
        "insert into {0} overriding system value select * from json_populate_recordset(null::{0}, %s::json)"
    ).format(sql.Identifier(table))
    for start in range(0, len(lines), 2_000):
        connection.execute(query, ((b"[" + b",".join(lines[start : start + 2_000]) + b"]").decode(),))


def go_on_counting(connection: Connection) -> None:
    """Set every sequence of the roll to go on after the loaded rows."""
    rows = connection.execute(
        "select table_name, column_name from information_schema.columns where table_schema = current_schema()"
        " and is_identity = 'YES'"
    ).fetchall()
    for table, column in rows:
        connection.execute(
            sql.SQL("select setval(pg_get_serial_sequence({}, {}), coalesce(max({}), 0) + 1, false) from {}").format(
                sql.Literal(f'"{table}"'), sql.Literal(column), sql.Identifier(column), sql.Identifier(table)
            )
        )


def record_number(connection: Connection) -> int:
    """The last record number that was given out."""
    row = connection.execute("select case when is_called then last_value else 0 end from record_number").fetchone()
    return int(row[0]) if row else 0


def set_record_number(connection: Connection, last: int) -> None:
    """Go on giving out record numbers after `last`: a number once given is never given again."""
    connection.execute("select setval('record_number', %s, %s)", (max(last, 1), last > 0))


def revision(connection: Connection) -> str:
    """The shape of the tables: the newest migration they went through."""
    row = connection.execute("select version_num from migration").fetchone()
    return str(row[0]) if row else ""


def tiles(connection: Connection) -> Iterator[tuple[int, int, int, bytes]]:
    """Every tile of the log: level, index, width and bytes."""
    with connection.cursor(name="tiles", binary=True) as cursor:
        cursor.itersize = 256
        cursor.execute("select level, index, width, data from tile order by level, index")
        for level, index, width, data in cursor:
            yield level, index, width, bytes(data)


def bundles(connection: Connection) -> Iterator[tuple[int, int, bytes]]:
    """Every entry bundle of the log: index, width and bytes."""
    with connection.cursor(name="bundles", binary=True) as cursor:
        cursor.itersize = 64
        cursor.execute("select index, width, data from bundle order by index")
        for index, width, data in cursor:
            yield index, width, bytes(data)


def rules(connection: Connection) -> list[tuple[str, str, str]]:
    """The rule versions whole: reference, digest, canonical JSON."""
    return connection.execute("select distinct ref, digest, rule from rule_version order by ref, digest").fetchall()


def jurisdictions(connection: Connection) -> list[tuple[str, str]]:
    """Every jurisdiction that a rule of the roll was or is read with: its name and the whole bundle."""
    return connection.execute(
        "select distinct jurisdiction, bundle from rule_version where bundle <> '' order by jurisdiction"
    ).fetchall()
