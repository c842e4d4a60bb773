"""A session of a record remembers its way in: by the filing code, or by the passkey that holds the record."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the column in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
