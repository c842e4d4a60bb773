"""One at a time by rows of the roll, not by advisory locks; and a log that waits for nobody who cannot write into it."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the tables in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
