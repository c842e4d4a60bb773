"""An organisation's own seats: of one for which nobody of it speaks notice is given, and it gets no codes of what was there."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Widen the tables in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
