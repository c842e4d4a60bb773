"""Sites: in the open for which an organisation answers, as digests of a natural person."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0040"
down_revision = "0038"


def upgrade() -> None:
    """Make the table in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
