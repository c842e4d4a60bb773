"""Handles: records whose handle is older than their form are counted at a glance."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the index in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
