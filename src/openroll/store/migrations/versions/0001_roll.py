"""The first shape of a roll: facts, projections, files, tokens and the log."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table of a roll in the schema on the search path. The SQL stands beside this file."""
    # Straight to psycopg: SQLAlchemy would read the per cent signs of the trigger's message as parameters.
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
