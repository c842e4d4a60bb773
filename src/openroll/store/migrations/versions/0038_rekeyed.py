"""A handle that was changed is no other subscription's, neither as a new one nor by a later change."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Widen the table and make its functions anew in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
