"""A request says when its person was last told, so that what was told in a month is listed without looking at the others."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Alter the table in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
