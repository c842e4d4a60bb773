"""A placeholder, so that 0003 has something to stand on in this branch. The real 0002 takes its place: delete this one."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Do nothing."""
