"""Keeping the roll: escrow deposits, logs that ended, and entries whose facts were lost."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
