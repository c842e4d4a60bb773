"""Titles by language: the two columns of a title become one map."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Change the tables in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
