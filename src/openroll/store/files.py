"""Table of operators' files in the making, and the COPY of their rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from openroll.store.exclusion import forget_lease, renew_lease, take_lease

if TYPE_CHECKING:
    import polars as pl


class TakenFile(NamedTuple):
    """A file being taken or taken: its rows, how many are stored, and the first of the numbers set aside for them."""

    id: int
    operator: str
    digest: str
    rows: int
    done: int
    first_number: int
    finished: datetime | None


_COLUMNS = "id, operator, digest, rows, done, first_number, finished"


def find(connection: Connection, operator: str, digest: str) -> TakenFile | None:
    """The operator's file of this digest, if it was ever begun."""
    row = connection.execute(
        f"select {_COLUMNS} from taken_file where operator = %s and digest = %s", (operator, digest)
    ).fetchone()
    return None if row is None else TakenFile._make(row)


def begin(connection: Connection, operator: str, digest: str, rows: int, first_number: int, at: datetime) -> TakenFile:
    """Enter a file into the ledger; its rows come in later transactions."""
    row = connection.execute(
        "insert into taken_file (operator, digest, rows, first_number, begun) values (%s, %s, %s, %s, %s)"
        f" returning {_COLUMNS}",
        (operator, digest, rows, first_number, at),
    ).fetchone()
    return TakenFile._make(row or ())


def advance(connection: Connection, file: TakenFile, done: int, more: int, at: datetime) -> None:
    """Count `more` rows as stored after `done`. Raises RuntimeError when the ledger says otherwise: it was never so far."""
    counted = connection.execute(
        "update taken_file set done = done + %s, finished = case when done + %s = rows then %s end"
        " where id = %s and done = %s",
        (more, more, at, file.id, done),
    )
    if counted.rowcount != 1:
        raise RuntimeError(f"the ledger of file {file.digest} does not stand at {done} rows")


def _copy_text(frame: "pl.DataFrame") -> bytes:
    """A frame in COPY's text format: tabs between, nothing quoted. No text in it may hold a tab, a newline or a backslash."""
    import polars as pl  # noqa: PLC0415 - what reads files comes with the first file

    binary = [name for name, kind in frame.schema.items() if kind == pl.Binary]
    # Bytes as \\x and hexadecimal, the backslash itself doubled.
    columns = (pl.concat_str(pl.lit("\\\\x"), pl.col(name).bin.encode("hex")).alias(name) for name in binary)
    return (
        frame.with_columns(*columns).write_csv(None, include_header=False, separator="\t", quote_style="never").encode()
    )


def copy_in(connection: Connection, table: str, differ: "pl.DataFrame", alike: Mapping[str, Any] = {}) -> None:
    """COPY rows into a table, by way of a temporary one: COPY knows no row-level security.

    `differ` has the columns in which the rows differ, by the table's own names. What they have `alike` is said once: written out,
    sent and read for each row it cost PostgreSQL a tenth of its time, and more where the file is not the first.
    """
    rows, columns = _copy_text(differ), ", ".join(differ.columns)
    connection.execute(f"create temporary table copied on commit drop as select {columns} from {table} with no data")
    with connection.cursor() as cursor, cursor.copy(f"copy copied ({columns}) from stdin") as copy:
        for start in range(0, len(rows), 1 << 20):
            copy.write(rows[start : start + (1 << 20)])
    every, values = ", ".join((*differ.columns, *alike)), "".join([", %b"] * len(alike))
    connection.execute(f"insert into {table} ({every}) select {columns}{values} from copied", list(alike.values()))
    connection.execute("drop table copied")


TAKING = 600.0
"""Seconds after which who takes a file and shows no progress has it no more, though their connection is there."""


def try_lock(connection: Connection, operator: str, digest: str, holder: UUID) -> bool:
    """Be the only one who takes this file, for as long as the connection lives and `go_on` is called."""
    return take_lease(connection, _lease(operator, digest), holder, TAKING)


def go_on(connection: Connection, operator: str, digest: str, holder: UUID) -> bool:
    """Whether this one still takes the file; within a transaction that holds until its end."""
    return renew_lease(connection, _lease(operator, digest), holder)


def unlock(connection: Connection, operator: str, digest: str, holder: UUID) -> None:
    """Others may take the file."""
    forget_lease(connection, _lease(operator, digest), holder)


def _lease(operator: str, digest: str) -> str:
    return f"file {digest} of {operator}"
