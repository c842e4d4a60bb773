"""Whoever acts on a record holds the operators that it names, before it reads who succeeded them."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make the function in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
