"""An announced succession has the heir's word, is void when its operator is heard, and gives no codes away."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Widen the table in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
