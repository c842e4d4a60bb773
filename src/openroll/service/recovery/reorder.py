"""`openroll log reorder`: the order of events set anew, for a roll that was loaded into another PostgreSQL."""

from openroll.service.roll import Roll
from openroll.store import xid_reset
from openroll.store.xid_reset import SetAnew


def reorder_events(roll: Roll, *, dry_run: bool = False) -> SetAnew | None:
    """Set the order anew in one transaction, while no sequencer works; None where it is this cluster's own already.

    Places that were given stay. `dry_run` does it, and takes it back.
    """
    with roll.database.open("openroll-reorder") as connection:
        connection.autocommit = True
        with roll.database.only_sequencer(), connection.transaction(force_rollback=dry_run):
            return xid_reset.set_anew(connection)
