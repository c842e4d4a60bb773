"""A subscription that goes under the handle it had has left as well, and no other one takes a handle that left."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Make the functions anew in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
