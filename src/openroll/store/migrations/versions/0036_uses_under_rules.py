"""A registered use says under which rule it was registered, so that it is held against the words of its purpose."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Alter the table in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
