"""People, their ways in and their sessions; uploads; rule versions with a first day; erasure."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create what sign-in, uploads and erasure need. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
