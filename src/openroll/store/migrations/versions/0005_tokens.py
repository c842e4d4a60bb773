"""Tokens that end by themselves, and their successors."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Give tokens a day they end on, and the one they replace. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
