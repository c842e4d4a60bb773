"""The roll looks at sites itself: when each is due, and from how many places what is said of one was seen."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Widen the table and make the one beside it in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
