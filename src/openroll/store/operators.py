"""Operators that come to an end: which are in force, and who answers for what others had.

Whoever ends an operator locks its row; whoever files under its name, or moves a record to it, holds that row until the commit
(`refuse_ended_operator` in migration 0022 does it for new records). So nothing is filed under an operator that is gone.
"""

from psycopg import Connection


def is_in_force(connection: Connection, name: str, *, hold: bool = False) -> bool:
    """Whether an operator is in the roll today; with `hold` it stays so until the transaction ends."""
    lock = " for key share" if hold else ""
    row = connection.execute(f"select ended is null from operator where name = %s{lock}", (name,)).fetchone()
    return bool(row and row[0])
