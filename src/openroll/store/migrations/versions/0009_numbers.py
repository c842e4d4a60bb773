"""Record numbers are reserved by the roll, in blocks, and by nobody else."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Take the counter of records from the roles that file. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
