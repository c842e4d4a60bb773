"""What became of grants: which were taken back, and when those that are good once were first shown."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Make the table in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
