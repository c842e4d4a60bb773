"""Places that say nothing, and figures that change once a day."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Change the log's places and create the table in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
