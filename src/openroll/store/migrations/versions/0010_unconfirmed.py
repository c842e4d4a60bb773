"""Filings made alone wait for their operator's word; puzzles are spent; work goes by the clock."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the tables in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
