"""Authorities register what they may ask for, and ask: rights, requests, and what is sealed beside them."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Make the tables in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
