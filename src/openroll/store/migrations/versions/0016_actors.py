"""Who acted: the organisation of an actor stands in the fact, and official facts are told by their kind."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0016"
down_revision = "0014"


def upgrade() -> None:
    """Add the column in the schema on the search path. The SQL stands beside this file."""
    connection = cast(psycopg.Connection, op.get_bind().connection.driver_connection)
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
