"""A token says for whose seat it was issued, and ends with that seat."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Alter the table in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
