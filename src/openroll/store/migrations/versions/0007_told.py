"""What is told stays hidden: hashed keys, sessions that end as rows, and an erasure that is whole."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Bring the tables in the schema on the search path up to date. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    # The function made here takes its search path from now: temporary tables come last in it, not first.
    connection.execute("select set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)")
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
