"""Who signed that they read the words of a rule, which no check can judge."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Add the table to the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
