"""Files that were sent: no names and no cells in any table, how often one was tried, and when its file went and why."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Change the table of uploads. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
