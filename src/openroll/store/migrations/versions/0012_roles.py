"""Database roles of a roll's own, in the place of four that all rolls of a cluster shared."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Move grants and policies to the roll's own roles. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
