"""What a proposed rule or jurisdiction was made on."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Add the columns in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
